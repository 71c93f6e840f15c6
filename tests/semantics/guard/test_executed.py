"""What the guard says is what real engines do: `read` changes nothing, `write` rows, `ddl` the catalog."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass

import duckdb
import psycopg
import pytest

from semantics.guard.cases import Case, of

TABLES = ("customers", "orders", "events")
SHOP = """
CREATE TABLE customers (id {key}, name {text}, email {text}, country {text}, created_at TIMESTAMP,
  balance NUMERIC, tags {list});
CREATE TABLE orders (id {key}, customer_id INTEGER, amount NUMERIC, status {text}, region {text}, ordered_at TIMESTAMP,
  shipped_on DATE, quantity INTEGER, data {json}, parent_id INTEGER);
CREATE TABLE events (id INTEGER, user_id INTEGER, kind {text}, happened_at TIMESTAMP, payload {json});
INSERT INTO customers VALUES (1, 'Ann', 'ann@x.org', 'DE', '2026-01-01', 5, {tags}),
  (2, 'Bob', 'bob@x.org', 'FR', '2026-01-02', 7, {tags});
INSERT INTO orders VALUES (1, 1, 10, 'paid', 'north', '2026-01-05', '2026-01-06', 2,
   '{{"channel": "web", "items": [{{"sku": "a"}}]}}', NULL),
  (2, 1, 20, 'open', 'south', '2026-02-05', NULL, 1, '{{"channel": "app", "items": []}}', 1),
  (3, 2, 30, 'paid', 'north', '2026-03-05', NULL, 3, '{{}}', 1);
INSERT INTO events VALUES (1, 1, 'click', '2026-01-05', '{{}}');
"""


@dataclass(frozen=True, slots=True)
class State:
    """What a statement may change: rows and counters, and the catalog."""

    rows: object
    catalog: object


def verdict_of(before: State, after: State) -> str:
    if before.catalog != after.catalog:
        return "ddl"
    return "write" if before.rows != after.rows else "read"


# PostgreSQL


@pytest.fixture(scope="module")
def postgres(postgres_url: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(postgres_url) as connection:
        connection.execute(
            SHOP.format(key="int PRIMARY KEY", text="text", json="jsonb", list="text[]", tags="ARRAY['vip']")
            + "CREATE SEQUENCE order_seq; CREATE INDEX by_status ON orders (status);"
        )
        connection.commit()
        yield connection


def postgres_state(connection: psycopg.Connection) -> State:
    rows = connection.execute(
        " UNION ALL ".join(
            f"SELECT '{name}', (SELECT md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {name} t)"
            for name in ("orders", "customers")
        )
        + " UNION ALL SELECT 'order_seq', last_value::text || is_called FROM order_seq"
    ).fetchall()
    return State(rows, None)


def postgres_catalog(connection: psycopg.Connection) -> object:
    return connection.execute(
        "SELECT (SELECT md5(string_agg(c::text, '|' ORDER BY c.oid)) FROM (SELECT oid, relname, relkind, "
        "relnatts, relfilenode,"
        " (SELECT string_agg(a::text, ',' ORDER BY attnum) FROM pg_attribute a WHERE attrelid = pg_class.oid) "
        "FROM pg_class WHERE relnamespace::regnamespace::text !~ '^pg_toast') c), (SELECT count(*) FROM pg_namespace),"
        " (SELECT count(*) FROM pg_proc), (SELECT md5(string_agg(s.name || s.setting, '|' ORDER BY s.name)) "
        "FROM pg_settings s"
        "  WHERE name <> 'transaction_isolation')"
    ).fetchall()


@pytest.mark.parametrize("case", of("postgres", "read", "write", "ddl"), ids=str)
def test_postgres_does_what_the_guard_says(case: Case, postgres: psycopg.Connection) -> None:
    postgres.rollback()
    before, catalog = postgres_state(postgres), postgres_catalog(postgres)
    postgres.execute(case.sql.encode(), prepare=False)
    changed = postgres_catalog(postgres) != catalog
    did = "ddl" if changed else verdict_of(before, postgres_state(postgres))
    postgres.rollback()
    assert did == case.verdict.value


@pytest.mark.parametrize("case", of("postgres", "read"), ids=str)
def test_what_is_read_runs_in_a_read_only_transaction(case: Case, postgres: psycopg.Connection) -> None:
    postgres.rollback()
    postgres.execute("SET TRANSACTION READ ONLY")
    postgres.execute(case.sql.encode(), prepare=False)
    postgres.rollback()


# DuckDB


@pytest.fixture(scope="module")
def duck() -> Iterator[duckdb.DuckDBPyConnection]:
    connection = duckdb.connect(config={"enable_external_access": "false"})
    connection.execute(
        SHOP.format(key="INTEGER PRIMARY KEY", text="VARCHAR", json="JSON", list="VARCHAR[]", tags="['vip']")
        + "CREATE SEQUENCE order_seq;"
    )
    yield connection
    connection.close()


def duck_state(connection: duckdb.DuckDBPyConnection) -> State:
    catalog = connection.execute(
        "SELECT 'table', schema_name || table_name || column_count FROM duckdb_tables()"
        " UNION ALL SELECT 'view', view_name || sql FROM duckdb_views() UNION ALL SELECT 'index', index_name "
        "FROM duckdb_indexes()"
        " UNION ALL SELECT 'type', type_name FROM duckdb_types() WHERE NOT internal AND type_name[1] <> '_'"  # of PIVOT
        " UNION ALL SELECT 'schema', schema_name FROM duckdb_schemas() UNION ALL SELECT 'setting', name || value FROM"
        " duckdb_settings() UNION ALL SELECT 'functions', count(*)::VARCHAR FROM duckdb_functions() ORDER BY ALL"
    ).fetchall()
    tables = {name for (name,) in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()}
    rows = [connection.execute(f"SELECT * FROM {name} ORDER BY ALL").fetchall() for name in TABLES if name in tables]
    counters = connection.execute("SELECT last_value FROM duckdb_sequences()").fetchall()
    return State((rows, counters), catalog)


@pytest.mark.parametrize("case", of("duckdb", "read", "write", "ddl"), ids=str)
def test_duckdb_does_what_the_guard_says(case: Case, duck: duckdb.DuckDBPyConnection) -> None:
    before = duck_state(duck)
    duck.execute("BEGIN")
    try:
        duck.execute(case.sql)
        after = duck_state(duck)
    finally:
        duck.execute("ROLLBACK")
    did = verdict_of(before, after)
    assert did == case.verdict.value or (case.sql.startswith("TRUNCATE") and did == "write")  # a DELETE there


# SQLite


@pytest.fixture
def lite() -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.executescript(
        SHOP.format(key="INTEGER PRIMARY KEY", text="TEXT", json="TEXT", list="TEXT", tags="'vip'")
        + "CREATE INDEX by_status ON orders (status);"
    )
    yield connection
    connection.close()


def lite_state(connection: sqlite3.Connection) -> State:
    catalog = connection.execute("SELECT * FROM sqlite_master ORDER BY name").fetchall()
    names = {row[1] for row in catalog}
    rows = [connection.execute(f"SELECT * FROM {name} ORDER BY 1").fetchall() for name in TABLES if name in names]
    settings = [
        connection.execute(f"PRAGMA {name}").fetchall() for name in ("user_version", "journal_mode", "database_list")
    ]
    return State(rows, (catalog, settings))


@pytest.mark.parametrize("case", of("sqlite", "read", "write", "ddl"), ids=str)
def test_sqlite_does_what_the_guard_says(case: Case, lite: sqlite3.Connection) -> None:
    before = lite_state(lite)
    lite.execute(case.sql, (5, 5) if "?1" in case.sql else ()).fetchall()
    assert verdict_of(before, lite_state(lite)) == case.verdict.value
