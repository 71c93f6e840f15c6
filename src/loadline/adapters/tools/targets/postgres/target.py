"""Writes in; their exact effect, committed or not, out of a PostgreSQL that `loadline guard setup` made ready.

Every transaction goes the same way: the gate opens a write, becomes the role of agents, runs the statement, makes
deferred constraints act, becomes itself again, and has the write finished, which tells its effect. The functions it
calls are in `gate.sql`.
"""

from __future__ import annotations

import json
import secrets
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Any

import psycopg

from loadline.adapters.tools.targets import codes, recorded
from loadline.adapters.tools.targets.placeholders import only_used
from loadline.adapters.tools.targets.postgres.faults import brief, left_its_place, not_set_up, translate
from loadline.adapters.tools.targets.postgres.wire import Connection, Message, Told, converse, prepare, rolled_back, say
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

WRITER = "loadline_writer"
MEASURED_ROWS = 1_000_000  # a dry run keeps so many rows to tell which they are; past it, it only counts
_KEPT_IDLE = 4
_OLDEST = 150_000
_CANCEL_SECONDS = 5.0

# A write: its settings are made by `open_write`, under which the words behind it are read.
_BEGIN = Message(name=b"loadline_begin", sql=b"BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE")
_OPEN = Message(name=b"loadline_open", sql=b"SELECT loadline.open_write($1, $2, $3, $4, $5, $6)")
_OPEN_AS_WRITER = Message(
    name=b"loadline_writer", sql=_OPEN.sql + f", pg_catalog.set_config('role', '{WRITER}', true)".encode()
)
_END = Message(name=b"loadline_end", sql=b"SELECT loadline.end_write($1, $2)")
_OWN = (_BEGIN, _OPEN, _OPEN_AS_WRITER, _END)

# What a server behind a pooler says that does not carry names from one transaction to the next.
_NAME_UNKNOWN = frozenset({"26000", "42P05"})

# A look at what is kept.
_LOOK = (
    "BEGIN ISOLATION LEVEL {isolation} READ WRITE; SET LOCAL ROLE NONE; SET LOCAL statement_timeout = {statement}; "
    "SET LOCAL lock_timeout = {lock}; SET LOCAL idle_in_transaction_session_timeout = {idle}"
)

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
        self._is_prepared = True  # whether connections keep the names of our own statements

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
        secret = secrets.token_hex(16)
        opening = self._opening(f"dry run {secret}", secret, MEASURED_ROWS, as_writer=True)
        with self._transaction((*opening, *_change(write, secret, is_lost_told=True))) as (connection, told):
            return self._previewed(connection, secret, self._ended(told), most)

    def perform(self, write: Write, *, approved: Approved, marker: str) -> Performed | Exceeded:
        """Two trips to the server, and one more for a count."""
        require_change(write)
        secret = secrets.token_hex(16)
        change = _change(write, secret, is_lost_told=approved.effect is not None and approved.is_same_rows)
        counting = _counting(write)
        opening = self._opening(marker, secret, approved.bound.rows, as_writer=True)
        with self._transaction((*opening, *(counting or change))) as (connection, told):
            if (found := _recorded(told)) is not None:
                return recorded.performed(marker, found)
            if counting and (many := int(told.last())) > approved.bound.rows:
                return recorded.far_over(many, approved)
            found = self._ended(self._converse(connection, change) if counting else told)
            effect = recorded.effect(found["tables"])
            if why := excesses(effect, approved):
                return Exceeded(effect=effect, bound=approved.bound, why=why)
            self._commit(connection, marker)
            at = recorded.instant(found["at"])
            return Performed(marker=marker, effect=effect, at=at, no_undo=found["no_undo"])

    def find_marker(self, marker: str) -> Performed | None:
        with self._look() as connection:
            found = self._call(connection, "find_write", marker)
            return None if found is None else recorded.performed(marker, found)

    def measure_undo(self, marker: str) -> WriteEffect | ChangedSince:
        return recorded.without_rows(self.preview_undo(marker, most=0))

    def preview_undo(self, marker: str, *, most: int) -> Preview | ChangedSince:
        secret = secrets.token_hex(16)
        with self._transaction(self._opening(f"dry run {secret}", secret, MEASURED_ROWS)) as (connection, told):
            told.require()
            if refusal := self._undo(connection, secret, marker):
                return refusal
            return self._previewed(connection, secret, self._undone(connection, secret), most)

    def undo(self, marker: str, *, as_marker: str) -> Performed | ChangedSince:
        secret = secrets.token_hex(16)
        with self._transaction(self._opening(as_marker, secret, 2**62)) as (connection, told):
            if (found := _recorded(told)) is not None:
                return recorded.performed(as_marker, found)
            told.require()
            if refusal := self._undo(connection, secret, marker):
                return refusal
            found = self._undone(connection, secret)
            self._commit(connection, as_marker)
            return recorded.performed(as_marker, found)

    def read_inserted(self, marker: str, *, most: int) -> tuple[Inserted, ...]:
        with self._look() as connection:
            found = self._call(connection, "inserted", marker, most)
        rows = [
            {**each, **{side: [[row[c] for c in each["columns"]] for row in each[side]] for side in ("new", "old")}}
            for each in found
        ]
        return recorded.inserted(rows)

    def reconcile(self, since: datetime) -> Reconciled:
        with self._look(isolation="REPEATABLE READ") as connection:
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

    def _opening(self, marker: str, secret: str, most: int, *, as_writer: bool = False) -> tuple[Message, ...]:
        texts = (marker, secret, str(most), *map(str, self._times()))
        opening = _OPEN_AS_WRITER if as_writer else _OPEN
        return (_BEGIN, opening.given(*(text.encode() for text in texts)))

    def _times(self) -> tuple[int, int, int]:
        """Milliseconds that a statement, a lock and a pause may take."""
        settings = self._settings
        statement, lock = settings.statement_seconds, settings.lock_seconds
        return max(1, round(statement * 1000)), max(1, round(lock * 1000)), max(1, round((statement + 60) * 1000))

    def _ended(self, told: Told) -> dict[str, Any]:
        """The effect that the end of a write told. Raises RequestError when its statement ended as somebody else, and
        psycopg.Error."""
        found: dict[str, Any] = json.loads(told.last())
        if (role := found["role"]) != WRITER:
            raise left_its_place(self.name, f"it ran on as `{role}`")
        return found

    def _undone(self, connection: Connection, secret: str) -> dict[str, Any]:
        found: dict[str, Any] = self._call(connection, "close_write", secret, "true", "")
        return found

    def _converse(self, connection: Connection, messages: Sequence[Message]) -> Told:
        return converse(connection, messages, is_prepared=self._is_prepared)

    def _previewed(self, connection: Connection, secret: str, found: dict[str, Any], most: int) -> Preview:
        effect = recorded.effect(found["tables"])
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
            (done,) = say(connection, b"COMMIT")
        except psycopg.Error as error:
            if connection.closed or not error.sqlstate:
                what = f"the connection to `{self.name}` was lost while `{marker}` was being committed"
                mend = "ask for the marker; it is there exactly when it was committed"
                raise outside(codes.NOBODY_KNOWS, what, mend, place=self._settings.place) from error
            raise
        if done.command_status != b"COMMIT":
            raise left_its_place(self.name, "the transaction had ended before it was committed")

    @contextmanager
    def _look(self, *, isolation: str = "READ COMMITTED") -> Iterator[Connection]:
        """A transaction that leaves nothing."""
        statement, lock, idle = self._times()
        words = _LOOK.format(isolation=isolation, statement=statement, lock=lock, idle=idle)
        with self._transaction((Message(sql=b"SELECT 1"),)) as (connection, _):
            say(connection, words.encode())
            yield connection

    @contextmanager
    def _transaction(self, opening: Sequence[Message]) -> Iterator[tuple[Connection, Told]]:
        """A transaction that `opening` begins, and what that was answered; it is rolled back unless the body commits
        it. psycopg.Error becomes ours."""
        connection, told = self._begun(opening)
        is_fit = False
        try:
            try:
                yield connection, told
            finally:
                is_fit = rolled_back(connection)
        except psycopg.Error as error:
            if self._was_stopped(connection):
                raise cancelled(self.name) from error
            raise translate(error, self._settings, self._address) from error
        finally:
            self._release(connection, is_fit=is_fit)

    def _begun(self, opening: Sequence[Message]) -> tuple[Connection, Told]:
        """A server that was restarted has closed the connections that wait: then nothing is answered, and another one
        is taken."""
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
                told = self._converse(connection, opening)
            except psycopg.Error as error:
                self._release(connection, is_fit=False)
                raise translate(error, self._settings, self._address) from error
            except BaseException:
                self._release(connection, is_fit=False)
                raise
            if told.error is not None and not told.results and told.error.sqlstate in _NAME_UNKNOWN:
                self._is_prepared = False
            elif not (is_used and connection.closed and not told.results):
                return connection, told
            self._release(connection, is_fit=False)

    def _connect(self) -> Connection:
        try:
            connection = psycopg.connect(self._address.conninfo, prepare_threshold=None, autocommit=True)
        except psycopg.Error as error:
            raise connecting(error, self._address) from error
        if connection.info.server_version < _OLDEST:
            connection.close()
            raise not_set_up(self._settings, "writes need PostgreSQL 15 or newer")
        self._prepare(connection)
        return connection

    def _prepare(self, connection: Connection) -> None:
        try:
            prepare(connection, _OWN if self._is_prepared else ())
        except psycopg.Error as error:
            if error.sqlstate in _NAME_UNKNOWN:
                self._is_prepared = False
                return
            connection.close()
            raise translate(error, self._settings, self._address) from error

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


def _change(write: Write, secret: str, *, is_lost_told: bool) -> tuple[Message, ...]:
    """The statement, and what ends a write."""
    statement = Message(sql=write.sql.encode(), values=tuple(write.parameters))
    return (statement, _END.given(secret.encode(), b"true" if is_lost_told else b"false"))


def _counting(write: Write) -> tuple[Message, ...]:
    if write.counting is None:
        return ()
    sql, values = only_used(write.counting, write.parameters)
    return (Message(sql=sql.encode(), values=values),)


def _recorded(told: Told) -> dict[str, Any] | None:
    """What the marker came to when it was performed before. Only our own words are believed it: a statement could raise
    the same error."""
    if len(told.results) != 1 or told.error is None or told.error.sqlstate != "LL005":
        return None
    found: dict[str, Any] = json.loads(told.error.diag.message_detail or "")
    return found
