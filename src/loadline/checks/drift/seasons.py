"""The start of a window of time in; its place in each season it belongs to, and the windows around it, out."""

from __future__ import annotations

from datetime import datetime, timedelta

UNITS = ("hour", "day", "week", "month", "quarter", "year")


def phases_of(start: datetime, unit: str) -> tuple[int, ...]:
    """Finest season first: an hour in its week, then in its day; a day in its week; a month or quarter in its year."""
    match unit:
        case "hour":
            return (start.weekday() * 24 + start.hour, start.hour)
        case "day":
            return (start.weekday(),)
        case "month":
            return (start.month,)
        case "quarter":
            return ((start.month - 1) // 3,)
        case _:
            return ()


def floor(moment: datetime, unit: str) -> datetime:
    """The start of the window `moment` lies in; weeks start on Monday, as in ISO 8601."""
    day = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    match unit:
        case "hour":
            return moment.replace(minute=0, second=0, microsecond=0)
        case "day":
            return day
        case "week":
            return day - timedelta(days=day.weekday())
        case "month":
            return day.replace(day=1)
        case "quarter":
            return day.replace(day=1, month=day.month - (day.month - 1) % 3)
        case "year":
            return day.replace(day=1, month=1)
    raise ValueError(f"no unit of time is called {unit}")


def add(start: datetime, unit: str, count: int) -> datetime:
    """The start of the window `count` windows later (earlier, when negative)."""
    match unit:
        case "hour":
            return start + timedelta(hours=count)
        case "day":
            return start + timedelta(days=count)
        case "week":
            return start + timedelta(weeks=count)
    months = {"month": 1, "quarter": 3, "year": 12}[unit] * count
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    return start.replace(year=year, month=month + 1)
