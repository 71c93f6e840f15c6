"""Writes in; their exact effect, committed or not, out of a PostgreSQL that `loadline guard setup` made ready.

Every transaction goes the same way: the gate opens a write, becomes the role of agents, runs the statement, makes
deferred constraints act, becomes itself again, and has the write finished, which tells its effect. The functions it
calls are in `gate.sql`.
"""

from __future__ import annotations

import json
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Any

import psycopg
from psycopg import generators, pq
from psycopg.errors import error_from_result

from loadline.adapters.tools.targets import codes, recorded
from loadline.adapters.tools.targets.placeholders import only_used
from loadline.adapters.tools.targets.postgres.faults import brief, left_its_place, not_set_up, translate
from loadline.adapters.tools.targets.said import cancelled, cannot_undo, closed, outside, require_change
from loadline.adapters.warehouses.postgres.address import Address
from loadline.adapters.warehouses.postgres.faults import connecting
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

Connection = psycopg.Connection[tuple[Any, ...]]

WRITER = "loadline_writer"
MEASURED_ROWS = 1_000_000  # a dry run keeps so many rows to tell which they are; past it, it only counts
_KEPT_IDLE = 4
_OLDEST = 150_000
_CANCEL_SECONDS = 5.0

_BEGIN = (
    "BEGIN ISOLATION LEVEL {isolation} READ WRITE; SET LOCAL statement_timeout = {statement}; "
    "SET LOCAL lock_timeout = {lock}; SET LOCAL idle_in_transaction_session_timeout = {idle}; "
    "SET LOCAL TimeZone = 'UTC'; SET LOCAL DateStyle = 'ISO, YMD'; SET LOCAL IntervalStyle = 'postgres'; "
    "SET LOCAL search_path = public; SET LOCAL standard_conforming_strings = on; SET LOCAL backslash_quote = off; "
    "SET LOCAL transform_null_equals = off; SET LOCAL role = none"
)

# What was deferred acts now, still as the role of agents; then the gate is itself again.
_AS_WRITER = f"SET LOCAL ROLE {WRITER}".encode()
_AFTER = b"SET CONSTRAINTS ALL IMMEDIATE; SELECT current_setting('role'); SET LOCAL ROLE NONE"

GAPS = (
    "A sequence that a dry run or a refused write has used stays moved on: PostgreSQL never takes one back.",
    "A table without a primary key, or a unique index over columns that are never null, can be written to, not undone.",
    "What a trigger does outside the database (a message, a file, a connection elsewhere) is neither seen nor undone.",
    "Tables that inherit from others in the old way, and foreign tables, are left out by the set-up.",
    "Somebody with the rights of a table's owner can switch the triggers off; only a count of rows tells it then.",
)


class PostgresTarget:
    """The Target port on PostgreSQL 15 and newer. Connections are made when they are needed, and used again."""

    def __init__(self, address: Address, settings: TargetSettings) -> None:
        self._address = address
        self._settings = settings
        self._lock = threading.Lock()
        self._idle: list[Connection] = []
        self._running: dict[Connection, bool] = {}  # and whether somebody stopped it
        self._is_closed = False

    @property
    def name(self) -> str:
        return self._settings.name

    @property
    def dialect(self) -> str:
        return "postgres"

    @property
    def gaps(self) -> tuple[str, ...]:
        return GAPS

    def measure(self, write: Write) -> WriteEffect:
        return self.preview(write, most=0).effect

    def preview(self, write: Write, *, most: int) -> Preview:
        require_change(write)
        with self._transaction() as connection:
            secret = secrets.token_hex(16)
            begun = self._call(connection, "begin_write", f"dry run {secret}", secret, MEASURED_ROWS)
            self._run(connection, write)
            return self._previewed(connection, secret, begun, most)

    def perform(self, write: Write, *, approved: Approved, marker: str) -> Performed | Exceeded:
        require_change(write)
        with self._transaction() as connection:
            secret = secrets.token_hex(16)
            begun = self._call(connection, "begin_write", marker, secret, approved.bound.rows)
            if "counts" not in begun:
                return recorded.performed(marker, begun)
            if write.counting is not None and (many := self._count(connection, write)) > approved.bound.rows:
                return recorded.far_over(many, approved)
            self._run(connection, write)
            found = self._finish(connection, secret, begun)
            effect = recorded.effect(found["tables"])
            if why := excesses(effect, approved):
                return Exceeded(effect=effect, bound=approved.bound, why=why)
            self._commit(connection, marker)
            return recorded.performed(marker, found)

    def find_marker(self, marker: str) -> Performed | None:
        with self._transaction() as connection:
            found = self._call(connection, "find_write", marker)
            return None if found is None else recorded.performed(marker, found)

    def measure_undo(self, marker: str) -> WriteEffect | ChangedSince:
        return recorded.without_rows(self.preview_undo(marker, most=0))

    def preview_undo(self, marker: str, *, most: int) -> Preview | ChangedSince:
        with self._transaction() as connection:
            secret = secrets.token_hex(16)
            begun = self._call(connection, "begin_write", f"dry run {secret}", secret, MEASURED_ROWS)
            return self._undo(connection, secret, marker) or self._previewed(connection, secret, begun, most)

    def undo(self, marker: str, *, as_marker: str) -> Performed | ChangedSince:
        with self._transaction() as connection:
            secret = secrets.token_hex(16)
            begun = self._call(connection, "begin_write", as_marker, secret, 2**62)
            if "counts" not in begun:
                return recorded.performed(as_marker, begun)
            if refusal := self._undo(connection, secret, marker):
                return refusal
            found = self._call(connection, "finish_write", secret, json.dumps(begun["counts"]))
            self._commit(connection, as_marker)
            return recorded.performed(as_marker, found)

    def read_inserted(self, marker: str, *, most: int) -> tuple[Inserted, ...]:
        with self._transaction() as connection:
            found = self._call(connection, "inserted", marker, most)
        rows = [
            {**each, **{side: [[row[c] for c in each["columns"]] for row in each[side]] for side in ("new", "old")}}
            for each in found
        ]
        return recorded.inserted(rows)

    def reconcile(self, since: datetime) -> Reconciled:
        with self._transaction(isolation="REPEATABLE READ") as connection:
            return recorded.reconciled(since, self._call(connection, "reconcile", since))

    def cancel(self) -> None:
        with self._lock:
            running = list(self._running)
            self._running = dict.fromkeys(running, True)
        for connection in running:
            with suppress(psycopg.Error):
                connection.cancel_safe(timeout=_CANCEL_SECONDS)

    def close(self) -> None:
        with self._lock:
            self._is_closed = True
            idle, self._idle = self._idle, []
        self.cancel()
        for connection in idle:
            connection.close()

    def _run(self, connection: Connection, write: Write) -> None:
        """The statement, as the role of agents, over the extended protocol, which takes one statement only."""
        _say(connection, _AS_WRITER)
        with psycopg.RawCursor(connection) as cursor:
            cursor.execute(write.sql.encode(), write.parameters or None, binary=True)
        if connection.pgconn.transaction_status != pq.TransactionStatus.INTRANS:
            raise left_its_place(self.name, "it ended the transaction")
        role = _say(connection, _AFTER)[1].get_value(0, 0)
        if role != WRITER.encode():
            raise left_its_place(self.name, f"it ran on as `{(role or b'').decode()}`")

    def _count(self, connection: Connection, write: Write) -> int:
        _say(connection, _AS_WRITER)
        with psycopg.RawCursor(connection) as cursor:
            sql, values = only_used(write.counting or "", write.parameters)
            cursor.execute(sql.encode(), values or None, binary=True)
            row = cursor.fetchone()
        return int(row[0]) if row else 0

    def _finish(self, connection: Connection, secret: str, begun: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = self._call(connection, "finish_write", secret, json.dumps(begun["counts"]))
        return found

    def _previewed(self, connection: Connection, secret: str, begun: dict[str, Any], most: int) -> Preview:
        effect = recorded.effect(self._finish(connection, secret, begun)["tables"])
        is_shown = most and 0 < effect.rows <= recorded.MOST_COMPARED
        rows = self._call(connection, "shown", f"dry run {secret}", most) if is_shown else []
        return Preview(effect=effect, tables=recorded.shown(rows))

    def _undo(self, connection: Connection, secret: str, marker: str) -> ChangedSince | None:
        try:
            self._call(connection, "undo_write", secret, marker)
        except psycopg.Error as error:
            said = brief(error, self._address)
            match error.sqlstate:
                case "LL002":
                    return ChangedSince(marker=marker, tables=(error.diag.message_detail or "",), why=(said,))
                case "LL003" | "42501" | "42704":
                    raise cannot_undo(marker, said) from error
                case _:
                    raise
        return None

    def _call(self, connection: Connection, function: str, *values: object) -> Any:
        places = ", ".join("%s" for _ in values)
        return self._one(connection, f"SELECT loadline.{function}({places})", *values)

    def _one(self, connection: Connection, sql: str, *values: object) -> Any:
        row = connection.execute(sql.encode(), values).fetchone()
        return row[0] if row else None

    def _commit(self, connection: Connection, marker: str) -> None:
        """Raises OutsideError: TGT006 when the answer to COMMIT never came."""
        try:
            (done,) = _say(connection, b"COMMIT")
        except psycopg.Error as error:
            if connection.closed or not error.sqlstate:
                what = f"the connection to `{self.name}` was lost while `{marker}` was being committed"
                mend = "ask for the marker; it is there exactly when it was committed"
                raise outside(codes.NOBODY_KNOWS, what, mend, place=self._settings.place) from error
            raise
        if done.command_status != b"COMMIT":
            raise left_its_place(self.name, "the transaction had ended before it was committed")

    @contextmanager
    def _transaction(self, *, isolation: str = "READ COMMITTED") -> Iterator[Connection]:
        """A transaction that has begun, and is rolled back unless the body commits it. psycopg.Error becomes ours."""
        connection = self._begun(isolation)
        is_fit = False
        try:
            try:
                yield connection
            finally:
                is_fit = _rolled_back(connection)
        except psycopg.Error as error:
            if self._was_stopped(connection):
                raise cancelled(self.name) from error
            raise translate(error, self._settings, self._address) from error
        finally:
            self._release(connection, is_fit=is_fit)

    def _begun(self, isolation: str) -> Connection:
        """A connection on which a transaction has begun: a server that was restarted has closed those that wait."""
        while True:
            with self._lock:
                if self._is_closed:
                    raise closed(self.name)
                connection = self._idle.pop() if self._idle else None
            is_used = connection is not None
            connection = connection or self._connect()
            with self._lock:
                self._running[connection] = False
            try:
                self._begin(connection, isolation)
            except psycopg.Error as error:
                self._release(connection, is_fit=False)
                if not is_used or not connection.closed:
                    raise translate(error, self._settings, self._address) from error
                continue
            return connection

    def _begin(self, connection: Connection, isolation: str) -> None:
        settings = self._settings
        words = _BEGIN.format(
            isolation=isolation,
            statement=max(1, round(settings.statement_seconds * 1000)),
            lock=max(1, round(settings.lock_seconds * 1000)),
            idle=max(1, round((settings.statement_seconds + 60) * 1000)),
        )
        _say(connection, words.encode())

    def _connect(self) -> Connection:
        try:
            connection = psycopg.connect(self._address.conninfo, prepare_threshold=None, autocommit=True)
        except psycopg.Error as error:
            raise connecting(error, self._address) from error
        if connection.info.server_version < _OLDEST:
            connection.close()
            raise not_set_up(self._settings, "writes need PostgreSQL 15 or newer")
        return connection

    def _release(self, connection: Connection, *, is_fit: bool) -> None:
        with self._lock:
            self._running.pop(connection, None)
            if is_fit and not self._is_closed and len(self._idle) < _KEPT_IDLE:
                self._idle.append(connection)
                return
        connection.close()

    def _was_stopped(self, connection: Connection) -> bool:
        with self._lock:
            return self._running.get(connection, False)


def _say(connection: Connection, words: bytes) -> list[pq.abc.PGresult]:
    """Words of our own, without a cursor around them. Raises psycopg.Error."""
    connection.pgconn.send_query(words)
    results: list[pq.abc.PGresult] = connection.wait(generators.execute(connection.pgconn))
    for result in results:
        if result.status not in {pq.ExecStatus.COMMAND_OK, pq.ExecStatus.TUPLES_OK}:
            raise error_from_result(result, encoding="utf-8")
    return results


def _rolled_back(connection: Connection) -> bool:
    """Is the connection fit to be used again?"""
    if connection.closed:
        return False
    try:
        if connection.pgconn.transaction_status != pq.TransactionStatus.IDLE:
            _say(connection, b"ROLLBACK")
    except psycopg.Error:
        return False
    return connection.pgconn.transaction_status == pq.TransactionStatus.IDLE
