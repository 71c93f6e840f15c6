"""Writes in; their exact effect, committed or not, out of a DuckDB file.

DuckDB tells nobody what it changed, so the table is copied before, and the two are held against each other. The file is
open only while a write runs: DuckDB lets one process write, and no other read meanwhile.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from loadline.adapters.tools.targets import codes, recorded
from loadline.adapters.tools.targets.duckdb.aim import Table, aimed_at, quoted, read_tables
from loadline.adapters.tools.targets.duckdb.kept import Kept
from loadline.adapters.tools.targets.duckdb.showing import shown
from loadline.adapters.tools.targets.placeholders import only_used
from loadline.adapters.tools.targets.said import cancelled, cannot_undo, closed, outside, refused, require_change
from loadline.errors import LoadlineError
from loadline.values.effect import (
    Approved,
    ChangedSince,
    Exceeded,
    Inserted,
    Performed,
    Preview,
    Reconciled,
    TargetSettings,
    Write,
    WriteEffect,
    excesses,
)

GAPS = (
    "DuckDB has no roles: whoever can write the file can do anything to it, and only the gate keeps agents from it.",
    "A write copies the table it aims at, so it takes time and memory by the table's size, not by the rows it changes.",
    "While a write runs no other process can have the file open; it waits `lock_seconds` for one that has.",
    "A change from outside is seen where a table's number of rows does not add up; not whose it was, nor new values.",
    "A table without a primary key, or a unique constraint over columns never null, can be written to, not undone.",
    "DuckDB keeps foreign keys while rows are put back; where they stand in the way, an undo is refused.",
)
_POLL_SECONDS = 0.05


class DuckdbTarget:
    """The Target port on a DuckDB file."""

    def __init__(self, path: Path, settings: TargetSettings) -> None:
        self._path = path
        self._settings = settings
        self._turn = threading.RLock()
        self._running: duckdb.DuckDBPyConnection | None = None
        self._stopped_by = ""  # `cancel` or `clock`
        self._is_made = False
        self._is_closed = False

    @property
    def name(self) -> str:
        return self._settings.name

    @property
    def dialect(self) -> str:
        return "duckdb"

    @property
    def gaps(self) -> tuple[str, ...]:
        return GAPS

    def measure(self, write: Write) -> WriteEffect:
        return self.preview(write, most=0).effect

    def preview(self, write: Write, *, most: int) -> Preview:
        require_change(write)
        with self._transaction() as connection:
            table, writes = self._run(connection, write)
            return _previewed(connection, table, self._told(connection, table, writes), most)

    def perform(self, write: Write, *, approved: Approved, marker: str) -> Performed | Exceeded:
        require_change(write)
        with self._transaction() as connection:
            kept = Kept(connection)
            if (found := kept.find(marker)) is not None:
                return recorded.performed(marker, found)
            if write.counting is not None and (many := self._count(connection, write)) > approved.bound.rows:
                return recorded.far_over(many, approved)
            table, writes = self._run(connection, write)
            told = self._told(connection, table, writes)
            effect = recorded.effect(told)
            if why := excesses(effect, approved):
                return Exceeded(effect=effect, bound=approved.bound, why=why)
            done = kept.keep(marker, table, told, no_undo=_no_undo(table))
            connection.execute("COMMIT")
            return recorded.performed(marker, done)

    def find_marker(self, marker: str) -> Performed | None:
        with self._transaction() as connection:
            found = Kept(connection).find(marker)
            return None if found is None else recorded.performed(marker, found)

    def measure_undo(self, marker: str) -> WriteEffect | ChangedSince:
        return recorded.without_rows(self.preview_undo(marker, most=0))

    def preview_undo(self, marker: str, *, most: int) -> Preview | ChangedSince:
        with self._transaction() as connection:
            match self._undo(connection, marker):
                case ChangedSince() as refusal:
                    return refusal
                case table, told:
                    return _previewed(connection, table, told, most)

    def undo(self, marker: str, *, as_marker: str) -> Performed | ChangedSince:
        with self._transaction() as connection:
            kept = Kept(connection)
            if (found := kept.find(as_marker)) is not None:
                return recorded.performed(as_marker, found)
            match self._undo(connection, marker):
                case ChangedSince() as refusal:
                    return refusal
                case table, told:
                    done = kept.keep(as_marker, table, told, no_undo=_no_undo(table), undoes=marker)
                    connection.execute("COMMIT")
                    return recorded.performed(as_marker, done)

    def read_inserted(self, marker: str, *, most: int) -> tuple[Inserted, ...]:
        with self._transaction() as connection:
            return recorded.inserted(Kept(connection).inserted(marker, read_tables(connection), most))

    def reconcile(self, since: datetime) -> Reconciled:
        with self._transaction() as connection:
            found = Kept(connection).reconcile(since, read_tables(connection))
            return recorded.reconciled(since, found, sees_statements=False)

    def cancel(self) -> None:
        running = self._running
        if running is not None:
            self._stopped_by = "cancel"
            running.interrupt()

    def close(self) -> None:
        self.cancel()
        with self._turn:
            self._is_closed = True

    def _run(self, connection: duckdb.DuckDBPyConnection, write: Write) -> tuple[Table, int]:
        """The statement; the table it aims at, and how many rows the engine says it wrote."""
        statements = connection.extract_statements(write.sql)
        if len(statements) != 1:
            what = f"a write is one statement, and this is {len(statements)}"
            raise refused(codes.REFUSED_BY_ENGINE, what, "send one data-changing statement")
        table = aimed_at(connection, write)
        connection.execute(f"CREATE TEMP TABLE loadline_before AS SELECT * FROM {table.sql}")
        rows = connection.execute(statements[0], list(write.parameters) or None).fetchall()
        is_count = [each[0] for each in connection.description or ()] == ["Count"]
        return table, int(rows[0][0]) if is_count and rows else len(rows)

    def _count(self, connection: duckdb.DuckDBPyConnection, write: Write) -> int:
        sql, values = only_used(write.counting or "", write.parameters)
        row = connection.execute(sql, list(values) or None).fetchone()
        return int(row[0]) if row else 0

    def _told(self, connection: duckdb.DuckDBPyConnection, table: Table, writes: int) -> list[dict[str, Any]]:
        """The effect as it is kept; the rows in it are in `loadline_gone` and `loadline_came`."""
        for name, one, other in (("gone", "loadline_before", table.sql), ("came", table.sql, "loadline_before")):
            connection.execute(
                f"CREATE OR REPLACE TEMP TABLE loadline_{name} AS SELECT * FROM {one} EXCEPT ALL SELECT * FROM {other}"
            )
        gone, came = (_number(connection, f"SELECT count(*) FROM loadline_{side}") for side in ("gone", "came"))
        updated = 0
        if table.key:
            keys = ", ".join(quoted(name) for name in table.key)
            updated = _number(connection, f"SELECT count(*) FROM loadline_gone JOIN loadline_came USING ({keys})")
        if not gone and not came and not writes:
            return []
        if max(gone, came) > writes:  # more changed than the engine says: the statement aimed at another table
            raise refused(
                codes.LEFT_ITS_PLACE, "the engine wrote other rows than those that changed", "write it plainly"
            )
        lost = _digest(connection, table) if gone else ""
        counts = {"inserted": came - updated, "updated": updated, "deleted": gone - updated}
        return [{"table": table.said, **counts, "writes": writes, "lost": lost}]

    def _undo(
        self, connection: duckdb.DuckDBPyConnection, marker: str
    ) -> ChangedSince | tuple[Table, list[dict[str, Any]]]:
        kept = Kept(connection)
        image = kept.image(marker)
        table = next((each for each in read_tables(connection) if each.said == image.table), None)
        if table is None or table.shape != image.shape:
            raise cannot_undo(marker, f"the columns of `{image.table}` have been altered since")
        connection.execute(f"CREATE TEMP TABLE loadline_before AS SELECT * FROM {table.sql}")
        try:
            why = kept.put_back(table, image)
        except duckdb.ConstraintException as error:
            why = f"rows of `{table.said}` cannot be put back beside what is there now: {_brief(error)}"
        if why:
            return ChangedSince(marker=marker, tables=(table.said,), why=(why,))
        return table, self._told(connection, table, image.writes)

    @contextmanager
    def _transaction(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """One that has begun, on a connection of its own, rolled back unless the body commits it."""
        with self._turn:
            if self._is_closed:
                raise closed(self.name)
            connection = self._connect()
            self._stopped_by = ""
            clock = threading.Timer(self._settings.statement_seconds, self._run_out)
            clock.daemon = True
            self._running = connection
            clock.start()
            try:
                connection.execute("BEGIN")
                if not self._is_made:
                    Kept(connection).make(read_tables(connection))
                    connection.execute("COMMIT")
                    self._is_made = True
                    connection.execute("BEGIN")
                yield connection
            except duckdb.Error as error:
                raise self._fault(error) from error
            finally:
                self._running = None
                clock.cancel()
                connection.close()

    def _run_out(self) -> None:
        running = self._running
        if running is not None:
            self._stopped_by = self._stopped_by or "clock"
            running.interrupt()

    def _connect(self) -> duckdb.DuckDBPyConnection:
        """Waits for another process that has the file open."""
        waited = threading.Event()
        tries = max(1, round(self._settings.lock_seconds / _POLL_SECONDS))
        for attempt in range(tries):
            try:
                return duckdb.connect(str(self._path), config={"enable_external_access": "false"})
            except duckdb.IOException as error:
                if "lock" not in str(error).lower() or attempt == tries - 1:
                    raise self._fault(error) from error
            except duckdb.Error as error:  # this process has it open in another way
                raise self._fault(error) from error
            waited.wait(_POLL_SECONDS)
        raise AssertionError("the last try raises")

    def _fault(self, error: duckdb.Error) -> LoadlineError:
        name, place = self.name, self._settings.place
        if isinstance(error, duckdb.InterruptException):
            if self._stopped_by != "clock":
                return cancelled(name)
            what = f"the write to `{name}` was stopped after {self._settings.statement_seconds:g} seconds"
            return outside(codes.TOO_SLOW, what, "change fewer rows at once, or raise `statement_seconds`", place=place)
        if isinstance(error, duckdb.TransactionException | duckdb.ConnectionException) or "lock" in str(error).lower():
            what = f"somebody else was in the way of the write to `{name}`: {_brief(error)}"
            return outside(codes.IN_THE_WAY, what, "try again", place=place, retryable=True)
        if isinstance(error, duckdb.IOException | duckdb.OutOfMemoryException | duckdb.FatalException):
            what = f"the database of the target `{name}` did not do its part: {_brief(error)}"
            return outside(codes.CONNECTION_LOST, what, "look at the file, its disk and the memory", place=place)
        what = f"`{name}` refused the write: {_brief(error)}"
        return refused(codes.REFUSED_BY_ENGINE, what, "correct the statement or its values")


def _previewed(connection: duckdb.DuckDBPyConnection, table: Table, told: list[dict[str, Any]], most: int) -> Preview:
    """`told` is of what lies in `loadline_gone` and `loadline_came`."""
    effect = recorded.effect(told)
    is_shown = told and most and effect.rows <= recorded.MOST_COMPARED
    return Preview(effect=effect, tables=recorded.shown([shown(connection, table, most)] if is_shown else []))


def _no_undo(table: Table) -> str:
    if not table.key:
        return f"`{table.said}` has no key that tells its rows apart"
    return f"`{table.said}` has generated columns" if table.has_generated else ""


def _number(connection: duckdb.DuckDBPyConnection, sql: str) -> int:
    row = connection.execute(sql).fetchone()
    return int(row[0]) if row else 0


def _digest(connection: duckdb.DuckDBPyConnection, table: Table) -> str:
    """Over the texts of all values, each with its length before it."""
    texts = (f"coalesce(length({quoted(c)}::VARCHAR) || ':' || {quoted(c)}::VARCHAR, 'N')" for c in table.columns)
    lines = f"SELECT {' || '.join(texts)} AS line FROM loadline_gone"
    row = connection.execute(f"SELECT sha256(string_agg(line, chr(10) ORDER BY line)) FROM ({lines})").fetchone()
    return str(row[0]) if row else ""


def _brief(error: duckdb.Error) -> str:
    text = " ".join(str(error).split("\n\n")[0].split())[:300].rstrip(" .")
    return text[:1].lower() + text[1:] if text[1:2].islower() else text
