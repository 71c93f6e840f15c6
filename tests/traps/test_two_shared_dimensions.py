"""Two facts sharing two dimensions: what they have in common is the pair, and pairs of one fact only stay."""

from datetime import date

from loadline.semantics import codes
from semantics.oracle_world import Table, World, ask, only_rows
from traps.trap import answers, refuses

D1, D2 = date(2025, 5, 1), date(2025, 6, 1)

WORLD = World(
    Table("targets", {"region_id": "integer", "month": "date", "target": "integer"}, time="month",
          rows=[(1, D1, 100), (1, D2, 200), (2, D1, 400), (None, D2, 800)]),
    Table("sales", {"region_id": "integer", "sold_on": "date", "amount": "integer", "channel": "string"},
          time="sold_on",
          rows=[(1, date(2025, 5, 3), 1, "web"), (1, date(2025, 5, 31), 2, "shop"), (2, date(2025, 6, 30), 4, "web"),
                (None, date(2025, 6, 1), 8, "web"), (3, None, 16, "web")]),
    Table("regions", {"id": "integer", "name": "string", "country": "string"},
          rows=[(1, "north", "NO"), (2, "south", "IT"), (3, "south", "NO")], key=("id",)),
    joins=["targets.region_id -> regions.id", "sales.region_id -> regions.id"],
    metrics={"target": "sum(targets.target)", "sold": "sum(sales.amount)", "reached": "sold / target"},
)  # fmt: skip


def test_the_naive_join_on_one_of_the_two_multiplies() -> None:
    naive = WORLD.plain_sql(
        "SELECT sum(target), sum(amount) FROM targets t JOIN sales s ON t.region_id = s.region_id WHERE t.region_id = 1"
    )
    assert naive == [(600, 6)]


def test_facts_meet_on_both_dimensions_and_null_meets_null() -> None:
    query = ask("target", "sold", "reached", by=["regions.name", "time:month"])
    answers(
        WORLD,
        query,
        [
            ("north", D1, 100, 3, 0.03),
            ("north", D2, 200, None, None),
            ("south", D1, 400, None, None),
            ("south", D2, None, 4, None),
            ("south", None, None, 16, None),
            (None, D2, 800, 8, 0.01),
        ],
    )


def test_equal_names_of_different_regions_are_one_group_because_the_name_was_asked_for() -> None:
    query = ask("target", "sold", by=["regions.country", "regions.name"])
    answers(
        WORLD,
        query,
        [("IT", "south", 400, 4), ("NO", "north", 300, 3), ("NO", "south", None, 16), (None, None, 800, 8)],
    )


def test_the_order_of_the_dimensions_does_not_change_the_groups() -> None:
    one_way = ask("target", "sold", by=["regions.name", "time:month"])
    the_other = ask("target", "sold", by=["time:month", "regions.name"])
    swapped = sorted(
        (name, month, *rest) for month, name, *rest in map(list, WORLD.answer(the_other)) if name and month
    )
    assert swapped == sorted(row for row in WORLD.answer(one_way) if row[0] and row[1])
    assert len(swapped) == 4


def test_a_dimension_that_only_one_fact_has_is_refused_for_both() -> None:
    refuses(WORLD, ask("target", "sold", by=["regions.name", "sales.channel"]), codes.FAN_OUT)
    refuses(WORLD, ask("reached", by=["sales.channel"]), codes.FAN_OUT)
    refuses(WORLD, ask("reached", where=[("sales.channel", "=", "web")]), codes.FAN_OUT)


def test_a_row_filter_on_the_shared_dimension_applies_to_both_facts() -> None:
    answers(WORLD, ask("target", "sold"), [(300, 19)], only_rows(["regions.country = 'NO'"]))


def test_a_row_filter_that_one_fact_cannot_carry_stops_the_question() -> None:
    refuses(WORLD, ask("target", "sold"), codes.FILTER_OUT_OF_REACH, only_rows(["sales.channel = 'web'"]))
    answers(WORLD, ask("sold"), [(29,)], only_rows(["sales.channel = 'web'"]))
    either = only_rows(["sales.channel = 'shop'", "regions.country = 'IT'"])
    answers(WORLD, ask("target", "sold"), [(400, 6)], either)
