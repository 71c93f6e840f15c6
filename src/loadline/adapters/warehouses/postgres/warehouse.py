"""An address and settings in; the Warehouse port over PostgreSQL out.

Every read is one SELECT in a READ ONLY transaction of its own, sent by the extended protocol, which takes one statement
and no more. Rows are streamed.
"""

from __future__ import annotations

import re
import weakref
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import MappingProxyType
from typing import NoReturn

import psycopg
from psycopg import errors, pq

from loadline.adapters.warehouses import codes
from loadline.adapters.warehouses.postgres import catalog, faults, versions
from loadline.adapters.warehouses.postgres.address import Address
from loadline.adapters.warehouses.postgres.session import Session, Sessions
from loadline.adapters.warehouses.postgres.values import columns_of, converter
from loadline.adapters.warehouses.said import fault
from loadline.flow.ports import Fetched
from loadline.project import WarehouseSettings
from loadline.values.outcome import Batch

BATCH_ROWS = 10_000
_SPACE = re.compile(r"(?:\s+|--[^\n]*(?:\n|\Z))*")
_FIRST_WORD = re.compile(r"\(*\s*(?P<word>[A-Za-z]*)")
_READS = frozenset({"select", "with", "values"})


class PostgresWarehouse:
    """Implements `loadline.flow.ports.Warehouse`. Any number of threads may read at once, each on a connection."""

    def __init__(self, address: Address, settings: WarehouseSettings) -> None:
        self._address = address
        self._sessions = Sessions(address)
        self._timeout_seconds = settings.timeout_seconds
        self._is_versioned = settings.versions == "snapshot"
        self._types: dict[tuple[int, int], str] = {}

    @property
    def dialect(self) -> str:
        return "postgres"

    def read_rows(self, sql: str, *, timeout_seconds: float, max_rows: int) -> Fetched:
        is_query = _begins_a_query(sql)
        session = self._open(timeout_seconds)
        if not is_query:
            self._refuse(session, sql)
        result = _Result(self, session, sql, timeout_seconds=timeout_seconds, max_rows=max_rows)
        try:
            columns = result.begin()
        except BaseException:
            result.close()
            raise
        return Fetched(columns=columns, batches=result, is_truncated=result.is_truncated)

    def read_schema(self, relation: str) -> Mapping[str, str]:
        (oid,) = self._oids((relation,))
        return MappingProxyType({str(n): str(t) for n, t in self._asked(catalog.columns_sql(oid))})

    def read_relations(self) -> tuple[str, ...]:
        return tuple(f"{schema}.{name}" for schema, name in self._asked(catalog.RELATIONS))

    def read_version(self, relations: Sequence[str]) -> str:
        oids = self._oids(relations)
        ((*row,),) = self._asked(versions.version_sql(oids))
        return versions.version_of(row, relations) if self._is_versioned else versions.unversioned(str(row[0]))

    def read_files(self, relation: str, columns: Sequence[str]) -> None:
        """A server's rows lie in no files of ours."""

    def cancel(self) -> None:
        self._sessions.stop()

    def close(self) -> None:
        self._sessions.close()

    def _refuse(self, session: Session, sql: str) -> NoReturn:
        """What does not begin as a query is only parsed, never run: a slip is said in the server's words."""
        try:
            with self.told(session, sql, self._timeout_seconds):
                session.parse(sql)
        finally:
            self.release(session)
        what = f"the query is {sql.split(maxsplit=1)[0][:20].upper()}, not one SELECT"
        raise fault(codes.NOT_A_READ, what, "send one SELECT statement")

    # -- transactions

    def _open(self, timeout_seconds: float) -> Session:
        if self._sessions.is_closed:
            raise fault(codes.CLOSED, "the warehouse is closed", "open the project again")
        try:
            return self._sessions.open(timeout_seconds=timeout_seconds)
        except psycopg.Error as error:
            raise faults.connecting(error, self._address) from None  # its text may quote the address

    def _asked(self, sql: str) -> list[tuple[object, ...]]:
        """All rows of a question of our own."""
        session = self._open(self._timeout_seconds)
        try:
            with self.told(session, sql, self._timeout_seconds):
                rows: list[tuple[object, ...]] = []
                result = session.send(sql)
                while result is not None:
                    rows += session.rows(result)
                    result = session.more()
                return rows
        finally:
            self._sessions.release(session)

    def _oids(self, relations: Sequence[str]) -> list[int]:
        found = self._asked(catalog.oid_sql(relations)) if relations else []
        for relation, (_, oid) in zip(relations, found, strict=True):
            if oid is None:
                raise faults.no_relation(relation, self.read_relations(), self._address)
        return [int(str(oid)) for _, oid in found]

    @contextmanager
    def told(self, session: Session, sql: str, timeout_seconds: float) -> Iterator[None]:
        """Errors of the driver come out as OutsideError, in words about `sql`."""
        if session.is_stopped:
            raise faults.stopped(self._address)
        try:
            yield
        except errors.QueryCanceled as error:
            if session.is_stopped or session.was_in_time:  # in time: somebody on the server stopped it
                raise faults.stopped(self._address) from error
            raise faults.too_slow(timeout_seconds, self._address) from error
        except psycopg.Error as error:
            if session.is_stopped:
                raise faults.stopped(self._address) from error
            raise faults.translate(
                error, sql, self._address, relations=self.read_relations, columns=lambda: self._columns_in(sql)
            ) from error
        except UnicodeDecodeError as error:
            what = "a text of the result is not UTF-8: a database in SQL_ASCII does not look at its texts"
            mend = "convert the database to UTF-8"
            raise fault(codes.UNFIT_VALUE, what, mend, place=self._address.place) from error

    def _columns_in(self, sql: str) -> list[str]:
        """The columns of every relation whose name is in the statement."""
        words = {word.replace('""', '"') for pair in re.findall(r'"((?:[^"]|"")*)"|([\w$]+)', sql) for word in pair}
        named = [relation for relation in self.read_relations() if catalog.place_of(relation)[1] in words]
        return [column for relation in named[:50] for column in self.read_schema(relation)]

    def type_name(self, oid: int, modifier: int) -> str:
        """The name of a type the driver does not know: an enumeration, a domain."""
        key = (oid, modifier)
        if key not in self._types:
            self._types[key] = str(self._asked(catalog.type_sql(oid, modifier))[0][0])
        return self._types[key]

    def release(self, session: Session) -> None:
        self._sessions.release(session)

    def abandon(self, session: Session) -> None:
        self._sessions.abandon(session)


class _Result:
    """The batches of one read. The first is fetched at once, so that an error comes where the read was asked for,
    and a result that fits into it holds nothing open."""

    def __init__(
        self, warehouse: PostgresWarehouse, session: Session, sql: str, *, timeout_seconds: float, max_rows: int
    ) -> None:
        self._warehouse = warehouse
        self._session: Session | None = session
        self._sql = sql
        self._timeout_seconds = timeout_seconds
        self._left = max_rows
        self._is_truncated = False
        self._convert = converter(())
        self._waiting: pq.abc.PGresult | None = None
        self._first: Batch = []
        self._forget = weakref.finalize(self, warehouse.abandon, session)

    def begin(self) -> tuple[tuple[str, str], ...]:
        """Send the statement and fetch the first batch; what comes back are its columns."""
        session = self._session
        if session is None:
            return ()
        with self._warehouse.told(session, self._sql, self._timeout_seconds):
            self._waiting = session.send(self._sql)
        if self._waiting is None:
            raise fault(codes.NOT_A_READ, "the query gives no rows back", "send one SELECT statement")
        columns = columns_of(self._waiting, self._warehouse.type_name)
        self._convert = converter(columns)
        self._first = self._fetch()
        return columns

    def is_truncated(self) -> bool:
        return self._is_truncated

    def __iter__(self) -> Iterator[Batch]:
        return self

    def __next__(self) -> Batch:
        batch, self._first = (self._first or self._fetch()), []
        if not batch:
            raise StopIteration
        return batch

    def close(self) -> None:
        """Stop fetching; rows not fetched yet are not."""
        self._first, self._waiting = [], None
        session, self._session = self._session, None
        if session is not None:
            self._forget.detach()
            self._warehouse.release(session)

    def _fetch(self) -> Batch:
        """Rows up to a full batch, the end, or the limit."""
        session = self._session
        if session is None:
            return []
        batch: Batch = []
        try:
            with self._warehouse.told(session, self._sql, self._timeout_seconds):
                while self._waiting is not None and len(batch) < BATCH_ROWS and not self._is_truncated:
                    batch += self._cut(session.rows(self._waiting))
                    self._waiting = None if self._is_truncated else session.more()
        except BaseException:
            self.close()
            raise
        if self._waiting is None:
            self.close()
        return self._convert(batch)

    def _cut(self, rows: Batch) -> Batch:
        if len(rows) > self._left:
            self._is_truncated = True
            rows = rows[: self._left]
        self._left -= len(rows)
        return rows


def _begins_a_query(sql: str) -> bool:
    """Raises OutsideError for an empty text."""
    space = _SPACE.match(sql)
    rest = sql[space.end() :] if space else sql
    if not rest:
        raise fault(codes.NOT_A_READ, "the query is empty", "send one SELECT statement")
    word = _FIRST_WORD.match(rest)
    return word is not None and word["word"].lower() in _READS
