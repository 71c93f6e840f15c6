"""Names in, SQL identifiers out: quoted where any supported engine would read them otherwise."""

from __future__ import annotations

import re
from functools import lru_cache

from sqlglot import exp

_PLAIN = re.compile(r"[a-z_][a-z0-9_]*\Z")

_RESERVED = frozenset(
    """
    all alter analyse analyze and anti any array as asc asof assert_rows_modified asymmetric at authorization
    between both by case cast check collate collation column concurrently constraint contains create cross cube
    current current_catalog current_date current_role current_schema current_time current_timestamp current_user
    database date default deferrable define delete desc describe distinct do drop else end escape except exclude
    exists explain extract false fetch filter following for foreign freeze from full function generated glob grant
    group grouping groups hash having if ignore ilike in index initially inner insert intersect interval into is
    isnull join lambda lateral leading left like limit localtime localtimestamp lookup merge minus natural new not
    notnull null nulls of offset on only or order outer over overlaps partition pivot pivot_longer pivot_wider
    placing position positional preceding primary proto qualify range recursive references respect returning right
    rollup row rows sample schema select semi session_user set show similar some start struct summarize symmetric
    system_user table tablesample then time timestamp to trailing treat true try_cast unbounded union unique unnest
    unpivot update user using values variadic verbose view when where window with within
    """.split()  # noqa: SIM905  # a list of words reads better as text
)
"""Words that some supported engine does not read as a plain name."""


@lru_cache(maxsize=4096)
def needs_quotes(name: str) -> bool:
    return _PLAIN.match(name) is None or name in _RESERVED


def identifier(name: str) -> exp.Identifier:
    return exp.Identifier(this=name, quoted=needs_quotes(name))


@lru_cache(maxsize=1024)
def relation_parts(relation: str) -> tuple[str, ...]:
    """`sales.orders` or `"my schema".orders` as its parts, the table last."""
    parts = re.findall(r'"(?:[^"]|"")*"|[^.]+', relation)
    return tuple(part[1:-1].replace('""', '"') if part.startswith('"') else part for part in parts)


def relation(name: str, alias: str) -> exp.Table:
    """The relation under an alias, as a table of a FROM clause."""
    parts = relation_parts(name)
    table = exp.Table(this=identifier(parts[-1]), alias=exp.TableAlias(this=identifier(alias)))
    if len(parts) > 1:
        table.set("db", identifier(parts[-2]))
    if len(parts) > 2:
        table.set("catalog", identifier(parts[-3]))
    return table


def plain_name(name: str) -> str:
    """A name that needs no quotes in most engines: `customers.region` becomes `customers_region`."""
    plain = re.sub(r"\W+", "_", name).strip("_").lower() or "column"
    return f"_{plain}" if plain[0].isdigit() else plain
