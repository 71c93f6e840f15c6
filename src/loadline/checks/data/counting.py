"""Promises that are counted over rows in; the passes that count them, and what the numbers say, out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from loadline.checks.data.cadence import fresh
from loadline.checks.data.judging import counted, valued
from loadline.checks.data.known import Known, Steps, only_column, why_not
from loadline.checks.data.nouns import (
    Asked,
    Found,
    Fresh,
    HasLength,
    Matches,
    OneOf,
    Promised,
    Regular,
    Retained,
    RowCount,
    Unique,
    Volume,
)
from loadline.checks.data.primitives import Dialect, NotSpoken
from loadline.checks.data.scans import MOST_DISTINCT, PROBED, Measured, Pass, by_value, one_pass, probe
from loadline.checks.kinds import kind_of
from loadline.values.contract import Column, Limit, Must
from loadline.values.finding import Row
from loadline.values.promise import Broken, NotRun, PromiseRun


def pass_over(known: Known, waiting: Sequence[Promised], dialect: Dialect) -> Steps[None]:
    mine = [one for one in waiting if not isinstance(one.test, Unique | Found | Regular | Asked)]
    if not mine and known.setting.columns is not None and not any(isinstance(o.test, Unique) for o in waiting):
        return
    mine = yield from _by_value(known, mine, dialect)
    keys = _whole_number_keys(known, waiting, dialect)
    try:
        whole = one_pass(known.relation, mine, dialect, bounded=keys)
    except NotSpoken:
        mine = [one for one in mine if not known.is_not_spoken(one, dialect)]
        whole = one_pass(known.relation, mine, dialect, bounded=keys)
    found = (yield (whole.need,)).get(whole.need)
    if isinstance(found, Row):
        _read(known, whole, found)
        return
    apart = [one_pass(known.relation, (one,), dialect) for one in mine]
    evidence = yield tuple(each.need for each in apart)  # one that fails must not take the others with it
    for each in apart:
        row = evidence.get(each.need)
        if isinstance(row, Row):
            _read(known, each, row)
        else:
            known.unseen((each.measured[0].promised,), why_not(row))


def _by_value(known: Known, mine: list[Promised], dialect: Dialect) -> Steps[list[Promised]]:
    """Judge columns of few values once for each value; what is left comes back."""
    few = yield from _columns_of_few_values(known, mine, dialect)
    for column in few:
        of_column = [one for one in mine if only_column(one) == column]
        counted_so = by_value(known.relation, column, of_column, dialect)
        row = (yield (counted_so.need,)).get(counted_so.need)
        if isinstance(row, Row):
            _read(known, counted_so, row)
            known.few[column.name] = column
            mine = [one for one in mine if one not in of_column]
    return mine


def _columns_of_few_values(known: Known, mine: Sequence[Promised], dialect: Dialect) -> Steps[list[Column]]:
    """Text columns that seem to have far fewer values than the table has rows."""
    found = dict.fromkeys(column for one in mine if (column := only_column(one)) is not None)
    columns = [c for c in found if _is_worth_values(c, mine, known.relation, dialect)]
    if not dialect.has_bits or not columns:
        return []
    need = probe(known.relation, columns, dialect)
    row = (yield (need,)).get(need)
    if not isinstance(row, Row) or int(str(row.values[0])) < PROBED:
        return []
    pairs = zip(columns, row.values[1:], strict=True)
    return [column for column, distinct in pairs if int(str(distinct)) <= MOST_DISTINCT]


def _is_worth_values(column: Column, mine: Sequence[Promised], relation: str, dialect: Dialect) -> bool:
    """Whether all that is promised of the column can be said, and some of it is worth judging by value."""
    of_column = [one for one in mine if only_column(one) == column]
    try:
        by_value(relation, column, of_column, dialect)
    except NotSpoken:
        return False
    return any(isinstance(one.test, OneOf | Matches | HasLength) for one in of_column)


def _whole_number_keys(known: Known, waiting: Sequence[Promised], dialect: Dialect) -> list[Column]:
    if not dialect.has_bits:
        return []
    single = [one.test.columns[0] for one in waiting if isinstance(one.test, Unique) and len(one.test.columns) == 1]
    return [column for column in dict.fromkeys(single) if kind_of(known.live[column.in_warehouse]) == "integer"]


def _read(known: Known, scan: Pass, row: Row) -> None:
    known.rows = int(str(row.values[0]))
    for name, low, high, values in scan.bounds:
        known.ranges[name] = (row.values[low], row.values[high])
        known.values[name] = int(str(row.values[values]))
    for measured in scan.measured:
        known.runs[measured.promised.promise.id] = _judged(known, measured, row, scan.need.sql)


def _judged(known: Known, measured: Measured, row: Row, sql: str) -> PromiseRun:
    one, total = measured.promised, row.values[measured.total]
    match one.test:
        case Fresh() | Retained() as test:
            return fresh(one, test, total, known.clock, sql)
        case RowCount():
            return valued(one, int(str(total)), sql=sql, of="the row count")
        case Volume(change=change):
            return _volume(known, one, int(str(total)), change, sql)
        case _:
            bad = row.values[measured.broken] if measured.broken is not None else 0
            return counted(one, int(str(bad)), int(str(total)), sql=sql)


def _volume(known: Known, one: Promised, rows: int, change: Decimal, sql: str) -> PromiseRun:
    if not known.setting.earlier.rows:
        return NotRun(promise=one.promise, why="no earlier look is in the ledger to compare with")
    earlier = sorted(known.setting.earlier.rows[:10])
    usual = earlier[len(earlier) // 2]
    low, high = usual * (1 - change), usual * (1 + change)
    run = valued(replace(one, limit=Limit(must=Must.BE_BETWEEN, values=(low, high))), rows, sql=sql, of="the row count")
    if isinstance(run, Broken):
        what = f"there are {rows:,} rows, and {usual:,} were usual in {len(earlier)} earlier looks"
        return replace(run, what=what, mend=f"load what is missing into `{known.relation}`, or accept it")
    return run
