"""Fiscal years: they begin where the company says, be it in the middle of a month, and the quarters with them."""

from datetime import date

import pytest

from loadline.values.model import Calendar
from semantics.oracle_world import Table, World, ask
from traps.trap import answers


def world(month: int, day: int, *days: date) -> World:
    return World(
        Table("sales", {"on_date": "date", "bit": "integer"}, time="on_date",
              rows=[(sold, 1 << place) for place, sold in enumerate(days)]),
        metrics={"bits": "sum(sales.bit)"},
        calendar=Calendar(fiscal_year_starts=(month, day)),
    )  # fmt: skip


APRIL_6 = world(4, 6, date(2024, 4, 5), date(2024, 4, 6), date(2024, 7, 5), date(2024, 7, 6), date(2025, 1, 5),
                date(2025, 1, 6), date(2025, 4, 5), date(2025, 4, 6))  # fmt: skip


def test_the_naive_shift_by_whole_months_forgets_the_day() -> None:
    naive = APRIL_6.plain_sql(
        "SELECT (date_trunc('year', on_date - INTERVAL 3 MONTH) + INTERVAL 3 MONTH)::DATE AS y, sum(bit) FROM sales"
        " GROUP BY y ORDER BY y"
    )
    assert naive == [(date(2024, 4, 1), 63), (date(2025, 4, 1), 192)]


def test_a_fiscal_year_begins_on_the_sixth() -> None:
    by_hand = [(date(2023, 4, 6), 1), (date(2024, 4, 6), 126), (date(2025, 4, 6), 128)]
    answers(APRIL_6, ask("bits", by=["time:fiscal_year"]), by_hand)


def test_so_does_each_fiscal_quarter() -> None:
    by_hand = [
        (date(2024, 1, 6), 1),
        (date(2024, 4, 6), 2 + 4),
        (date(2024, 7, 6), 8),
        (date(2024, 10, 6), 16),
        (date(2025, 1, 6), 32 + 64),
        (date(2025, 4, 6), 128),
    ]
    answers(APRIL_6, ask("bits", by=["time:fiscal_quarter"]), by_hand)


@pytest.mark.parametrize(
    ("starts", "year", "quarter"),
    [
        ((1, 1), date(2024, 1, 1), date(2024, 1, 1)),
        ((2, 1), date(2024, 2, 1), date(2024, 2, 1)),
        ((3, 1), date(2023, 3, 1), date(2023, 12, 1)),
        ((10, 1), date(2023, 10, 1), date(2024, 1, 1)),
        ((2, 28), date(2024, 2, 28), date(2024, 2, 28)),
        ((12, 15), date(2023, 12, 15), date(2023, 12, 15)),
        ((1, 31), date(2024, 1, 31), date(2024, 1, 31)),
        ((8, 31), date(2023, 8, 31), date(2024, 2, 29)),  # there is no 31 February; its last day begins the quarter
        ((5, 30), date(2023, 5, 30), date(2024, 2, 29)),
    ],
)
def test_the_leap_day_falls_in_one_fiscal_year(starts: tuple[int, int], year: date, quarter: date) -> None:
    leap = world(*starts, date(2024, 2, 29))
    answers(leap, ask("bits", by=["time:fiscal_year", "time:fiscal_quarter"]), [(year, quarter, 1)])


def test_the_years_of_the_calendar_and_of_the_company_stand_side_by_side() -> None:
    query = ask("bits", by=["time:year", "time:fiscal_year"], during=("2024-04-05", "2024-07-06"))
    by_hand = [(date(2024, 1, 1), date(2023, 4, 6), 1), (date(2024, 1, 1), date(2024, 4, 6), 6)]
    answers(APRIL_6, query, by_hand)
