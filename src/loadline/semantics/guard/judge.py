"""One SQL text in, what it may at most do out: read, write, ddl; or deny, with the rule that says so.

The order is fixed: cut the text; count statements; read what kind it is; parse; allow every part, name and relation
by a list; on PostgreSQL read it a second time and compare; resolve views. The first rule that is not met denies.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache

from sqlglot import exp
from sqlglot.dialects.dialect import Dialect
from sqlglot.errors import ErrorLevel, SqlglotError
from sqlglot.parser import Parser
from sqlglot.tokenizer_core import TokenType

from loadline.semantics.guard import codes, nodes, words
from loadline.semantics.guard.agreeing import compare, compare_calls, compare_definitions, disagree
from loadline.semantics.guard.calls import COUNTERS, LAST_NAMES, Call, calls, refusal_of, refuse_unknown_calls
from loadline.semantics.guard.catalog import Catalog
from loadline.semantics.guard.definitions import Definition, read_definition
from loadline.semantics.guard.dialect_rules import refuse_hidden_write, refuse_words
from loadline.semantics.guard.lexing import LEXICONS, Cut, Token, cut
from loadline.semantics.guard.refusal import Refused
from loadline.semantics.guard.second import SecondSeen, look_again, statement_of
from loadline.semantics.guard.shape import shape_of
from loadline.semantics.guard.sheet import Spelled
from loadline.semantics.guard.show import Inside, read_shown
from loadline.semantics.guard.spelling import spelled
from loadline.semantics.guard.system import refuse_system_relation, refuse_system_schema
from loadline.semantics.guard.tree import Seen, look
from loadline.values.guarded import (
    NOTHING_KNOWN,
    CatalogFacts,
    Guarded,
    GuardVerdict,
    Relation,
    SecondAbsent,
    SecondReading,
    SecondRefused,
    SecondTree,
)

DIALECTS = tuple(LEXICONS)
_DEEPEST_VIEW = 16
_NO_SECOND = SecondAbsent()
_QUOTED_TOKENS = frozenset({
    TokenType.STRING, TokenType.RAW_STRING, TokenType.BYTE_STRING, TokenType.HEX_STRING, TokenType.BIT_STRING,
    TokenType.NATIONAL_STRING, TokenType.UNICODE_STRING, TokenType.HEREDOC_STRING,
})  # fmt: skip
_NOT_PARSED = frozenset({codes.UNREAD, codes.NO_SUCH_FORM, codes.FUNCTION, codes.DISAGREE, codes.SEVERAL, codes.RIGHTS})
"""Why a definition may be refused only because SQLGlot has no class for what it says."""
_SHOWING = frozenset({"show", "describe", "desc", "summarize", "pragma", "explain"})
_ROOTS = (
    exp.Query
    | exp.Pivot
    | exp.Values
    | exp.Insert
    | exp.Update
    | exp.Delete
    | exp.Merge
    | exp.Create
    | exp.Drop
    | exp.Alter
    | exp.Comment
    | exp.TruncateTable
    | exp.MultitableInserts
    | exp.Undrop
)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What stays the same while one text is judged."""

    dialect: str
    catalog: Catalog
    depth: int = 0


def judge_sql(
    text: str, dialect: str, *, facts: CatalogFacts = NOTHING_KNOWN, second: SecondReading = _NO_SECOND
) -> Guarded:
    """What `text` may at most do on an engine of `dialect`. Never raises for a text: what cannot be read is denied.

    `second` is what PostgreSQL's own grammar read in the same text; without it everything of that dialect is denied.
    """
    try:
        _refuse_dialect(dialect)
        return _judge(text, second, _Asked(dialect, Catalog.of(facts)))
    except Refused as refused:
        return Guarded(
            verdict=GuardVerdict.DENY,
            dialect=dialect,
            code=refused.code,
            why=refused.why,
            mend=refused.mend,
            kind=_first_word(text),
        )
    except Exception as error:  # noqa: BLE001 - INVARIANT I2: an error forbids
        return Guarded(
            verdict=GuardVerdict.DENY,
            dialect=dialect,
            code=codes.UNREAD,
            why=f"the guard itself failed ({type(error).__name__})",
            mend="report the statement; nothing that it may do is known",
            kind=_first_word(text),
        )


def _refuse_dialect(dialect: str) -> None:
    if dialect not in LEXICONS:
        raise Refused(
            codes.DIALECT, f"there is no guard for the dialect `{dialect}`", f"name one of: {', '.join(DIALECTS)}"
        )


def _first_word(text: str) -> str:
    word = text.lstrip(" \t\r\n(").split(maxsplit=1)[:1]
    return word[0].lower()[:20] if word and word[0].isalpha() else ""


def _judge(text: str, second: SecondReading, asked: _Asked) -> Guarded:
    cuts = cut(text, asked.dialect)
    tokens = _one_statement(cuts.tokens, asked.dialect)
    inner = _statement_of(second, asked.dialect)
    return _judge_statement(tokens, cuts.text, inner, asked)


def _one_statement(tokens: tuple[Token, ...], dialect: str) -> tuple[Token, ...]:
    """The tokens without the semicolons at the end, and in T-SQL without that of `;WITH`.

    Raises Refused (GRD002, GRD003).
    """
    if dialect == "tsql" and tokens[:1] and tokens[0].text == ";":
        tokens = tokens[1:]
    end = len(tokens)
    while end and tokens[end - 1].text == ";":
        end -= 1
    if end == 0:
        raise Refused(codes.NO_SUCH_STATEMENT, "there is no statement", "write one")
    if any(one.text == ";" for one in tokens[:end]):
        raise Refused(codes.SEVERAL, "there is a second statement behind a semicolon", "send one statement")
    return tokens[:end]


def _statement_of(second: SecondReading, dialect: str) -> tuple[str, dict[str, object]] | None:
    """The one statement PostgreSQL's grammar read; None for a dialect that has no second parser."""
    if dialect != "postgres":
        return None
    match second:
        case SecondTree(statements=[one]):
            kind, body = statement_of(one["stmt"])
            return kind, dict(body)
        case SecondTree():
            raise Refused(codes.SEVERAL, "PostgreSQL reads no single statement in it", "send one statement")
        case SecondRefused(because=because):
            raise Refused(codes.UNREAD, f"PostgreSQL does not read it: {because}", "correct the statement")
        case SecondAbsent():
            raise Refused(
                codes.ONE_PARSER,
                "a verdict for PostgreSQL needs PostgreSQL's own grammar, which is not installed",
                "pip install 'loadline-ai[guard]'",
            )


def _judge_statement(
    tokens: tuple[Token, ...], text: str, second: tuple[str, dict[str, object]] | None, asked: _Asked
) -> Guarded:
    first = tokens[0].lower or tokens[0].text
    if first in _SHOWING:
        return _judge_shown(tokens, text, second, asked)
    known = words.QUERY_STARTS | words.WRITE_STARTS | words.DEFINITION_STARTS
    if first not in known and not (first == "rename" and asked.dialect == "mysql"):
        code, why = words.DENIED_STARTS.get(first, (codes.NO_SUCH_STATEMENT, "is no statement on the list"))
        why = f"`{first.upper()}` {why}" if code == codes.NO_SUCH_STATEMENT else why
        raise Refused(code, why, "send a query, or one INSERT, UPDATE, DELETE or MERGE")
    try:
        return _judge_parsed(tokens, text, second, asked)
    except Refused as refused:
        if first not in words.DEFINITION_STARTS | {"rename"} or refused.code not in _NOT_PARSED:
            raise
        found = read_definition(tokens, asked.dialect)
        if found is None:
            raise
        return _judge_definition(found, tokens, text, second, asked)


def _judge_definition(
    found: Definition,
    tokens: tuple[Token, ...],
    text: str,
    second: tuple[str, dict[str, object]] | None,
    asked: _Asked,
) -> Guarded:
    """Every expression in it is judged by itself, and may read no table."""
    insides = [text[tokens[start].start : tokens[end - 1].end] for start, end in found.expressions]
    called = [name for inside in insides for name in _judge_inside(f"SELECT ({inside})", asked)]
    seen = Seen(reads=dict.fromkeys(found.sources), writes=dict.fromkeys(found.targets), makes_table=True)
    if second is not None:
        other = look_again(*second)
        refuse_unknown_calls(other.calls, asked.dialect, local=frozenset(), declared=_declared(asked))
        compare_definitions(seen, other, asked.catalog.facts)
    reads, writes = _judge_relations(seen, asked)
    return Guarded(
        verdict=GuardVerdict.DDL, dialect=asked.dialect, why=_defines(writes), kind=tokens[0].lower,
        reads=reads, writes=writes, functions=tuple(dict.fromkeys(called)),
    )  # fmt: skip


def _judge_inside(query: str, asked: _Asked) -> Iterable[str]:
    """The functions that the expression calls."""
    cuts = cut(query, asked.dialect)
    root = _parse(cuts.tokens, spelled(cuts.tokens, cuts.text, asked.dialect), asked)
    refuse_words(cuts.tokens, cuts.text, root, asked.dialect)
    seen = look(root, asked.dialect)
    called = _judge_calls(cuts.tokens, seen, None, asked)
    if seen.reads or seen.writes or seen.makes_table or not isinstance(root, exp.Select):
        raise Refused(codes.NO_SUCH_FORM, "an expression in a definition reads a table", "leave it out")
    if asked.dialect == "tsql":
        _refuse_types(seen, asked)
    return [one.name for one in called]


def _declared(asked: _Asked) -> set[str]:
    return {one.lower() for one in asked.catalog.facts.functions}


def _judge_shown(
    tokens: tuple[Token, ...], text: str, second: tuple[str, dict[str, object]] | None, asked: _Asked
) -> Guarded:
    shown = read_shown(tokens, asked.dialect)
    kind = tokens[0].lower
    if not isinstance(shown, Inside):
        if second is not None and second[0] != "VariableShowStmt":
            raise disagree(f"PostgreSQL reads a {second[0].removesuffix('Stmt')}")
        for relation in shown.relations:
            refuse_system_relation(relation, asked.dialect, is_written=False)
            asked.catalog.find(relation)
        return Guarded(
            verdict=GuardVerdict.READ, dialect=asked.dialect, why="it describes, and runs nothing", kind=kind,
            reads=shown.relations,
        )  # fmt: skip
    inner = None
    if second is not None:
        if second[0] != "ExplainStmt":
            raise disagree(f"PostgreSQL reads a {second[0].removesuffix('Stmt')}")
        inner_kind, inner_body = statement_of(second[1]["query"])  # type: ignore[arg-type]
        inner = inner_kind, dict(inner_body)
    if shown.start >= len(tokens):
        raise Refused(codes.NO_SUCH_STATEMENT, f"{kind.upper()} of nothing", "write the statement behind it")
    if tokens[shown.start].lower in _SHOWING:
        raise Refused(codes.NO_SUCH_STATEMENT, f"{kind.upper()} of no query", "write a query behind it")
    found = _judge_statement(tokens[shown.start :], text, inner, asked)
    if shown.is_run:
        return replace(found, kind=f"{kind} {found.kind}", why=f"it is run to be explained: {found.why}", shape=None)
    return replace(
        found,
        verdict=GuardVerdict.READ,
        kind=f"{kind} {found.kind}",
        why="it is planned, and not run",
        writes=(),
        shape=None,
    )


@cache
def _parser_of(dialect: str) -> tuple[Dialect, type[Parser]]:
    """The dialect, and its parser made to refuse what it would keep as unread text."""

    def refuse(_: Parser) -> None:
        raise Refused(codes.UNREAD, "it cannot be parsed to its end", "write a plain statement")

    found = Dialect.get_or_raise(dialect)
    return found, type("_Whole", (found.parser_class,), {"_warn_unsupported": refuse})


def _parse(tokens: tuple[Token, ...], written: Spelled, asked: _Asked) -> exp.Expr:
    """Raises Refused (GRD001, GRD002)."""
    dialect, parser = _parser_of(asked.dialect)
    part = written.text
    try:
        read = dialect.tokenize(part)
        ends = [
            one.end + 1
            for one in read
            if (one.token_type in _QUOTED_TOKENS and not part[one.start].isdigit())  # 0x1F is no text
            or (one.token_type is TokenType.IDENTIFIER and not (part[one.start].isalnum() or part[one.start] in "_@#$"))
        ]
        mine = [written.end_of(one) for one in tokens if one.cut in (Cut.STRING, Cut.QUOTED) and written.keeps(one)]
        if ends != mine:
            raise disagree("a quoted text does not end where this engine ends it")
        found = parser(dialect=dialect, error_level=ErrorLevel.IMMEDIATE).parse(read, part)
    except SqlglotError as error:
        said = str(error).partition(". Line")[0].splitlines()[0]
        raise Refused(codes.UNREAD, f"it cannot be parsed: {said}", "correct the statement") from None
    except RecursionError:
        raise Refused(codes.UNREAD, "it is nested too deeply", "write it flatter") from None
    if len(found) != 1 or found[0] is None:
        raise Refused(codes.SEVERAL, "it is no single statement", "send one statement")
    return found[0]


def _judge_parsed(
    tokens: tuple[Token, ...], text: str, second: tuple[str, dict[str, object]] | None, asked: _Asked
) -> Guarded:
    dialect = asked.dialect
    written = spelled(tokens, text, dialect)
    root = _parse(tokens, written, asked)
    if not isinstance(root, _ROOTS):
        raise Refused(codes.NO_SUCH_STATEMENT, "it is no statement on the list", "write a query")
    refuse_words(tokens, text, root, dialect)
    if isinstance(root, exp.Create | exp.Drop | exp.Alter | exp.Comment | exp.Undrop):
        _refuse_kind(root, dialect)
    seen = look(root, dialect)
    for name in written.also_writes:
        seen.writes.setdefault(Relation(parts=tuple(_plain_name(one) for one in name if one.text != ".")))
    other = look_again(*second) if second is not None else None
    called = _judge_calls(tokens, seen, other, asked)
    if other is not None:
        compare(root, seen, other, asked.catalog.facts)
    if dialect == "tsql":
        _refuse_types(seen, asked)
    reads, writes = _judge_relations(seen, asked)
    _refuse_system_names(root, writes, dialect)
    verdict, why = _verdict(root, seen, called, writes)
    if verdict is GuardVerdict.READ:
        refuse_hidden_write(tokens)
    shape = shape_of(root, tokens, text, dialect) if verdict is GuardVerdict.WRITE and len(seen.verbs) == 1 else None
    return Guarded(
        verdict=verdict, dialect=dialect, why=why, kind=_kind(root, tokens), reads=reads, writes=writes,
        columns=tuple(sorted(seen.columns)), functions=tuple(dict.fromkeys(one.name for one in called)),
        shape=None if seen.writes_through_query or written.is_changed or root.args.get("overwrite") else shape,
    )  # fmt: skip


def _plain_name(token: Token) -> str:
    return token.text[1:-1] if token.cut is Cut.QUOTED else token.text


def _refuse_system_names(root: exp.Expr, writes: tuple[Relation, ...], dialect: str) -> None:
    """A schema that is defined, and a column that is commented on. Raises Refused (GRD006)."""
    if str(root.args.get("kind")).upper() == "SCHEMA":
        for relation in writes:
            refuse_system_schema(relation)
    if isinstance(root, exp.Comment) and isinstance(root.this, exp.Column) and root.this.table:
        table = Relation(parts=tuple(str(part.name) for part in root.this.parts[:-1]))
        refuse_system_relation(table, dialect, is_written=True)


def _kind(root: exp.Expr, tokens: tuple[Token, ...]) -> str:
    name = type(root).__name__.lower()
    return tokens[0].lower if isinstance(root, exp.Create | exp.Drop | exp.Alter) else name


def _verdict(
    root: exp.Expr, seen: Seen, called: Sequence[Call], writes: tuple[Relation, ...]
) -> tuple[GuardVerdict, str]:
    named = ", ".join(f"`{one.name}`" for one in writes)
    if isinstance(root, exp.Create | exp.Drop | exp.Alter | exp.TruncateTable | exp.Comment | exp.Undrop):
        return GuardVerdict.DDL, _defines(writes)
    if seen.makes_table:
        return GuardVerdict.DDL, f"it makes a table{f': {named}' if named else ''}"
    if seen.verbs or seen.writes_through_query:
        return GuardVerdict.WRITE, f"it changes rows{f' of {named}' if named else ''}"
    moved = next((one.name for one in called if one.last in COUNTERS), None)
    if moved is not None or "nextval" in seen.called:
        return GuardVerdict.WRITE, f"`{moved or 'nextval'}` changes a sequence"
    return GuardVerdict.READ, "it reads, and calls nothing that does more"


def _defines(writes: tuple[Relation, ...]) -> str:
    named = ", ".join(f"`{one.name}`" for one in writes)
    return f"it changes what tables there are, or empties one{f': {named}' if named else ''}"


def _refuse_kind(root: exp.Expr, dialect: str) -> None:
    kind = str(root.args.get("kind") or "").upper()
    if kind not in nodes.DEFINED_KINDS or (kind == "SCHEMA" and dialect == "mysql"):  # a whole database there
        raise Refused(
            codes.RIGHTS,
            f"`{kind or type(root).__name__.upper()}` is code, rights or more than a table",
            "ask the owner",
        )


def _judge_calls(tokens: tuple[Token, ...], seen: Seen, other: SecondSeen | None, asked: _Asked) -> Sequence[Call]:
    dialect, declared = asked.dialect, _declared(asked)
    written = calls(tokens, dialect)
    if other is None:
        refuse_unknown_calls(written, dialect, local=seen.local, declared=declared)
        found: Sequence[Call] = [one for one in written if one.name.replace('"', "").lower() not in seen.local]
    else:
        found = other.calls
        refuse_unknown_calls(found, dialect, local=frozenset(), declared=declared)
        compare_calls(written, seen, other)
        return found
    known = {one.rpartition(".")[2] for one in declared} | {"current_setting", "last_insert_id"} | seen.of_pattern
    if dialect == "tsql":
        known |= {"write", "modify"} if tokens[0].lower == "update" else set()
        known |= {"identity"} if seen.makes_table else set()
    for name in seen.called:
        if name not in LAST_NAMES[dialect] and name not in known:
            raise refusal_of(name)
    return found


def _refuse_types(seen: Seen, asked: _Asked) -> None:
    """A type that is not built in may be an assembly's, and a cast to it runs its code."""
    declared = {one.lower() for one in asked.catalog.facts.types} | {"sysname", "hierarchyid", "geography", "geometry"}
    for name in seen.types:
        if name not in declared:
            raise Refused(codes.FUNCTION, f"the type `{name}` is not built in", f"declare it: `--type {name}`")


def _judge_relations(seen: Seen, asked: _Asked) -> tuple[tuple[Relation, ...], tuple[Relation, ...]]:
    """What is read and written, with what is under the views. Raises Refused (GRD006, GRD007, GRD014, GRD015)."""
    for relation in seen.writes:
        refuse_system_relation(relation, asked.dialect, is_written=True)
        if not seen.makes_table:
            asked.catalog.refuse_written(relation)
    reads = dict(seen.reads)
    for relation in seen.reads:
        refuse_system_relation(relation, asked.dialect, is_written=False)
        known = asked.catalog.find(relation)
        if known is not None and known.kind.value != "table":
            for under in _under(relation, asked):
                reads.setdefault(under)
    if asked.catalog.facts.relations:
        for alias, column in seen.qualified:
            relation_named = seen.aliases.get(alias.lower())
            if relation_named is not None:
                asked.catalog.refuse_column(relation_named, column)
    return tuple(reads), tuple(seen.writes)


def _under(relation: Relation, asked: _Asked) -> tuple[Relation, ...]:
    """What a view reads, judged as a statement of its own."""
    known = asked.catalog.find(relation)
    if known is None or known.definition is None or asked.depth >= _DEEPEST_VIEW:
        raise Refused(
            codes.VIEW, f"`{relation.name}` is a view or foreign table that cannot be seen through", "read the tables"
        )
    try:
        found = _judge(
            known.definition, known.definition_reading, _Asked(asked.dialect, asked.catalog, asked.depth + 1)
        )
    except Refused as refused:
        raise Refused(codes.VIEW, f"the view `{relation.name}`: {refused.why}", refused.mend) from None
    if found.verdict is not GuardVerdict.READ:
        raise Refused(codes.VIEW, f"the view `{relation.name}` does more than read: {found.why}", "read the tables")
    return found.reads
