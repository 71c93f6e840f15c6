"""The words of a time shape in (`28 days`, `month to date`, `last of period`), which rows stand for a time out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from types import MappingProxyType

FIXED: Mapping[str, int] = MappingProxyType(
    {"second": 1, "minute": 60, "hour": 3_600, "day": 86_400, "week": 604_800},
)
"""Units that always last as long, in seconds of the calendar's clock."""

MONTHS: Mapping[str, int] = MappingProxyType({"month": 1, "quarter": 3, "year": 12})
"""Units of so many months."""

UNITS = (*FIXED, *MONTHS)
PERIODS = ("minute", "hour", "day", "week", "month", "quarter", "year", "fiscal_quarter", "fiscal_year")
TAKES = ("first", "last", "max", "min", "average")


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """`28 days`: `unit` is one of UNITS, or a period that the project's calendar declares."""

    count: int
    unit: str

    def __str__(self) -> str:
        return f"{self.count} {self.unit}{'' if self.count == 1 else 's'}"

    @property
    def is_fixed(self) -> bool:
        return self.unit in FIXED

    @property
    def seconds(self) -> int:
        return self.count * FIXED[self.unit]

    @property
    def months(self) -> int:
        return self.count * MONTHS[self.unit]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rolling:
    """Rows of the last `span`: later than the time minus the span, up to the time itself."""

    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class ToDate:
    """Rows since the start of the `unit` that the time falls in."""

    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AllTime:
    """Every row up to the time."""


Over = Rolling | ToDate | AllTime


@dataclass(frozen=True, slots=True, kw_only=True)
class Ago:
    """What was `span` before the time; at the end of shorter months, their last day."""

    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnAgo:
    """What was on the same day, counted from its first, of the own period (`grain`) so many before; of a shorter one,
    on its last day."""

    count: int
    grain: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StartOf:
    """What was at the start of the `unit` that the time falls in."""

    unit: str


Shift = Ago | OwnAgo | StartOf


@dataclass(frozen=True, slots=True, kw_only=True)
class Take:
    """Which of a period's times stands for it: one of TAKES."""

    which: str


_SPAN = re.compile(r"([1-9][0-9]{0,4})\s+([a-z_][\w]*)\Z")
_TO_DATE = re.compile(r"([a-z_]+)\s+to\s+date\Z")
_TAKE = re.compile(r"([a-z]+)\s+of\s+period\Z")


def read_span(text: str) -> Span | None:
    """`28 days`, `1 month`; None when it is none. A unit that is not one of ours is kept as it is written."""
    found = _SPAN.match(text.strip().lower())
    if found is None:
        return None
    return Span(count=int(found[1]), unit=singular(found[2]))


def singular(word: str) -> str:
    return word[:-1] if word.endswith("s") and word[:-1] in UNITS else word


def read_over(text: str) -> Over | None:
    written = " ".join(text.lower().split())
    if written == "all":
        return AllTime()
    found = _TO_DATE.match(written)
    if found is not None:
        return ToDate(unit=found[1]) if found[1] in PERIODS else None
    span = read_span(written)
    return Rolling(span=span) if span is not None and span.unit in UNITS else None


def read_take(text: str) -> Take | None:
    found = _TAKE.match(" ".join(text.lower().split()))
    return Take(which=found[1]) if found is not None and found[1] in TAKES else None


def earlier(value: date | datetime, span: Span) -> date | datetime:
    """The time `span` before, in the calendar: a month before 31 March is the last day of February."""
    if span.is_fixed:
        if span.seconds % 86_400 and not isinstance(value, datetime):
            value = datetime(value.year, value.month, value.day)  # noqa: DTZ001  # the calendar's own clock
        return value - timedelta(seconds=span.seconds)
    index = value.year * 12 + value.month - 1 - span.months
    year, month = divmod(index, 12)
    last = (date(year + (month == 11), (month + 1) % 12 + 1, 1) - timedelta(days=1)).day
    return value.replace(year=year, month=month + 1, day=min(value.day, last))
