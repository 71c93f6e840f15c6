"""Histories: a customer changes plan, and an order belongs to the plan that held on the day it was placed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import duckdb

from loadline.checks import needs
from loadline.semantics import compile_sql, resolve
from loadline.values.finding import SqlNeed
from loadline.values.model import Relationship
from semantics.shop import HERE, dataset, metric, model, query
from traps.by_hand import Worked

PLANS = Relationship(
    source="orders",
    source_columns=("customer_id",),
    target="plans",
    target_columns=("customer_id",),
    valid=("since", "until"),
    place=HERE,
)
WORLD = Worked(
    model=model(
        dataset("orders", "id:integer customer_id:integer amount:integer on_day:date", source="orders", time="on_day"),
        dataset("plans", "customer_id:integer plan:string since:date until:date", source="plans"),
        joins=(PLANS,),
        metrics=(metric("revenue", "sum(orders.amount)"), metric("orders_placed", "count(orders)")),
    ),
    tables={
        "orders": """SELECT * FROM (VALUES (1, 7, 10, DATE '2025-01-31'), (2, 7, 20, DATE '2025-02-01'),
            (3, 7, 40, DATE '2025-06-30'), (4, 8, 80, DATE '2025-02-01'), (5, 9, 160, DATE '2025-02-01'),
            (6, 7, 320, NULL)) t(id, customer_id, amount, on_day)""",
        "plans": """SELECT * FROM (VALUES (7, 'small', DATE '2024-01-01', DATE '2025-02-01'),
            (7, 'large', DATE '2025-02-01', NULL), (8, 'small', DATE '2025-03-01', NULL)
            ) t(customer_id, plan, since, until)""",
    },
)


def test_the_naive_join_counts_an_order_once_for_each_plan_ever_held() -> None:
    naive = WORLD.plain("SELECT sum(amount) FROM orders LEFT JOIN plans USING (customer_id)")
    assert naive == [(10 * 2 + 20 * 2 + 40 * 2 + 80 + 160 + 320 * 2,)]


def test_an_order_belongs_to_the_plan_that_held_on_its_day() -> None:
    # on the very day of the change the new plan holds; before the first plan, without one or without a day: none
    by_hand = [("small", 10, 1), ("large", 60, 2), (None, 560, 3)]
    WORLD.answers(query("revenue", "orders_placed", by=("plans.plan",)), by_hand)
    WORLD.answers(query("revenue"), [(630,)])
    WORLD.answers(query("revenue", where=("plans.plan = large",)), [(60,)])


def test_two_rows_that_hold_at_once_are_found_and_a_gap_is_not() -> None:
    linked = WORLD.linked()
    plan = resolve(linked, query("revenue", by=("plans.plan",)))
    (need,) = [need for need in needs(plan, compile_sql(linked, plan), model=linked.model) if isinstance(need, SqlNeed)]
    assert WORLD.connection().execute(need.sql).fetchall() == [(0, 0)]
    for added, overlaps in (
        ("(8, 'tiny', DATE '2025-02-01', DATE '2025-03-01')", 0),  # ends as the next begins
        ("(8, 'tiny', DATE '2025-02-01', DATE '2025-03-02')", 1),  # a day too long
        ("(7, 'huge', DATE '2025-05-01', NULL)", 1),  # the one before never ended
        ("(NULL, 'lost', DATE '2025-05-01', NULL)", 0),  # nobody's
    ):
        connection: duckdb.DuckDBPyConnection = WORLD.connection()
        connection.execute(f"INSERT INTO plans VALUES {added}")
        assert connection.execute(need.sql).fetchall() == [(overlaps, overlaps)]


def test_a_shifted_metric_meets_the_plan_of_the_day_its_rows_are_from() -> None:
    shifted = replace(WORLD, model=replace(WORLD.model, metrics={
        **WORLD.model.metrics, "before": metric("before", "revenue[1 day ago]")
    }))  # fmt: skip
    shifted.answers(
        query("before", by=("time:day", "plans.plan"), where=("plans.plan = small",)),
        [(date(2025, 2, 1), "small", 10)],
    )
