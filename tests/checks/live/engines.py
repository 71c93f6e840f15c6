"""A small table in; real engines that hold it, and answer the needs of a look, out."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import duckdb

from loadline.checks import data
from loadline.values.contract import Column, Contract, ContractTable
from loadline.values.finding import (
    Evidence,
    Files,
    FilesNeed,
    Missing,
    Need,
    Row,
    RowsNeed,
    Schema,
    SchemaNeed,
    SqlNeed,
    Table,
)
from loadline.values.place import Place
from loadline.values.promise import PromiseRun, TableLook

if TYPE_CHECKING:
    from psycopg import Connection

HERE = Place(file="contracts/t.yaml")
TYPES = {
    "integer": "BIGINT",
    "number": "DECIMAL(18,4)",
    "string": "VARCHAR",
    "boolean": "BOOLEAN",
    "date": "DATE",
    "timestamp": "TIMESTAMP",
}
Values = Sequence[tuple[object, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """`run` answers a SELECT with column names and rows; `types` maps relations to their live columns."""

    dialect: str
    run: Callable[[str], tuple[tuple[str, ...], list[tuple[object, ...]]]]
    types: Mapping[str, Mapping[str, str]]
    asked: list[str]
    files: Files | None = None

    def fetch(self, needs: Sequence[Need]) -> dict[Need, Evidence]:
        return {need: self._fetch(need) for need in needs}

    def _fetch(self, need: Need) -> Evidence:
        match need:
            case SchemaNeed(relation=relation):
                found = self.types.get(relation)
                return Schema(columns=found) if found is not None else Missing(why=f"there is no `{relation}`")
            case FilesNeed():
                return self.files if self.files is not None else Missing(why="its rows lie in no files")
            case SqlNeed(sql=sql) | RowsNeed(sql=sql):
                self.asked.append(sql)
                try:
                    names, rows = self.run(sql)
                except Exception as error:  # noqa: BLE001 - whatever an engine says is why there is no evidence
                    return Missing(why=str(error))
                if isinstance(need, SqlNeed):
                    return Row(values=rows[0])
                return Table(columns=names, rows=tuple(rows))

    def look(self, subject: data.Subject, every: Sequence[data.Subject], setting: data.Setting) -> TableLook:
        steps = data.look(subject, every, setting)
        try:
            needs = next(steps)
            while True:
                needs = steps.send(self.fetch(needs))
        except StopIteration as done:
            found: data.Looked = done.value
            return found.look


def subject(table: ContractTable, *, time: str | None = None) -> data.Subject:
    return data.Subject(
        name=table.name,
        relation=table.name,
        contract=table.name,
        table=table,
        time=table.columns[time] if time else None,
    )


def contract(table: ContractTable) -> Contract:
    return Contract(
        name=table.name, id=table.name, version="1", status="active", tables={table.name: table}, place=HERE
    )


def column(name: str, kind: str, **more: Any) -> Column:
    return Column(name=name, logical_type=kind, place=HERE, **more)


def table(name: str, *columns: Column, **more: Any) -> ContractTable:
    return ContractTable(name=name, columns={c.name: c for c in columns}, place=HERE, **more)


def on_duckdb(tables: Mapping[ContractTable | Any, Values]) -> Engine:
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")

    def run(sql: str) -> tuple[tuple[str, ...], list[tuple[object, ...]]]:
        cursor = connection.execute(sql)
        return tuple(str(d[0]) for d in cursor.description or ()), cursor.fetchall()

    types = {}
    for made, rows in tables.items():
        kinds = {c.in_warehouse: _engine_type(c) for c in made.columns.values()}
        types[made.name] = kinds
        written = ", ".join(f'"{n}" {t}' for n, t in kinds.items())
        connection.execute(f'CREATE TABLE "{made.name}" ({written})')
        if rows:
            connection.executemany(f'INSERT INTO "{made.name}" VALUES ({", ".join("?" * len(kinds))})', rows)
    return Engine(dialect="duckdb", run=run, types=types, asked=[])


def on_sqlite(tables: Mapping[Any, Values]) -> Engine:
    connection = sqlite3.connect(":memory:")

    def run(sql: str) -> tuple[tuple[str, ...], list[tuple[object, ...]]]:
        cursor = connection.execute(sql)
        return tuple(str(d[0]) for d in cursor.description or ()), cursor.fetchall()

    types = {}
    for made, rows in tables.items():
        types[made.name] = {c.in_warehouse: _engine_type(c) for c in made.columns.values()}
        names = ", ".join(f'"{n}" {_affinity(t)}' for n, t in types[made.name].items())
        connection.execute(f'CREATE TABLE "{made.name}" ({names})')
        marks = ", ".join("?" * len(made.columns))
        connection.executemany(
            f'INSERT INTO "{made.name}" VALUES ({marks})', [tuple(map(_for_sqlite, row)) for row in rows]
        )
    return Engine(dialect="sqlite", run=run, types=types, asked=[])


def on_postgres(connection: Connection[Any], tables: Mapping[Any, Values]) -> Engine:
    from psycopg import RawCursor

    connection.autocommit = True
    connection.execute("SET TIME ZONE 'UTC'")

    def run(sql: str) -> tuple[tuple[str, ...], list[tuple[object, ...]]]:
        with RawCursor(connection) as cursor:
            cursor.execute(sql.encode())
            return tuple(d.name for d in cursor.description or ()), cursor.fetchall()

    types = {}
    for made, rows in tables.items():
        types[made.name] = {c.in_warehouse: _engine_type(c) for c in made.columns.values()}
        names = ", ".join(f'"{n}" {t}' for n, t in types[made.name].items())
        connection.execute(f'DROP TABLE IF EXISTS "{made.name}"'.encode())
        connection.execute(f'CREATE TABLE "{made.name}" ({names})'.encode())
        with connection.cursor() as cursor:
            marks = ", ".join(["%s"] * len(made.columns))
            if rows:
                cursor.executemany(f'INSERT INTO "{made.name}" VALUES ({marks})'.encode(), list(rows))
    return Engine(dialect="postgres", run=run, types=types, asked=[])


def _engine_type(of: Column) -> str:
    return "TIMESTAMPTZ" if of.is_zoned else TYPES[of.logical_type]


def _affinity(engine_type: str) -> str:
    return {"VARCHAR": "TEXT", "BIGINT": "INTEGER", "BOOLEAN": "INTEGER"}.get(
        engine_type, "NUMERIC" if engine_type.startswith("DECIMAL") else "TEXT"
    )


def _for_sqlite(value: object) -> object:
    match value:
        case Decimal():
            return float(value)
        case datetime():
            return value.isoformat(sep=" ")
        case date():
            return value.isoformat()
        case _:
            return value


def runs(look: TableLook) -> dict[str, PromiseRun]:
    return {run.promise.id.removeprefix(f"{look.table}."): run for run in look.runs}
