"""Five fields of cron and a day in; whether something runs on that day out. Hours and minutes do not matter here."""

from __future__ import annotations

from datetime import date

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
