"""A rollup answers as the rows it stands for do, and is read only where it can."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from loadline.checks.rollups import is_current, need
from loadline.errors import ProjectError
from loadline.semantics import Linked, codes, compile_sql, link, resolve, rollup_query, rollups_for
from loadline.semantics.rollup_advice import advise
from loadline.values.canonical import plain
from loadline.values.finding import Missing, Row
from loadline.values.model import Rollup
from loadline.values.query import Window
from semantics.shop import HERE, SHOP, metric, opened, query, row_filter, text

BY_DAY = ("orders.ordered_at:day", "orders.status", "customers.segment", "destination.city")
KEPT = ("booked", "orders_count", "mean_amount", "smallest", "largest", "cancel_rate")
METRICS = (
    metric("mean_amount", "avg(orders.amount)"),
    metric("smallest", "min(orders.amount)"),
    metric("largest", "max(orders.amount)"),
    metric("gifts", "count(orders)", where="orders.is_gift"),
    metric("open_booked", "booked", where="orders.status = 'open'"),
    metric("of_good_customers", "sum(orders.amount)", where="booked[per customers.customer_id] > 100"),
    metric("mean_customer", "avg(booked[per customers.customer_id])"),
)


def rollup(name: str, *by: str, metrics: Sequence[str] = KEPT, dataset: str = "orders") -> Rollup:
    return Rollup(
        name=name,
        dataset=dataset,
        source=f"rolled.{name}",
        by=tuple(map(text, by)),
        metrics=tuple(map(text, metrics)),
        place=HERE,
    )


def shop(*rollups: Rollup) -> Linked:
    metrics = {**SHOP.metrics, **{one.name: one for one in METRICS}}
    return link(replace(SHOP, metrics=metrics, rollups={one.name: one for one in rollups}))


LINKED = shop(
    rollup("daily", *BY_DAY),
    rollup("monthly", "orders.ordered_at:month", "customers.segment", metrics=("booked", "orders_count")),
)


def filled(linked: Linked, connection: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    connection.execute("CREATE SCHEMA IF NOT EXISTS rolled")
    for one in linked.rollups:
        connection.execute(
            f"CREATE OR REPLACE TABLE {one.rollup.source} AS {rollup_query(linked, one.rollup.name, 'duckdb')}"
        )
    return connection


def with_orders(rows: Sequence[tuple[Any, ...]]) -> duckdb.DuckDBPyConnection:
    connection = opened()
    connection.execute("DELETE FROM shop.orders")
    for number, row in enumerate(rows):
        connection.execute("INSERT INTO shop.orders VALUES (?, ?, ?, ?, ?, 1, ?, NULL, ?)", [number, *row])
    return connection


ROWS = st.tuples(
    st.sampled_from((10, 11, 12, 99, None)),
    st.sampled_from((1, 2, 9, None)),
    st.sampled_from(("open", "cancelled", "closed", None)),
    st.decimals("-50", "50", places=2),
    st.one_of(
        st.none(),
        st.integers(0, 60 * 24 * 3).map(lambda hours: f"2025-01-30 22:15:00+00:00::{hours}"),
    ),
    st.booleans(),
)
GROUPS = (
    "time:day",
    "time:week",
    "time:month",
    "time:fiscal_quarter",
    "time:day_of_week",
    "orders.status",
    "customers.segment",
    "destination.city",
)
FILTERS = (
    "orders.status = open",
    "customers.segment is-null",
    "destination.city in Kiel, Lyon",
    "orders.status != open",
)


def moment(written: str | None) -> str | None:
    if written is None:
        return None
    start, _, hours = written.partition("::")
    day = date.fromisoformat(start[:10]) + timedelta(hours=0, days=int(hours) // 24)
    return f"{day} {int(hours) % 24:02}{start[13:]}"


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(ROWS, max_size=8),
    st.lists(st.sampled_from((*KEPT, "open_booked")), min_size=1, max_size=3, unique=True),
    st.lists(st.sampled_from(GROUPS), max_size=2, unique=True),
    st.lists(st.sampled_from(FILTERS), max_size=2, unique=True),
    st.one_of(st.none(), st.tuples(st.integers(0, 80), st.integers(1, 60))),
    st.booleans(),
)
def test_an_answer_from_a_rollup_equals_the_one_from_the_rows(
    rows: list[tuple[Any, ...]],
    metrics: list[str],
    by: list[str],
    where: list[str],
    window: tuple[int, int] | None,
    is_narrowed: bool,
) -> None:
    connection = filled(LINKED, with_orders([(*row[:4], moment(row[4]), row[5]) for row in rows]))
    during = None
    if window is not None:
        start = date(2025, 1, 20) + timedelta(days=window[0])
        during = Window(start=start, end=start + timedelta(days=window[1]), text="w")
    plan = resolve(LINKED, query(*metrics, by=tuple(by), where=tuple(where), during=during))
    filters = ((row_filter("destination.city <> 'Kiel' or destination.city is null"),),) if is_narrowed else ()
    uses = rollups_for(LINKED, plan, row_filters=filters)
    plain_sql = compile_sql(LINKED, plan, row_filters=filters).sql
    rolled = compile_sql(LINKED, plan, row_filters=filters, rollups=frozenset(use.name for use in uses))
    note(rolled.sql)
    assert [use.name for use in rolled.rollups], "each of these can be told from the daily rollup"
    assert "shop.orders" not in rolled.sql
    expected, found = (connection.execute(sql).fetchall() for sql in (plain_sql, rolled.sql))
    assert _rounded(found) == _rounded(expected)


def _rounded(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Means are computed in floating point, from other parts."""
    return [tuple(round(value, 9) if isinstance(value, float) else value for value in row) for row in rows]


@pytest.mark.parametrize(
    ("metrics", "by", "where", "serves"),
    [
        (("booked",), ("time:month",), (), "monthly"),  # the smaller of the two
        (("booked",), ("time:week",), (), "daily"),
        (("booked",), ("orders.status",), (), "daily"),
        (("booked",), ("time:hour",), (), None),
        (("booked",), ("customers.name",), (), None),
        (("booked",), (), ("orders.is_gift = true",), None),
        (("buyers",), ("time:month",), (), None),
        (("gifts",), (), (), None),  # a count of some rows is not kept
        (("booked", "recognized"), ("customers.segment",), (), "monthly"),  # only the fact that it stands for
    ],
)
def test_a_rollup_is_read_only_where_it_has_all_that_is_asked(
    metrics: tuple[str, ...], by: tuple[str, ...], where: tuple[str, ...], serves: str | None
) -> None:
    plan = resolve(LINKED, query(*metrics, by=by, where=where))
    assert [use.name for use in rollups_for(LINKED, plan)] == ([serves] if serves else [])


def test_a_window_that_cuts_a_month_is_not_told_from_months() -> None:
    for start, end, serves in (
        (date(2025, 3, 1), date(2025, 5, 1), "monthly"),
        (date(2025, 3, 2), date(2025, 5, 1), "daily"),
        (date(2025, 3, 1), date(2025, 4, 2), "daily"),
    ):
        plan = resolve(LINKED, query("booked", during=Window(start=start, end=end, text="w")))
        assert [use.name for use in rollups_for(LINKED, plan)] == [serves]


def test_a_row_filter_that_a_rollup_cannot_tell_keeps_to_the_rows() -> None:
    plan = resolve(LINKED, query("booked"))
    assert rollups_for(LINKED, plan, row_filters=((row_filter("orders.is_gift"),),)) == ()


def test_a_count_that_is_missing_where_there_is_nothing_keeps_to_the_rows() -> None:
    metrics = {**LINKED.model.metrics, "open_if_any": metric("open_if_any", "orders_count", is_null_if_absent=True)}
    linked = link(replace(LINKED.model, metrics=metrics))
    assert rollups_for(linked, resolve(linked, query("orders_count")))
    assert not rollups_for(linked, resolve(linked, query("open_if_any")))


def test_a_rollup_that_lags_behind_is_not_current_and_without_evidence_neither() -> None:
    connection = filled(LINKED, opened())
    (use,) = rollups_for(LINKED, resolve(LINKED, query("booked", by=("time:month",))))
    wanted = need(use, "duckdb")
    assert connection.execute(wanted.sql).fetchall() == [(6, 6)]
    assert is_current(Row(values=(6, 6)))
    connection.execute("INSERT INTO shop.orders SELECT * REPLACE (7 AS order_id) FROM shop.orders LIMIT 1")
    assert connection.execute(wanted.sql).fetchall() == [(7, 6)]
    for evidence in (Row(values=(7, 6)), Row(values=(None, 6)), Missing(why="gone"), None):
        assert not is_current(evidence)


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        (rollup("bad", "orders.status", metrics=("buyers",)), codes.WRONG_ROLLUP),
        (rollup("bad", "orders.status", metrics=("median_amount",)), codes.WRONG_ROLLUP),
        (rollup("bad", "orders.status", metrics=("of_good_customers",)), codes.WRONG_ROLLUP),
        (
            rollup("bad", "customers.segment", metrics=("mean_customer",), dataset="customers"),
            codes.WRONG_ROLLUP,
        ),
        (rollup("bad", "orders.status", metrics=("recognized",)), codes.WRONG_ROLLUP),
        (rollup("bad", "orders.status", metrics=("bokked",)), codes.WRONG_ROLLUP),
        (rollup("bad", "orders.ordered_at:hour"), codes.WRONG_ROLLUP),
        (rollup("bad", "orders.status", "orders.status"), codes.WRONG_ROLLUP),
        (rollup("bad", "orders.status:month"), codes.NO_GRAIN),
        (rollup("bad", "orders.stattus"), codes.UNKNOWN_NAME),
        (rollup("bad", "invoices.invoice_id"), codes.UNRELATED),
    ],
)
def test_what_does_not_add_up_is_not_kept(bad: Rollup, code: str) -> None:
    with pytest.raises(ProjectError) as caught:
        shop(bad)
    assert [d.code for d in caught.value.diagnostics] == [code]


def keyed(linked: Linked) -> Linked:
    model = linked.model
    orders = replace(model.datasets["orders"], key=("order_id",))
    return link(replace(model, datasets={**model.datasets, "orders": orders}))


def test_what_took_longest_is_recommended_and_what_is_kept_is_not() -> None:
    linked = keyed(shop(rollup("daily", *BY_DAY)))
    asked = [
        (query("booked", by=("time:month",)), 0.5),  # the daily rollup has it
        (query("gifts", by=("customers.name",)), 2.0),
        (query("gifts", by=("customers.name",)), 1.0),
        (query("gifts", where=("destination.country = FR",)), 0.1),
        (query("buyers", by=("orders.status",)), 9.0),  # does not add up
        (query("mean_customer", by=("customers.segment",)), 9.0),  # comes of orders
        (query("gifts", "recognized"), 9.0),  # two facts
        (query("gifts[1 month ago]", by=("time:month",)), 9.0),  # a metric of the question alone
        (query("gifts"), 9.0),  # one row, whatever is kept
        (query("gifts", by=("orders.order_id",)), 9.0),  # as long as the orders themselves
    ]
    advices = advise(linked, [(plain(one), seconds) for one, seconds in asked])
    assert [(one.by, one.metrics, one.questions, one.seconds) for one in advices] == [
        (("customers.name",), ("gifts",), 2, 3.0),
        (("destination.country",), ("gifts",), 1, 0.1),
    ]
