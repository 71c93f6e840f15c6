"""Unmatched foreign keys: an order whose customer is unknown is still an order."""

from semantics.oracle_world import Measure, Table, World, ask, only_rows
from traps.trap import answers

WORLD = World(
    Table("orders", {"id": "integer", "customer_id": "integer", "amount": "integer"},
          rows=[(1, 1, 10), (2, None, 20), (3, 99, 40), (4, 2, 80), (5, 3, 160)]),
    Table("customers", {"id": "integer", "tier": "string", "country_id": "string"},
          rows=[(1, "gold", "NO"), (2, None, "IT"), (3, "gold", "XX")], key=("id",),
          fields={"tier_or_none": ("coalesce(tier, 'no tier')", "string"), "is_gold": ("tier = 'gold'", "boolean")}),
    Table("countries", {"code": "string", "name": "string"}, rows=[("NO", "Norway"), ("IT", "Italy")], key=("code",)),
    joins=["orders.customer_id -> customers.id", "customers.country_id -> countries.code"],
    metrics={
        "revenue": "sum(orders.amount)",
        "gold_revenue": Measure("sum(orders.amount)", where="customers.tier = 'gold'"),
        "homeless_revenue": Measure("sum(orders.amount)", where="countries.name is null"),
        "not_gold_revenue": Measure("sum(orders.amount)", where="not customers.is_gold"),
    },
)  # fmt: skip


def test_the_naive_inner_join_drops_facts() -> None:
    naive = WORLD.plain_sql("SELECT sum(amount) FROM orders o JOIN customers c ON c.id = o.customer_id")
    assert naive == [(250,)]  # of 310


def test_a_fact_without_a_partner_falls_into_the_null_group() -> None:
    answers(WORLD, ask("revenue", by=["customers.tier"]), [("gold", 170), (None, 140)])
    answers(WORLD, ask("revenue", by=["countries.name"]), [("Italy", 80), ("Norway", 10), (None, 220)])


def test_parts_sum_to_the_whole() -> None:
    answers(WORLD, ask("revenue"), [(310,)])


def test_a_field_of_a_customer_who_does_not_exist_is_null_whatever_its_expression() -> None:
    naive = WORLD.plain_sql(
        "SELECT coalesce(c.tier, 'no tier') AS t, sum(amount) FROM orders o LEFT JOIN customers c ON c.id ="
        " o.customer_id GROUP BY t ORDER BY t"
    )
    assert naive == [("gold", 170), ("no tier", 140)]  # of which 60 have no customer at all
    query = ask("revenue", by=["customers.tier_or_none"])
    answers(WORLD, query, [("gold", 170), ("no tier", 80), (None, 60)])


def test_filters_and_measures_see_null_where_nothing_matched() -> None:
    query = ask("revenue", "gold_revenue", "homeless_revenue", "not_gold_revenue")
    answers(WORLD, query, [(310, 170, 220, None)])
    answers(WORLD, ask("revenue", where=[("customers.tier", "is-null")]), [(140,)])
    answers(WORLD, ask("revenue", where=[("customers.tier", "!=", "silver")]), [(170,)])


def test_a_row_filter_shows_no_row_it_cannot_vouch_for() -> None:
    answers(WORLD, ask("revenue"), [(170,)], only_rows(["customers.tier = 'gold'"]))
    answers(WORLD, ask("revenue"), [(10,)], only_rows(["customers.tier = 'gold'"], ["countries.name <> 'Italy'"]))
