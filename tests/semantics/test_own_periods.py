"""What was so many of the company's own periods ago, over rows in a real engine."""

from __future__ import annotations

from datetime import date, timedelta

import duckdb

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
