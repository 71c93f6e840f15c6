"""The two statements on a real PostgreSQL: the same bins and counts as DuckDB gives."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import duckdb
import psycopg
import pytest

from loadline.checks.drift import (
    Cut,
    Profile,
    profile_need,
    read_profiles,
    read_reference,
    reference_needs,
    windows_need,
)

TYPES = {"x": "DOUBLE PRECISION", "n": "INTEGER", "k": "TEXT", "flag": "BOOLEAN", "at": "TIMESTAMP"}
DAY = datetime.fromisoformat("2026-03-01")


def rows() -> list[tuple[float | None, int, str | None, bool | None, datetime]]:
    chance = random.Random(4)  # noqa: S311 - data, not a secret
    return [
        (
            None if chance.random() < 0.05 else float("nan") if chance.random() < 0.02 else chance.gauss(0, 1),
            chance.randint(0, 9),
            chance.choice(["a", "b", "it's", "", None]),
            chance.choice([True, False, None]),
            DAY + timedelta(hours=at % 70),
        )
        for at in range(900)
    ]


@pytest.mark.parametrize("is_kept", [True, False])
def test_both_engines_count_alike(postgres_url: str, is_kept: bool) -> None:
    made = rows()
    duck = duckdb.connect()
    duck.execute('CREATE TABLE t (x DOUBLE, n INTEGER, k TEXT, flag BOOLEAN, "at" TIMESTAMP)')
    duck.executemany("INSERT INTO t VALUES (?, ?, ?, ?, ?)", [list(row) for row in made])
    with psycopg.connect(postgres_url) as postgres:
        postgres.execute('CREATE TEMP TABLE t (x DOUBLE PRECISION, n INTEGER, k TEXT, flag BOOLEAN, "at" TIMESTAMP)')
        with postgres.cursor() as cursor:
            cursor.executemany("INSERT INTO t VALUES (%s, %s, %s, %s, %s)", made)

        def cut(dialect: str) -> Cut:
            end = DAY + timedelta(days=2)
            return Cut(relation="t", dialect=dialect, time="at", unit="day", end=end, segment="k", is_kept=is_kept)

        def fetched(sql: str, dialect: str) -> Sequence[Sequence[object]]:
            return duck.execute(sql).fetchall() if dialect == "duckdb" else postgres.execute(sql.encode()).fetchall()

        found: dict[str, Any] = {}
        for dialect in ("duckdb", "postgres"):
            bins = read_reference(fetched(reference_needs(cut(dialect), TYPES)[0].sql, dialect), TYPES)
            if found:  # an edge may differ in its sixth digit: DuckDB takes quantiles of single precision
                theirs = found["duckdb"][0]
                assert [one.edges for one in bins] == [pytest.approx(one.edges, rel=2e-6) for one in theirs]
                bins = tuple(replace(one, edges=other.edges) for one, other in zip(bins, theirs, strict=True))
            counts = read_profiles(fetched(profile_need(cut(dialect), bins, TYPES).sql, dialect), bins, ("a", "it's"))
            names = [(str(name), n) for name, n in fetched(windows_need(cut(dialect)).sql, dialect)]
            found[dialect] = (bins, counts, names)
        assert found["duckdb"] == found["postgres"]
        windows = found["postgres"][1]
        assert len(windows) == 2
        assert sum(Profile(counts=counts).rows for counts in windows.values()) == sum(
            row[4] < DAY + timedelta(days=2) for row in made
        )
