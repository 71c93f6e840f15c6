"""A small model with its rows, and numbers worked out by hand in: passes when the compiler gives them.

For what the oracle does not know: histories, bridges, numbers that do not add up over time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import duckdb
import psycopg
import pytest

from loadline.errors import RequestError
from loadline.semantics import Linked, compile_sql, link, resolve
from loadline.testing.warehouses import fetch
from loadline.values.model import Model
from loadline.values.query import Query
from semantics.oracle_postgres import database

Row = tuple[object, ...]


@dataclass(frozen=True)
class Worked:
    """`tables` has for each relation the SQL of its rows."""

    model: Model
    tables: Mapping[str, str]

    def linked(self) -> Linked:
        return link(self.model)

    def connection(self) -> duckdb.DuckDBPyConnection:
        connection = duckdb.connect(config={"threads": 1})
        for name, rows in self.tables.items():
            connection.execute(f"CREATE TABLE {name} AS {rows}")
        return connection

    def answers(self, query: Query, by_hand: Sequence[Row]) -> None:
        linked = self.linked()
        sql = compile_sql(linked, resolve(linked, query)).sql
        found = [tuple(map(_plain, row)) for row in self.connection().execute(sql).fetchall()]
        assert sorted(found, key=repr) == sorted(by_hand, key=repr), sql
        there = compile_sql(linked, resolve(linked, query), dialect="postgres").sql
        found = [tuple(map(_plain, row)) for row in self.on_postgres(there)]
        assert sorted(found, key=repr) == sorted(by_hand, key=repr), there

    def on_postgres(self, sql: str) -> Sequence[Row]:
        url, warehouse = database()
        with psycopg.connect(url) as connection:
            connection.execute("SET client_min_messages = warning; DROP SCHEMA public CASCADE; CREATE SCHEMA public")
            for name, rows in self.tables.items():
                connection.execute(f"CREATE TABLE {name} AS {rows}")
        return fetch(warehouse, sql)

    def refuses(self, query: Query, code: str) -> None:
        linked = self.linked()
        with pytest.raises(RequestError) as caught:
            resolve(linked, query)
        assert [d.code for d in caught.value.diagnostics] == [code]

    def plain(self, sql: str) -> list[Row]:
        return self.connection().execute(sql).fetchall()


def _plain(value: object) -> object:
    return float(value) if isinstance(value, Decimal) else value
