"""A calendar, a unit and a day in, the period that holds the day out: weeks to years, and fiscal ones."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from loadline.values.model import Calendar

FIRST_YEAR = 1900
LAST_YEAR = 2199
JANUARY_1 = (1, 1)
MONTHS_IN = {"month": 1, "quarter": 3, "half": 6, "year": 12}
FINENESS = ("day", "week", "month", "fiscal_quarter", "quarter", "fiscal_half", "half", "fiscal_year", "year")


class BeyondCalendarError(Exception):
    """A date before 1900 or after 2199 would be needed. Never leaves the time grammar."""


@dataclass(frozen=True, slots=True)
class Period:
    """Days from `start` up to, not including, `end`. `grain` is the unit it was said in."""

    start: date
    end: date
    grain: str

    @property
    def is_one_day(self) -> bool:
        return self.end - self.start == timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Recurring:
    """Something every year has: March, Q3, 3 August, week 14. `at` puts it into a year (a fiscal year when
    `is_fiscal`), or says None: 2025 has no 29 February. `is_code` is true of `Q3` and `H1`, which stand before
    two-digit years. `nearly` is what a year has when what was said fails it (its 3 August is no week's end): such a
    year is never passed over for one that happens to fit."""

    grain: str
    at: Callable[[int], Period | None]
    is_fiscal: bool = False
    is_code: bool = False
    nearly: Callable[[int], Period | None] | None = None

    def latest(self, today: date) -> Period | None:
        """The most recent one that has begun."""
        return self.latest_where(today, lambda period: period.start <= today)

    def latest_ended(self, today: date) -> Period | None:
        return self.latest_where(today, lambda period: period.end <= today)

    def latest_where(self, near: date, is_wanted: Callable[[Period], bool]) -> Period | None:
        """Leap days may be eight years apart."""
        return self._first_fitting(range(near.year + 1, near.year - 9, -1), is_wanted)

    def first_from(self, start: date) -> Period | None:
        return self._first_fitting(range(start.year, start.year + 10), lambda period: period.start >= start)

    def _first_fitting(self, years: Iterable[int], is_wanted: Callable[[Period], bool]) -> Period | None:
        for year in years:
            period = self.at(year)
            if period is not None and is_wanted(period):
                return period
            near_miss = self.nearly(year) if period is None and self.nearly is not None else None
            if near_miss is not None and is_wanted(near_miss):
                return None
        return None


def add_days(day: date, days: int) -> date:
    try:
        moved = day + timedelta(days=days)
    except OverflowError:
        raise BeyondCalendarError from None
    return within_years(moved)


def add_months(day: date, months: int) -> date:
    """The same day of another month, or that month's last day where it is too short."""
    return month_day(day.year * 12 + day.month - 1 + months, day.day)


def month_day(month_count: int, day: int) -> date:
    """`month_count` is months since year 0; a day past the month's end is its last day."""
    year, month = divmod(month_count, 12)
    if not FIRST_YEAR - 1 <= year <= LAST_YEAR + 1:
        raise BeyondCalendarError
    month_starts_next = date(year + month // 11, (month + 1) % 12 + 1, 1)
    last = (month_starts_next - timedelta(days=1)).day
    return date(year, month + 1, min(day, last))


def within_years(day: date) -> date:
    if not FIRST_YEAR - 1 <= day.year <= LAST_YEAR + 1:
        raise BeyondCalendarError
    return day


def day_of(year: int, month: int, day: int) -> Period | None:
    """None for a day the calendar does not have."""
    if not (FIRST_YEAR <= year <= LAST_YEAR and 1 <= month <= 12 and day >= 1):
        return None
    start = month_day(year * 12 + month - 1, day)
    return one_day(start) if start.day == day else None


def one_day(day: date) -> Period:
    return Period(day, add_days(day, 1), "day")


def iso_week(year: int, week: int) -> Period | None:
    """ISO 8601 week: Monday to Sunday; week 1 holds the year's first Thursday. None for a week the year lacks."""
    if not (FIRST_YEAR <= year <= LAST_YEAR and 1 <= week <= 53):
        return None
    january_4 = date(year, 1, 4)
    start = january_4 + timedelta(days=7 * (week - 1) - january_4.weekday())
    return Period(start, start + timedelta(days=7), "week") if start.isocalendar()[:2] == (year, week) else None


def period_of(unit: str, day: date, calendar: Calendar, shift: int = 0) -> Period:
    """The `unit` that holds `day`, moved by `shift` units. Fiscal units are `fiscal_quarter` and the like."""
    if unit == "day":
        return one_day(add_days(day, shift))
    if unit == "week":
        back = (day.isoweekday() - calendar.week_starts) % 7
        start = add_days(day, 7 * shift - back)
        return Period(start, add_days(start, 7), "week")
    months, anchor = _rhythm(unit, calendar)
    count = (day.year * 12 + day.month - anchor[0]) // months
    if _boundary(count, months, anchor) > day:
        count -= 1
    return _nth(unit, count + shift, calendar)


def part_of_year(unit: str, year: int, number: int, calendar: Calendar) -> Period | None:
    """Quarter `number` of `year`, and the like. For fiscal units `year` is the fiscal year's name."""
    months, anchor = _rhythm(unit, calendar)
    if not (FIRST_YEAR <= year <= LAST_YEAR and 1 <= number <= 12 // months):
        return None
    begins = year - 1 if unit.startswith("fiscal_") and anchor != JANUARY_1 else year
    return _nth(unit, begins * (12 // months) + number - 1, calendar)


def fiscal_name(day: date, calendar: Calendar) -> int:
    """The name of the fiscal year that holds `day`: the year it ends in, unless it starts on 1 January."""
    start = period_of("fiscal_year", day, calendar).start
    month_starts_year = calendar.fiscal_year_starts == JANUARY_1
    return start.year if month_starts_year else start.year + 1


def months_in(unit: str) -> int | None:
    """How many months a unit has; None for days and weeks."""
    return MONTHS_IN.get(unit.removeprefix("fiscal_"))


def finer(one: str, other: str) -> str:
    return min(one, other, key=FINENESS.index)


def _rhythm(unit: str, calendar: Calendar) -> tuple[int, tuple[int, int]]:
    anchor = calendar.fiscal_year_starts if unit.startswith("fiscal_") else JANUARY_1
    return MONTHS_IN[unit.removeprefix("fiscal_")], anchor


def _nth(unit: str, count: int, calendar: Calendar) -> Period:
    months, anchor = _rhythm(unit, calendar)
    return Period(_boundary(count, months, anchor), _boundary(count + 1, months, anchor), unit)


def _boundary(count: int, months: int, anchor: tuple[int, int]) -> date:
    return month_day(anchor[0] - 1 + count * months, anchor[1])
