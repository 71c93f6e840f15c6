"""The compiler against the oracle once more, its SQL run on PostgreSQL: the same worlds, questions and judgement."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
import pytest
from hypothesis import given, note, settings
from hypothesis import strategies as st
from psycopg import sql

from adapters.warehouses.sites import postgres_settings
from loadline.adapters.warehouses.postgres import open_postgres
from loadline.adapters.warehouses.postgres.warehouse import PostgresWarehouse
from loadline.semantics import compile_sql, link, resolve
from loadline.testing.warehouses import fetch
from loadline.values.query import Query
from postgres_server import Server
from semantics.oracle import RowFilters
from semantics.oracle_models import worlds
from semantics.oracle_questions import questions
from semantics.oracle_rows import Key
from semantics.oracle_world import ENGINE_TYPES, Table, World
from semantics.test_acid import new_database
from semantics.test_oracle import described, thorough, verdict

QUESTIONS_PER_WORLD = 8


@pytest.fixture(scope="module")
def url(postgres_server: Server) -> Iterator[str]:
    name = new_database(postgres_server)
    yield postgres_server.url(name)
    postgres_server.drop_database(name)


@pytest.fixture(scope="module")
def warehouse(url: str) -> Iterator[PostgresWarehouse]:
    found = open_postgres(postgres_settings(), {"DATABASE_URL": url})
    yield found
    found.close()


@contextmanager
def opened(world: World, url: str, warehouse: PostgresWarehouse) -> Iterator[Callable[[Query, RowFilters], list[Key]]]:
    """The world's tables, in PostgreSQL."""
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


@settings(thorough, max_examples=30)
@given(data=st.data())
def test_postgresql_answers_as_the_oracle_does_or_both_refuse(
    data: st.DataObject, url: str, warehouse: PostgresWarehouse
) -> None:
    world = data.draw(worlds())
    with opened(world, url, warehouse) as run:
        for _ in range(QUESTIONS_PER_WORLD):
            asked = data.draw(questions(world))
            note(described(world, asked))
            verdict(world, run, asked)
