"""A time value and a calendar in, the local day and the start of its bucket out."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from loadline.semantics.moments import SHORT
from loadline.values.model import Calendar
from loadline.values.query import Grain


def local_day(value: object, written_in: str | None, calendar: Calendar) -> date | None:
    """The day on the company's clock. An aware datetime is an instant; a naive one shows the clock of `written_in`,
    or the company's own clock when nothing is declared."""
    match value:
        case None:
            return None
        case datetime():
            if value.tzinfo is None and written_in is None:
                return value.date()
            aware = value if value.tzinfo is not None else value.replace(tzinfo=ZoneInfo(written_in or ""))
            return aware.astimezone(UTC).astimezone(ZoneInfo(calendar.timezone)).date()
        case date():
            return value
    raise TypeError(f"{value!r} is no time")


DAY_GRAINS = tuple(grain for grain in Grain if grain not in SHORT)
"""Grains whose buckets are days; the shorter ones have tests of their own."""


def bucket(day: date, grain: Grain, calendar: Calendar) -> date:
    """The first day of the bucket `day` falls in."""
    match grain:
        case Grain.DAY:
            return day
        case Grain.WEEK:
            return day - timedelta(days=(day.isoweekday() - calendar.week_starts) % 7)
        case Grain.MONTH:
            return day.replace(day=1)
        case Grain.QUARTER:
            return date(day.year, (day.month - 1) // 3 * 3 + 1, 1)
        case Grain.YEAR:
            return date(day.year, 1, 1)
        case Grain.FISCAL_YEAR:
            return max(start for start in _fiscal_starts(day, calendar, months=12) if start <= day)
        case Grain.FISCAL_QUARTER:
            return max(start for start in _fiscal_starts(day, calendar, months=3) if start <= day)
        case _:
            raise ValueError(f"{grain} has no days")


def _fiscal_starts(around: date, calendar: Calendar, *, months: int) -> list[date]:
    """Every start of a fiscal span of `months` in the years around a day, the obvious way: list them all."""
    month, day = calendar.fiscal_year_starts
    return [
        add_months(around.year + year, month, day, step)
        for year in (-2, -1, 0, 1)
        for step in range(0, 12, months)
    ]  # fmt: skip


def add_months(year: int, month: int, day: int, months: int) -> date:
    """`months` later, on the same day of the month or, where there is none, on the month's last."""
    index = year * 12 + month - 1 + months
    for last in (day, 30, 29, 28):
        try:
            return date(index // 12, index % 12 + 1, min(day, last))
        except ValueError:
            continue
    raise ValueError(f"no such day {year}-{month}-{day}")
