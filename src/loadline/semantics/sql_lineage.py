"""The SQL of a view or model in; which columns of which relations each of its columns is made of, out.

SQLGlot resolves the names. Where it cannot (a star over a relation whose columns nobody knows, SQL it cannot read),
whole relations are told, and why.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError
from sqlglot.lineage import Node, lineage

from loadline.values.lineage import SourceEdge, SourceEnd

_HOME = {"duckdb": "main", "postgres": "public"}
"""The schema that is meant where none is written."""

Columns = Mapping[str, Mapping[str, str]]
"""Relation → column → the engine's type."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Traced:
    """`why` says what kept columns from being told; None where they are."""

    edges: tuple[SourceEdge, ...]
    why: str | None = None


def views_sql(dialect: str) -> str | None:
    """The statement whose rows are (schema, name, SQL) of every view of the warehouse; None where it is not known."""
    match dialect:
        case "duckdb":
            return "SELECT schema_name, view_name, sql FROM duckdb_views() WHERE NOT internal"
        case "postgres":
            return (
                "SELECT schemaname::text, viewname::text, definition FROM pg_catalog.pg_views "
                "WHERE schemaname NOT IN ('pg_catalog', 'information_schema') UNION ALL "
                "SELECT schemaname::text, matviewname::text, definition FROM pg_catalog.pg_matviews"
            )
        case _:
            return None


def plain_relation(relation: str, dialect: str) -> str:
    """A relation without the schema that is meant anyway, as datasets name it."""
    home = _HOME.get(dialect)
    return relation.removeprefix(f"{home}.") if home else relation


def trace_sql(target: str, sql: str, dialect: str, known: Columns, *, through: str) -> Traced:
    """The edges into `target`, a relation or model that `sql` (a query, or a CREATE around one) makes."""
    try:
        tree = parse_one(sql, read=dialect)
    except SqlglotError:
        return Traced(edges=(), why="its SQL cannot be read")
    query = tree.expression if isinstance(tree, exp.Create) else tree
    if not isinstance(query, exp.Query):
        return Traced(edges=(), why="it is no query")
    whole = tuple(_relations(query, target, dialect, through))
    try:
        nodes = lineage(None, query.copy(), schema=_schema(known, dialect), dialect=dialect, db=_HOME.get(dialect))
    except SqlglotError:
        return Traced(edges=whole, why="its columns cannot be told")
    if not isinstance(nodes, dict) or any(name == "*" for name in nodes):
        return Traced(edges=whole, why="it reads `*` of a relation whose columns are not known")
    edges = dict.fromkeys(
        SourceEdge(source=end, target=SourceEnd(relation=target, column=name), through=through)
        for name, node in nodes.items()
        for end in _leaves(node, dialect)
    )
    return Traced(edges=(*whole, *edges))


def _relations(query: exp.Query, target: str, dialect: str, through: str) -> Iterator[SourceEdge]:
    """Every relation the query reads, one it names itself left out."""
    own = {one.alias for one in query.find_all(exp.CTE)}
    named = (_named(table, dialect) for table in query.find_all(exp.Table) if table.db or table.name not in own)
    for relation in dict.fromkeys(named):
        if relation:
            yield SourceEdge(source=SourceEnd(relation=relation), target=SourceEnd(relation=target), through=through)


def _leaves(node: Node, dialect: str) -> Iterator[SourceEnd]:
    waiting = [node]
    while waiting:
        one = waiting.pop()
        waiting += one.downstream
        if not one.downstream and isinstance(one.source, exp.Table):
            column = one.name.rpartition(".")[2].strip('"`[]')
            relation = _named(one.source, dialect)
            if relation and column and column != "*":
                yield SourceEnd(relation=relation, column=column)


def _named(table: exp.Table, dialect: str) -> str:
    return plain_relation(".".join(filter(None, (table.db, table.name))), dialect)


def _schema(known: Columns, dialect: str) -> dict[str, dict[str, dict[str, str]]]:
    """The columns by schema and name, as SQLGlot wants them: each relation at the same depth."""
    found: dict[str, dict[str, dict[str, str]]] = {}
    for relation, columns in known.items():
        schema, _, name = relation.rpartition(".")
        home = schema.rpartition(".")[2] or _HOME.get(dialect, "main")
        found.setdefault(home, {})[name] = dict.fromkeys(columns, "TEXT")  # its type does not matter here
    return found
