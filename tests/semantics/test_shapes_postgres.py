"""Metrics whose value at a time comes from other times: PostgreSQL gives the rows that DuckDB gives, in their order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import psycopg
import pytest
from hypothesis import given, note, settings
from hypothesis import strategies as st

from adapters.warehouses.sites import postgres_settings
from loadline.adapters.warehouses.postgres import open_postgres
from loadline.adapters.warehouses.postgres.warehouse import PostgresWarehouse
from loadline.errors import RequestError
from loadline.semantics import compile_sql, resolve
from loadline.testing.warehouses import fetch
from semantics.shop import query
from semantics.test_shapes import EVENTS, GRAINS, LINKED, WINDOWS, Event, number, some, world

QUESTIONS_PER_WORLD = 10
METRICS = tuple(LINKED.model.metrics)


@pytest.fixture(scope="module")
def warehouse(postgres_url: str) -> Iterator[PostgresWarehouse]:
    with psycopg.connect(postgres_url) as connection:
        for name in ("visits", "buys"):
            connection.execute(f'CREATE TABLE {name} (day DATE, "group" VARCHAR, "user" BIGINT, value BIGINT)')
    found = open_postgres(postgres_settings(), {"DATABASE_URL": postgres_url})
    yield found
    found.close()


def fill(url: str, visits: Sequence[Event], buys: Sequence[Event]) -> None:
    with psycopg.connect(url) as connection:
        for name, events in (("visits", visits), ("buys", buys)):
            connection.execute(f"TRUNCATE {name}")
            with connection.cursor().copy(f"COPY {name} FROM STDIN") as copied:
                for e in events:
                    copied.write_row((e.day, e.group, e.user, e.value))


@settings(some, max_examples=25)
@given(data=st.data(), visits=st.lists(EVENTS, max_size=12), buys=st.lists(EVENTS, max_size=8))
def test_both_engines_give_the_same_rows(
    data: st.DataObject, visits: list[Event], buys: list[Event], postgres_url: str, warehouse: PostgresWarehouse
) -> None:
    fill(postgres_url, visits, buys)
    duck = world(visits, buys)
    for _ in range(QUESTIONS_PER_WORLD):
        metrics = tuple(data.draw(st.lists(st.sampled_from(METRICS), min_size=1, max_size=3, unique=True)))
        grains = st.sampled_from((*GRAINS, "quarter", "year"))
        by = tuple(data.draw(st.lists(st.sampled_from(("visits.group", "time")), unique=True, max_size=2)))
        asked = query(
            *metrics,
            by=tuple(f"time:{data.draw(grains)}" if name == "time" else name for name in by),
            during=data.draw(WINDOWS),
        )
        try:
            plan = resolve(LINKED, asked)
            here, there = (compile_sql(LINKED, plan, dialect=name).sql for name in ("duckdb", "postgres"))
        except RequestError:
            continue
        note(there)
        found = [tuple(map(number, row)) for row in fetch(warehouse, there)]
        assert found == [tuple(map(number, row)) for row in duck.execute(here).fetchall()], asked
