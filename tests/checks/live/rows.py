"""Promises and rows in, what is broken out: by looping over the rows in plain Python. Slow and obvious on purpose."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from loadline.values.contract import Column, QualityRule

Value = Any
RowOf = dict[str, Value]


@dataclass(frozen=True)
class Naive:
    """`broken` of `total` rows."""

    broken: int
    total: int


def has_value(rows: Sequence[RowOf], name: str) -> Naive:
    return Naive(sum(row[name] is None for row in rows), len(rows))


def of_values(rows: Sequence[RowOf], name: str, is_fine: Callable[[Value], bool]) -> Naive:
    values = [row[name] for row in rows if row[name] is not None]
    return Naive(sum(not is_fine(value) for value in values), len(values))


def unique(rows: Sequence[RowOf], names: Sequence[str]) -> Naive:
    keys = [tuple(row[name] for name in names) for row in rows]
    whole = [key for key in keys if None not in key]
    return Naive(len(whole) - len(set(whole)), len(whole))


def repeated(rows: Sequence[RowOf], names: Sequence[str]) -> int:
    keys = Counter(tuple(row[name] for name in names) for row in rows)
    return sum(n > 1 for key, n in keys.items() if None not in key)


def found(rows: Sequence[RowOf], name: str, others: Sequence[Value]) -> Naive:
    return of_values(rows, name, lambda value: value in set(others))


def in_range(column: Column) -> Callable[[Value], bool]:
    def is_fine(value: Value) -> bool:
        low, high = column.minimum, column.maximum
        above = low is None or (value > low.value if low.is_exclusive else value >= low.value)
        below = high is None or (value < high.value if high.is_exclusive else value <= high.value)
        return above and below

    return is_fine


def matches(pattern: str) -> Callable[[Value], bool]:
    compiled = re.compile(pattern, re.ASCII)
    return lambda value: compiled.search(value) is not None


def missing(rows: Sequence[RowOf], name: str, rule: QualityRule) -> Naive:
    values = rule.values or (None, "")
    texts = {str(value) for value in values if value is not None}
    stand_for_none = [
        (row[name] is None and None in values) or (row[name] is not None and str(row[name]) in texts) for row in rows
    ]
    return Naive(sum(stand_for_none), len(rows))
