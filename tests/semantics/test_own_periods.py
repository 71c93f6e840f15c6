"""What was so many of the company's own periods ago, over rows in a real engine."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import duckdb
import pytest

from loadline.semantics import compile_sql, link, resolve
from loadline.values.model import Calendar, Dataset, Field, Metric, Model, Spine, Text
from loadline.values.place import Place
from loadline.values.query import By, Grain, Query

HERE = Place(file="x")


def text(value: str) -> Text:
    return Text(value=value, place=HERE)


def field(name: str, kind: str | None = None) -> Field:
    return Field(name=name, expr=text(name), type=kind, place=HERE)


MODEL = Model(
    datasets={
        "sales": Dataset(
            name="sales", source="sales", time="day", place=HERE,
            fields={"day": field("day", "date"), "amount": field("amount", "integer")},
        )
    },
    metrics={
        "amount": Metric(name="amount", expr=text("sum(sales.amount)"), place=HERE),
        "before": Metric(name="before", expr=text("amount[1 season ago]"), place=HERE),
    },
    calendar=Calendar(spines=(Spine(source="days", column="day", grains={"season": "season"}, place=HERE),)),
)  # fmt: skip


def test_a_day_looks_at_the_same_day_of_the_period_before_its_own() -> None:
    """Two seasons of three days: the n-th day of the second shows the n-th day of the first, and no other."""
    linked = link(MODEL)
    query = Query(metrics=("before",), by=(By(name="time", grain=Grain.DAY),))
    sql = compile_sql(linked, resolve(linked, query)).sql
    with duckdb.connect() as engine:
        engine.sql("create table days as select date '2024-01-01' + n::int as day, "
                   "date '2024-01-01' + (n // 3 * 3)::int as season from range(6) as r(n)")  # fmt: skip
        engine.sql("create table sales as select day, day(day) as amount from days")
        rows = engine.sql(sql).fetchall()
    first = date(2024, 1, 1)
    assert rows == [(first + timedelta(days=3 + n), n + 1) for n in range(3)]


def test_a_table_of_periods_counts_among_what_a_plan_reads() -> None:
    """Its rows decide the answer: policy sees its columns where it is a dataset, and its version is the answer's."""
    days = Dataset(name="calendar", source="days", fields={"season": field("season", "date")}, place=HERE)
    plan = resolve(
        link(replace(MODEL, datasets={**MODEL.datasets, "calendar": days})),
        Query(metrics=("before",), by=(By(name="time", grain=Grain.DAY),)),
    )
    assert plan.spines == ("days",)
    assert {"calendar.day", "calendar.season", "sales.amount"} <= plan.touches
    assert "which periods there are is read from `days`" in plan.assumptions


def test_a_plan_without_periods_reads_no_table_of_them() -> None:
    plan = resolve(link(MODEL), Query(metrics=("amount",), by=(By(name="time", grain=Grain.MONTH),)))
    assert plan.spines == ()


@pytest.mark.parametrize(("grain", "is_said"), [(Grain.WEEK, True), (Grain.MONTH, False), (Grain.DAY, False)])
def test_months_back_say_what_they_are_by_week(grain: Grain, is_said: bool) -> None:
    metric = Metric(name="ago", expr=text("amount[1 month ago]"), place=HERE)
    linked = link(replace(MODEL, metrics={**MODEL.metrics, "ago": metric}))
    plan = resolve(linked, Query(metrics=("ago",), by=(By(name="time", grain=grain),)))
    assert any("count twice or not at all" in said for said in plan.assumptions) == is_said
