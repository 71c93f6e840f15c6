"""Bounds of a window and shifts in time in, the bounds of what has to be read for it out: dates and literals."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import assert_never

from loadline.errors import Bug
from loadline.semantics.nodes import DATE, TIMESTAMP, Lit
from loadline.semantics.shapes import Ago, OwnAgo, Shift, Span, StartOf, earlier


def moment_of(value: date, unit: str) -> Lit:
    """A bound as the steps of `unit` are."""
    if unit == "day":
        is_late = isinstance(value, datetime) and value != datetime(value.year, value.month, value.day)  # noqa: DTZ001
        day = value.date() if isinstance(value, datetime) else value
        return Lit(value=day + timedelta(days=1) if is_late else day, kind=DATE)
    return Lit(
        value=value if isinstance(value, datetime) else datetime(value.year, value.month, value.day),  # noqa: DTZ001
        kind=TIMESTAMP,
    )


def last_before(end: date, unit: str) -> Lit:
    """The last time before an end, in steps of `unit`."""
    bound = moment_of(end, unit)
    if not isinstance(bound.value, date):
        raise Bug
    step = timedelta(days=1) if unit == "day" else timedelta(**{f"{unit}s": 1})
    return Lit(value=bound.value - step, kind=bound.kind)


def next_after(value: date, unit: str) -> date:
    """The next time, in steps of `unit`: a window holds what is later than its length before."""
    return value + (timedelta(days=1) if unit == "day" else timedelta(**{f"{unit}s": 1}))


def as_moment(value: date | None) -> date | None:
    if value is None or isinstance(value, datetime):
        return value
    return datetime(value.year, value.month, value.day)  # noqa: DTZ001  # the calendar's own clock


def as_one_span(shifts: Sequence[Shift]) -> Span | None:
    """All shifts as one of so many seconds; a span of 0 where there is none, None where they are not all fixed."""
    if not all(isinstance(shift, Ago) and shift.span.is_fixed for shift in shifts):
        return None
    return Span(count=sum(shift.span.seconds for shift in shifts if isinstance(shift, Ago)), unit="second")


def bound_back(value: date | None, shift: Shift) -> date | None:
    if value is None:
        return None
    match shift:
        case Ago(span=span):
            return earlier(value, span)
        case StartOf(unit=unit):
            return floor_of(value, unit)
        case OwnAgo():
            return None
        case _:
            assert_never(shift)


def end_back(value: date | None, shift: Shift) -> date | None:
    """An end that is surely late enough."""
    if value is None or not isinstance(shift, Ago):
        return value
    return earlier(value, shift.span) + timedelta(days=3)


def floor_of(value: date, unit: str) -> date:
    """A day that is surely not after the start of the period."""
    reach = {"week": 7, "month": 31, "quarter": 92, "year": 366, "fiscal_quarter": 123, "fiscal_year": 397}
    return value - timedelta(days=reach.get(unit, 1))
