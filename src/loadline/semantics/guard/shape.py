"""The tokens of one write in, its effect shape out: cut from the text as written, or None where that is uncertain."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlglot import exp

from loadline.semantics.guard.lexing import Cut, Token
from loadline.semantics.guard.tree import folded, relation_of
from loadline.values.guarded import EffectShape, Relation, Verb

_CLAUSES: Mapping[str, frozenset[str]] = {
    "insert": frozenset({"values", "select", "with", "default", "on", "returning", "table", "from"}),
    "update": frozenset({"set", "from", "where", "returning", "order", "limit", "output", "option"}),
    "delete": frozenset({"using", "where", "returning", "order", "limit", "output", "option"}),
    "merge": frozenset({"using"}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Clause:
    """`word` at token `start`; its content ends before token `end`."""

    word: str
    start: int
    end: int


def shape_of(root: exp.Expr, tokens: Sequence[Token], text: str, dialect: str) -> EffectShape | None:
    """None for a write that is not one plain INSERT, UPDATE, DELETE or MERGE of one table."""
    match root:
        case exp.Insert():
            verb, table = Verb.INSERT, root.this.this if isinstance(root.this, exp.Schema) else root.this
        case exp.Update():
            verb, table = Verb.UPDATE, root.this
        case exp.Delete():
            verb, table = Verb.DELETE, root.this
        case exp.Merge():
            verb, table = Verb.MERGE, root.this
        case _:
            return None
    if not isinstance(table, exp.Table) or table.args.get("joins") or root.args.get("tables"):
        return None
    target = relation_of(table, dialect)
    opening = _opening(tokens, verb)
    if target is None or opening is None:
        return None
    clauses = {one.word: one for one in _clauses(tokens, opening, verb)}
    if _is_uncertain(root, verb, clauses, table):
        return None
    return _shape(root, verb, table, target, _Written(tokens=tokens, text=text, clauses=clauses, opening=opening))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Written:
    tokens: Sequence[Token]
    text: str
    clauses: Mapping[str, _Clause]
    opening: int

    def of(self, word: str) -> str | None:
        clause = self.clauses.get(word)
        return self.between(clause.start + 1, clause.end) if clause is not None else None

    def between(self, start: int, end: int) -> str:
        return self.text[self.tokens[start].start : self.tokens[end - 1].end] if start < end else ""


def _shape(root: exp.Expr, verb: Verb, table: exp.Table, target: Relation, written: _Written) -> EffectShape:
    first = min((one.start for one in written.clauses.values()), default=len(written.tokens))
    target_text = written.between(written.opening, first)
    alias = table.args.get("alias")
    dialect_free = {"order", "limit", "output", "option"} & written.clauses.keys()
    match verb:
        case Verb.INSERT:
            source = _inserted(written)
            target_text = target_text.partition("(")[0].rstrip()
        case Verb.UPDATE:
            source = written.of("from")
        case Verb.DELETE | Verb.MERGE:
            source = written.of("using")
    is_upsert = verb is Verb.INSERT and bool(
        root.args.get("conflict") or root.args.get("alternative") or written.tokens[0].lower == "replace"
    )
    return EffectShape(
        verb=verb,
        target=target,
        alias=alias.name if isinstance(alias, exp.TableAlias) else None,
        target_text=target_text,
        columns=_columns(root),
        source_text=source,
        predicate_text=written.of("where"),
        is_upsert=is_upsert,
        has_returning=bool(root.args.get("returning")) or "output" in written.clauses,
        is_bounded_by_predicate=(
            verb in (Verb.UPDATE, Verb.DELETE) and not dialect_free and root.args.get("with_") is None
        ),
    )


def _inserted(written: _Written) -> str | None:
    """The rows of an INSERT: from its VALUES or query up to ON CONFLICT or RETURNING."""
    starts = [one.start for word, one in written.clauses.items() if word not in ("on", "returning")]
    ends = [one.start for word, one in written.clauses.items() if word in ("on", "returning")]
    if not starts:
        return None
    return written.between(min(starts), min(ends, default=len(written.tokens)))


def _columns(root: exp.Expr) -> tuple[str, ...]:
    match root:
        case exp.Insert() if isinstance(root.this, exp.Schema):
            return tuple(one.name for one in root.this.expressions)
        case exp.Update():
            found = []
            for one in root.expressions:
                left = one.this if isinstance(one, exp.EQ) else one
                found += [part.name for part in left.expressions] if isinstance(left, exp.Tuple) else [left.name]
            return tuple(found)
        case _:
            return ()


def _opening(tokens: Sequence[Token], verb: Verb) -> int | None:
    """Where the target begins: after the verb, and after INTO or FROM."""
    words = {
        Verb.INSERT: ("insert", "replace"),
        Verb.UPDATE: ("update",),
        Verb.DELETE: ("delete",),
        Verb.MERGE: ("merge",),
    }
    at = next((at for at, one in _outer(tokens) if one.lower in words[verb]), None)
    if at is None:
        return None
    at += 1
    if tokens[at : at + 1] and tokens[at].lower == "or":  # INSERT OR REPLACE
        at += 2
    if tokens[at : at + 1] and tokens[at].lower in ("into", "from"):
        at += 1
    return at if at < len(tokens) and tokens[at].cut in (Cut.WORD, Cut.QUOTED) else None


def _outer(tokens: Sequence[Token]) -> Iterator[tuple[int, Token]]:
    """The tokens that stand in no bracket."""
    depth = 0
    for at, one in enumerate(tokens):
        if one.cut is Cut.SYMBOL and one.text in "([{":
            depth += 1
        elif one.cut is Cut.SYMBOL and one.text in ")]}":
            depth -= 1
        elif depth == 0:
            yield at, one


def _clauses(tokens: Sequence[Token], opening: int, verb: Verb) -> list[_Clause]:
    starts: list[tuple[str, int]] = []
    for at, one in _outer(tokens):
        if at < opening or one.lower not in _CLAUSES[verb.value]:
            continue
        is_within = at > 0 and (tokens[at - 1].lower == "distinct" or tokens[at - 1].text == ".")  # IS DISTINCT FROM
        if not is_within:
            starts.append((one.lower, at))
    ends = [*(at for _, at in starts[1:]), len(tokens)]
    return [_Clause(word=word, start=at, end=end) for (word, at), end in zip(starts, ends, strict=False)]


def _is_uncertain(root: exp.Expr, verb: Verb, clauses: Mapping[str, _Clause], table: exp.Table) -> bool:
    """Whether the tree and the text differ in which clauses there are."""
    if verb in (Verb.INSERT, Verb.MERGE):
        return False
    has = {"where": root.args.get("where"), "from": root.args.get("from_"), "using": root.args.get("using")}
    differs = any(
        bool(has[word]) != (word in clauses) for word in ("where", "from" if verb is Verb.UPDATE else "using")
    )
    del table
    return differs


def names_of(table: exp.Table, dialect: str) -> tuple[str, ...]:
    return tuple(folded(part, dialect) for part in table.parts if isinstance(part, exp.Identifier))
