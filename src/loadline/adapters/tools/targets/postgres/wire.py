"""Messages in; what a PostgreSQL answers to each, out: many in one go, so that a write takes no more trips than needed.

Every message goes over the extended protocol, which takes one statement only. What comes behind a message that failed
is not run.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import psycopg
from psycopg import generators, pq
from psycopg.abc import PQGen
from psycopg.adapt import PyFormat, Transformer
from psycopg.errors import error_from_result

Connection = psycopg.Connection[tuple[Any, ...]]
_FINE = frozenset({pq.ExecStatus.COMMAND_OK, pq.ExecStatus.TUPLES_OK})


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One statement with values for `$1`, `$2` …: what somebody gave, or `texts` of our own, which PostgreSQL reads as
    the types it expects. One of our own has a `name`, by which a connection can know it beforehand."""

    sql: bytes
    values: tuple[object, ...] = ()
    texts: tuple[bytes, ...] | None = None
    name: bytes = b""

    def given(self, *texts: bytes) -> Message:
        return Message(sql=self.sql, texts=texts, name=self.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What was answered: `results` of the messages that were run, in order, and the `error` of the one behind them,
    which is that of the connection where that broke."""

    results: tuple[pq.abc.PGresult, ...]
    error: psycopg.Error | None

    def require(self) -> None:
        """Raises the psycopg.Error."""
        if self.error is not None:
            raise self.error

    def last(self) -> str:
        """The first value that the last message asked for. Raises the psycopg.Error."""
        self.require()
        return (self.results[-1].get_value(0, 0) or b"").decode()


def prepare(connection: Connection, messages: Sequence[Message]) -> None:
    """Make their names known. Raises psycopg.Error."""
    told = _exchange(connection, [partial(connection.pgconn.send_prepare, each.name, each.sql) for each in messages])
    told.require()


def converse(connection: Connection, messages: Sequence[Message], *, is_prepared: bool) -> Told:
    """Send them all, then read. Raises psycopg.Error for a value that PostgreSQL has no type for, before it sends."""
    return _exchange(connection, [_sending(connection, message, is_prepared=is_prepared) for message in messages])


def _exchange(connection: Connection, sendings: Sequence[Callable[[], None]]) -> Told:
    pgconn = connection.pgconn
    pgconn.enter_pipeline_mode()
    for send in sendings:
        send()
    pgconn.pipeline_sync()
    results: list[pq.abc.PGresult] = []
    error: psycopg.Error | None = None
    try:
        connection.wait(_read(pgconn, len(sendings), results))
    except psycopg.Error as broken:
        error = broken
    if results and results[-1].status not in _FINE:
        error = error_from_result(results.pop(), encoding="utf-8")
    if pgconn.status == pq.ConnStatus.OK and pgconn.transaction_status != pq.TransactionStatus.ACTIVE:
        pgconn.exit_pipeline_mode()
    return Told(results=tuple(results), error=error)


def say(connection: Connection, words: bytes) -> list[pq.abc.PGresult]:
    """Words of our own in one message, without a cursor around them. Raises psycopg.Error."""
    connection.pgconn.send_query(words)
    results: list[pq.abc.PGresult] = connection.wait(generators.execute(connection.pgconn))
    for result in results:
        if result.status not in _FINE:
            raise error_from_result(result, encoding="utf-8")
    return results


def rolled_back(connection: Connection) -> bool:
    """Is the connection fit to be used again?"""
    pgconn = connection.pgconn
    if connection.closed or pgconn.pipeline_status != pq.PipelineStatus.OFF:
        return False
    try:
        if pgconn.transaction_status != pq.TransactionStatus.IDLE:
            say(connection, b"ROLLBACK")
    except psycopg.Error:
        return False
    return pgconn.transaction_status == pq.TransactionStatus.IDLE


def _read(pgconn: pq.abc.PGconn, many: int, results: list[pq.abc.PGresult]) -> PQGen[None]:
    """Into `results`, which ends with the first that is not fine."""
    yield from generators.send(pgconn)
    for _ in range(many + 1):  # and the one that says that all were read
        for result in (yield from generators.fetch_many(pgconn)):
            is_over = bool(results) and results[-1].status not in _FINE
            if not is_over and result.status != pq.ExecStatus.PIPELINE_SYNC:
                results.append(result)


def _sending(connection: Connection, message: Message, *, is_prepared: bool) -> Callable[[], None]:
    pgconn = connection.pgconn
    if message.name and is_prepared:
        return partial(pgconn.send_query_prepared, message.name, message.texts)
    if not message.values:
        return partial(pgconn.send_query_params, message.sql, message.texts)
    made = Transformer(connection)
    values = made.dump_sequence(message.values, [PyFormat.AUTO] * len(message.values))
    return partial(pgconn.send_query_params, message.sql, values, made.types, made.formats)
