"""What is measured for a promise, as data: a closed sum. One function each makes SQL of them and judges the number."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from loadline.values.contract import Bound, Column, Limit, Sla, Written
from loadline.values.promise import Promise


@dataclass(frozen=True, slots=True, kw_only=True)
class IsThere:
    """The column exists and has the promised type."""

    column: Column


@dataclass(frozen=True, slots=True, kw_only=True)
class HasValue:
    """Not NULL; nor, where `missing` is given, one of the values that stand for none."""

    column: Column
    missing: tuple[Written, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class InRange:
    column: Column
    minimum: Bound | None = None
    maximum: Bound | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OneOf:
    """One of `values`; or, where a pattern stands beside them, text in which it is found."""

    column: Column
    values: tuple[Written, ...]
    pattern: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Matches:
    column: Column
    pattern: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HasLength:
    column: Column
    least: int | None
    most: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MultipleOf:
    column: Column
    of: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrives:
    """Each row reaches the warehouse (`arrival`) at most `seconds` after `column`."""

    column: Column
    arrival: Column
    seconds: int
    says: str


RowTest = HasValue | InRange | OneOf | Matches | HasLength | MultipleOf | Arrives
"""True or false of one row: all of them are counted in one pass over the table."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unique:
    columns: tuple[Column, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Every value is in `relation`; NULLs refer to nothing and break nothing."""

    columns: tuple[Column, ...]
    relation: str
    to_columns: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RowCount:
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Volume:
    """The row count is within `change` (a share) of the median of earlier looks."""

    change: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One value of one SELECT."""

    query: str
    column: Column | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fresh:
    """The newest value of `column` is at most `seconds` old."""

    column: Column
    seconds: int
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Retained:
    """Retention: the oldest value of `column` is at most `seconds` old."""

    column: Column
    seconds: int
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Regular:
    """Every period of `column` has rows, and none far fewer than its like. `unit` is h, d, w or mo; `partial` the share
    of what its like hold below which a period counts as not whole (None: not looked at)."""

    column: Column
    unit: str
    every: int
    partial: Decimal | None
    sla: Sla


@dataclass(frozen=True, slots=True, kw_only=True)
class NoTest:
    why: str


Test = RowTest | IsThere | Unique | Found | RowCount | Volume | Asked | Fresh | Retained | Regular | NoTest


@dataclass(frozen=True, slots=True, kw_only=True)
class Promised:
    """A promise and how it is looked at. Without a `limit` no row may break it, save the share `tolerance`."""

    promise: Promise
    test: Test
    limit: Limit | None = None
    is_percent: bool = False
    where: str | None = None
    tolerance: Decimal = Decimal(0)
