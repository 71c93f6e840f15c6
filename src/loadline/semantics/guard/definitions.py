"""The tokens of a definition in; the tables it changes or takes after, and the expressions in it, out.

SQLGlot reads some forms of CREATE, ALTER and DROP and keeps the rest as unread text. What the dialects below write of
tables, indexes and views without a query is read here by a grammar of what is allowed; what does not fit it to the end
is not read at all. On PostgreSQL its own grammar has to allow the same besides.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from loadline.semantics.guard import words
from loadline.semantics.guard.definition_rules import COLUMN_TYPES, GRAMMARS, NO_NAMES
from loadline.semantics.guard.grammar import Found, Reading, Rules, rules_of
from loadline.semantics.guard.lexing import Cut, Token
from loadline.semantics.guard.nodes import PROPERTIES
from loadline.semantics.guard.second import EXTENSION_TYPES, TYPES
from loadline.values.guarded import Relation


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """`expressions` are from one token to before another: defaults, checks, computed columns, filters of an index."""

    targets: tuple[Relation, ...]
    sources: tuple[Relation, ...]
    expressions: tuple[tuple[int, int], ...]


_NOTHING: frozenset[str] = frozenset()


def read_definition(tokens: Sequence[Token], dialect: str) -> Definition | None:
    """None where the dialect has no grammar, or the statement does not fit it."""
    if dialect not in GRAMMARS:
        return None
    reading = Reading(
        tokens=tokens,
        rules=_rules(dialect),
        types=_types(dialect),
        properties=PROPERTIES.get(dialect, _NOTHING),
        no_names=NO_NAMES.get(dialect, _NOTHING) | (words.STACKED_TSQL if dialect == "tsql" else _NOTHING),
    )
    try:
        found = reading.whole("START")
    except RecursionError:  # types within types
        return None
    if found is None or _names_system(found, tokens, dialect):
        return None
    return Definition(
        targets=_relations(found, "TARGET", tokens, dialect),
        sources=_relations(found, "SOURCE", tokens, dialect),
        expressions=tuple(
            (one.start, one.end) for one in found if one.terminal in ("EXPR", "FILTER", "CALL", "BRACKETS")
        ),
    )


def _names_system(found: Sequence[Found], tokens: Sequence[Token], dialect: str) -> bool:
    """Whether a schema, column or type is of the system; tables are looked at by whoever judges."""
    if dialect not in ("postgres", "snowflake", "duckdb"):
        return False
    parts = (
        token.text.strip('"').lower()
        for one in found
        if one.terminal in ("NAME", "PATH")
        for token in tokens[one.start : one.end]
    )
    return any(part in ("information_schema", "snowflake") or part.startswith("pg_") for part in parts)


@cache
def _types(dialect: str) -> frozenset[str]:
    if dialect == "postgres":
        return TYPES | EXTENSION_TYPES | COLUMN_TYPES[dialect]
    return words.TYPES | COLUMN_TYPES.get(dialect, _NOTHING)


@cache
def _rules(dialect: str) -> Rules:
    return rules_of(GRAMMARS[dialect])


def _relations(found: Sequence[Found], terminal: str, tokens: Sequence[Token], dialect: str) -> tuple[Relation, ...]:
    paths = (tokens[one.start : one.end] for one in found if one.terminal == terminal)
    named = [Relation(parts=tuple(_folded(part, dialect) for part in path if part.text != ".")) for path in paths]
    return tuple(dict.fromkeys(named))


def _folded(token: Token, dialect: str) -> str:
    if token.cut is Cut.QUOTED:
        return token.text[1:-1]
    if dialect == "postgres":
        return token.lower
    return token.text.upper() if dialect == "snowflake" else token.text
