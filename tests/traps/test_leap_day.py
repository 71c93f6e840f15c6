"""Leap day: 29 February is in February, in the first quarter, and a year later there is none."""

from datetime import date, datetime

import pytest

from loadline.values.model import Calendar
from semantics.oracle_world import Table, World, ask
from traps.trap import answers

WORLD = World(
    Table("stays", {"from_date": "date", "left_at": "timestamp", "nights": "integer"}, time="from_date",
          rows=[(date(2024, 2, 28), datetime(2024, 2, 29, 23, 59, 59, 999999), 1),  # noqa: DTZ001  # a wall clock
                (date(2024, 2, 29), datetime(2024, 3, 1), 2),  # noqa: DTZ001
                (date(2024, 3, 1), datetime(2024, 3, 1, 0, 0, 0, 1), 4),  # noqa: DTZ001
                (date(2023, 2, 28), None, 8), (date(2000, 2, 29), None, 16), (date(1900, 2, 28), None, 32)]),
    metrics={"nights": "sum(stays.nights)"},
    calendar=Calendar(fiscal_year_starts=(3, 1)),
)  # fmt: skip


def test_the_naive_between_on_a_timestamp_loses_the_last_day() -> None:
    naive = WORLD.plain_sql(
        "SELECT sum(nights) FROM stays WHERE left_at BETWEEN TIMESTAMP '2024-02-01' AND TIMESTAMP '2024-02-29'"
    )
    assert naive == [(None,)]


def test_the_month_has_twenty_nine_days() -> None:
    answers(WORLD, ask("nights", during=("2024-02-01", "2024-03-01")), [(3,)])
    answers(WORLD, ask("nights", during=("2024-02-29", "2024-03-01")), [(2,)])
    answers(WORLD, ask("nights", by=["stays.left_at:day"], during=("2024-01-01", None)), [
        (date(2024, 2, 29), 1),
        (date(2024, 3, 1), 6),
    ])  # fmt: skip


@pytest.mark.parametrize(
    ("grain", "bucket"),
    [
        ("day", date(2024, 2, 29)),
        ("week", date(2024, 2, 26)),
        ("month", date(2024, 2, 1)),
        ("quarter", date(2024, 1, 1)),
        ("year", date(2024, 1, 1)),
        ("fiscal_quarter", date(2023, 12, 1)),
        ("fiscal_year", date(2023, 3, 1)),
    ],
)
def test_it_falls_in_the_bucket_of_its_day(grain: str, bucket: date) -> None:
    answers(WORLD, ask("nights", by=[f"time:{grain}"], during=("2024-02-29", "2024-03-01")), [(bucket, 2)])


def test_every_fourth_century_has_one() -> None:
    answers(WORLD, ask("nights", by=["time:fiscal_year"], during=(None, "2001-01-01")), [
        (date(1899, 3, 1), 32),
        (date(1999, 3, 1), 16),
    ])  # fmt: skip
