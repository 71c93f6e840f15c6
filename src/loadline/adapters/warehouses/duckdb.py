"""Warehouse settings in; governed reads from local files and DuckDB databases out.

Every open instance is an in-memory DuckDB frozen over a set of files: only those may be opened, nothing may be
written, no setting may change. When a file changes, the next read opens a new instance; running reads keep theirs.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import threading
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

import duckdb

from loadline.adapters.warehouses import codes
from loadline.adapters.warehouses.conversion import converter, fetchable_sql
from loadline.adapters.warehouses.exact import unfit
from loadline.adapters.warehouses.faults import translate, unfit_fault
from loadline.adapters.warehouses.footers import SUFFIX, read_files
from loadline.adapters.warehouses.instance import Instance, Limits, open_instance
from loadline.adapters.warehouses.locating import locate
from loadline.adapters.warehouses.missing import missing_column
from loadline.adapters.warehouses.naming import quoted
from loadline.adapters.warehouses.reading import Reading
from loadline.adapters.warehouses.said import fault
from loadline.adapters.warehouses.sources import FileKind, FileState, Source, find_files, read_sources, shown
from loadline.adapters.warehouses.versions import HASHED_BYTES, Versions
from loadline.errors import OutsideError
from loadline.flow.ports import Fetched
from loadline.project import WarehouseSettings
from loadline.values.contract import ContractTable
from loadline.values.finding import Files
from loadline.values.outcome import Batch

T = TypeVar("T")

BATCH_ROWS = 10_000


def open_duckdb(
    settings: WarehouseSettings,
    root: Path,
    *,
    contracts: Mapping[str, ContractTable] = MappingProxyType({}),
    limits: Limits | None = None,
    hashed_bytes: int = HASHED_BYTES,
) -> DuckDBWarehouse:
    """Open the warehouse `settings` describe, below the project folder `root`.

    `contracts` maps a relation to what is promised of it; text files are typed by it. Files are looked for when they
    are first read, so opening is cheap and one missing file does not stop questions about the others.
    Raises OutsideError when the settings name something that may not be read.
    """
    return DuckDBWarehouse(
        read_sources(settings),
        root.resolve(),
        timeout_seconds=settings.timeout_seconds,
        contracts=contracts,
        limits=replace(limits or Limits(), trusts_statistics=settings.statistics == "trusted"),
        versions=Versions(root / ".loadline" / "versions.json", hashed_bytes=hashed_bytes),
    )


class DuckDBWarehouse:
    """Implements `loadline.flow.ports.Warehouse`. Any number of threads may read at once."""

    def __init__(
        self,
        sources: Sequence[Source],
        root: Path,
        *,
        timeout_seconds: float,
        contracts: Mapping[str, ContractTable],
        limits: Limits,
        versions: Versions,
    ) -> None:
        self._sources = {source.relation.lower(): source for source in sources if source.relation}
        self._database = next((source for source in sources if source.kind is FileKind.DATABASE), None)
        self._root = root
        self._timeout_seconds = timeout_seconds
        self._contracts = {relation.lower(): table for relation, table in contracts.items()}
        self._limits = limits
        self._versions = versions
        self._lock = threading.Lock()
        self._instance: Instance | None = None
        self._readings: set[Reading] = set()
        self._is_closed = False
        self._spill = Path(tempfile.mkdtemp(prefix="loadline-"))  # only this account may look into it
        self._clean_up = weakref.finalize(self, shutil.rmtree, self._spill, ignore_errors=True)

    @property
    def dialect(self) -> str:
        return "duckdb"

    def read_rows(self, sql: str, *, timeout_seconds: float, max_rows: int) -> Fetched:
        instance = self._enter(sql)
        reading = Reading(instance.connection.cursor(), timeout_seconds=timeout_seconds)
        result = _Result(self, instance, reading, max_rows=max_rows)
        with self._lock:
            self._readings.add(reading)
        try:
            columns = result.begin(sql, instance.used(sql))
        except BaseException:
            result.close()
            raise
        return Fetched(columns=columns, batches=result, is_truncated=result.is_truncated)

    def read_schema(self, relation: str) -> Mapping[str, str]:
        instance = self._enter(relation)
        try:
            source = instance.source(relation)
            reading = Reading(instance.connection.cursor(), timeout_seconds=self._timeout_seconds)

            def describe() -> Mapping[str, str]:
                instance.create(reading.cursor, (source,))
                return _columns(reading.cursor, f"SELECT * FROM {quoted(source.relation)}")

            with self._lock:
                self._readings.add(reading)
            try:
                return self._call(reading, instance, (source,), describe)
            finally:
                self._forget(reading)
        finally:
            instance.leave()

    def read_relations(self) -> tuple[str, ...]:
        instance = self._enter("")
        try:
            return instance.relations
        finally:
            instance.leave()

    def read_version(self, relations: Sequence[str]) -> str:
        instance = self._enter("")
        try:
            sources = [instance.source(relation) for relation in relations]
        finally:
            instance.leave()
        return self._versions.version({source.relation.lower(): self._files(source) for source in sources})

    def read_files(self, relation: str, columns: Sequence[str]) -> Files | None:
        """What the Parquet files of the relation say of it; None for what is no Parquet, or where it is not trusted."""
        instance = self._enter(relation)
        try:
            source = instance.source(relation)
            states = instance.files.get(source.relation.lower(), ())
            if source.kind is not FileKind.PARQUET or not self._limits.trusts_statistics or not states:
                return None
            reading = Reading(instance.connection.cursor(), timeout_seconds=self._timeout_seconds)

            def read() -> Files:
                instance.create(reading.cursor, (source,))
                live = _columns(reading.cursor, f"SELECT * FROM {quoted(source.relation)}")
                return read_files(reading.cursor, states, live, columns)

            with self._lock:
                self._readings.add(reading)
            try:
                return self._call(reading, instance, (source,), read)
            finally:
                self._forget(reading)
        finally:
            instance.leave()

    def cancel(self) -> None:
        with self._lock:
            readings = tuple(self._readings)
        for reading in readings:
            reading.stop()

    def close(self) -> None:
        with self._lock:
            self._is_closed = True
            instance, self._instance = self._instance, None
        self.cancel()
        if instance is not None:
            instance.retire()
        self._clean_up()

    def _enter(self, text: str) -> Instance:
        """An instance that shows the files `text` names as they are now. Whoever enters must leave."""
        with self._lock:
            if self._is_closed:
                raise fault(codes.CLOSED, "the warehouse is closed", "open the project again")
            if self._instance is not None and self._is_stale(self._instance, text):
                self._instance.retire()
                self._instance = None
            if self._instance is None:
                self._instance = self._open()
                for source in self._instance.used(text):
                    self._files(source)  # raises when its files are gone or may not be read
            self._instance.enter()
            return self._instance

    def _open(self) -> Instance:
        found: dict[str, tuple[FileState, ...]] = {}
        for name, source in self._sources.items():
            with suppress(OutsideError):  # raised when, and if, this relation is read
                found[name] = self._files(source)
        sources = dict(self._sources)
        if self._database is not None:
            found[""] = self._files(self._database)
            sources[""] = self._database
        return open_instance(sources, found, contracts=self._contracts, limits=self._limits, spill=self._spill)

    def _is_stale(self, instance: Instance, text: str) -> bool:
        if self._database is not None and self._files(self._database) != instance.files.get(""):
            return True
        used = [source for source in instance.used(text) if source.kind is not FileKind.DATABASE]
        return any(self._files(source) != instance.files.get(source.relation.lower()) for source in used)

    def _files(self, source: Source) -> tuple[FileState, ...]:
        files = find_files(source, self._root)
        if source.kind is FileKind.DATABASE:
            log = replace(source, pattern=source.pattern + ".wal")
            if os.path.lexists(self._root / log.pattern):
                files += find_files(log, self._root)
        return files

    def _call(self, reading: Reading, instance: Instance, sources: Sequence[Source], work: Callable[[], T]) -> T:
        """`work` in the engine, its errors in our words."""
        try:
            return reading.call(work)
        except duckdb.Error as error:
            if found := unfit(str(error)):
                raise _unfit(instance, *found) from error
            raise translate(
                error,
                relations=lambda: instance.relations,
                missing_column=lambda name: _missing_column(instance, sources, name, self._contracts),
                subject=sources[0].pattern if sources else "a data file",
                root=self._root,
                place=sources[0].place if sources else None,
            ) from error

    def _forget(self, reading: Reading) -> None:
        with self._lock:
            self._readings.discard(reading)
        reading.cursor.close()


class _Result:
    """The batches of one read. The first is fetched at once, so that an error comes where the read was asked for,
    and a result that fits into it holds nothing open."""

    def __init__(self, warehouse: DuckDBWarehouse, instance: Instance, reading: Reading, *, max_rows: int) -> None:
        self._warehouse = warehouse
        self._instance = instance
        self._reading = reading
        self._max_rows = max_rows
        self._seen = 0
        self._sources: Sequence[Source] = ()
        self._convert: Callable[[Batch], Batch] = lambda batch: batch
        self._first: Batch | None = None
        self._is_truncated = False
        self._release = weakref.finalize(self, _release, warehouse, instance, reading)

    def begin(self, sql: str, sources: Sequence[Source]) -> tuple[tuple[str, str], ...]:
        """Start `sql` and fetch the first batch; what comes back are its columns."""
        self._sources = sources
        cursor, wanted = self._reading.cursor, self._wanted()

        def work() -> tuple[tuple[tuple[str, str], ...], Batch]:
            columns = _start(self._instance, cursor, sql, sources)
            return columns, cursor.fetchmany(wanted)

        columns, first = self._call(work)
        self._convert = converter([engine_type for _, engine_type in columns])
        self._first = self._take(first, wanted)
        return columns

    def is_truncated(self) -> bool:
        return self._is_truncated

    def __iter__(self) -> Iterator[Batch]:
        return self

    def __next__(self) -> Batch:
        batch, self._first = (self._first, None) if self._first is not None else (self._fetch(), None)
        if not batch:
            raise StopIteration
        return batch

    def close(self) -> None:
        """Stop fetching; rows not fetched yet are not."""
        self._first = None
        self._release()

    def _wanted(self) -> int:
        return min(BATCH_ROWS, self._max_rows + 1 - self._seen)

    def _fetch(self) -> Batch:
        if not self._release.alive:
            return []
        cursor, wanted = self._reading.cursor, self._wanted()
        return self._take(self._call(lambda: cursor.fetchmany(wanted)), wanted)

    def _call(self, work: Callable[[], T]) -> T:
        try:
            return self._warehouse._call(self._reading, self._instance, self._sources, work)  # noqa: SLF001
        except BaseException:
            self.close()
            raise

    def _take(self, batch: Batch, wanted: int) -> Batch:
        if len(batch) < wanted:
            self._release()
        self._seen += len(batch)
        if self._seen > self._max_rows:
            self._is_truncated = True
            self._release()
            batch = batch[: self._max_rows - self._seen]
        return self._convert(batch)


def _release(warehouse: DuckDBWarehouse, instance: Instance, reading: Reading) -> None:
    warehouse._forget(reading)  # noqa: SLF001
    instance.leave()


def _start(
    instance: Instance, cursor: duckdb.DuckDBPyConnection, sql: str, sources: Sequence[Source]
) -> tuple[tuple[str, str], ...]:
    """Start `sql` on `cursor`; what comes back are its columns."""
    known = instance.columns_of(sql)  # the files of an instance stay the same, and so do a statement's columns
    if known is None:
        _admit(cursor, sql)
        instance.create(cursor, sources)
        if SUFFIX in sql:
            instance.create_by_file(cursor, sources)
    cursor.execute("BEGIN TRANSACTION READ ONLY")  # SELECT is not enough: a common table expression may write
    if known is None:
        known = tuple((str(row[0]), str(row[1])) for row in cursor.execute(f"DESCRIBE {sql}").fetchall())
        instance.keep_columns(sql, known)
    cursor.execute(fetchable_sql(sql, [engine_type for _, engine_type in known]))
    return known


def _admit(cursor: duckdb.DuckDBPyConnection, sql: str) -> None:
    statements = cursor.extract_statements(sql)
    kinds = [str(statement.type).rpartition(".")[2] for statement in statements]
    if kinds != ["SELECT"]:
        what = "the query is " + (f"{' and '.join(kinds)}, not one SELECT" if kinds else "empty")
        raise fault(codes.NOT_A_READ, what, "send one SELECT statement")


def _columns(cursor: duckdb.DuckDBPyConnection, sql: str) -> Mapping[str, str]:
    return {str(row[0]): str(row[1]) for row in cursor.execute(f"DESCRIBE {sql}").fetchall()}


def _unfit(instance: Instance, relation: str, column: str, engine_type: str, value: str) -> OutsideError:
    source = instance.source(relation)
    files = [state.path for state in instance.files.get(relation.lower(), ())]
    found = locate(source, files, column, value)
    at = f"`{shown(found[0], source)}` in line {found[1]}" if found else f"`{source.pattern}`"
    return unfit_fault(at, column, engine_type, value, source.place)


def _missing_column(
    instance: Instance, sources: Sequence[Source], name: str, contracts: Mapping[str, ContractTable]
) -> OutsideError:
    """Best effort for the nearest names: the error itself is what matters."""
    known: dict[str, tuple[str, ...]] = {}
    with closing(instance.connection.cursor()) as cursor:
        for source in sources:
            with suppress(duckdb.Error):
                known[source.relation] = tuple(_columns(cursor, f"SELECT * FROM {quoted(source.relation)}"))
    return missing_column(name, sources, known, contracts)
