"""Convergent paths: from a shipment to a country by its origin, by its destination, or by its customer's home."""

import pytest

from loadline.semantics import codes
from semantics.oracle_world import Table, World, ask, only_rows
from traps.trap import answers, refuses

WORLD = World(
    Table("shipments", {"id": "integer", "from_id": "integer", "to_id": "integer", "customer_id": "integer"},
          rows=[(1, 1, 2, 10), (2, 1, 3, 20), (3, 2, 1, 10), (4, 2, 1, 20)]),
    Table("customers", {"id": "integer", "place_id": "integer"}, rows=[(10, 2), (20, 3)], key=("id",)),
    Table("places", {"id": "integer", "city": "string"}, rows=[(1, "Oslo"), (2, "Rome"), (3, "Bern")], key=("id",)),
    joins=[
        "shipments.from_id -> places.id as origin",
        "shipments.to_id -> places.id as destination",
        "shipments.customer_id -> customers.id",
        "customers.place_id -> places.id as home",
    ],
    metrics={"shipments_counted": "count(shipments)", "customers_counted": "count(customers)"},
)  # fmt: skip

DIAMOND = World(
    Table("lines", {"id": "integer", "order_id": "integer", "seller_id": "integer"},
          rows=[(1, 1, 7), (2, 1, 8), (3, 2, 8)]),
    Table("orders", {"id": "integer", "seller_id": "integer"}, rows=[(1, 7), (2, 7)], key=("id",)),
    Table("sellers", {"id": "integer", "name": "string"}, rows=[(7, "Ada"), (8, "Bo")], key=("id",)),
    joins=[
        "lines.order_id -> orders.id",
        "lines.seller_id -> sellers.id as packer",
        "orders.seller_id -> sellers.id as closer",
    ],
    metrics={"lines_counted": "count(lines)", "orders_counted": "count(orders)"},
)  # fmt: skip


def test_the_naive_join_picks_one_of_the_paths_and_says_nothing() -> None:
    by_origin, by_destination = (
        WORLD.plain_sql(
            f"SELECT city, count(*) FROM shipments s JOIN places p ON s.{key} = p.id GROUP BY city ORDER BY city"
        )
        for key in ("from_id", "to_id")
    )
    assert by_origin == [("Oslo", 2), ("Rome", 2)]
    assert by_destination == [("Bern", 1), ("Oslo", 2), ("Rome", 1)]


def test_several_paths_are_refused_and_all_are_offered() -> None:
    error = refuses(WORLD, ask("shipments_counted", by=["places.city"]), codes.WHICH_PATH)
    assert set(error.options) == {"origin.city", "destination.city", "customers.home.city"}


@pytest.mark.parametrize(
    ("name", "by_hand"),
    [
        ("origin.city", [("Oslo", 2), ("Rome", 2)]),
        ("destination.city", [("Bern", 1), ("Oslo", 2), ("Rome", 1)]),
        ("customers.home.city", [("Bern", 2), ("Rome", 2)]),
        ("home.city", [("Bern", 2), ("Rome", 2)]),
    ],
)
def test_a_path_spelled_out_is_taken(name: str, by_hand: list[tuple[str, int]]) -> None:
    answers(WORLD, ask("shipments_counted", by=[name]), by_hand)


def test_every_option_can_be_pasted_back() -> None:
    error = refuses(WORLD, ask("shipments_counted", by=["places.city"]), codes.WHICH_PATH)
    for option in error.options:
        answers(WORLD, ask("shipments_counted", by=[option]), WORLD.expected(ask("shipments_counted", by=[option])))


def test_two_roles_of_one_dataset_in_one_question_are_two_joins() -> None:
    query = ask("shipments_counted", by=["origin.city", "destination.city"])
    answers(WORLD, query, [("Oslo", "Bern", 1), ("Oslo", "Rome", 1), ("Rome", "Oslo", 2)])


def test_the_diamond_is_refused_where_the_sides_disagree_and_taken_when_said() -> None:
    error = refuses(DIAMOND, ask("lines_counted", by=["sellers.name"]), codes.WHICH_PATH)
    assert set(error.options) == {"packer.name", "orders.closer.name"}
    answers(DIAMOND, ask("lines_counted", by=["packer.name"]), [("Ada", 1), ("Bo", 2)])
    answers(DIAMOND, ask("lines_counted", by=["orders.closer.name"]), [("Ada", 3)])


def test_one_path_from_one_fact_and_two_from_the_other_is_refused() -> None:
    refuses(DIAMOND, ask("orders_counted", "lines_counted", by=["sellers.name"]), codes.WHICH_PATH)


def test_a_role_that_both_facts_reach_is_shared() -> None:
    query = ask("orders_counted", "lines_counted", by=["closer.name"])
    answers(DIAMOND, query, [("Ada", 2, 3)])


def test_a_row_filter_over_several_paths_lets_nothing_through() -> None:
    """It cannot be said which place was meant, so nobody may see rows by it."""
    refuses(WORLD, ask("shipments_counted"), codes.FILTER_OUT_OF_REACH, only_rows(["places.city = 'Rome'"]))
    either = only_rows(["places.city = 'Rome'", "origin.city = 'Oslo'"])
    answers(WORLD, ask("shipments_counted"), [(2,)], either)
