"""Sources and their files in; a locked, in-memory DuckDB that can open nothing else out."""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from loadline.adapters.warehouses.faults import translate
from loadline.adapters.warehouses.footers import SUFFIX
from loadline.adapters.warehouses.naming import literal
from loadline.adapters.warehouses.said import missing_relation
from loadline.adapters.warehouses.sources import FileKind, FileState, Source
from loadline.adapters.warehouses.views import DATABASE, create_by_file, create_relation
from loadline.values.contract import ContractTable

_CONFIG = {
    # Joins that two parts of a query share are computed once, and a table that stands in them twice is mixed up: wrong
    # rows, no error (duckdb/duckdb#25819; 1.5.1 to 1.5.5, and 2.0.0 still). tests/traps/test_shared_joins.py
    "disabled_optimizers": "common_subplan",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
    "allow_persistent_secrets": "false",
}


# Without these, nothing is concluded from what a file says of itself: no rows are skipped, no end read off a footer.
_FROM_STATISTICS = "statistics_propagation,filter_pushdown,join_filter_pushdown"


Columns = tuple[tuple[str, str], ...]
"""Names and engine types."""

_MOST_STATEMENTS = 512


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one warehouse may take of the machine. None leaves DuckDB's own bound: 80 % of memory, 90 % of the free
    disk for spilling, all cores. Sizes are DuckDB's words ("512MB"). Without `trusts_statistics` nothing is concluded
    from what files say of their own rows, at the price of reading them."""

    memory: str | None = None
    spill: str | None = None
    threads: int | None = None
    trusts_statistics: bool = True


class Instance:
    """Frozen over `files`. Closes once it is retired and its last reader has left."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        *,
        sources: Mapping[str, Source],
        files: Mapping[str, tuple[FileState, ...]],
        contracts: Mapping[str, ContractTable],
    ) -> None:
        self.connection = connection
        self.sources = sources  # by lower-case relation; the database's own tables among them
        self.files = files
        self._contracts = contracts
        self._created: set[str] = set()
        self._columns: dict[str, Columns] = {}
        self._create_lock = threading.Lock()
        self._lock = threading.Lock()
        self._readers = 0
        self._is_retired = False

    @property
    def relations(self) -> tuple[str, ...]:
        return tuple(sorted(source.relation for source in self.sources.values()))

    def source(self, relation: str) -> Source:
        """Raises OutsideError when there is no such relation."""
        lowered = relation.lower().removeprefix("main.")
        found = self.sources.get(relation.lower()) or self.sources.get(lowered)
        if found is None:
            raise missing_relation(relation, self.relations)
        return found

    def used(self, sql: str) -> tuple[Source, ...]:
        """The sources whose names occur in `sql`. One too many costs a view; what is missing the engine will miss."""
        flat = re.sub(r"\s*\.\s*", ".", sql.replace('"', "").lower())
        return tuple(source for name, source in self.sources.items() if _mentions(flat, name.replace('"', "")))

    def columns_of(self, sql: str) -> Columns | None:
        """The columns of a statement that was admitted and described here before."""
        return self._columns.get(sql)

    def keep_columns(self, sql: str, columns: Columns) -> None:
        if len(self._columns) >= _MOST_STATEMENTS:
            self._columns.clear()
        self._columns[sql] = columns

    def create(self, cursor: duckdb.DuckDBPyConnection, sources: Sequence[Source]) -> None:
        """Make `sources` exist for every cursor. Raises duckdb.Error or OutsideError."""
        for source in sources:
            key = source.relation.lower()
            with self._create_lock:
                if key not in self._created:
                    paths = [state.path for state in self.files.get(key, ())]
                    create_relation(cursor, source, paths, self._contracts.get(key))
                    self._created.add(key)

    def create_by_file(self, cursor: duckdb.DuckDBPyConnection, sources: Sequence[Source]) -> None:
        """The same rows beside those relations, each marked with its file. Raises duckdb.Error."""
        for source in sources:
            key = source.relation.lower() + SUFFIX
            with self._create_lock:
                if source.kind is FileKind.PARQUET and key not in self._created:
                    create_by_file(cursor, source, [s.path for s in self.files.get(source.relation.lower(), ())])
                    self._created.add(key)

    def enter(self) -> None:
        with self._lock:
            self._readers += 1

    def leave(self) -> None:
        with self._lock:
            self._readers -= 1
            self._close_if_done()

    def retire(self) -> None:
        with self._lock:
            self._is_retired = True
            self._close_if_done()

    def _close_if_done(self) -> None:
        if self._is_retired and self._readers == 0:
            self.connection.close()


def _mentions(text: str, name: str) -> bool:
    return name in text and re.search(rf"(?<![\w.])(?:main\.)?{re.escape(name)}(?!\w)", text) is not None


def open_instance(
    sources: Mapping[str, Source],
    files: Mapping[str, tuple[FileState, ...]],
    *,
    contracts: Mapping[str, ContractTable],
    limits: Limits,
    spill: Path,
) -> Instance:
    """`files` by relation, `""` for the database. Raises OutsideError when the database cannot be opened."""
    config: dict[str, str | bool | int | float | list[str]] = {**_CONFIG, "temp_directory": str(spill)}
    if not limits.trusts_statistics:
        config["disabled_optimizers"] = f"{_CONFIG['disabled_optimizers']},{_FROM_STATISTICS}"
    bounds = {"memory_limit": limits.memory, "max_temp_directory_size": limits.spill, "threads": limits.threads}
    config |= {name: str(bound) for name, bound in bounds.items() if bound is not None}
    connection = duckdb.connect(":memory:", config=config)
    known = {name: source for name, source in sources.items() if source.relation}
    database = sources.get("")
    try:
        if database is not None and (states := files.get("")):
            connection.execute(f"ATTACH {literal(str(states[0].path))} AS {DATABASE} (TYPE duckdb, READ_ONLY)")
            known = _tables(connection, database) | known
        _lock_down(connection, [str(state.path) for states in files.values() for state in states])
    except duckdb.Error as error:
        connection.close()
        raise translate(error, place=database.place if database is not None else None) from error
    return Instance(connection, sources=known, files=files, contracts=contracts)


def _lock_down(connection: duckdb.DuckDBPyConnection, paths: Sequence[str]) -> None:
    connection.execute("SET GLOBAL TimeZone = 'UTC'")
    connection.execute("SET GLOBAL python_enable_replacements = false")
    connection.execute(f"SET GLOBAL allowed_paths = [{', '.join(literal(path) for path in paths)}]")
    connection.execute("SET GLOBAL enable_external_access = false")
    connection.execute("SET GLOBAL lock_configuration = true")


def _tables(connection: duckdb.DuckDBPyConnection, database: Source) -> dict[str, Source]:
    """The tables and views of the attached database; those of its `main` schema by their bare names."""
    rows = connection.execute(
        f"SELECT schema_name, table_name FROM duckdb_tables() WHERE database_name = '{DATABASE}' UNION ALL "
        f"SELECT schema_name, view_name FROM duckdb_views() WHERE database_name = '{DATABASE}' AND NOT internal"
    ).fetchall()
    names = [table if schema == "main" else f"{schema}.{table}" for schema, table in rows]
    return {
        name.lower(): Source(
            relation=name, kind=FileKind.DATABASE, pattern=database.pattern, sheet=None, place=database.place
        )
        for name in names
    }
