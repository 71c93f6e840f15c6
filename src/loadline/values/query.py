"""A question made finite: metrics, dimensions, filters, a window, order and limit. Nothing in it is free text."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

Scalar = str | int | Decimal | bool | date | datetime | None


class Grain(StrEnum):
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"
    FISCAL_QUARTER = "fiscal_quarter"
    FISCAL_YEAR = "fiscal_year"


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
    `time` (each metric's own time field). `grain` truncates a date or timestamp."""

    name: str
    grain: Grain | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """`values` holds one value for a comparison, two for between, one or more for in, none for is-null.
    A filter on a field applies to rows before they are aggregated; on a metric of the query, to the groups after."""

    name: str
    op: Op
    values: tuple[Scalar, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A half-open span of days in the project's calendar: `start` is in, `end` is out; None is unbounded.
    `text` is what was asked ("2025-Q3")."""

    start: date | None
    end: date | None
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    name: str  # a metric or a dimension of the query
    is_descending: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    metrics: tuple[str, ...]
    by: tuple[By, ...] = ()
    where: tuple[Filter, ...] = ()
    during: Window | None = None
    order: tuple[Order, ...] = ()
    limit: int | None = None
