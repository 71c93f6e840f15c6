"""Values of many rows in, one value out; rows of an answer in, the same rows in order out."""

from __future__ import annotations

from decimal import Decimal
from functools import cmp_to_key

from loadline.values.model import Calendar
from loadline.values.query import Filter, Query
from loadline.values.query import Op as FilterOp
from semantics.oracle_eval import arithmetic, number, operate
from semantics.oracle_expr import Value

Key = tuple[Value, ...]


def fold(name: str, values: list[Value], extra: list[Decimal]) -> Value:
    """One aggregate over values without NULLs."""
    if name == "count":
        return len(values)
    if not values:
        return None
    match name:
        case "min" | "max":
            ordered = sorted(values, key=cmp_to_key(compare))
            return ordered[0] if name == "min" else ordered[-1]
        case "sum":
            return sum((number(v) for v in values), Decimal(0))
        case "avg":
            return arithmetic("/", [sum((number(v) for v in values), Decimal(0)), Decimal(len(values))])
        case "median":
            return percentile([number(v) for v in values], Decimal("0.5"))
        case "percentile":
            return percentile([number(v) for v in values], extra[0])
    raise ValueError(f"the oracle knows no aggregate {name!r}")


def percentile(values: list[Decimal], share: Decimal) -> Decimal:
    """Linear interpolation between the two nearest ranks, as SQL's `percentile_cont` defines it."""
    ordered = sorted(values)
    rank = share * (len(ordered) - 1)
    below = int(rank)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (rank - below)


def holds(value: Value, condition: Filter, calendar: Calendar) -> bool:
    """Is the filter true of a value? Nothing but `is-null` is true of NULL."""
    values = list(condition.values)
    match condition.op:
        case FilterOp.IS_NULL:
            return value is None
        case FilterOp.IS_NOT_NULL:
            return value is not None
        case FilterOp.CONTAINS:
            return value is not None and str(values[0]) in str(value)
        case FilterOp.STARTS_WITH:
            return value is not None and str(value).startswith(str(values[0]))
        case FilterOp.IN:
            return operate("in", [value, *values], calendar) is True
        case FilterOp.NOT_IN:
            return operate("in", [value, *values], calendar) is False
        case FilterOp.BETWEEN:
            return operate("between", [value, *values], calendar) is True
        case FilterOp.NE:
            return operate("<>", [value, *values], calendar) is True
        case FilterOp.EQ | FilterOp.LT | FilterOp.LE | FilterOp.GT | FilterOp.GE:
            return operate(condition.op.value, [value, *values], calendar) is True


# ── order ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def compare(left: Value, right: Value) -> int:
    """-1, 0 or 1; NULL comes last, strings go by code point."""
    if left is None or right is None:
        return (left is None) - (right is None)
    if left == right:
        return 0
    return -1 if left < right else 1  # type: ignore[operator]  # values of one column are comparable


def in_order(rows: list[Key], query: Query) -> list[Key]:
    """By what was asked, then by every dimension, so that the order is one and the same on every run."""
    asked = [(position_of(query, order.name), order.is_descending) for order in query.order]
    keys = [*asked, *((at, False) for at in range(len(query.by)))]

    def between(left: Key, right: Key) -> int:
        for at, is_descending in keys:
            found = compare(left[at], right[at])
            if found and is_descending and left[at] is not None and right[at] is not None:
                return -found
            if found:
                return found
        return 0

    return sorted(rows, key=cmp_to_key(between))


def position_of(query: Query, name: str) -> int:
    """A dimension as it was asked for, grain included; without its grain where that leaves no doubt."""
    asked = [f"{by.name}:{by.grain}" if by.grain else by.name for by in query.by]
    columns = [*asked, *query.metrics]
    return columns.index(name) if name in columns else [by.name for by in query.by].index(name)
