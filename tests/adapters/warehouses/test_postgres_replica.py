"""A read replica as a warehouse: what data engineers are told to ask instead of the primary."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from adapters.warehouses.sites import postgres_settings
from loadline.adapters.warehouses import codes
from loadline.adapters.warehouses.postgres import open_postgres
from loadline.adapters.warehouses.postgres.warehouse import PostgresWarehouse
from loadline.errors import OutsideError
from loadline.testing.warehouses import fetch
from postgres_server import Server


@pytest.fixture(scope="module")
def database(postgres_server: Server) -> Iterator[str]:
    name = postgres_server.new_database()
    with psycopg.connect(postgres_server.url(name)) as connection:
        connection.execute("CREATE TABLE t (n int); INSERT INTO t SELECT generate_series(1, 1000)")
    yield name
    postgres_server.drop_database(name)


@pytest.fixture(scope="module")
def replica(postgres_server: Server, database: str) -> Iterator[Server]:
    """It waits for nobody: a query in the way of what the primary did is stopped at once."""
    found = postgres_server.new_replica(
        {
            "max_standby_streaming_delay": "0",
            "hot_standby_feedback": "off",
            "wal_retrieve_retry_interval": "100ms",
        }
    )
    yield found
    found.stop()


@pytest.fixture
def warehouse(replica: Server, database: str) -> Iterator[PostgresWarehouse]:
    found = open_postgres(postgres_settings(versions="snapshot"), {"DATABASE_URL": replica.url(database)})
    yield found
    found.close()


def catch_up(primary: psycopg.Connection[Any], replica: psycopg.Connection[Any]) -> None:
    """Wait until the replica has replayed all that the primary has written."""
    primary.execute("SELECT pg_logical_emit_message(true, 'tests', 'a commit that is written at once')")
    (written,) = primary.execute("SELECT pg_current_wal_flush_lsn()::text").fetchall()
    until = time.monotonic() + 60
    while replica.execute("SELECT pg_last_wal_replay_lsn() >= %s::pg_lsn", written).fetchall() != [(True,)]:
        assert time.monotonic() < until, "the replica does not follow"
        time.sleep(0.02)


def test_a_replica_is_read_like_any_server(warehouse: PostgresWarehouse) -> None:
    assert fetch(warehouse, "SELECT count(*), sum(n) FROM t") == [(1000, 500500)]
    assert warehouse.read_relations() == ("public.t",)
    with pytest.raises(OutsideError) as caught:
        fetch(warehouse, "WITH gone AS (DELETE FROM t RETURNING n) SELECT count(*) FROM gone")
    assert caught.value.diagnostics[0].code == codes.NOT_A_READ


def test_a_replica_has_a_version_only_while_it_stands_still(
    postgres_server: Server, replica: Server, database: str, warehouse: PostgresWarehouse
) -> None:
    assert warehouse.read_version(["t"]).startswith("none:")
    with (
        psycopg.connect(postgres_server.url(database), autocommit=True) as primary,
        psycopg.connect(replica.url(database), autocommit=True) as there,
    ):
        primary.execute("SET synchronous_commit = local")  # the replica gets what is written, and not a while later
        catch_up(primary, there)
        there.execute("SELECT pg_wal_replay_pause()")
        until = time.monotonic() + 60
        while not warehouse.read_version(["t"]).startswith("stat:"):
            assert time.monotonic() < until, "the replay does not pause"
            primary.execute("INSERT INTO t VALUES (0)")  # a pause begins with the next thing there is to replay
        paused = warehouse.read_version(["t"])
        rows = fetch(warehouse, "SELECT n FROM t")
        primary.execute("INSERT INTO t VALUES (0)")
        assert fetch(warehouse, "SELECT n FROM t") == rows
        assert warehouse.read_version(["t"]) == paused
        there.execute("SELECT pg_wal_replay_resume()")
        catch_up(primary, there)
    assert len(fetch(warehouse, "SELECT n FROM t")) > len(rows)
    assert warehouse.read_version(["t"]).startswith("none:")


def test_a_query_in_the_way_of_the_replay_is_told_as_such(
    postgres_server: Server, database: str, warehouse: PostgresWarehouse
) -> None:
    def vacuum() -> None:
        with psycopg.connect(postgres_server.url(database), autocommit=True) as primary:
            primary.execute("SET synchronous_commit = local")
            primary.execute("DELETE FROM t WHERE n > 0")
            primary.execute("VACUUM t")

    timer = threading.Timer(0.3, vacuum)
    timer.start()
    with pytest.raises(OutsideError) as caught:
        fetch(warehouse, "SELECT count(*) FROM t a, t b, t c, t d", timeout_seconds=60)
    timer.join()
    (said,) = caught.value.diagnostics
    assert said.code == "WAR209"
    assert caught.value.retryable
    assert "hot_standby_feedback" in said.mend
