"""A statement for DuckDB in; the one table it writes to, or a refusal, out.

DuckDB has neither triggers nor cascades, and a statement of it changes one table, which stands behind its verb. What is
read here is held against what the engine says it did: when the numbers of rows differ, nothing is committed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import duckdb

from loadline.adapters.tools.targets import codes
from loadline.adapters.tools.targets.said import refused
from loadline.values.effect import Write

_VERBS = {"insert": "into", "merge": "into", "delete": "from", "update": None}
_TOKEN = re.compile(r"--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'|\$(\w*)\$.*?\$\1\$|\"(?:[^\"]|\"\")*\"|[\w$]+|\S", re.DOTALL)
_READS_BY_TEXT = frozenset({"query", "query_table"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """`said` is `schema.name`; `key` is empty where nothing tells rows apart."""

    schema: str
    name: str
    columns: tuple[str, ...]
    key: tuple[str, ...]
    shape: str
    has_generated: bool

    @property
    def said(self) -> str:
        return f"{self.schema}.{self.name}"

    @property
    def sql(self) -> str:
        return f"{quoted(self.schema)}.{quoted(self.name)}"


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def aimed_at(connection: duckdb.DuckDBPyConnection, write: Write) -> Table:
    """Raises RequestError for a statement that is none, or not for agents, or aims at no table."""
    words = [token.group() for token in _TOKEN.finditer(write.sql) if not token.group().startswith(("--", "/*"))]
    lowered = [word.strip('"').lower() for word in words]
    if any("loadline" in word for word in lowered) or _READS_BY_TEXT & set(lowered):
        what = "the statement names what the target keeps for itself, or reads a table by a text"
        raise refused(codes.NOT_GRANTED, what, "name tables as they are, and give values as parameters")
    parts = _name(words, lowered)
    tables = {(table.schema.lower(), table.name.lower()): table for table in read_tables(connection)}
    schema, name = ("main", parts[0]) if len(parts) == 1 else (parts[-2], parts[-1]) if parts else ("", "")
    found = tables.get((schema.lower(), name.lower()))
    if found is None:
        what = f"there is no table `{'.'.join(parts) or '?'}` to write to"
        raise refused(codes.REFUSED_BY_ENGINE, what, "name a table as `schema.name`")
    return found


def _name(words: list[str], lowered: list[str]) -> list[str]:
    """The dotted name behind the verb of the statement, which stands outside all parentheses."""
    depth, at = 0, None
    for place, word in enumerate(words):
        depth += (word == "(") - (word == ")")
        if depth == 0 and lowered[place] in _VERBS and not word.startswith('"'):
            at = place
            break
    if at is None:
        return []
    opening = _VERBS[lowered[at]]
    start = at + 1
    if opening is not None:
        start = next((p + 1 for p in range(start, len(words)) if lowered[p] == opening), len(words))
    parts: list[str] = []
    while start < len(words):
        word = words[start]
        parts.append(word[1:-1].replace('""', '"') if word.startswith('"') else word)
        if start + 1 >= len(words) or words[start + 1] != ".":
            break
        start += 2
    return parts


def read_tables(connection: duckdb.DuckDBPyConnection) -> tuple[Table, ...]:
    """Every table of the user."""
    keys: dict[tuple[str, str], tuple[str, ...]] = {}
    never_null: set[tuple[str, str, str]] = set()
    columns: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for schema, table, column, kind, is_nullable in connection.execute(
        "SELECT schema_name, table_name, column_name, data_type, is_nullable FROM duckdb_columns() "
        "WHERE database_name = current_database() AND NOT internal ORDER BY column_index"
    ).fetchall():
        columns.setdefault((schema, table), []).append((column, kind))
        if not is_nullable:
            never_null.add((schema, table, column))
    for schema, table, kind, names in connection.execute(
        "SELECT schema_name, table_name, constraint_type, constraint_column_names FROM duckdb_constraints() "
        "WHERE database_name = current_database() AND constraint_type IN ('PRIMARY KEY', 'UNIQUE') "
        "ORDER BY constraint_type, constraint_index"
    ).fetchall():
        if kind == "PRIMARY KEY" or all((schema, table, name) in never_null for name in names):
            keys.setdefault((schema, table), tuple(names))
    found = connection.execute(
        "SELECT schema_name, table_name, sql FROM duckdb_tables() WHERE database_name = current_database() "
        "AND NOT internal AND NOT temporary AND schema_name <> 'loadline' ORDER BY schema_name, table_name"
    ).fetchall()
    return tuple(
        Table(
            schema=schema,
            name=table,
            columns=tuple(name for name, _ in columns[schema, table]),
            key=keys.get((schema, table), ()),
            shape=",".join(f"{name} {kind}" for name, kind in columns[schema, table]),
            has_generated="generated always" in str(sql).lower(),
        )
        for schema, table, sql in found
    )
