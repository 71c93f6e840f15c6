"""Promised keys and references in; the cheapest exact way to count what breaks them, and what came of it, out."""

from __future__ import annotations

from collections.abc import Sequence

from loadline.checks.data.judging import counted
from loadline.checks.data.known import Known, Steps, key_name, why_not
from loadline.checks.data.nouns import Found, Promised, Unique
from loadline.checks.data.primitives import Dialect
from loadline.checks.data.scans import BUCKET, KeyRange, lost_references, repeated_by_bits, uniqueness
from loadline.values.contract import Column
from loadline.values.finding import Evidence, Row, RowsNeed, SqlNeed, Table
from loadline.values.promise import PromiseRun, Unseen

MOST_BITS = 4_000_000_000
"""The widest range of whole numbers counted by bits: 500 MB."""
_MOST_RANGES = 200
_FEW = 64
"""A range this many times the number of rows costs more bits than it saves hashes."""


def keys_and_references(known: Known, waiting: Sequence[Promised], dialect: Dialect) -> Steps[None]:
    exact: dict[str, tuple[Promised, SqlNeed]] = {}
    bits: dict[str, tuple[Promised, RowsNeed]] = {}
    for one in waiting:
        match one.test:
            case Unique(columns=columns):
                by_bits = _by_bits(known, one, columns, dialect)
                if by_bits is not None:
                    bits[one.promise.id] = (one, by_bits)
                else:
                    exact[one.promise.id] = (one, uniqueness(known.relation, columns, one.where, dialect))
            case Found() as test:
                exact[one.promise.id] = (one, lost_references(known.relation, test, one.where, dialect))
            case _:
                pass
    evidence = yield tuple(need for _, need in bits.values())
    for name, (one, by_bits) in bits.items():
        found = evidence.get(by_bits)
        if isinstance(found, Table) and not found.rows:
            known.runs[name] = counted(one, 0, known.values[key_name(one)], sql=by_bits.sql)
        elif isinstance(one.test, Unique):  # something repeats: now it is worth counting which
            ranges = known.repeated[name] = _ranges(known, one, found)
            exact[name] = (one, uniqueness(known.relation, one.test.columns, one.where, dialect, ranges))
    evidence = yield tuple(need for _, need in exact.values())
    for name, (one, need) in exact.items():
        known.runs[name] = _distinct_or_found(known, one, evidence.get(need), need)


def _by_bits(known: Known, one: Promised, columns: Sequence[Column], dialect: Dialect) -> RowsNeed | None:
    name = columns[0].in_warehouse
    low, high = known.ranges.get(name, (None, None))
    if one.where or len(columns) != 1 or not isinstance(low, int) or not isinstance(high, int):
        return None
    if high - low >= min(MOST_BITS, _FEW * (known.rows or 0)):
        return None
    return repeated_by_bits(known.relation, name, low, dialect)


def _ranges(known: Known, one: Promised, found: Evidence | None) -> tuple[KeyRange, ...]:
    """Where the repeated keys lie; everywhere when that is not known, or nearly everywhere."""
    low, _ = known.ranges[key_name(one)]
    if not isinstance(found, Table) or not isinstance(low, int) or len(found.rows) > _MOST_RANGES:
        return ()
    starts = [low + int(str(row[0])) * BUCKET for row in found.rows]
    return tuple(KeyRange(low=start, high=start + BUCKET - 1) for start in starts)


def _distinct_or_found(known: Known, one: Promised, found: Evidence | None, need: SqlNeed) -> PromiseRun:
    if not isinstance(found, Row):
        return Unseen(promise=one.promise, why=why_not(found))
    numbers = [int(str(value)) for value in found.values]
    if isinstance(one.test, Unique):
        rows, keys, repeated = numbers
        total = known.values[key_name(one)] if known.repeated.get(one.promise.id) else rows
        return counted(one, rows - keys, total, sql=need.sql, keys=repeated)
    return counted(one, numbers[1], numbers[0], sql=need.sql)
