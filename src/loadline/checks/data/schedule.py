"""Five fields of cron and a day, or a moment, in; whether something runs on that day, and when it last did, out."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def runs_on(schedule: str, day: date) -> bool:
    """A schedule that cannot be read runs every day: then nothing that is missing goes unsaid."""
    fields = schedule.lower().split()
    if len(fields) != 5:
        return True
    _, _, of_month, months, of_week = fields
    try:
        in_month = _has(months, day.month, 1, 12, _MONTHS, 1)
        on_date = _has(of_month, day.day, 1, 31, (), 0)
        on_weekday = _has(of_week, day.isoweekday() % 7, 0, 7, _DAYS, 0)
    except ValueError:
        return True
    if of_month != "*" and of_week != "*":  # cron's own rule: where both are given, either is enough
        return in_month and (on_date or on_weekday)
    return in_month and on_date and on_weekday


_LOOKED_BACK_DAYS = 366


def last_run(schedule: str, now: datetime) -> datetime | None:
    """The newest moment up to `now` (of the schedule's own clock) at which it ran; None when that is over a year ago.
    A schedule that cannot be read runs at the beginning of every day."""
    times = _times_of(schedule)
    for back in range(_LOOKED_BACK_DAYS + 1):
        day = now.date() - timedelta(days=back)
        moments = [datetime.combine(day, at) for at in times] if runs_on(schedule, day) else []
        if past := [moment for moment in moments if moment <= now]:
            return max(past)
    return None


def next_run(schedule: str, now: datetime) -> datetime | None:
    """The first moment after `now` at which it runs, of this day and the next; None when it does on neither."""
    for day in (now.date(), now.date() + timedelta(days=1)):
        moments = [datetime.combine(day, at) for at in _times_of(schedule)] if runs_on(schedule, day) else []
        if later := [moment for moment in moments if moment > now]:
            return min(later)
    return None


def _times_of(schedule: str) -> Iterable[time]:
    fields = schedule.lower().split()
    try:
        minutes, hours, *_ = fields if len(fields) == 5 else ("0", "0")
        return [
            time(hour, minute)
            for hour in range(24)
            if _has(hours, hour, 0, 23, (), 0)
            for minute in range(60)
            if _has(minutes, minute, 0, 59, (), 0)
        ]
    except ValueError:
        return [time()]


def _has(field: str, value: int, low: int, high: int, names: tuple[str, ...], first: int) -> bool:
    for part in field.split(","):
        span, _, step = part.partition("/")
        start, _, end = span.partition("-")
        if span in {"*", "?"}:
            begin, last = low, high
        else:
            begin = _read(start, names, first)
            last = _read(end, names, first) if end else (high if step else begin)
        found = range(begin, last + 1, int(step) if step else 1)
        if value in found or (high == 7 and value == 0 and 7 in found):  # Sunday is 0 and 7
            return True
    return False


def _read(text: str, names: tuple[str, ...], first: int) -> int:
    return names.index(text) + first if text in names else int(text)
