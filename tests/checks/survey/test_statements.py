"""The statements of a survey, run: the sample is spread over all rows and in step with none of their patterns."""

from __future__ import annotations

from collections import Counter

import duckdb
import pytest
import sqlglot

from loadline.checks.survey import statements


@pytest.fixture(scope="module")
def connection() -> duckdb.DuckDBPyConnection:
    found = duckdb.connect(config={"threads": 1})
    found.execute("CREATE TABLE facts AS SELECT n, n % 50 AS period, 'x' || n % 7 AS word FROM range(100000) r(n)")
    return found


@pytest.mark.parametrize("every", [2, 7, 10, 50, 100, 250])
def test_a_sample_is_spread_whatever_the_period_of_the_rows(connection: duckdb.DuckDBPyConnection, every: int) -> None:
    sql = statements.sample("facts", [("n", False), ("period", False), ("word", True)], every=every, dialect="duckdb")
    rows = connection.execute(sql).fetchall()
    assert 0.9 * 100_000 / every <= len(rows) <= 1.1 * 100_000 / every
    tenths = Counter(row[0] // 10_000 for row in rows)
    assert min(tenths.values()) >= 0.8 * len(rows) / 10
    assert len({row[1] for row in rows}) == 50
    assert rows == connection.execute(sql).fetchall()


def test_totals_values_misses_and_partners_are_counted_over_all_rows(connection: duckdb.DuckDBPyConnection) -> None:
    totals = statements.totals("facts", [("n", True, True), ("word", False, False)], "duckdb")
    assert connection.execute(totals).fetchall() == [(100_000, 0, 99_999, 100_000, 100_000)]
    values = connection.execute(statements.values("facts", "word", most=3, dialect="duckdb")).fetchall()
    assert values == [("x0", 14286), ("x1", 14286), ("x2", 14286)]
    assert connection.execute(statements.misses("facts", [("word", "^x[0-5]$")], "duckdb")).fetchall() == [(14285,)]
    assert connection.execute(statements.distinct_rows("facts", ["period", "word"], "duckdb")).fetchall() == [(350,)]
    assert connection.execute(statements.inclusion("facts", "n", "facts", "period", "duckdb")).fetchall() == [
        (100_000, 50)
    ]


@pytest.mark.parametrize("dialect", ["duckdb", "postgres"])
def test_odd_names_are_quoted(dialect: str) -> None:
    sql = statements.sample('s.we"ird', [("select", True), ('a"b', False)], every=3, dialect=dialect)
    assert sqlglot.parse_one(sql, dialect=dialect).sql(dialect=dialect) == sql
    assert '"s"."we""ird"' in sql
    assert '"a""b"' in sql
