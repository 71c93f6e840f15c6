"""Two readings of one text of PostgreSQL in; Refused where they do not see the same relations, writes and functions."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from loadline.semantics.guard import codes, words
from loadline.semantics.guard.calls import GRAMMAR, Call
from loadline.semantics.guard.refusal import Refused
from loadline.semantics.guard.second import SecondSeen
from loadline.semantics.guard.tree import Seen
from loadline.values.guarded import CatalogFacts

_WRITE_ROOTS = {exp.Insert: "insert", exp.Update: "update", exp.Delete: "delete", exp.Merge: "merge"}
_DEFINITIONS_OF_POSTGRES = frozenset(
    "CreateStmt IndexStmt AlterTableStmt RenameStmt CommentStmt AlterSeqStmt AlterObjectSchemaStmt CreateEnumStmt "
    "AlterEnumStmt DropStmt".split()
)


def disagree(what: str) -> Refused:
    return Refused(codes.DISAGREE, f"the two parsers disagree: {what}", "write it plainly, or in standard words")


def compare_calls(written: Sequence[Call], seen: Seen, other: SecondSeen) -> None:
    """Raises Refused (GRD011) where the text and PostgreSQL's tree do not call the same functions."""
    if other.kind not in words.QUERIES_OF_POSTGRES:  # a definition has brackets that call nothing
        return
    mine = {one.last.lower() for one in written if one.name.lower() not in seen.local}
    theirs = {one.last.lower() for one in other.calls}
    unseen = other.spelled - mine - words.NOT_CALLS
    if unseen:
        raise disagree(f"only PostgreSQL sees a call of `{min(unseen)}`")
    for name in sorted((mine | set(seen.called) - words.NOT_CALLS) - theirs):
        is_grammar = name in GRAMMAR or name in words.TYPES or name in words.WITHOUT_CALL
        if not is_grammar and not (other.has_constructors and name.startswith(("xml", "json"))):
            raise disagree(f"PostgreSQL sees no call of `{name}`")


def compare(root: exp.Expr, seen: Seen, other: SecondSeen, facts: CatalogFacts) -> None:
    """Raises Refused (GRD011, GRD014) where the two readings differ in what they touch."""
    first_kind = next((name for kind, name in _WRITE_ROOTS.items() if isinstance(root, kind)), "")
    other_kind = other.kind.removesuffix("Stmt").lower()
    if bool(first_kind) != (other_kind in _WRITE_ROOTS.values()) or (first_kind and first_kind != other_kind):
        raise disagree(f"one reads {first_kind or type(root).__name__.lower()}, PostgreSQL {other_kind}")
    if sorted(seen.verbs) != sorted(other.verbs) or seen.makes_table != (
        other.makes_table and other.kind != "CreateTableAsStmt"
    ):
        raise disagree("they see other writes")
    mine = {tuple(part.lower() for part in one.parts) for one in (*seen.reads, *seen.writes)}
    theirs = {tuple(part.lower() for part in one.parts) for one in (*other.reads, *other.writes)}
    if (
        other.kind not in ("DropStmt", "CommentStmt", "CreateSchemaStmt", "RenameStmt", "AlterTableStmt")
        and mine != theirs
    ):
        differ = sorted(".".join(one) for one in mine ^ theirs)
        raise disagree(f"only one sees the relation `{differ[0]}`")
    _refuse_types(other, facts)


def _refuse_types(other: SecondSeen, facts: CatalogFacts) -> None:
    declared = {one.lower() for one in facts.types}
    for name in other.types:
        if name not in declared and name.rpartition(".")[2] not in declared:
            raise Refused(
                codes.FUNCTION,
                f"the type `{name}` is not PostgreSQL's own, and a cast to it may run code",
                f"leave the cast out, or declare the type: `--type {name}`",
            )


def compare_definitions(seen: Seen, other: SecondSeen, facts: CatalogFacts) -> None:
    """Raises Refused (GRD005, GRD011)."""
    if other.verbs or other.kind not in _DEFINITIONS_OF_POSTGRES:
        raise disagree(f"PostgreSQL reads a {other.kind.removesuffix('Stmt')}")
    mine = {tuple(part.lower() for part in one.parts) for one in (*seen.reads, *seen.writes)}
    theirs = {tuple(part.lower() for part in one.parts) for one in (*other.reads, *other.writes)}
    if theirs != mine and not (theirs < mine and other.kind in ("RenameStmt", "CommentStmt")):
        differ = sorted(".".join(one) for one in mine ^ theirs)
        raise disagree(f"only one sees the relation `{differ[0]}`")
    _refuse_types(other, facts)
