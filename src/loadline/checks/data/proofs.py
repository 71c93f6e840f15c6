"""A promise and what files say of their rows in; the numbers that follow from that alone, or that none do, out.

Only what is certain is concluded: how many values are missing is counted in a footer; that a column keeps to a range
follows when every group's least and greatest value do. That it does not keep to it never follows: ends may be wider
than the values.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

from loadline.checks.data.nouns import HasValue, InRange, Promised
from loadline.values.contract import Bound, Column
from loadline.values.finding import Files, RowGroup, Stats

_EXACT_IN_A_FLOAT = 2**24
"""Whole numbers below are the same in every floating-point type; of others an engine may round the bound."""
MOST_TO_READ = 0.5
"""The share of the rows above which one pass for all promises costs less than a statement for one of them."""
_UNKNOWN = Stats()


@dataclass(frozen=True, slots=True, kw_only=True)
class Proved:
    """`broken` of `total` rows."""

    broken: int
    total: int


def asked_of_files(promised: Promised) -> Column | None:
    """The column whose footers may decide the promise."""
    match promised.test:
        case HasValue(column=column, missing=()) | InRange(column=column) if promised.where is None:
            return column
        case _:
            return None


def rows_of(files: Files) -> int | None:
    groups = groups_of(files)
    return None if groups is None else sum(group.rows for group in groups)


def groups_of(files: Files) -> tuple[RowGroup, ...] | None:
    """Of all parts; None where one does not say."""
    found: list[RowGroup] = []
    for part in files.parts:
        if part.groups is None:
            return None
        found += part.groups
    return tuple(found)


def proved(promised: Promised, groups: tuple[RowGroup, ...]) -> Proved | None:
    column = asked_of_files(promised)
    values = with_values(column, groups) if column is not None else None
    if column is None or values is None:
        return None
    match promised.test:
        case HasValue():
            rows = sum(group.rows for group in groups)
            return Proved(broken=rows - values, total=rows)
        case InRange() as test if not any(_may_break(test, group) for group in groups):
            return Proved(broken=0, total=values)
        case _:
            return None


def with_values(column: Column, groups: tuple[RowGroup, ...]) -> int | None:
    """Rows that have a value of the column."""
    found = 0
    for group in groups:
        nulls = group.columns.get(column.in_warehouse, _UNKNOWN).nulls
        if nulls is None:
            return None
        found += group.rows - nulls
    return found


def share_to_read(test: InRange, groups: tuple[RowGroup, ...]) -> float:
    """Of all rows, those in groups that may hold one out of range."""
    rows = sum(group.rows for group in groups)
    return sum(group.rows for group in groups if _may_break(test, group)) / rows if rows else 0.0


def is_skipping(asked: Iterable[Promised], groups: tuple[RowGroup, ...]) -> bool:
    """Whether an engine that looks for the rows that break these, one promise at a time, passes over most of them: as
    far as the files tell, and then likely also where they do not."""
    told = [_share_of(one, groups) for one in asked if asked_of_files(one) is not None]
    return bool(told) and max(told) <= MOST_TO_READ


def _share_of(one: Promised, groups: tuple[RowGroup, ...]) -> float:
    if isinstance(one.test, InRange):
        return share_to_read(one.test, groups)
    column, rows = asked_of_files(one), sum(group.rows for group in groups)
    name = column.in_warehouse if column is not None else ""
    return sum(group.rows for group in groups if group.columns.get(name, _UNKNOWN).nulls != 0) / rows if rows else 0.0


def _may_break(test: InRange, group: RowGroup) -> bool:
    stats = group.columns.get(test.column.in_warehouse, _UNKNOWN)
    if stats.nulls == group.rows:
        return False  # NULL is neither too small nor too great
    return not all(_keeps(bound, end, test.column, is_least=is_least) for bound, end, is_least in _ends(test, stats))


def _ends(test: InRange, stats: Stats) -> Iterator[tuple[Bound, object, bool]]:
    if test.minimum is not None:
        yield test.minimum, stats.low, True
    if test.maximum is not None:
        yield test.maximum, stats.high, False


def _keeps(bound: Bound, end: object, column: Column, *, is_least: bool) -> bool:
    """Whether the end is certainly on the right side of the bound. Values are compared in one type, or not at all."""
    limit = _comparable(bound, end, column)
    if limit is None:
        return False
    if end == limit:
        return not bound.is_exclusive
    return bool(end > limit) if is_least else bool(end < limit)  # type: ignore[operator]  # of one type


def _comparable(bound: Bound, end: object, column: Column) -> object:
    """The bound in the type of the end; None where they are of different kinds, or an engine may round one of them."""
    value = bound.value
    match end:
        case bool() | None:
            return None
        case int() | Decimal():
            return value if isinstance(value, int | Decimal) and not isinstance(value, bool) else None
        case float():
            return _whole(value)
        case datetime():
            moment = _moment(value, column) if column.logical_type == "timestamp" else None
            return moment if moment is not None and (moment.tzinfo is None) == (end.tzinfo is None) else None
        case date():
            return _day(value) if column.logical_type == "date" else None
        case _:
            return None


def _whole(value: object) -> float | None:
    is_number = isinstance(value, int | Decimal) and not isinstance(value, bool)
    whole = int(str(value)) if is_number and str(value).lstrip("-").isdigit() else None
    return float(whole) if whole is not None and abs(whole) <= _EXACT_IN_A_FLOAT else None


def _day(value: object) -> date | None:
    text = str(value)
    try:
        return date.fromisoformat(text) if len(text) == len("2026-01-31") else None
    except ValueError:
        return None


def _moment(value: object, column: Column) -> datetime | None:
    """As the dialect reads it: an instant without an offset is one of UTC."""
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    if column.is_zoned:
        return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    return moment if moment.tzinfo is None else None
