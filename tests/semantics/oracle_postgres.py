"""A world in; its tables in a real PostgreSQL, and what the compiler's SQL gives there, out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache

import psycopg
from hypothesis import note
from psycopg import sql

from adapters.warehouses.sites import postgres_settings
from loadline.adapters.warehouses.postgres import open_postgres
from loadline.adapters.warehouses.postgres.warehouse import PostgresWarehouse
from loadline.semantics import compile_sql, link, resolve
from loadline.testing.warehouses import fetch
from loadline.values.query import Query
from postgres_server import shared_server
from semantics.oracle import RowFilters
from semantics.oracle_rows import Key
from semantics.oracle_world import ENGINE_TYPES, Table, World


@cache
def database() -> tuple[str, PostgresWarehouse]:
    """Its address, and the warehouse over it: one for all worlds, each of which finds it empty."""
    server = shared_server()
    url = server.url(server.new_linguistic_database())
    return url, open_postgres(postgres_settings(), {"DATABASE_URL": url})


@contextmanager
def opened(world: World, *, is_noted: bool = False) -> Iterator[Callable[[Query, RowFilters], list[Key]]]:
    """The world's tables, in PostgreSQL."""
    url, warehouse = database()
    linked = link(world.model)
    with psycopg.connect(url) as connection:
        connection.execute("SET client_min_messages = warning; SET TimeZone = 'UTC'")
        for schema in {schema_of(table) for table in world.tables}:
            connection.execute(sql.SQL("DROP SCHEMA IF EXISTS {0} CASCADE").format(sql.Identifier(schema)))
            connection.execute(sql.SQL("CREATE SCHEMA {0}").format(sql.Identifier(schema)))
        for table in world.tables:
            load(connection, table)

    def run(query: Query, row_filters: RowFilters = ()) -> list[Key]:
        statement = compile_sql(linked, resolve(linked, query), row_filters=row_filters, dialect="postgres")
        if is_noted:
            note(statement.sql)
        return list(fetch(warehouse, statement.sql))

    yield run


def schema_of(table: Table) -> str:
    return table.relation.rpartition(".")[0] or "public"


def load(connection: psycopg.Connection[tuple[object, ...]], table: Table) -> None:
    target = sql.Identifier(schema_of(table), table.relation.rpartition(".")[2])
    columns = [
        sql.SQL("{} {}").format(sql.Identifier(name), sql.SQL(ENGINE_TYPES[kind.partition(" in ")[0]]))
        for name, kind in table.columns.items()
    ]
    connection.execute(sql.SQL("CREATE TABLE {} ({})").format(target, sql.SQL(", ").join(columns)))
    with connection.cursor().copy(sql.SQL("COPY {} FROM STDIN").format(target)) as copied:
        for row in table.rows:
            copied.write_row(row)
