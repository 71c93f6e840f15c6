"""Distinct across a fan: distinct counts do not add up, neither over groups nor over facts."""

from decimal import Decimal

from semantics.oracle_world import Measure, Table, World, ask
from traps.trap import answers

WORLD = World(
    Table("orders", {"id": "integer", "customer_id": "integer", "channel": "string", "amount": "integer"},
          rows=[(1, 1, "web", 5), (2, 1, "shop", 5), (3, 2, "web", 7), (4, 2, "web", 7), (5, None, "web", 1)],
          key=("id",)),
    Table("lines", {"order_id": "integer", "product": "string"},
          rows=[(1, "rope"), (1, "rope"), (2, "rope"), (3, "sail"), (9, "sail"), (None, None)]),
    Table("customers", {"id": "integer", "city": "string"}, rows=[(1, "Oslo"), (2, "Oslo"), (3, "Rome")], key=("id",)),
    joins=["lines.order_id -> orders.id", "orders.customer_id -> customers.id"],
    metrics={
        "buyers": "count(distinct orders.customer_id)",
        "products": "count(distinct lines.product)",
        "line_buyers": "count(distinct orders.customer_id)",
        "amounts": "count(distinct orders.amount)",
        "web_buyers": Measure("count(distinct orders.customer_id)", where="orders.channel = 'web'"),
        "web_share": "web_buyers / buyers",
        "revenue": "sum(orders.amount)",
        "revenue_per_buyer": "revenue / buyers",
        "cities": "count(distinct customers.city)",
    },
)  # fmt: skip


def test_the_naive_sum_of_distinct_counts_counts_a_buyer_in_every_channel() -> None:
    naive = WORLD.plain_sql(
        "SELECT sum(n) FROM (SELECT channel, count(DISTINCT customer_id) AS n FROM orders GROUP BY channel)"
    )
    assert naive == [(3,)]


def test_the_naive_repair_of_a_fan_by_sum_distinct_drops_equal_amounts() -> None:
    naive = WORLD.plain_sql("SELECT sum(DISTINCT o.amount) FROM orders o LEFT JOIN lines l ON l.order_id = o.id")
    assert naive == [(13,)]  # of 25


def test_distinct_is_counted_afresh_at_every_level() -> None:
    answers(WORLD, ask("buyers", by=["orders.channel"]), [("shop", 1), ("web", 2)])
    answers(WORLD, ask("buyers", "amounts", "cities"), [(2, 3, 2)])


def test_distinct_beside_sums_of_the_same_and_of_another_fact() -> None:
    query = ask("buyers", "revenue", "products", "revenue_per_buyer", "web_share", by=["customers.city"])
    answers(WORLD, query, [("Oslo", 2, 24, 2, 12, 1), (None, 0, 1, 1, None, None)])
    answers(WORLD, ask("revenue_per_buyer", "web_share"), [(Decimal("12.5"), 1)])


def test_the_distinct_values_of_a_dimension_are_its_own() -> None:
    answers(WORLD, ask("cities", "buyers", by=["customers.city"]), [("Oslo", 1, 2), ("Rome", 1, 0), (None, 0, 0)])
