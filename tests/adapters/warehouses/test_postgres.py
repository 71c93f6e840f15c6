"""PostgreSQL as a warehouse: what a data engineer with a server of their own would try."""

from __future__ import annotations

import _thread
import threading
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from psycopg import sql as sql_parts
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from adapters.warehouses.sites import PostgresSite, postgres_settings
from loadline.adapters.warehouses import codes
from loadline.adapters.warehouses.postgres import open_postgres
from loadline.adapters.warehouses.postgres.warehouse import BATCH_ROWS, PostgresWarehouse
from loadline.errors import OutsideError
from loadline.testing.warehouses import fetch
from postgres_server import Server


def opened(url: str, **changes: Any) -> PostgresWarehouse:
    return open_postgres(postgres_settings(**changes), {"DATABASE_URL": url})


@pytest.fixture
def warehouse(postgres_url: str) -> Iterator[PostgresWarehouse]:
    found = opened(postgres_url)
    yield found
    found.close()


@pytest.fixture
def owner(postgres_url: str) -> Iterator[psycopg.Connection[Any]]:
    """The one who fills the database."""
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute("SET client_min_messages = warning; DROP SCHEMA IF EXISTS shop CASCADE; CREATE SCHEMA shop")
        yield connection


def code_of(read: object, *args: object, **kwargs: object) -> str:
    with pytest.raises(OutsideError) as caught:
        read(*args, **kwargs)  # type: ignore[operator]
    (said,) = caught.value.diagnostics
    assert said.what
    assert said.why
    assert said.mend
    return said.code


def running(owner: psycopg.Connection[Any]) -> list[Any]:
    """What our connections are doing on the server."""
    found = "SELECT state, query FROM pg_stat_activity WHERE application_name = 'loadline' AND datname = %s"
    return owner.execute(found, (owner.info.dbname,)).fetchall()


# -- values


@pytest.mark.parametrize(
    ("written", "engine_type", "value"),
    [
        ("1::smallint", "smallint", 1),
        ("9223372036854775807", "bigint", 9223372036854775807),
        (
            "12345678901234567890123456789012345678.99::numeric(40,2)",
            "numeric(40,2)",
            Decimal("12345678901234567890123456789012345678.99"),
        ),
        ("1.10::numeric", "numeric", Decimal("1.10")),
        ("0.1::float8 + 0.2::float8", "double precision", 0.30000000000000004),
        ("'Infinity'::float8", "double precision", float("inf")),
        ("'é 東京 🚢'::varchar(9)", "varchar(9)", "é 東京 🚢"),
        ("true", "boolean", True),
        ("'2024-02-29'::date", "date", date(2024, 2, 29)),
        ("'infinity'::date", "date", "infinity"),
        ("'0044-03-15 BC'::date", "date", "0044-03-15 BC"),
        ("'12026-01-01'::date", "date", "12026-01-01"),
        ("'24:00'::time", "time", "24:00:00"),
        ("'23:59:59.999999'::time", "time", time(23, 59, 59, 999999)),
        ("'2025-03-30 02:30'::timestamp", "timestamp without time zone", datetime(2025, 3, 30, 2, 30)),  # noqa: DTZ001
        (
            "'2025-03-30 02:30:00.5+05:45'::timestamptz",
            "timestamp with time zone",
            datetime(2025, 3, 29, 20, 45, 0, 500000, tzinfo=UTC),
        ),
        ("'-infinity'::timestamptz", "timestamp with time zone", "-infinity"),
        ("'1 month 2 days'::interval", "interval", "P1M2D"),
        (
            "'2f1acc6c-8a3e-4b7e-9d3e-111111111111'::uuid",
            "uuid",
            "2f1acc6c-8a3e-4b7e-9d3e-111111111111",
        ),
        ("'{\"a\": [1]}'::jsonb", "jsonb", '{"a": [1]}'),
        ("'\\x00ff'::bytea", "bytea", b"\x00\xff"),
        ("ARRAY[ARRAY[1.50::numeric], ARRAY[NULL::numeric]]", "numeric[]", ((Decimal("1.50"),), (None,))),
        ("ARRAY['2025-01-01 00:00+00'::timestamptz]", "timestamptz[]", (datetime(2025, 1, 1, tzinfo=UTC),)),
        ("NULL::text", "text", None),
    ],
)
def test_a_value_comes_out_exactly_or_as_the_servers_own_text(
    warehouse: PostgresWarehouse, written: str, engine_type: str, value: object
) -> None:
    fetched = warehouse.read_rows(f"SELECT {written} AS v", timeout_seconds=30, max_rows=2)
    assert list(fetched.columns) == [("v", engine_type)]
    ((row,),) = fetched.batches
    assert row == (value,)
    assert type(row[0]) is type(value)
    if isinstance(value, datetime):
        assert getattr(row[0], "tzinfo", None) is value.tzinfo


def test_no_number_is_a_value_too(warehouse: PostgresWarehouse) -> None:
    ((exact, floating),) = fetch(warehouse, "SELECT 'NaN'::numeric, 'NaN'::float8")
    assert isinstance(exact, Decimal)
    assert exact.is_nan()
    assert isinstance(floating, float)
    assert floating != floating  # noqa: PLR0124


def test_an_enumeration_has_its_name_and_its_text(warehouse: PostgresWarehouse, owner: psycopg.Connection[Any]) -> None:
    owner.execute("CREATE TYPE shop.mood AS ENUM ('glad', 'sad')")
    fetched = warehouse.read_rows("SELECT 'sad'::shop.mood AS m", timeout_seconds=30, max_rows=2)
    assert fetched.columns == (("m", "shop.mood"),)
    assert list(fetched.batches) == [[("sad",)]]


HOSTILE = """
ALTER DATABASE {d} SET TimeZone = 'Asia/Kathmandu'; ALTER DATABASE {d} SET DateStyle = 'SQL, DMY';
ALTER DATABASE {d} SET IntervalStyle = 'sql_standard'; ALTER DATABASE {d} SET extra_float_digits = -15;
ALTER DATABASE {d} SET bytea_output = 'escape'; ALTER DATABASE {d} SET statement_timeout = '1ms';
ALTER DATABASE {d} SET search_path = shop; ALTER DATABASE {d} SET standard_conforming_strings = off;
ALTER DATABASE {d} SET client_encoding = 'LATIN1'; ALTER DATABASE {d} SET default_transaction_read_only = off;
ALTER DATABASE {d} SET escape_string_warning = off
"""


def test_no_answer_depends_on_how_the_server_is_set(postgres_server: Server) -> None:
    """INVARIANT: every setting that could change a value is ours, for the transaction."""
    asked = (
        "SELECT '2025-03-30 00:00+00'::timestamptz, date_trunc('day', '2025-03-30 20:00+00'::timestamptz), "
        "'2025-02-01'::date::text, 0.1::float8 + 0.2::float8, '1 day'::interval, '\\x41'::bytea, 'a\\b', "
        "'03/04/2025'::text, '東京', current_setting('search_path')"
    )
    name = postgres_server.new_database()
    with psycopg.connect(postgres_server.url(name), autocommit=True) as connection:
        usual = opened(postgres_server.url(name))
        plain = fetch(usual, asked)
        usual.close()
        connection.execute(sql_parts.SQL(HOSTILE).format(d=sql_parts.Identifier(name)))
    hostile = opened(postgres_server.url(name))
    assert fetch(hostile, asked) == plain
    assert plain[0][0] == datetime(2025, 3, 30, tzinfo=UTC)
    hostile.close()
    postgres_server.drop_database(name)


# -- what can be read


def test_tables_views_partitions_and_names_that_need_quotes(
    warehouse: PostgresWarehouse, owner: psycopg.Connection[Any]
) -> None:
    owner.execute("""
        CREATE TABLE shop.orders (id bigint, at timestamptz, gone text, amount numeric(12,2)) PARTITION BY RANGE (at);
        CREATE TABLE shop.orders_2025 PARTITION OF shop.orders FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
        ALTER TABLE shop.orders DROP COLUMN gone;
        CREATE VIEW shop.open_orders AS SELECT id, amount FROM shop.orders;
        CREATE MATERIALIZED VIEW shop.totals AS SELECT sum(amount) AS total FROM shop.orders;
        CREATE TABLE shop."Case it" ("Größe" text);
        CREATE TABLE public.plain (n int);
    """)
    assert warehouse.read_relations() == (
        "public.plain", "shop.Case it", "shop.open_orders", "shop.orders", "shop.totals",
    )  # fmt: skip
    assert dict(warehouse.read_schema("shop.orders")) == {
        "id": "bigint", "at": "timestamp with time zone", "amount": "numeric(12,2)",
    }  # fmt: skip
    assert dict(warehouse.read_schema("shop.open_orders")) == {"id": "bigint", "amount": "numeric(12,2)"}
    assert dict(warehouse.read_schema("shop.totals")) == {"total": "numeric"}
    assert dict(warehouse.read_schema('shop."Case it"')) == {"Größe": "text"}
    assert dict(warehouse.read_schema("plain")) == {"n": "integer"}
    assert fetch(warehouse, "SELECT n FROM plain") == []
    owner.execute("DROP TABLE public.plain")


def test_a_login_reads_what_it_was_granted_and_is_told_how_to_get_more(
    postgres_server: Server, postgres_url: str, owner: psycopg.Connection[Any]
) -> None:
    owner.execute("""
        CREATE TABLE shop.mine (n int); CREATE TABLE shop.theirs (n int);
        CREATE ROLE reader LOGIN; GRANT USAGE ON SCHEMA shop TO reader; GRANT SELECT ON shop.mine TO reader
    """)
    warehouse = opened(postgres_server.url(owner.info.dbname, user="reader"))
    assert warehouse.read_relations() == ("shop.mine",)
    assert fetch(warehouse, "SELECT n FROM shop.mine") == []
    with pytest.raises(OutsideError) as caught:
        fetch(warehouse, "SELECT n FROM shop.theirs")
    (said,) = caught.value.diagnostics
    assert said.code == codes.NOT_GRANTED
    assert "`reader`" in said.what
    assert "theirs" in said.what
    assert "GRANT SELECT ON … TO reader" in said.mend
    warehouse.close()
    owner.execute("DROP OWNED BY reader; DROP ROLE reader")


def test_a_superuser_writes_nothing_either(warehouse: PostgresWarehouse, owner: psycopg.Connection[Any]) -> None:
    owner.execute("CREATE TABLE shop.t (n int); CREATE SEQUENCE shop.s; CREATE TEMPORARY TABLE mine (n int)")
    for attempt in (
        "SELECT set_config('transaction_read_only', 'off', true)",
        "SELECT nextval('shop.s')",
        "WITH a AS (SELECT set_config('transaction_read_only', 'off', true)), b AS (DELETE FROM shop.t) SELECT 1",
        "SELECT 1) AS x; DELETE FROM shop.t; SELECT (1",
        "EXPLAIN ANALYZE DELETE FROM shop.t",
        "COPY shop.t TO '/tmp/x'",
        "COPY (SELECT 1) TO PROGRAM 'true'",
        "DO $$ BEGIN DELETE FROM shop.t; END $$",
        "CALL nothing()",
        "SET TRANSACTION READ WRITE",
        "ROLLBACK",
        "LISTEN loadline",
        "LOCK TABLE shop.t",
        "SELECT * FROM shop.t FOR UPDATE",
        "PREPARE p AS SELECT 1",
        "EXECUTE p",
        "TABLE shop.t",
    ):
        assert code_of(fetch, warehouse, attempt) in {codes.NOT_A_READ, codes.REFUSED_BY_ENGINE}, attempt
    assert fetch(warehouse, "SELECT current_setting('transaction_read_only')") == [("on",)]
    with suppress(OutsideError):  # some servers let a large object be made even here: it is rolled back
        fetch(warehouse, "SELECT lo_create(0)")
    assert owner.execute("SELECT count(*) FROM pg_largeobject_metadata").fetchall() == [(0,)]


def test_comments_and_brackets_before_a_query_are_let_through(warehouse: PostgresWarehouse) -> None:
    assert fetch(warehouse, "-- why\n  (SELECT 1 UNION ALL SELECT 2) ORDER BY 1") == [(1,), (2,)]
    assert fetch(warehouse, "VALUES ('50% off', '%s')") == [("50% off", "%s")]


# -- long and large


def test_a_large_result_is_streamed_and_can_be_left(
    warehouse: PostgresWarehouse, owner: psycopg.Connection[Any]
) -> None:
    """A hundred million rows are never held, here or there, and leaving them ends the query."""
    fetched = warehouse.read_rows(
        "SELECT i, i::text FROM (SELECT generate_series(1, 100000000) AS i) AS s", timeout_seconds=60, max_rows=10**9
    )
    first = next(fetched.batches)
    assert len(first) == BATCH_ROWS
    assert first[-1] == (BATCH_ROWS, str(BATCH_ROWS))
    assert [state for state, _ in running(owner)] == ["active"]
    fetched.batches.close()  # type: ignore[attr-defined]
    assert {state for state, _ in running(owner)} == {"idle"}


def test_a_result_nobody_holds_any_more_lets_its_connection_go(
    warehouse: PostgresWarehouse, owner: psycopg.Connection[Any]
) -> None:
    fetched = warehouse.read_rows("SELECT generate_series(1, 1000000)", timeout_seconds=60, max_rows=10**9)
    next(fetched.batches)
    del fetched
    assert fetch(warehouse, "SELECT 1") == [(1,)]


def test_a_stopped_query_is_stopped_on_the_server(warehouse: PostgresWarehouse, owner: psycopg.Connection[Any]) -> None:
    slow = PostgresSite("").slow_sql
    assert code_of(fetch, warehouse, slow, timeout_seconds=0.1) == codes.TOO_SLOW
    interrupter = threading.Timer(0.2, _thread.interrupt_main)
    interrupter.start()
    with pytest.raises(KeyboardInterrupt):
        fetch(warehouse, slow)
    interrupter.join()
    owner.execute("SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE false")
    assert "active" not in [state for state, _ in running(owner)]
    assert fetch(warehouse, "SELECT 1") == [(1,)]


def test_a_query_that_an_administrator_stops_was_cancelled(
    warehouse: PostgresWarehouse, owner: psycopg.Connection[Any]
) -> None:
    stop = "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE application_name = 'loadline'"
    timer = threading.Timer(0.2, lambda: owner.execute(stop))
    timer.start()
    assert code_of(fetch, warehouse, PostgresSite("").slow_sql) == codes.CANCELLED
    timer.join()


def test_a_lock_is_waited_for_a_while_only(
    warehouse: PostgresWarehouse, owner: psycopg.Connection[Any], postgres_url: str
) -> None:
    owner.execute("CREATE TABLE shop.t (n int)")
    with psycopg.connect(postgres_url) as other:
        other.execute("LOCK TABLE shop.t IN ACCESS EXCLUSIVE MODE")
        assert code_of(fetch, warehouse, "SELECT n FROM shop.t", timeout_seconds=0.4) == codes.RELATION_LOCKED
    assert fetch(warehouse, "SELECT n FROM shop.t") == []


def test_a_connection_lost_between_two_questions_is_made_again_and_one_lost_within_is_told(
    warehouse: PostgresWarehouse, owner: psycopg.Connection[Any]
) -> None:
    kill = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'loadline'"
    assert fetch(warehouse, "SELECT 1") == [(1,)]
    owner.execute(kill)
    assert fetch(warehouse, "SELECT 2") == [(2,)]
    timer = threading.Timer(0.2, lambda: owner.execute(kill))
    timer.start()
    with pytest.raises(OutsideError) as caught:
        fetch(warehouse, PostgresSite("").slow_sql)
    timer.join()
    assert caught.value.diagnostics[0].code == codes.CONNECTION_LOST
    assert caught.value.retryable
    assert fetch(warehouse, "SELECT 3") == [(3,)]


# -- versions


def test_without_a_word_no_two_versions_are_equal(warehouse: PostgresWarehouse, owner: psycopg.Connection[Any]) -> None:
    owner.execute("CREATE TABLE shop.t (n int)")
    first, second = (warehouse.read_version(["shop.t"]) for _ in range(2))
    assert first.startswith("none:")
    assert first != second


def test_a_snapshot_is_a_version_until_anything_is_written(postgres_url: str, owner: psycopg.Connection[Any]) -> None:
    owner.execute("""
        CREATE TABLE shop.t (n int); CREATE TABLE shop.u (n int); CREATE VIEW shop.v AS SELECT n FROM shop.t;
        CREATE MATERIALIZED VIEW shop.m AS SELECT n, now() AS at FROM shop.t;
        CREATE VIEW shop."current" AS SELECT n AS now FROM shop.v
    """)
    still = opened(postgres_url, versions="snapshot")
    names = ("shop.t", "shop.u", "shop.v", "shop.m", "shop.current")
    first = {name: still.read_version([name]) for name in names}
    assert all(version.startswith("stat:") for version in first.values())
    assert len(set(first.values())) == len(names)
    assert {name: still.read_version([name]) for name in names} == first
    owner.execute("INSERT INTO shop.u VALUES (1)")
    assert not {still.read_version([name]) for name in names} & set(first.values())
    with psycopg.connect(postgres_url) as other:
        other.execute("INSERT INTO shop.t VALUES (1)")
        before = still.read_version(["shop.t"])
        other.commit()
    assert still.read_version(["shop.t"]) != before
    still.close()


@pytest.mark.parametrize(
    "made",
    [
        "CREATE UNLOGGED TABLE shop.x (n int)",
        "CREATE VIEW shop.x AS SELECT n FROM shop.t WHERE at > now() - interval '30 days'",
        "CREATE VIEW shop.x AS SELECT n FROM shop.t WHERE at::date = CURRENT_DATE",
        "CREATE VIEW shop.x AS SELECT n, random() FROM shop.t",
        "CREATE VIEW shop.x AS SELECT n FROM shop.t TABLESAMPLE SYSTEM (50)",
        "CREATE VIEW shop.x AS SELECT n FROM shop.t LIMIT 1",
        "CREATE VIEW shop.inner AS SELECT n, now() FROM shop.t; CREATE VIEW shop.x AS SELECT n FROM shop.inner",
        """CREATE FUNCTION shop.f() RETURNS int VOLATILE LANGUAGE sql AS 'SELECT 1';
        CREATE VIEW shop.x AS SELECT shop.f() AS n""",
        """CREATE TABLE shop.x (n int) PARTITION BY LIST (n);
        CREATE UNLOGGED TABLE shop.x1 PARTITION OF shop.x FOR VALUES IN (1)""",
    ],
)
def test_what_changes_without_a_transaction_has_no_version(
    postgres_url: str, owner: psycopg.Connection[Any], made: str
) -> None:
    owner.execute("CREATE TABLE shop.t (n int, at timestamptz)")
    owner.execute(made)
    still = opened(postgres_url, versions="snapshot")
    assert still.read_version(["shop.t"]).startswith("stat:")
    assert still.read_version(["shop.x", "shop.t"]).startswith("none:")
    still.close()


def test_row_security_that_binds_the_login_leaves_no_version(
    postgres_server: Server, owner: psycopg.Connection[Any]
) -> None:
    owner.execute("""
        CREATE TABLE shop.t (n int); ALTER TABLE shop.t ENABLE ROW LEVEL SECURITY;
        CREATE POLICY p ON shop.t USING (n < extract(hour FROM now())); CREATE ROLE bound LOGIN;
        GRANT USAGE ON SCHEMA shop TO bound; GRANT SELECT ON shop.t TO bound
    """)
    still = opened(postgres_server.url(owner.info.dbname, user="bound"), versions="snapshot")
    assert still.read_version(["shop.t"]).startswith("none:")
    still.close()
    owner.execute("DROP OWNED BY bound; DROP ROLE bound")


# -- connections


def test_questions_one_after_another_share_a_connection(postgres_url: str, owner: psycopg.Connection[Any]) -> None:
    warehouse = opened(make_conninfo(postgres_url, application_name="few"))
    for _ in range(10):
        fetch(warehouse, "SELECT 1")
    assert owner.execute("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'few'").fetchall() == [(1,)]
    warehouse.close()


def test_what_an_address_says_goes_before_what_is_usual(postgres_url: str) -> None:
    named = make_conninfo(postgres_url, application_name="nightly")
    warehouse = open_postgres(postgres_settings(url="env:OTHER"), {"OTHER": named, "DATABASE_URL": "wrong"})
    assert fetch(warehouse, "SELECT current_setting('application_name')") == [("nightly",)]
    assert conninfo_to_dict(named)["application_name"] == "nightly"
    warehouse.close()
