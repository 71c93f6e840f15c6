"""Sparse time: months without rows. A month is shown when a fact of the question has rows in it, and only then."""

from datetime import date

from semantics.oracle_world import Measure, Table, World, ask
from traps.trap import answers

WORLD = World(
    Table("orders", {"on_date": "date", "shipped_on": "date", "amount": "integer"}, time="on_date",
          rows=[(date(2025, 1, 5), date(2025, 3, 1), 1), (date(2025, 1, 31), None, 2),
                (date(2025, 4, 1), date(2025, 4, 1), 4),
                (None, date(2025, 4, 30), 8)]),
    Table("tickets", {"opened": "date", "is_urgent": "boolean"}, time="opened",
          rows=[(date(2025, 2, 28), True), (date(2025, 4, 2), False)]),
    metrics={
        "revenue": "sum(orders.amount)",
        "shipped": Measure("sum(orders.amount)", time="orders.shipped_on"),
        "tickets_counted": "count(tickets)",
        "urgent": Measure("count(tickets)", where="tickets.is_urgent"),
        "revenue_per_ticket": "revenue / tickets_counted",
    },
)  # fmt: skip

JAN, FEB, MAR, APR = (date(2025, month, 1) for month in (1, 2, 3, 4))


def test_the_naive_inner_join_of_two_series_loses_the_months_of_either() -> None:
    naive = WORLD.plain_sql(
        "SELECT month(on_date) AS m, sum(amount), count(*) FROM orders JOIN tickets ON month(on_date) = month(opened)"
        " GROUP BY m"
    )
    assert naive == [(4, 4, 1)]


def test_a_month_of_either_fact_is_there_once() -> None:
    query = ask("revenue", "tickets_counted", "revenue_per_ticket", by=["time:month"])
    answers(WORLD, query, [(JAN, 3, 0, None), (FEB, None, 1, None), (APR, 4, 1, 4), (None, 8, 0, None)])


def test_each_metric_is_placed_by_its_own_time() -> None:
    query = ask("revenue", "shipped", by=["time:month"])
    answers(WORLD, query, [(JAN, 3, None), (MAR, None, 1), (APR, 4, 12), (None, 8, 2)])


def test_a_window_takes_each_metric_by_its_own_time_and_no_row_without_one() -> None:
    answers(WORLD, ask("revenue", "shipped", "tickets_counted", during=("2025-02-01", "2025-05-01")), [(4, 13, 2)])
    answers(WORLD, ask("revenue", "shipped", during=(None, "2025-04-01")), [(3, 1)])
    answers(WORLD, ask("revenue", "tickets_counted", during=("2026-01-01", None)), [(None, 0)])
    answers(WORLD, ask("revenue", "tickets_counted", by=["time:day"], during=("2026-01-01", None)), [])


def test_a_filtered_metric_does_not_show_months_it_has_no_rows_in() -> None:
    answers(WORLD, ask("urgent", by=["time:month"]), [(FEB, 1)])
    answers(WORLD, ask("urgent", "tickets_counted", by=["time:month"]), [(FEB, 1, 1), (APR, 0, 1)])
