"""The two statements, run by DuckDB against counting by hand, and spelled for each dialect."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
import sqlglot
from hypothesis import given, settings
from hypothesis import strategies as st

from loadline.checks.drift import (
    NUMBERS_AS_TEXT,
    BinKind,
    Bins,
    Cut,
    profile_need,
    read_profiles,
    read_reference,
    reference_needs,
    windows_need,
)
from loadline.checks.drift.statements import texts_of_numbers
from loadline.values.finding import RowsNeed

GOLDEN = Path(__file__).parent / "golden"
TYPES = {"x": "DOUBLE", "k": "VARCHAR", "seen": "TIMESTAMP", "flag": "BOOLEAN"}
Row = tuple[float | None, str | None, datetime, bool | None]


def filled(rows: Sequence[Row]) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("CREATE TABLE t (x DOUBLE, k VARCHAR, seen TIMESTAMP, flag BOOLEAN)")
    connection.executemany("INSERT INTO t VALUES (?, ?, ?, ?)", [list(row) for row in rows])
    return connection


def fetched(connection: duckdb.DuckDBPyConnection, needs: Sequence[RowsNeed]) -> list[tuple[Any, ...]]:
    return [row for need in needs for row in connection.execute(need.sql).fetchall()]


def counted_by_hand(value: Any, bins: Bins) -> int:
    """The bin a value belongs to, as slowly and plainly as it can be said."""
    last = len(bins.labels) - 1
    if value is None:
        return last
    match bins.kind:
        case BinKind.NUMBER:
            return sum(value > edge for edge in bins.edges)
        case BinKind.CATEGORY:
            text = str(value).lower() if isinstance(value, bool) else str(value)
            if text in bins.top:
                return bins.top.index(text)
            return len(bins.top) + (0 if text in bins.rest or not bins.knows_all else 1)
        case _:
            return 0


DAY = datetime.fromisoformat("2025-01-01")  # on the clock of the data, which names no zone
moments = st.datetimes(min_value=DAY, max_value=DAY + timedelta(days=3))
rows_of_all_kinds = st.lists(
    st.tuples(
        st.none() | st.floats(-1e6, 1e6, allow_nan=False) | st.sampled_from([0.0, 1.0]),
        st.none() | st.sampled_from(["a", "b", "it's", "`q`", ""]),
        moments,
        st.none() | st.booleans(),
    ),
    min_size=1,
    max_size=40,
)


@settings(max_examples=25)
@given(rows_of_all_kinds, st.booleans(), st.booleans())
def test_a_profile_is_what_counting_by_hand_gives(rows: list[Row], is_kept: bool, is_by_time: bool) -> None:
    connection = filled(rows)
    cut = Cut(
        relation="t",
        dialect="duckdb",
        time="seen" if is_by_time else None,
        unit="day" if is_by_time else None,
        size=None if is_by_time else 7,
        segment="k",
        is_kept=is_kept,
    )
    bins = read_reference(fetched(connection, reference_needs(cut, TYPES)), TYPES)
    found = read_profiles(connection.execute(profile_need(cut, bins, TYPES).sql).fetchall(), bins, ("a",))
    windows = {str(name): n for name, n in connection.execute(windows_need(cut).sql).fetchall()}
    assert sum(windows.values()) == len(rows)
    assert found.keys() == windows.keys()
    for name, by_segment in found.items():
        inside = [
            row
            for at, row in enumerate(rows)
            if (f"{row[2]:%Y-%m-%d} 00:00:00" if is_by_time else str(at // 7)) == name
        ]
        for segment, columns in by_segment.items():
            kept = [row for row in inside if segment in ("", row[1])]
            for one in bins:
                if segment and one.column == "k":
                    continue
                expected = [0] * len(one.labels)
                for row in kept:
                    expected[counted_by_hand(row[list(TYPES).index(one.column)], one)] += 1
                assert list(columns[one.column]) == expected, (name, segment, one.column)


def test_quantile_bins_hold_about_the_same_each() -> None:
    connection = duckdb.connect()
    connection.execute("CREATE TABLE t AS SELECT (range * 7919 % 10007)::DOUBLE AS x FROM range(10007)")
    rows = Cut(relation="t", dialect="duckdb")
    (bins,) = read_reference(fetched(connection, reference_needs(rows, {"x": "DOUBLE"})), {"x": "DOUBLE"})
    assert len(bins.edges) == 19
    counts = read_profiles(connection.execute(profile_need(rows, (bins,), {"x": "DOUBLE"}).sql).fetchall(), (bins,))
    assert all(abs(count - 500) <= 2 for count in counts[""][""]["x"][:20])


def test_many_columns_are_referred_to_a_few_at_a_time_and_once_each() -> None:
    connection = duckdb.connect()
    types = {f"c{at:02d}": "BIGINT" for at in range(19)}
    connection.execute(
        f"CREATE TABLE t AS SELECT {', '.join(f'range * {at + 1} AS c{at:02d}' for at in range(19))} FROM range(40)"
    )
    needs = reference_needs(Cut(relation="t", dialect="duckdb"), types)
    assert len(needs) == 3
    bins = read_reference(fetched(connection, needs), types)
    assert [one.column for one in bins] == list(types)
    assert [one.edges[0] for one in bins] == [at + 1 for at in range(19)]


def test_what_is_not_a_number_is_missing() -> None:
    connection = duckdb.connect()
    connection.execute("CREATE TABLE t AS SELECT * FROM (VALUES (1.0), ('NaN'::DOUBLE), (NULL), (3.0)) v(x)")
    types = {"x": "DOUBLE"}
    rows = Cut(relation="t", dialect="duckdb")
    bins = (Bins(column="x", kind=BinKind.NUMBER, edges=(2.0,)),)
    found = read_profiles(connection.execute(profile_need(rows, bins, types).sql).fetchall(), bins)
    assert found[""][""]["x"] == (1, 1, 2)


def test_numbers_beside_marks_of_absence_are_told_from_names() -> None:
    types = {"n": "VARCHAR", "k": "VARCHAR"}
    found = [(-1, None, 99), *((0, str(i), 2) for i in range(30)), (0, "NA", 9), *((1, f"A{i}", 1) for i in range(30))]
    assert texts_of_numbers(found, types) == ("n",)
    connection = duckdb.connect()
    connection.execute("CREATE TABLE t AS SELECT * FROM (VALUES ('1'), ('NA'), ('3.5'), (NULL)) v(n)")
    bins = (Bins(column="n", kind=BinKind.NUMBER, edges=(2.0,)),)
    need = profile_need(Cut(relation="t", dialect="duckdb"), bins, {"n": NUMBERS_AS_TEXT})
    assert read_profiles(connection.execute(need.sql).fetchall(), bins)[""][""]["n"] == (1, 1, 2)


def test_a_text_of_its_own_in_every_row_is_watched_for_absence_alone() -> None:
    connection = duckdb.connect()
    connection.execute("CREATE TABLE t AS SELECT 'u' || range AS u FROM range(20000)")
    types = {"u": "VARCHAR"}
    rows = Cut(relation="t", dialect="duckdb")
    (bins,) = read_reference(fetched(connection, reference_needs(rows, types)), types)
    assert bins.kind is BinKind.NULLS
    assert "a value of its own" in bins.why


def test_bounds_are_half_open() -> None:
    day = [DAY + timedelta(days=days) for days in range(3)]
    connection = filled([(1.0, "a", at, True) for at in day])
    rows = Cut(relation="t", dialect="duckdb", time="seen", start=day[0], end=day[2])
    assert fetched(connection, reference_needs(rows, {"x": "DOUBLE"}))[0][2] == 2


def test_a_profile_of_thirty_columns_is_small() -> None:
    from loadline.values.canonical import canonical

    counts = {f"column_{i:02d}": tuple(1000 + 37 * b for b in range(21 if i < 20 else 53)) for i in range(30)}
    assert len(canonical({"": counts})) < 10_240


@pytest.mark.parametrize(
    "dialect", ["duckdb", "postgres", "snowflake", "bigquery", "databricks", "trino", "clickhouse"]
)
def test_the_statements_are_spelled_for_each_dialect(dialect: str) -> None:
    rows = Cut(
        relation="sales.orders",
        dialect=dialect,
        time="seen",
        start=DAY,
        end=DAY + timedelta(days=7),
        unit="day",
        is_kept=True,
    )
    bins = (
        Bins(column="x", kind=BinKind.NUMBER, edges=(1.0, 2.0, 3.0)),
        Bins(column="k", kind=BinKind.CATEGORY, top=("a",), rest=("b", "c")),
        Bins(column="seen", kind=BinKind.NULLS),
    )
    types = {"x": "DOUBLE", "k": "VARCHAR", "seen": "TIMESTAMP"}
    (reference,), profile = reference_needs(rows, types), profile_need(rows, bins, types)
    text = f"{reference.sql};\n\n{profile.sql};\n"
    for statement in (reference.sql, profile.sql):
        assert sqlglot.parse_one(statement, dialect=dialect)
    assert (GOLDEN / f"{dialect}.sql").read_text("utf-8") == text
