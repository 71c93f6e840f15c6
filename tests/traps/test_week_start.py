"""Weeks: engines begin them on Monday or on Sunday as they please; a company begins them on the day it says."""

from datetime import date

import pytest

from loadline.values.model import Calendar
from semantics.oracle_world import Table, World, ask
from traps.trap import answers

DAYS = [date(2024, 12, day) for day in range(28, 32)] + [date(2025, 1, day) for day in range(1, 7)]


def world(week_starts: int) -> World:
    return World(
        Table("events", {"on_date": "date", "bit": "integer"}, time="on_date",
              rows=[(day, 1 << place) for place, day in enumerate(DAYS)]),
        metrics={"bits": "sum(events.bit)"},
        calendar=Calendar(week_starts=week_starts),
    )  # fmt: skip


def test_the_naive_truncation_knows_only_one_first_day() -> None:
    naive = world(7).plain_sql(
        "SELECT date_trunc('week', on_date)::DATE AS w, sum(bit) FROM events GROUP BY w ORDER BY w"
    )
    assert naive == [(date(2024, 12, 23), 0b11), (date(2024, 12, 30), 0b111111100), (date(2025, 1, 6), 0b1000000000)]


@pytest.mark.parametrize(
    ("week_starts", "by_hand"),
    [
        (1, [(date(2024, 12, 23), 0b11), (date(2024, 12, 30), 0b111111100), (date(2025, 1, 6), 0b1000000000)]),
        (7, [(date(2024, 12, 22), 0b1), (date(2024, 12, 29), 0b11111110), (date(2025, 1, 5), 0b1100000000)]),
        (6, [(date(2024, 12, 28), 0b1111111), (date(2025, 1, 4), 0b1110000000)]),
        (3, [(date(2024, 12, 25), 0b1111), (date(2025, 1, 1), 0b1111110000)]),
    ],
    ids=["monday", "sunday", "saturday", "wednesday"],
)
def test_a_week_begins_on_the_day_the_calendar_says(week_starts: int, by_hand: list[tuple[date, int]]) -> None:
    answers(world(week_starts), ask("bits", by=["time:week"]), by_hand)


def test_a_week_over_new_year_is_one_week() -> None:
    answers(world(1), ask("bits", by=["time:week"], during=("2024-12-30", "2025-01-06")), [(date(2024, 12, 30), 508)])


def test_a_window_that_cuts_a_week_keeps_its_first_day_as_its_name() -> None:
    answers(world(1), ask("bits", by=["time:week"], during=("2025-01-02", "2025-01-03")), [(date(2024, 12, 30), 32)])
