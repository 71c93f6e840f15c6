"""A question made finite: metrics, dimensions, filters, a window, order and limit. Nothing in it is free text."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

Scalar = str | int | Decimal | bool | date | datetime | None


class Grain(StrEnum):
    MICROSECOND = "microsecond"
    MILLISECOND = "millisecond"
    SECOND = "second"
    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"
    FISCAL_QUARTER = "fiscal_quarter"
    FISCAL_YEAR = "fiscal_year"


class Part(StrEnum):
    """A number that a date or timestamp has in a longer period, the same in each: every March is 3."""

    YEAR = "calendar_year"
    QUARTER = "quarter_of_year"
    MONTH = "month_of_year"
    WEEK = "week_of_year"  # ISO 8601
    DAY = "day_of_month"
    WEEKDAY = "day_of_week"  # 1 is Monday, 7 Sunday
    YEARDAY = "day_of_year"
    HOUR = "hour_of_day"


class Op(StrEnum):
    EQ = "="
    NE = "!="
    IN = "in"
    NOT_IN = "not-in"
    LT = "<"
    LE = "<="
    GT = ">"
    GE = ">="
    BETWEEN = "between"  # both ends inclusive
    CONTAINS = "contains"
    STARTS_WITH = "starts-with"
    IS_NULL = "is-null"
    IS_NOT_NULL = "is-not-null"


@dataclass(frozen=True, slots=True, kw_only=True)
class By:
    """A dimension to group by: `customers.region`, `destination.city`, a bare field name where it is unique, or
    `time` (each metric's own time field). `grain` truncates a date or timestamp, `own_grain` to a period that the
    project's calendar declares; `part` gives a number of it. At most one of the three is there."""

    name: str
    grain: Grain | None = None
    part: Part | None = None
    own_grain: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """`values` holds one value for a comparison, two for between, one or more for in, none for is-null.
    A filter on a field applies to rows before they are aggregated; on a metric of the query, to the groups after."""

    name: str
    op: Op
    values: tuple[Scalar, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A half-open span of days in the project's calendar: `start` is in, `end` is out; None is unbounded. A datetime
    (naive, on the project's clock) stands for the moment itself. `text` is what was asked ("2025-Q3")."""

    start: date | None
    end: date | None
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    name: str  # a metric or a dimension of the query
    is_descending: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A metric may be followed by a shift in time, a change or a share: `booked[1 year ago]`, `booked[start of month]`,
    `booked[% change from 1 year ago]`, `booked[share across customers.region]`. `conditions` are expressions
    of the project's language that are true of every row, for what a filter cannot say (`a or b`). Where `is_detail`,
    rows are delivered as they are, one for each, and no metric is asked."""

    metrics: tuple[str, ...]
    by: tuple[By, ...] = ()
    where: tuple[Filter, ...] = ()
    conditions: tuple[str, ...] = ()
    during: Window | None = None
    order: tuple[Order, ...] = ()
    limit: int | None = None
    is_detail: bool = False
