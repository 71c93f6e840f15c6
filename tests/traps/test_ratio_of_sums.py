"""Ratios: the ratio of the sums is not the average of the ratios, and whole numbers do not divide to whole ones."""

from decimal import Decimal

from semantics.oracle_world import Measure, Table, World, ask
from traps.trap import answers

WORLD = World(
    Table("trips", {"line": "string", "late": "integer", "stops": "integer", "state": "string"},
          rows=[("a", 1, 2, "run"), ("a", 9, 90, "run"), ("b", 0, 0, "run"), ("c", 3, 4, "run"), ("c", 0, 4, "cut"),
                ("d", None, 5, "run")],
          fields={"late_share": ("late / stops", "number")}),
    metrics={
        "late": "sum(trips.late)",
        "late_rate": "sum(trips.late) / sum(trips.stops)",
        "mean_rate": "avg(trips.late_share)",
        "cut_rate": "cut_stops / all_stops",
        "cut_stops": Measure("sum(trips.stops)", where="trips.state = 'cut'"),
        "all_stops": "sum(trips.stops)",
        "trips_counted": "count(trips)",
        "late_counted": "count(trips.late)",
        "known_share": "late_counted / trips_counted",
        "percent": "late_rate * 100",
    },
)  # fmt: skip


def test_the_naive_average_of_ratios_weighs_a_short_trip_like_a_long_one() -> None:
    naive = WORLD.plain_sql("SELECT avg(late / nullif(stops, 0)) FROM trips WHERE line = 'a'")
    assert naive == [(0.3,)]  # 10 of 92 is 0.108…


def test_the_ratio_is_taken_of_the_sums_of_each_group() -> None:
    query = ask("late_rate", "mean_rate", by=["trips.line"], where=[("trips.line", "in", "a", "c")])
    answers(WORLD, query, [("a", Decimal(10) / 92, Decimal("0.3")), ("c", Decimal("0.375"), Decimal("0.375"))])


def test_the_total_is_no_average_of_the_groups() -> None:
    answers(WORLD, ask("late_rate", "percent"), [(Decimal(13) / 105, Decimal(1300) / 105)])


def test_nothing_divided_by_nothing_is_nothing() -> None:
    answers(WORLD, ask("late_rate", "late", by=["trips.line"], where=[("trips.line", "=", "b")]), [("b", None, 0)])
    answers(WORLD, ask("late_rate", "late", by=["trips.line"], where=[("trips.line", "=", "d")]), [("d", None, None)])


def test_whole_numbers_divide_to_fractions() -> None:
    answers(WORLD, ask("known_share"), [(Decimal(5) / 6,)])


def test_a_filter_inside_one_part_of_a_ratio_stays_in_that_part() -> None:
    query = ask("cut_rate", by=["trips.line"], where=[("trips.stops", ">", 0)])
    answers(WORLD, query, [("a", None), ("c", Decimal("0.5")), ("d", None)])
