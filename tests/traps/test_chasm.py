"""Chasm: two facts hang on one dimension; joining both to it multiplies every row of one by those of the other."""

from decimal import Decimal

from loadline.semantics import codes
from semantics.oracle_world import Table, World, ask
from traps.trap import answers, refuses

WORLD = World(
    Table(
        "customers",
        {"customer_id": "integer", "region": "string"},
        rows=[(1, "north"), (2, "south"), (3, "east"), (4, "west")],
        key=("customer_id",),
    ),
    Table(
        "invoices",
        {"invoice_id": "integer", "customer_id": "integer", "amount": "number"},
        rows=[(1, 1, Decimal(10)), (2, 1, Decimal(20)), (3, 2, Decimal(5))],
        key=("invoice_id",),
    ),
    Table(
        "tickets",
        {"ticket_id": "integer", "customer_id": "integer", "hours": "number"},
        rows=[(1, 1, Decimal(1)), (2, 1, Decimal(2)), (3, 1, Decimal(4)), (4, 3, Decimal("0.5"))],
        key=("ticket_id",),
    ),
    joins=["invoices.customer_id -> customers.customer_id", "tickets.customer_id -> customers.customer_id"],
    metrics={
        "invoiced": "sum(invoices.amount)",
        "hours": "sum(tickets.hours)",
        "tickets_counted": "count(tickets)",
        "invoices_counted": "count(invoices)",
        "customers_counted": "count(customers)",
        "invoiced_per_ticket": "invoiced / tickets_counted",
        "touches": "invoices_counted + tickets_counted",
    },
)


def test_the_naive_join_multiplies_the_facts() -> None:
    naive = WORLD.plain_sql(
        "SELECT region, sum(amount), sum(hours) FROM customers LEFT JOIN invoices USING (customer_id)"
        " LEFT JOIN tickets USING (customer_id) WHERE region = 'north' GROUP BY region"
    )
    assert naive == [("north", Decimal(90), Decimal(14))]  # 30 three times, 7 twice


def test_each_fact_keeps_its_own_total_in_every_group() -> None:
    query = ask("invoiced", "hours", "tickets_counted", by=["customers.region"])
    answers(
        WORLD,
        query,
        [("east", None, Decimal("0.5"), 1), ("north", 30, 7, 3), ("south", 5, None, 0)],
    )


def test_the_total_is_the_same_without_groups() -> None:
    answers(WORLD, ask("invoiced", "hours", "invoiced_per_ticket"), [(35, Decimal("7.5"), Decimal("8.75"))])


def test_the_dimension_may_itself_be_counted_beside_its_facts() -> None:
    query = ask("customers_counted", "touches", by=["customers.region"])
    answers(WORLD, query, [("east", 1, 1), ("north", 1, 5), ("south", 1, 1), ("west", 1, 0)])


def test_a_field_of_one_fact_does_not_group_the_other() -> None:
    refuses(WORLD, ask("invoiced", "hours", by=["tickets.ticket_id"]), codes.FAN_OUT)


def test_a_condition_on_a_group_sees_the_stitched_row() -> None:
    query = ask("invoiced", "tickets_counted", by=["customers.region"], where=[("tickets_counted", "=", 0)])
    answers(WORLD, query, [("south", 5, 0)])
