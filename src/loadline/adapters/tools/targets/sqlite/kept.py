"""What a target keeps in a SQLite file beside the tables of the user: markers, rows as they were, numbers of rows."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from loadline.adapters.tools.targets.netting import Net, decoded, encoded, keys_of
from loadline.adapters.tools.targets.recorded import plain
from loadline.adapters.tools.targets.sqlite.capture import Table, quoted

_TABLES = (
    (
        "CREATE TABLE IF NOT EXISTS loadline_write (marker TEXT PRIMARY KEY, at TEXT NOT NULL, effect TEXT NOT NULL, "
        "no_undo TEXT NOT NULL, undone_by TEXT) WITHOUT ROWID"
    ),
    (
        "CREATE TABLE IF NOT EXISTS loadline_image (marker TEXT NOT NULL, relation TEXT NOT NULL, shape TEXT NOT NULL, "
        "side TEXT NOT NULL, row TEXT NOT NULL)"
    ),
    "CREATE INDEX IF NOT EXISTS loadline_image_marker ON loadline_image (marker)",
    "CREATE TABLE IF NOT EXISTS loadline_counted (relation TEXT PRIMARY KEY, rows INTEGER NOT NULL) WITHOUT ROWID",
)


class Kept:
    """Within the caller's transaction. Raises sqlite3.Error."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def make(self) -> None:
        for statement in _TABLES:
            self._connection.execute(statement)

    def count_new(self, tables: Sequence[Table]) -> None:
        """A table that nobody has counted begins with the rows it has."""
        known = {name for (name,) in self._connection.execute("SELECT relation FROM loadline_counted")}
        for table in tables:
            if table.said not in known:
                values = (table.said, self._count(table))
                self._connection.execute("INSERT INTO loadline_counted (relation, rows) VALUES (?, ?)", values)

    def _count(self, table: Table) -> int:
        (rows,) = self._connection.execute(f"SELECT count(*) FROM main.{quoted(table.name)}").fetchone()
        return int(rows)

    def find(self, marker: str) -> dict[str, Any] | None:
        row = self._connection.execute(
            "SELECT at, effect, no_undo FROM loadline_write WHERE marker = ?", (marker,)
        ).fetchone()
        if row is None:
            return None
        return {"at": row[0], "tables": json.loads(row[1]), "no_undo": row[2], "is_repeat": True}

    def keep(self, marker: str, nets: Sequence[Net], *, no_undo: str, undoes: str | None = None) -> dict[str, Any]:
        told = {"at": datetime.now(UTC).isoformat(), "tables": [each.kept for each in nets], "no_undo": no_undo}
        self._connection.execute(
            "INSERT INTO loadline_write (marker, at, effect, no_undo) VALUES (?, ?, ?, ?)",
            (marker, told["at"], json.dumps(told["tables"]), no_undo),
        )
        self._connection.executemany(
            "INSERT INTO loadline_image (marker, relation, shape, side, row) VALUES (?, ?, ?, ?, ?)",
            (
                (marker, each.table, each.shape, side, row)
                for each in nets
                for side, rows in (("gone", each.gone), ("came", each.came))
                for row in rows
            ),
        )
        self._connection.executemany(
            "UPDATE loadline_counted SET rows = rows + ? WHERE relation = ?",
            [(len(each.came) - len(each.gone), each.table) for each in nets],
        )
        if undoes is not None:
            self._connection.execute("UPDATE loadline_write SET undone_by = ? WHERE marker = ?", (marker, undoes))
        return told

    def inserted(self, marker: str, tables: Sequence[Table], most: int) -> list[dict[str, Any]]:
        found = []
        for table in tables:
            sides: dict[str, list[str]] = {"gone": [], "came": []}
            for side, row in self._connection.execute(
                "SELECT side, row FROM loadline_image WHERE marker = ? AND relation = ? AND shape = ?",
                (marker, table.said, table.shape),
            ):
                sides[side].append(row)
            places = [table.columns.index(name) for name in table.key]
            before = keys_of(sides["gone"], places)
            new = [row for row in sides["came"] if not places or not keys_of([row], places) & before]
            if new:
                found.append(self._beside(table, new, most))
        return found

    def _beside(self, table: Table, new: list[str], most: int) -> dict[str, Any]:
        listed = ", ".join(quoted(name) for name in table.columns)
        order = ", ".join(f"{quoted(name)} DESC" for name in table.key) or "1"
        rows = self._connection.execute(
            f"SELECT {listed} FROM main.{quoted(table.name)} ORDER BY {order} LIMIT ?", (most + len(new),)
        ).fetchall()
        added = set(new)
        old = [row for row in rows if encoded(row) not in added][:most]
        return {
            "table": table.said,
            "columns": table.columns,
            "count": len(new),
            "new": [[plain(value) for value in decoded(row)] for row in new[:most]],
            "old": [[plain(value) for value in row] for row in old],
        }

    def reconcile(self, since: datetime, tables: Sequence[Table]) -> dict[str, Any]:
        expected = dict(self._connection.execute("SELECT relation, rows FROM loadline_counted").fetchall())
        there = {table.said: self._count(table) for table in tables}
        unaccounted = [
            {"table": name, "what": f"it has {there[name]} rows, and by what was recorded it should have {rows}"}
            if name in there
            else {"table": name, "what": "it is gone"}
            for name, rows in sorted(expected.items())
            if there.get(name) != rows
        ]
        markers = self._connection.execute(
            "SELECT marker FROM loadline_write WHERE at >= ? ORDER BY at, marker",
            (since.astimezone(UTC).isoformat(),),
        )
        return {
            "until": datetime.now(UTC).isoformat(),
            "markers": [marker for (marker,) in markers],
            "outside": [],
            "unaccounted": unaccounted,
        }
