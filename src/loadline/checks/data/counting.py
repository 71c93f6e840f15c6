"""Promises that are counted over rows in; the passes that count them, and what the numbers say, out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from functools import partial

from loadline.checks.data.cadence import fresh
from loadline.checks.data.conditions import is_of_row
from loadline.checks.data.fetching import rows_that_break
from loadline.checks.data.judging import counted, valued
from loadline.checks.data.known import Known, Steps, only_column, why_not
from loadline.checks.data.nouns import (
    Asked,
    Found,
    Fresh,
    HasLength,
    InRange,
    Matches,
    OneOf,
    Promised,
    Regular,
    Retained,
    RowCount,
    RowTest,
    Unique,
    Volume,
)
from loadline.checks.data.parted import ends_of, one_row, whole_row
from loadline.checks.data.primitives import Dialect, NotSpoken
from loadline.checks.data.proofs import (
    MOST_TO_READ,
    asked_of_files,
    groups_of,
    proved,
    share_to_read,
    with_values,
)
from loadline.checks.data.scans import (
    MOST_DISTINCT,
    PROBED,
    Measured,
    Merge,
    Pass,
    Rows,
    breaking,
    by_value,
    one_pass,
    probe,
    totals,
)
from loadline.checks.kinds import kind_of
from loadline.values.contract import Column, Limit, Must
from loadline.values.finding import Row, SqlNeed
from loadline.values.promise import Broken, Kept, NotRun, PromiseRun

_ORDERED = frozenset({"integer", "date", "timestamp", "string"})
"""Kinds whose values this program and the engine put in the same order."""


def pass_over(known: Known, waiting: Sequence[Promised], dialect: Dialect) -> Steps[None]:
    mine = [one for one in waiting if not isinstance(one.test, Unique | Found | Regular | Asked)]
    if not mine and known.setting.columns is not None and not any(isinstance(o.test, Unique) for o in waiting):
        return
    mine = yield from _by_files(known, mine, dialect)
    mine = yield from _by_value(known, mine, dialect)
    mine = yield from _of_changing_scope(known, mine, dialect)
    keys = _bounded(known, waiting, dialect)
    if not mine and not keys and known.rows is not None:
        return
    try:
        whole = one_pass(known.relation, mine, dialect, bounded=keys)
    except NotSpoken:
        mine = [one for one in mine if not known.is_not_spoken(one, dialect)]
        whole = one_pass(known.relation, mine, dialect, bounded=keys)
    if dialect.is_by_row and (yield from _with_rows(known, mine, whole, dialect)):
        return
    seen = yield from one_row(known, lambda rows: one_pass(rows, mine, dialect, bounded=keys).need, whole.merges)
    if isinstance(seen.whole, Row):
        _read(known, whole, seen.whole)
        known.ends = {name: tuple(ends_of(seen.parts, low, high)) for name, low, high, _ in whole.bounds}
    else:
        yield from _one_by_one(known, mine, dialect)


def _with_rows(known: Known, mine: Sequence[Promised], whole: Pass, dialect: Dialect) -> Steps[bool]:
    """Fetch the rows that break a promise instead of counting them. False where that cannot be done."""
    of_rows = [one for one in mine if isinstance(one.test, RowTest)]
    numbers = totals(known.relation, mine, dialect)
    row = (yield from rows_that_break(known, of_rows, numbers.need, dialect)) if of_rows else None
    if row is not None:
        _read(known, replace(numbers, need=whole.need), row)
    return row is not None


def _one_by_one(known: Known, mine: Sequence[Promised], dialect: Dialect) -> Steps[None]:
    """One that fails must not take the others with it."""
    apart = [one_pass(known.relation, (one,), dialect) for one in mine]
    evidence = yield tuple(each.need for each in apart)
    for each in apart:
        row = evidence.get(each.need)
        if isinstance(row, Row):
            _read(known, each, row)
        else:
            known.unseen((each.measured[0].promised,), why_not(row))


def _by_files(known: Known, mine: list[Promised], dialect: Dialect) -> Steps[list[Promised]]:
    """What footers prove needs no rows; what they prove of most rows needs the others. The rest comes back."""
    groups = groups_of(known.files) if known.files is not None else None
    if groups is None:
        return mine
    known.rows = sum(group.rows for group in groups)
    left = []
    for one in mine:
        column = asked_of_files(one)
        proof = proved(one, groups)
        if proof is not None:
            run = counted(one, proof.broken, proof.total, sql="")
            known.runs[one.promise.id] = _said_by_files(run) if isinstance(run, Kept) else run
        elif column is None or not isinstance(one.test, InRange) or share_to_read(one.test, groups) > MOST_TO_READ:
            left.append(one)
        elif (values := with_values(column, groups)) is None or known.is_not_spoken(one, dialect):
            left += [] if one.promise.id in known.runs else [one]
        else:
            yield from _pruned(known, one, one.test, values, dialect)
    return left


def _said_by_files(run: Kept) -> Kept:
    return replace(run, measured=f"{run.measured}, by what the files say of their rows")


def _pruned(known: Known, one: Promised, test: InRange, values: int, dialect: Dialect) -> Steps[None]:
    need = breaking(known.relation, test, dialect)
    seen = yield from one_row(known, lambda rows: breaking(rows, test, dialect), (Merge.SUM,))
    if isinstance(seen.whole, Row):
        known.runs[one.promise.id] = counted(one, int(str(seen.whole.values[0])), values, sql=need.sql)
    else:
        known.unseen((one,), why_not(seen.whole))


def _of_changing_scope(known: Known, mine: list[Promised], dialect: Dialect) -> Steps[list[Promised]]:
    """A `where` may ask for today, or another table: what it lets through is not the part's alone, and is not kept."""
    changing = [one for one in mine if known.files is not None and one.where and not is_of_row(one.where, dialect)]
    if changing:
        yield from _one_by_one(known, changing, dialect)
    return [one for one in mine if one not in changing]


def _by_value(known: Known, mine: list[Promised], dialect: Dialect) -> Steps[list[Promised]]:
    """Judge columns of few values once for each value; what is left comes back."""
    few = yield from _columns_of_few_values(known, mine, dialect)
    for column in few:
        of_column = [one for one in mine if only_column(one) == column]
        counted_so = by_value(known.relation, column, of_column, dialect)
        build = partial(_need_by_value, column=column, promised=of_column, dialect=dialect)
        row = (yield from one_row(known, build, counted_so.merges, is_nested=True)).whole
        if isinstance(row, Row):
            _read(known, counted_so, row)
            known.few[column.name] = column
            mine = [one for one in mine if one not in of_column]
    return mine


def _need_by_value(rows: Rows, column: Column, promised: Sequence[Promised], dialect: Dialect) -> SqlNeed:
    return by_value(rows, column, promised, dialect).need


def _columns_of_few_values(known: Known, mine: Sequence[Promised], dialect: Dialect) -> Steps[list[Column]]:
    """Text columns that seem to have far fewer values than the table has rows."""
    found = dict.fromkeys(column for one in mine if (column := only_column(one)) is not None)
    columns = [c for c in found if _is_worth_values(c, mine, known.relation, dialect)]
    if not dialect.has_bits or not columns:
        return []
    row = yield from whole_row(known, probe(known.relation, columns, dialect), is_guess=True)
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


def _bounded(known: Known, waiting: Sequence[Promised], dialect: Dialect) -> list[Column]:
    """Whole-number keys, which bits may count; of tables in several parts, all that may tell that keys are apart."""
    if not dialect.has_bits:
        return []
    keys = [one.test.columns for one in waiting if isinstance(one.test, Unique)]
    single = [key[0] for key in keys if len(key) == 1 and kind_of(known.live[key[0].in_warehouse]) == "integer"]
    several = known.files is not None and len(known.files.parts) > 1
    apart = [column for key in keys for column in key if kind_of(known.live[column.in_warehouse]) in _ORDERED]
    return list(dict.fromkeys([*single, *(apart if several else ())]))


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
            fetched = len(known.fetched.get(one.promise.id, ()))
            bad = row.values[measured.broken] if measured.broken is not None else fetched
            less = len(known.fetched[measured.less]) if measured.less is not None else 0
            return counted(one, int(str(bad)), int(str(total)) - less, sql=sql)


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
