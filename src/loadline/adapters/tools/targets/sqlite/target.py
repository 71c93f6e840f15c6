"""Writes in; their exact effect, committed or not, out of a SQLite file.

One connection, one write at a time. While a statement of an agent runs, SQLite's own authorizer lets it read and
change rows of the user's tables and nothing else: no form of the database, no setting, no file, none of our tables.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from loadline.adapters.tools.targets import codes, recorded
from loadline.adapters.tools.targets.netting import Net, net, shown
from loadline.adapters.tools.targets.said import cancelled, closed, outside, refused, require_change
from loadline.adapters.tools.targets.sqlite import capture
from loadline.adapters.tools.targets.sqlite.faults import translate
from loadline.adapters.tools.targets.sqlite.kept import Kept
from loadline.adapters.tools.targets.sqlite.undoing import Undoing
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
    "SQLite has no roles: whoever can write the file can do anything to it, and only the gate keeps agents from it.",
    "A change from outside is seen where a table's number of rows does not add up; not whose it was, nor new values.",
    "A table without a primary key, or a unique index over columns that are never null, can be written to, not undone.",
    "`sqlite_sequence` moves on with what was written, and an undo leaves it there.",
)
_STEPS = 10_000  # of SQLite's machine, between two looks at the clock
_ALLOWED = frozenset({sqlite3.SQLITE_SELECT, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE})
_ON_TABLES = frozenset({sqlite3.SQLITE_READ, sqlite3.SQLITE_INSERT, sqlite3.SQLITE_UPDATE, sqlite3.SQLITE_DELETE})
_FORBIDDEN_FUNCTIONS = frozenset({"load_extension", "fts3_tokenizer", "readfile", "writefile", "edit"})


class SqliteTarget:
    """The Target port on a SQLite file."""

    def __init__(self, path: Path, settings: TargetSettings) -> None:
        self._path = path
        self._settings = settings
        self._turn = threading.RLock()
        self._connection: sqlite3.Connection | None = None
        self._tables: tuple[capture.Table, ...] = ()
        self._schema = -1
        self._has_deferred = False
        self._until = float("inf")
        self._is_stopped = False
        self._is_running = False
        self._is_closed = False

    @property
    def name(self) -> str:
        return self._settings.name

    @property
    def dialect(self) -> str:
        return "sqlite"

    @property
    def gaps(self) -> tuple[str, ...]:
        return GAPS

    def measure(self, write: Write) -> WriteEffect:
        return self.preview(write, most=0).effect

    def preview(self, write: Write, *, most: int) -> Preview:
        require_change(write)
        with self._transaction() as connection:
            return self._previewed(self._run(connection, write), most)

    def perform(self, write: Write, *, approved: Approved, marker: str) -> Performed | Exceeded:
        require_change(write)
        with self._transaction() as connection:
            kept = Kept(connection)
            if (found := kept.find(marker)) is not None:
                return recorded.performed(marker, found)
            if write.counting is not None and (many := self._count(connection, write)) > approved.bound.rows:
                return recorded.far_over(many, approved)
            nets = self._run(connection, write)
            effect = recorded.effect([each.kept for each in nets])
            if why := excesses(effect, approved):
                return Exceeded(effect=effect, bound=approved.bound, why=why)
            done = kept.keep(marker, nets, no_undo=self._no_undo(nets))
            connection.execute("COMMIT")
            return recorded.performed(marker, done)

    def find_marker(self, marker: str) -> Performed | None:
        with self._transaction() as connection:
            found = Kept(connection).find(marker)
            return None if found is None else recorded.performed(marker, found)

    def measure_undo(self, marker: str) -> WriteEffect | ChangedSince:
        return recorded.without_rows(self.preview_undo(marker, most=0))

    def preview_undo(self, marker: str, *, most: int) -> Preview | ChangedSince:
        with self._transaction(has_keys=False) as connection:
            match self._undo(connection, marker):
                case ChangedSince() as refusal:
                    return refusal
                case nets:
                    return self._previewed(nets, most)

    def undo(self, marker: str, *, as_marker: str) -> Performed | ChangedSince:
        with self._transaction(has_keys=False) as connection:
            kept = Kept(connection)
            if (found := kept.find(as_marker)) is not None:
                return recorded.performed(as_marker, found)
            match self._undo(connection, marker):
                case ChangedSince() as refusal:
                    return refusal
                case nets:
                    done = kept.keep(as_marker, nets, no_undo=self._no_undo(nets), undoes=marker)
                    connection.execute("COMMIT")
                    return recorded.performed(as_marker, done)

    def read_inserted(self, marker: str, *, most: int) -> tuple[Inserted, ...]:
        with self._transaction() as connection:
            return recorded.inserted(Kept(connection).inserted(marker, self._tables, most))

    def reconcile(self, since: datetime) -> Reconciled:
        with self._transaction() as connection:
            found = Kept(connection).reconcile(since, self._tables)
            return recorded.reconciled(since, found, sees_statements=False)

    def cancel(self) -> None:
        self._is_stopped = self._is_running
        connection = self._connection
        if connection is not None and self._is_running:
            connection.interrupt()

    def close(self) -> None:
        self.cancel()
        with self._turn:
            self._is_closed = True
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def _run(self, connection: sqlite3.Connection, write: Write) -> tuple[Net, ...]:
        """The statement, under the authorizer; and what it touched, as it was and as it is."""
        if any(table.is_opaque for table in self._tables) and "replace" in write.sql.lower():
            what = "a REPLACE beside a unique index over an expression cannot be measured exactly"
            raise refused(codes.REFUSED_BY_ENGINE, what, "write it as INSERT … ON CONFLICT … DO UPDATE")
        self._forget(connection)
        broken = self._broken_keys(connection)
        self._authorized(connection, write.sql, write.parameters)
        if self._broken_keys(connection) - broken:
            what = f"`{self.name}` refused the write: a foreign key that waits for the end would not hold there"
            raise refused(codes.REFUSED_BY_ENGINE, what, "correct the statement or its values")
        return self._touched(connection)

    def _broken_keys(self, connection: sqlite3.Connection) -> set[Any]:
        """Only where a key may wait for the end of a transaction: COMMIT would refuse it, and a dry run has none."""
        if not self._has_deferred:
            return set()
        return set(connection.execute("PRAGMA main.foreign_key_check").fetchall())

    def _authorized(self, connection: sqlite3.Connection, sql: str, parameters: Sequence[object]) -> list[Any]:
        connection.set_authorizer(_authorize)
        try:
            values = {str(place): _bindable(value) for place, value in enumerate(parameters, 1)}
            return connection.execute(sql, values).fetchmany(1)
        finally:
            connection.set_authorizer(None)

    def _count(self, connection: sqlite3.Connection, write: Write) -> int:
        rows = self._authorized(connection, write.counting or "", write.parameters)
        return int(rows[0][0]) if rows else 0

    def _forget(self, connection: sqlite3.Connection) -> None:
        for number in range(len(self._tables)):
            connection.execute(f"DELETE FROM temp.{capture.noted(number)}")

    def _touched(self, connection: sqlite3.Connection) -> tuple[Net, ...]:
        found = (self._net(connection, number, table) for number, table in enumerate(self._tables))
        return tuple(each for each in found if each.writes)

    @staticmethod
    def _net(connection: sqlite3.Connection, number: int, table: capture.Table) -> Net:
        notes, width = capture.noted(number), len(table.identity)
        first: dict[tuple[Any, ...], tuple[Any, ...] | None] = {}
        writes, updates = 0, 0
        for row in connection.execute(f"SELECT * FROM temp.{notes} ORDER BY seq"):
            _, op, is_row, *rest = row
            first.setdefault(tuple(rest[:width]), tuple(rest[width:]) if is_row else None)
            writes += op in "IUD"
            updates += op == "U"
        match_on = " AND ".join(f"{c if c == 'rowid' else capture.quoted(c)} = ?" for c in table.identity)
        listed = ", ".join(capture.quoted(c) for c in table.columns)
        now = [
            row
            for identity in first
            for row in connection.execute(
                f"SELECT {listed} FROM main.{capture.quoted(table.name)} WHERE {match_on}", identity
            )
        ]
        before = [row for row in first.values() if row is not None]
        key = [table.columns.index(column) for column in table.key]
        told = net(table.said, table.shape, key, before, now, writes)
        if key or not updates:
            return told
        return replace(told, updated=min(updates, len(told.gone), len(told.came)))

    def _previewed(self, nets: Sequence[Net], most: int) -> Preview:
        columns = {table.said: table.columns for table in self._tables}
        effect = recorded.effect([each.kept for each in nets])
        is_shown = most and effect.rows <= recorded.MOST_COMPARED
        rows = [shown(each, columns[each.table], most) for each in nets] if is_shown else []
        return Preview(effect=effect, tables=recorded.shown(rows))

    def _no_undo(self, nets: Sequence[Net]) -> str:
        return "; ".join(f"`{each.table}` has no key that tells its rows apart" for each in nets if not each.key)

    def _undo(self, connection: sqlite3.Connection, marker: str) -> ChangedSince | tuple[Net, ...]:
        self._forget(connection)
        refusal = Undoing(connection, self._tables, marker).restore()
        return refusal or self._touched(connection)

    @contextmanager
    def _transaction(self, *, has_keys: bool = True) -> Iterator[sqlite3.Connection]:
        """One that has begun, with every table watched, and is rolled back unless the body commits it."""
        with self._turn:
            connection = self._opened()
            self._is_stopped, self._is_running = False, True
            self._until = time.monotonic() + self._settings.statement_seconds
            try:
                connection.execute(f"PRAGMA foreign_keys = {'ON' if has_keys else 'OFF'}")
                self._begin(connection)
                yield connection
            except (sqlite3.Error, sqlite3.Warning) as error:
                raise self._told(error) from error
            finally:
                self._is_running, self._until = False, float("inf")
                if connection.in_transaction:
                    connection.execute("ROLLBACK")

    def _told(self, error: sqlite3.Error | sqlite3.Warning) -> Exception:
        if getattr(error, "sqlite_errorcode", 0) != sqlite3.SQLITE_INTERRUPT:
            return translate(error, self._settings)
        if self._is_stopped:
            return cancelled(self.name)
        what = f"the write to `{self.name}` was stopped after {self._settings.statement_seconds:g} seconds"
        return outside(codes.TOO_SLOW, what, "change fewer rows at once, or raise `statement_seconds`")

    def _begin(self, connection: sqlite3.Connection) -> None:
        """Begun, and watched: triggers are made anew when the form of the database has changed."""
        connection.execute("BEGIN IMMEDIATE")
        (schema,) = connection.execute("PRAGMA main.schema_version").fetchone()
        if schema == self._schema:
            return
        connection.execute("ROLLBACK")
        capture.remove(connection)
        self._tables = capture.read_tables(connection)
        capture.install(connection, self._tables)
        self._has_deferred = capture.has_deferred_keys(connection)
        connection.execute("BEGIN IMMEDIATE")
        Kept(connection).count_new(self._tables)
        connection.execute("COMMIT")
        (self._schema,) = connection.execute("PRAGMA main.schema_version").fetchone()
        connection.execute("BEGIN IMMEDIATE")

    def _opened(self) -> sqlite3.Connection:
        if self._is_closed:
            raise closed(self.name)
        if self._connection is None:
            try:
                connection = sqlite3.connect(
                    self._path, timeout=self._settings.lock_seconds, isolation_level=None, check_same_thread=False
                )
                connection.text_factory = _text
                connection.set_progress_handler(self._is_over_time, _STEPS)
                Kept(connection).make()
            except sqlite3.Error as error:
                raise translate(error, self._settings) from error
            self._connection = connection
        return self._connection

    def _is_over_time(self) -> bool:
        return self._is_stopped or time.monotonic() > self._until


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogateescape")


def _authorize(action: int, first: str | None, second: str | None, _database: str | None, inner: str | None) -> int:
    """`first` is the table of a row access, `second` the function of a call, `inner` the trigger it comes from."""
    if action == sqlite3.SQLITE_FUNCTION and (second or "").lower() in _FORBIDDEN_FUNCTIONS:
        return sqlite3.SQLITE_DENY
    if action in _ALLOWED or (inner or "").startswith(capture.OWN):
        return sqlite3.SQLITE_OK
    is_own = (first or "").lower().startswith(("sqlite_", capture.OWN))
    return sqlite3.SQLITE_OK if action in _ON_TABLES and not is_own else sqlite3.SQLITE_DENY


def _bindable(value: object) -> object:
    """As SQLite takes it: the type of the column makes a number of a number's text."""
    match value:
        case bool():
            return int(value)
        case Decimal():
            return format(value, "f")
        case datetime():
            return value.astimezone(UTC).isoformat(" ") if value.tzinfo else value.isoformat(" ")
        case date():
            return value.isoformat()
    return value
