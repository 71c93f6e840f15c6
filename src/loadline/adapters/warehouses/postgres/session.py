"""An address in; read-only transactions out, each on a connection of its own, bounded in time and stoppable.

A transaction sets all that could change an answer (time zone, formats, search path), for itself alone: so nothing
depends on how a server, a role or a pooler is set, and nothing of ours is left on a shared connection.
"""

from __future__ import annotations

import threading
import time
from contextlib import suppress

import psycopg
from psycopg import capabilities, generators, pq
from psycopg.adapt import Transformer
from psycopg.errors import error_from_result

from loadline.adapters.warehouses.postgres.address import Address
from loadline.adapters.warehouses.postgres.values import register_loaders
from loadline.values.outcome import Batch

Connection = psycopg.Connection[tuple[object, ...]]

CHUNK_ROWS = 1_000
_KEPT_IDLE = 4
_LOCK_MS = 10_000
_IDLE_MS = 600_000  # a result somebody left half read may not hold back the server's clean-up for ever
_LONGEST_MS = 2**31 - 1
_CANCEL_SECONDS = 5.0
_NUDGES = 5
_NUDGE_SECONDS = 0.05  # a cancel that falls between two commands is lost, so it is repeated

_BEGIN = (
    "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; "
    "SET LOCAL statement_timeout = {statement}; SET LOCAL lock_timeout = {lock}; "
    "SET LOCAL idle_in_transaction_session_timeout = {idle}; "
    "SET LOCAL TimeZone = 'UTC'; SET LOCAL DateStyle = 'ISO, YMD'; SET LOCAL IntervalStyle = 'iso_8601'; "
    "SET LOCAL extra_float_digits = 3; SET LOCAL lc_monetary = 'C'; SET LOCAL lc_numeric = 'C'; "
    "SET LOCAL search_path = public; SET LOCAL standard_conforming_strings = on; "
    "SET LOCAL backslash_quote = off; SET LOCAL transform_null_equals = off"
)


class Session:
    """One transaction. Any thread may `stop` it; everything else is for the thread that reads, and raises
    psycopg.Error. The server itself stops a statement that takes longer than `timeout_seconds`."""

    def __init__(self, connection: Connection, *, timeout_seconds: float) -> None:
        self._connection = connection
        self._timeout_seconds = timeout_seconds
        self._transformer = Transformer(connection)
        self._sent = 0.0
        self._is_stopped = False
        self._has_ended = threading.Event()

    @property
    def is_stopped(self) -> bool:
        return self._is_stopped

    @property
    def is_lost(self) -> bool:
        return self._connection.closed

    @property
    def was_in_time(self) -> bool:
        """Had the statement still time left? (A tenth is allowed for what the two clocks may differ.)"""
        return time.monotonic() - self._sent < 0.9 * self._timeout_seconds

    def begin(self) -> None:
        statement = min(max(1, round(self._timeout_seconds * 1000)), _LONGEST_MS)
        words = _BEGIN.format(statement=statement, lock=min(max(1, statement // 2), _LOCK_MS), idle=_IDLE_MS)
        self._connection.pgconn.send_query(words.encode())
        for result in self._connection.wait(generators.execute(self._connection.pgconn)):
            if result.status != pq.ExecStatus.COMMAND_OK:
                raise error_from_result(result, encoding="utf-8")

    def send(self, sql: str) -> pq.abc.PGresult | None:
        """Start one statement, and wait for its first rows; None where it gives none. Rows are streamed, so memory is
        bounded and the server may use all its workers (it would not for a cursor)."""
        self._sent = time.monotonic()
        pgconn = self._connection.pgconn
        pgconn.send_query_params(sql.encode(), None)  # the extended protocol takes no second statement
        if capabilities.has_stream_chunked():
            pgconn.set_chunked_rows_mode(CHUNK_ROWS)
        else:
            pgconn.set_single_row_mode()
        self._connection.wait(generators.send(pgconn))
        result = self.more()
        if result is None or result.nfields == 0:
            return None
        self._transformer.set_pgresult(result)
        return result

    def parse(self, sql: str) -> None:
        """Have the server read a statement without running it."""
        self._connection.pgconn.send_prepare(b"", sql.encode())
        for result in self._connection.wait(generators.execute(self._connection.pgconn)):
            if result.status != pq.ExecStatus.COMMAND_OK:
                raise error_from_result(result, encoding="utf-8")

    def more(self) -> pq.abc.PGresult | None:
        """The next rows, or None after the last."""
        result: pq.abc.PGresult | None = self._connection.wait(generators.fetch(self._connection.pgconn))
        if result is not None and result.status in {pq.ExecStatus.FATAL_ERROR, pq.ExecStatus.BAD_RESPONSE}:
            raise error_from_result(result, encoding="utf-8")
        return result

    def rows(self, result: pq.abc.PGresult) -> Batch:
        """The values of a result. Raises UnicodeDecodeError for a text that is none."""
        self._transformer.set_pgresult(result, set_loaders=False)
        return self._transformer.load_rows(0, result.ntuples, tuple)

    def stop(self) -> None:
        """From any thread: the reader gets an error, now or when it next wants rows."""
        self._is_stopped = True
        for _ in range(_NUDGES):
            if self._has_ended.is_set() or self._connection.closed:
                return
            with suppress(psycopg.Error):
                self._connection.cancel_safe(timeout=_CANCEL_SECONDS)
            if self._has_ended.wait(_NUDGE_SECONDS):
                return

    def end(self) -> Connection | None:
        """End the transaction, whatever is left of it; the connection when it can be used again."""
        self._has_ended.set()
        connection = self._connection
        if connection.closed:
            return None
        try:
            if connection.pgconn.transaction_status == pq.TransactionStatus.ACTIVE:
                connection.cancel_safe(timeout=_CANCEL_SECONDS)
                while connection.wait(generators.fetch(connection.pgconn)) is not None:
                    pass
            connection.rollback()
        except psycopg.Error:
            connection.close()
            return None
        return connection

    def abandon(self) -> None:
        """End it without a word to the server: for a result nobody will read on."""
        self._has_ended.set()
        self._connection.close()


class Sessions:
    """Connections that wait to be used again. Any number of threads may open sessions."""

    def __init__(self, address: Address) -> None:
        self.address = address
        self._lock = threading.Lock()
        self._idle: list[Connection] = []
        self._running: set[Session] = set()
        self._is_closed = False

    @property
    def is_closed(self) -> bool:
        return self._is_closed

    def open(self, *, timeout_seconds: float) -> Session:
        """A transaction that has begun. Raises psycopg.Error."""
        with self._lock:
            idle, self._idle = self._idle[-1:], self._idle[:-1]
        if idle:
            with suppress(psycopg.OperationalError):  # the server was restarted meanwhile: a new one, once
                return self._begun(idle[0], timeout_seconds)
        connection = psycopg.connect(self.address.conninfo, prepare_threshold=None)
        connection.autocommit = True  # the transaction's words are ours
        register_loaders(connection)
        return self._begun(connection, timeout_seconds)

    def _begun(self, connection: Connection, timeout_seconds: float) -> Session:
        session = Session(connection, timeout_seconds=timeout_seconds)
        try:
            session.begin()
        except BaseException:
            connection.close()
            raise
        with self._lock:
            self._running.add(session)
        return session

    def release(self, session: Session) -> None:
        """End a session; its connection waits for the next."""
        connection = session.end()
        with self._lock:
            self._running.discard(session)
            if connection is not None and not self._is_closed and len(self._idle) < _KEPT_IDLE:
                self._idle.append(connection)
                return
        if connection is not None:
            connection.close()

    def abandon(self, session: Session) -> None:
        session.abandon()
        with self._lock:
            self._running.discard(session)

    def stop(self) -> None:
        with self._lock:
            running = tuple(self._running)
        for session in running:
            session.stop()

    def close(self) -> None:
        with self._lock:
            self._is_closed = True
            idle, self._idle = self._idle, []
        self.stop()
        for connection in idle:
            connection.close()
