"""Fan-out: joining the lines of an order repeats the order, and its amount is added once for every line."""

from decimal import Decimal

from loadline.semantics import codes
from semantics.oracle_world import Measure, Table, World, ask
from traps.trap import answers, refuses

WORLD = World(
    Table(
        "orders",
        {"order_id": "integer", "status": "string", "amount": "number"},
        rows=[(1, "open", Decimal(100)), (2, "open", Decimal(50)), (3, "paid", Decimal(7))],
        key=("order_id",),
    ),
    Table(
        "lines",
        {"order_id": "integer", "product": "string", "quantity": "integer"},
        rows=[(1, "rope", 2), (1, "sail", 1), (1, "rope", 2), (2, "rope", 5)],  # the third repeats the first
    ),
    joins=["lines.order_id -> orders.order_id"],
    metrics={
        "revenue": "sum(orders.amount)",
        "quantity": "sum(lines.quantity)",
        "orders_counted": "count(orders)",
        "revenue_per_piece": "revenue / quantity",
        "paid_revenue": Measure("sum(orders.amount)", where="orders.status = 'paid'"),
    },
)


def test_the_naive_join_counts_an_order_once_for_each_of_its_lines() -> None:
    naive = WORLD.plain_sql("SELECT sum(o.amount), sum(l.quantity) FROM orders o LEFT JOIN lines l USING (order_id)")
    assert naive == [(Decimal(357), 10)]  # 100 three times


def test_each_fact_is_added_up_before_they_meet() -> None:
    answers(WORLD, ask("revenue", "quantity"), [(157, 10)])


def test_a_dimension_on_the_one_side_is_shared_by_both() -> None:
    query = ask("revenue", "quantity", "revenue_per_piece", "orders_counted", by=["orders.status"])
    answers(WORLD, query, [("open", 150, 10, 15, 2), ("paid", 7, None, None, 1)])


def test_a_measure_of_the_one_side_is_not_broken_down_by_the_many_side() -> None:
    error = refuses(WORLD, ask("revenue", by=["lines.product"]), codes.FAN_OUT)
    assert "revenue" in str(error)
    assert "lines.product" in str(error)


def test_a_filter_on_the_many_side_is_refused_too() -> None:
    """`EXISTS` and a join are two answers, and nobody said which."""
    refuses(WORLD, ask("revenue", where=[("lines.product", "=", "rope")]), codes.FAN_OUT)


def test_one_fact_out_of_reach_is_enough_to_refuse() -> None:
    refuses(WORLD, ask("quantity", "revenue", by=["lines.product"]), codes.FAN_OUT)
    answers(WORLD, ask("quantity", by=["lines.product"]), [("rope", 9), ("sail", 1)])


def test_a_filter_on_the_one_side_applies_to_both_facts() -> None:
    query = ask("revenue", "quantity", where=[("orders.status", "=", "open")])
    answers(WORLD, query, [(150, 10)])
