"""A write that a SQLite file kept in; the rows as they were before it, or who stands in the way, out.

Foreign keys are switched off and the user's triggers are away while rows are put back, for they have no say in what
was; they are back, in the same transaction, before anything is committed, and no key is broken that was not before.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from loadline.adapters.tools.targets.netting import Row, decoded
from loadline.adapters.tools.targets.said import cannot_undo
from loadline.adapters.tools.targets.sqlite.capture import Table, quoted
from loadline.values.effect import ChangedSince


class Undoing:
    """Within the caller's transaction, without foreign keys. Raises sqlite3.Error, and RequestError where an undo is
    out of the question."""

    def __init__(self, connection: sqlite3.Connection, tables: Sequence[Table], marker: str) -> None:
        self._connection = connection
        self._tables = {table.said: table for table in tables}
        self._marker = marker

    def restore(self) -> ChangedSince | None:
        self._require()
        images = self._images()
        broken = self._broken_keys(images)
        triggers = self._take_triggers()
        for name, (_, came) in images.items():
            for row in came:
                if self._delete(self._tables[name], row) != 1:
                    return self._refusal(name, f"rows of `{name}` are not as the write left them")
        for name, (gone, _) in images.items():
            for row in gone:
                try:
                    self._insert(self._tables[name], row)
                except sqlite3.IntegrityError as error:
                    return self._refusal(name, f"rows of `{name}` cannot be put back beside what is there now: {error}")
        for statement in triggers:
            self._connection.execute(statement)
        for child, parent, _, _ in self._broken_keys(images) - broken:
            why = f"a row of `{child}` would refer to a row of `{parent}` that is not there"
            return self._refusal(child, why)
        return None

    def _require(self) -> None:
        row = self._connection.execute(
            "SELECT no_undo, undone_by FROM loadline_write WHERE marker = ?", (self._marker,)
        ).fetchone()
        if row is None:
            raise cannot_undo(self._marker, "it was never performed here")
        if row[1] is not None:
            raise cannot_undo(self._marker, f"it was undone by `{row[1]}` already")
        if row[0]:
            raise cannot_undo(self._marker, row[0])

    def _images(self) -> dict[str, tuple[list[Row], list[Row]]]:
        found: dict[str, tuple[list[Row], list[Row]]] = {}
        for name, shape, side, row in self._connection.execute(
            "SELECT relation, shape, side, row FROM loadline_image WHERE marker = ? ORDER BY relation", (self._marker,)
        ).fetchall():
            table = self._tables.get(name)
            if table is None or table.shape != shape:
                raise cannot_undo(self._marker, f"the columns of `{name}` have been altered since")
            found.setdefault(name, ([], []))[side == "came"].append(decoded(row))
        return found

    def _delete(self, table: Table, row: Row) -> int:
        """A real number is the same as itself only, and text differs from the same bytes: `IS`, and the same type."""
        same = " AND ".join(
            f"{quoted(c)} IS {_place(v)} AND typeof({quoted(c)}) = ?" for c, v in zip(table.columns, row, strict=True)
        )
        values = [each for value in row for each in (_bound(value), _TYPES[type(value)])]
        return self._connection.execute(f"DELETE FROM main.{quoted(table.name)} WHERE {same}", values).rowcount

    def _insert(self, table: Table, row: Row) -> None:
        columns, places = ", ".join(quoted(c) for c in table.columns), ", ".join(_place(v) for v in row)
        self._connection.execute(
            f"INSERT INTO main.{quoted(table.name)} ({columns}) VALUES ({places})", [_bound(v) for v in row]
        )

    def _take_triggers(self) -> list[str]:
        """The user's own; what makes them again comes back."""
        found = self._connection.execute("SELECT name, sql FROM main.sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in found:
            self._connection.execute(f"DROP TRIGGER main.{quoted(name)}")
        return [sql for _, sql in found]

    def _broken_keys(self, images: dict[str, tuple[list[Row], list[Row]]]) -> set[tuple[str, str, int | None, int]]:
        """Foreign keys that do not hold, in the tables that change and those that refer to them: child, parent, the
        child's rowid, and which of its keys."""
        changing = {self._tables[name].name for name in images}
        found = set()
        for table in self._tables.values():
            links = self._connection.execute(f"PRAGMA main.foreign_key_list({quoted(table.name)})").fetchall()
            if links and (table.name in changing or {link[2] for link in links} & changing):
                rows = self._connection.execute(f"PRAGMA main.foreign_key_check({quoted(table.name)})").fetchall()
                found |= {(f"main.{child}", f"main.{parent}", rowid, key) for child, rowid, parent, key in rows}
        return found

    def _refusal(self, table: str, why: str) -> ChangedSince:
        return ChangedSince(marker=self._marker, tables=(table,), why=(why,))


_TYPES = {type(None): "null", int: "integer", float: "real", str: "text", bytes: "blob"}


def _place(value: object) -> str:
    """Text with bytes that are no UTF-8 goes in as bytes, and is made text again there."""
    return "CAST(? AS TEXT)" if isinstance(value, str) and _is_broken(value) else "?"


def _bound(value: object) -> object:
    return value.encode("utf-8", "surrogateescape") if isinstance(value, str) and _is_broken(value) else value


def _is_broken(text: str) -> bool:
    return any("\udc80" <= each <= "\udcff" for each in text)
