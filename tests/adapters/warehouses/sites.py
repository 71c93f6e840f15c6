"""Tables of the port suite in; engines that hold them out."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from typing import Any

import duckdb
import psycopg
from psycopg import sql

from loadline.adapters.warehouses.duckdb import DuckDBWarehouse, open_duckdb
from loadline.adapters.warehouses.naming import literal, quoted
from loadline.adapters.warehouses.postgres import open_postgres
from loadline.errors import OutsideError
from loadline.flow.ports import Warehouse
from loadline.project import WarehouseSettings
from loadline.testing import warehouses as suite
from loadline.testing.fake_warehouse import Canned, FakeWarehouse
from loadline.testing.warehouses import ColumnType, Gap, Kind, Table
from loadline.values.contract import Column, ContractTable
from loadline.values.diagnostic import Diagnostic
from loadline.values.place import Place

PLACE = Place(file="loadline.yaml", line=2)
ENGINE_TYPES = {
    ColumnType.INTEGER: "BIGINT",
    ColumnType.NUMBER: "DECIMAL(18,2)",
    ColumnType.STRING: "VARCHAR",
    ColumnType.BOOLEAN: "BOOLEAN",
    ColumnType.DATE: "DATE",
    ColumnType.TIMESTAMP: "TIMESTAMP",
    ColumnType.INSTANT: "TIMESTAMPTZ",
}


def settings(files: Mapping[str, str] | None = None, database: str | None = None) -> WarehouseSettings:
    return WarehouseSettings(kind="duckdb", files=files or {}, database=database, place=PLACE)


def contract(table: Table) -> ContractTable:
    columns = {
        name: Column(
            name=name,
            logical_type="timestamp" if kind is ColumnType.INSTANT else str(kind),
            physical_type="DECIMAL(18,2)" if kind is ColumnType.NUMBER else None,
            is_zoned=kind is ColumnType.INSTANT,
            place=PLACE,
        )
        for name, kind in table.columns.items()
    }
    return ContractTable(name="table", columns=columns, place=PLACE)


def _literal(value: object) -> str:
    match value:
        case None:
            return "NULL"
        case bool() | int() | Decimal():
            return str(value)
        case datetime() | date():
            return f"'{value.isoformat()}'"
        case _:
            return "'" + str(value).replace("'", "''") + "'"


def fill(connection: duckdb.DuckDBPyConnection, relation: str, table: Table) -> None:
    columns = ", ".join(f'"{name}" {ENGINE_TYPES[kind]}' for name, kind in table.columns.items())
    connection.execute(f"CREATE SCHEMA IF NOT EXISTS suite; CREATE OR REPLACE TABLE {quoted(relation)} ({columns})")
    rows = [f"({', '.join(_literal(value) for value in row)})" for row in table.rows]
    connection.execute(f"INSERT INTO {quoted(relation)} VALUES {', '.join(rows)}")


def write_parquet(path: Path, table: Table) -> None:
    with duckdb.connect() as connection:
        fill(connection, "made", table)
        connection.execute(f"COPY made TO {literal(str(path))} (FORMAT parquet)")


def write_csv(path: Path, table: Table) -> None:
    def cell(value: object) -> object:
        return value.isoformat() if isinstance(value, date) else value

    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_MINIMAL)
        writer.writerow(table.columns)
        writer.writerows([cell(value) for value in row] for row in table.rows)


def write_json_lines(path: Path, table: Table) -> None:
    lines = (
        json.dumps(
            {
                n: v if isinstance(v, (str, bool, int)) or v is None else str(v)
                for n, v in zip(table.columns, row, strict=True)
            }
        )
        for row in table.rows
    )
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


WRITERS = {"parquet": write_parquet, "csv": write_csv, "jsonl": write_json_lines}

_MADE: dict[tuple[str, int], bytes] = {}


def _made(path: Path, table: Table) -> bytes:
    """The bytes of `table` as a file; the suite's own tables are written once, not once per test."""
    is_shared = any(table is shared for shared in suite.TABLES.values())
    key = (path.suffix, id(table))
    if not is_shared or key not in _MADE:
        WRITERS[path.suffix[1:]](path, table)
        if not is_shared:
            return path.read_bytes()
        _MADE[key] = path.read_bytes()
    return _MADE[key]


# A cross join without an end in sight; its few result rows come last.
SLOW = "SELECT COUNT(*) AS n FROM range(1000000000) AS a, range(1000) AS b WHERE (a.range * b.range) % 7 = 3"


@dataclass
class FileSite:
    """Tables as files of one ending in a project folder."""

    root: Path
    ending: str
    gaps: Mapping[str, Gap] = field(default_factory=dict)
    slow_sql: str = SLOW
    has_relation_versions: bool = True

    def open(self, tables: Mapping[str, Table]) -> DuckDBWarehouse:
        self.change(tables)
        files = {relation: f"{relation}.{self.ending}" for relation in tables}
        contracts = {relation: contract(table) for relation, table in tables.items()}
        return open_duckdb(settings(files), self.root, contracts=contracts)

    def change(self, tables: Mapping[str, Table]) -> None:
        for relation, table in tables.items():
            path = self.root / f"{relation}.{self.ending}"
            path.write_bytes(_made(path, table))


@dataclass
class DatabaseSite:
    """Tables in one DuckDB file. It is replaced by renaming, as a nightly export would be."""

    root: Path
    tables: dict[str, Table] = field(default_factory=dict)
    slow_sql: str = SLOW
    has_relation_versions: bool = False

    @property
    def gaps(self) -> Mapping[str, Gap]:
        return MappingProxyType({})

    def open(self, tables: Mapping[str, Table]) -> DuckDBWarehouse:
        self.change(tables)
        return open_duckdb(settings(database="shop.duckdb"), self.root)

    def change(self, tables: Mapping[str, Table]) -> None:
        self.tables |= tables
        made = self.root / "next.duckdb"
        with duckdb.connect(str(made)) as connection:
            connection.execute("CREATE SCHEMA suite")
            for relation, table in self.tables.items():
                rows = self.root / f"{relation}.parquet"
                rows.write_bytes(_made(rows, table))
                connection.execute(f"CREATE TABLE {quoted(relation)} AS SELECT * FROM '{rows}'")
        os.replace(made, self.root / "shop.duckdb")  # noqa: PTH105


@dataclass
class PostgresSite:
    """Tables in a database of a real server. `versions` as in the project file."""

    url: str
    versions: str = "snapshot"
    gaps: Mapping[str, Gap] = field(default_factory=dict)
    slow_sql: str = "SELECT COUNT(*) AS n FROM generate_series(1, 1000000000) a, generate_series(1, 1000) b"
    has_relation_versions: bool = False

    def open(self, tables: Mapping[str, Table]) -> Warehouse:
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute("SET client_min_messages = warning; DROP SCHEMA IF EXISTS suite CASCADE")
            connection.execute("CREATE SCHEMA suite")
        self.change(tables)
        return open_postgres(postgres_settings(versions=self.versions), {"DATABASE_URL": self.url})

    def change(self, tables: Mapping[str, Table]) -> None:
        with psycopg.connect(self.url) as connection:
            for relation, table in tables.items():
                fill_postgres(connection, relation, table)


def postgres_settings(**changes: Any) -> WarehouseSettings:
    written = {"kind": "postgres", "files": {}, "url": "env:DATABASE_URL", "timeout_seconds": 30.0, "place": PLACE}
    return WarehouseSettings(**{**written, **changes})


def fill_postgres(connection: psycopg.Connection[Any], relation: str, table: Table) -> None:
    schema, name = relation.split(".")
    target = sql.Identifier(schema, name)
    columns = sql.SQL(", ").join(
        sql.SQL("{} {}").format(sql.Identifier(n), sql.SQL(ENGINE_TYPES[kind])) for n, kind in table.columns.items()
    )
    connection.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(target))
    connection.execute(sql.SQL("CREATE TABLE {} ({})").format(target, columns))
    with connection.cursor().copy(sql.SQL("COPY {} FROM STDIN").format(target)) as copied:
        for row in table.rows:
            copied.write_row(row)


_NO_ENGINE = Gap(kind=Kind.NEVER, code="WAR014", why="canned answers cannot tell one unknown SQL text from another")


@dataclass
class FakeSite:
    """The suite's own queries, answered from the tables."""

    slow_sql: str = "SELECT slowly"
    has_relation_versions: bool = True
    gaps: Mapping[str, Gap] = field(
        default_factory=lambda: {
            "an_unknown_relation_is_named_with_its_nearest": _NO_ENGINE,
            "an_unknown_column_is_named_with_its_nearest": _NO_ENGINE,
        }
    )

    def open(self, tables: Mapping[str, Table]) -> Warehouse:
        self._tables = dict(tables)
        self._changes = 0
        schemas = {r: {n: str(k) for n, k in table.columns.items()} for r, table in tables.items()}
        self._fake = FakeWarehouse(self._answer, schemas=schemas)
        return self._fake

    def change(self, tables: Mapping[str, Table]) -> None:
        self._tables |= tables
        self._changes += 1
        self._fake.versions = {**self._fake.versions, **{relation: str(self._changes) for relation in tables}}

    def _answer(self, sql: str) -> Canned:
        things, many = self._tables[suite.THINGS], self._tables[suite.MANY]
        columns = tuple((name, str(kind)) for name, kind in things.columns.items())
        rows = sorted(things.rows, key=lambda row: int(str(row[0])))
        count = (("n", "integer"),)
        match sql:
            case suite.SELECT_THINGS:
                return Canned(columns=columns, rows=rows)
            case suite.SELECT_MANY:
                return Canned(columns=(("id", "integer"),), rows=many.rows)
            case suite.SELECT_NONE:
                return Canned(columns=columns[:2], rows=())
            case suite.TWICE_NAMED:
                return Canned(columns=(("x", "integer"), ("x", "string")), rows=[row[:2] for row in rows])
            case suite.COUNT_THINGS:
                return Canned(columns=count, rows=[(len(things.rows),)])
            case suite.COUNT_OTHERS:
                return Canned(columns=count, rows=[(len(self._tables[suite.OTHERS].rows),)])
            case self.slow_sql:
                return Canned(columns=count, rows=[(0,)], seconds=600)
        what, mend = f"nobody prepared an answer to {sql!r}", "add it to the canned answers"
        raise OutsideError(Diagnostic(code="WAR014", what=what, why="a fake knows only what it was told", mend=mend))
