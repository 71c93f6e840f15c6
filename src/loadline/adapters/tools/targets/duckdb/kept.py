"""What a target keeps in a DuckDB file beside the user's tables, in the schema `loadline`: markers, images, counts.

The rows of a write are kept as tables of the same columns, so they come back exactly, whatever their types are.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import duckdb

from loadline.adapters.tools.targets.duckdb.aim import Table, quoted
from loadline.adapters.tools.targets.recorded import plain
from loadline.adapters.tools.targets.said import cannot_undo

_TABLES = (
    "CREATE SCHEMA IF NOT EXISTS loadline",
    "CREATE SEQUENCE IF NOT EXISTS loadline.numbers",
    (
        "CREATE TABLE IF NOT EXISTS loadline.write (marker VARCHAR PRIMARY KEY, number BIGINT NOT NULL, "
        "done_at VARCHAR NOT NULL, effect VARCHAR NOT NULL, no_undo VARCHAR NOT NULL, relation VARCHAR NOT NULL, "
        "shape VARCHAR NOT NULL)"
    ),
    "CREATE TABLE IF NOT EXISTS loadline.undone (marker VARCHAR PRIMARY KEY, undone_by VARCHAR NOT NULL)",
    "CREATE TABLE IF NOT EXISTS loadline.counted (relation VARCHAR NOT NULL, rows BIGINT NOT NULL)",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """`gone` and `came` are tables that hold the rows."""

    table: str
    shape: str
    gone: str
    came: str
    writes: int


class Kept:
    """Within the caller's transaction. Raises duckdb.Error."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection

    def make(self, tables: Sequence[Table]) -> None:
        """Ours, where they are not there; a table that nobody has counted begins with the rows it has."""
        for statement in _TABLES:
            self._connection.execute(statement)
        known = {name for (name,) in self._connection.execute("SELECT relation FROM loadline.counted").fetchall()}
        for table in tables:
            if table.said not in known:
                self._add(table.said, self._count(table))

    def _add(self, relation: str, rows: int) -> None:
        self._connection.execute("INSERT INTO loadline.counted VALUES (?, ?)", [relation, rows])

    def _count(self, table: Table) -> int:
        row = self._connection.execute(f"SELECT count(*) FROM {table.sql}").fetchone()
        return int(row[0]) if row else 0

    def find(self, marker: str) -> dict[str, Any] | None:
        row = self._connection.execute(
            "SELECT done_at, effect, no_undo FROM loadline.write WHERE marker = ?", [marker]
        ).fetchone()
        if row is None:
            return None
        return {"at": row[0], "tables": json.loads(row[1]), "no_undo": row[2], "is_repeat": True}

    def keep(
        self, marker: str, table: Table, told: list[dict[str, Any]], *, no_undo: str, undoes: str | None = None
    ) -> dict[str, Any]:
        """The rows are in `loadline_gone` and `loadline_came`."""
        row = self._connection.execute("SELECT nextval('loadline.numbers')").fetchone()
        number = int(row[0]) if row else 0
        for side in ("gone", "came"):
            self._connection.execute(f"CREATE TABLE loadline.{side}_{number} AS SELECT * FROM loadline_{side}")
        at = datetime.now(UTC).isoformat()
        self._connection.execute(
            "INSERT INTO loadline.write VALUES (?, ?, ?, ?, ?, ?, ?)",
            [marker, number, at, json.dumps(told), no_undo, table.said, table.shape],
        )
        if undoes is not None:
            self._connection.execute("INSERT INTO loadline.undone VALUES (?, ?)", [undoes, marker])
        for each in told:
            self._add(table.said, each["inserted"] - each["deleted"])
        return {"at": at, "tables": told, "no_undo": no_undo}

    def image(self, marker: str) -> Image:
        """Raises RequestError where an undo is out of the question."""
        row = self._connection.execute(
            "SELECT w.number, w.effect, w.no_undo, w.relation, w.shape, u.undone_by FROM loadline.write w "
            "LEFT JOIN loadline.undone u ON u.marker = w.marker WHERE w.marker = ?",
            [marker],
        ).fetchone()
        if row is None:
            raise cannot_undo(marker, "it was never performed here")
        number, effect, no_undo, relation, shape, undone_by = row
        if undone_by is not None:
            raise cannot_undo(marker, f"it was undone by `{undone_by}` already")
        if no_undo:
            raise cannot_undo(marker, no_undo)
        writes = sum(each["writes"] for each in json.loads(effect))
        gone, came = f"loadline.gone_{number}", f"loadline.came_{number}"
        return Image(table=relation, shape=shape, gone=gone, came=came, writes=writes)

    def put_back(self, table: Table, image: Image) -> str:
        """Why it cannot be, or nothing. Rows that were changed are changed back, for DuckDB's index does not forget a
        deleted key before the end of a transaction."""
        same = " AND ".join(f"t.{quoted(c)} IS NOT DISTINCT FROM i.{quoted(c)}" for c in table.columns)
        on_key = " AND ".join(f"t.{quoted(c)} = i.{quoted(c)}" for c in table.key)
        pair = " AND ".join(f"g.{quoted(c)} = i.{quoted(c)}" for c in table.key)
        wanted = self._one(f"SELECT count(*) FROM {image.came}")
        if self._one(f"SELECT count(*) FROM {image.came} i JOIN {table.sql} t ON {same}") != wanted:
            return f"rows of `{table.said}` are not as the write left them"
        new = f"SELECT * FROM {image.gone} i WHERE NOT EXISTS (SELECT 1 FROM {image.came} g WHERE {pair})"
        if self._one(f"SELECT count(*) FROM ({new}) i JOIN {table.sql} t ON {on_key}"):
            return f"rows of `{table.said}` cannot be put back beside what is there now"
        gone = f"SELECT * FROM {image.came} i WHERE NOT EXISTS (SELECT 1 FROM {image.gone} g WHERE {pair})"
        self._connection.execute(f"DELETE FROM {table.sql} t USING ({gone}) i WHERE {on_key}")
        values = ", ".join(f"{quoted(c)} = i.{quoted(c)}" for c in table.columns if c not in table.key)
        if values:
            self._connection.execute(
                f"UPDATE {table.sql} t SET {values} FROM {image.gone} i, {image.came} g WHERE {on_key} AND {pair}"
            )
        self._connection.execute(f"INSERT INTO {table.sql} {new}")
        return ""

    def _one(self, sql: str) -> int:
        row = self._connection.execute(sql).fetchone()
        return int(row[0]) if row else 0

    def inserted(self, marker: str, tables: Sequence[Table], most: int) -> list[dict[str, Any]]:
        row = self._connection.execute(
            "SELECT number, relation, shape FROM loadline.write WHERE marker = ?", [marker]
        ).fetchone()
        table = next((each for each in tables if row and (each.said, each.shape) == (row[1], row[2])), None)
        if row is None or table is None:
            return []
        gone, came = f"loadline.gone_{row[0]}", f"loadline.came_{row[0]}"
        pair = " AND ".join(f"g.{quoted(c)} = i.{quoted(c)}" for c in table.key) or "false"
        new = f"SELECT * FROM {came} i WHERE NOT EXISTS (SELECT 1 FROM {gone} g WHERE {pair})"
        count = self._one(f"SELECT count(*) FROM ({new})")
        order = ", ".join(f"{quoted(c)} DESC" for c in table.key) or "ALL"
        old = f"SELECT * FROM (SELECT * FROM {table.sql} EXCEPT ALL {new}) ORDER BY {order}"
        found = {
            side: [
                [plain(value) for value in line]
                for line in self._connection.execute(f"{sql} LIMIT {int(most)}").fetchall()
            ]
            for side, sql in (("new", new), ("old", old))
        }
        return [{"table": table.said, "columns": table.columns, "count": count, **found}] if count else []

    def reconcile(self, since: datetime, tables: Sequence[Table]) -> dict[str, Any]:
        expected = dict(
            self._connection.execute("SELECT relation, sum(rows)::BIGINT FROM loadline.counted GROUP BY 1").fetchall()
        )
        there = {table.said: self._count(table) for table in tables}
        unaccounted = [
            {"table": name, "what": f"it has {there[name]} rows, and by what was recorded it should have {rows}"}
            if name in there
            else {"table": name, "what": "it is gone"}
            for name, rows in sorted(expected.items())
            if there.get(name) != rows
        ]
        markers = self._connection.execute(
            "SELECT marker FROM loadline.write WHERE done_at >= ? ORDER BY number", [since.astimezone(UTC).isoformat()]
        ).fetchall()
        return {
            "until": datetime.now(UTC).isoformat(),
            "markers": [marker for (marker,) in markers],
            "outside": [],
            "unaccounted": unaccounted,
        }
