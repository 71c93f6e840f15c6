"""Promised keys and references in; the cheapest exact way to count what breaks them, and what came of it, out."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from loadline.checks.data.conditions import is_of_row
from loadline.checks.data.fetching import lost_rows, repeated_keys
from loadline.checks.data.judging import counted
from loadline.checks.data.known import Known, Steps, key_name, why_not
from loadline.checks.data.nouns import Found, Promised, Unique
from loadline.checks.data.parted import are_apart, one_row, whole_column, whole_row
from loadline.checks.data.primitives import Dialect
from loadline.checks.data.scans import (
    BUCKET,
    KeyRange,
    Merge,
    any_repeated_by_bits,
    dense,
    lost_references,
    out_of,
    repeated_by_bits,
    uniqueness,
)
from loadline.checks.kinds import kind_of
from loadline.values.contract import Column
from loadline.values.finding import Evidence, Files, FilesNeed, Row, RowsNeed, SqlNeed
from loadline.values.promise import PromiseRun, Unseen

MOST_BITS = 4_000_000_000
"""The widest range of whole numbers counted by bits: 500 MB."""
WORTH_A_LOOK = 1_000_000
"""Rows that refer to a table, from which on it pays to ask whether its keys have no gap."""
_MOST_RANGES = 200
_FEW = 64
"""A range this many times the number of rows costs more bits than it saves hashes."""


def keys_and_references(known: Known, waiting: Sequence[Promised], dialect: Dialect) -> Steps[None]:
    for one in waiting:
        match one.test:
            case Unique(columns=columns):
                yield from _key(known, one, columns, dialect)
            case Found() as test:
                yield from _reference(known, one, test, dialect)
            case _:
                pass


# keys


def _key(known: Known, one: Promised, columns: Sequence[Column], dialect: Dialect) -> Steps[None]:
    if (yield from _key_by_part(known, one, columns, dialect)):
        return
    if dialect.is_by_row and (yield from repeated_keys(known, one, columns, dialect)):
        return
    by_bits = _by_bits(known, one, columns, dialect)
    if by_bits is None:
        need = uniqueness(known.relation, columns, one.where, dialect)
        found = yield from _kept_or_asked(known, one, need, dialect)
        known.runs[one.promise.id] = _distinct(known, one, found, need)
        return
    bits = yield from whole_column(known, by_bits)
    if bits == ():
        known.runs[one.promise.id] = counted(one, 0, known.values[key_name(one)], sql=by_bits.sql)
        return
    ranges = known.repeated[one.promise.id] = _ranges(known, one, bits)  # now it is worth counting which
    need = uniqueness(known.relation, columns, one.where, dialect, ranges)
    known.runs[one.promise.id] = _distinct(known, one, (yield from whole_row(known, need)), need)


def _key_by_part(known: Known, one: Promised, columns: Sequence[Column], dialect: Dialect) -> Steps[bool]:
    """Where no key of one part can be in another, keys that are unique within each part are unique. False: unknown."""
    if one.where is not None or not any(len(e) > 1 and are_apart(e) for c in columns if (e := _ends(known, c))):
        return False
    whole = uniqueness(known.relation, columns, None, dialect)
    by_bits = _by_bits(known, one, columns, dialect)
    if by_bits is not None:
        name = columns[0].in_warehouse
        low = int(str(known.ranges[name][0])) // BUCKET * BUCKET  # the same for the table as it grows
        build = partial(any_repeated_by_bits, name=name, low=low, dialect=dialect)
        seen = yield from one_row(known, build, (Merge.SUM,), is_nested=True)
        if isinstance(seen.whole, Row) and seen.whole.values == (0,):
            known.runs[one.promise.id] = counted(one, 0, known.values[name], sql=by_bits.sql)
            return True
        return False
    merges = (Merge.SUM,) * 3
    seen = yield from one_row(known, lambda rows: uniqueness(rows, columns, None, dialect), merges, is_nested=True)
    if isinstance(seen.whole, Row):
        known.runs[one.promise.id] = _distinct(known, one, seen.whole, whole)
    return isinstance(seen.whole, Row)


def _ends(known: Known, column: Column) -> tuple[tuple[object, object], ...]:
    return known.ends.get(column.in_warehouse, ())


def _by_bits(known: Known, one: Promised, columns: Sequence[Column], dialect: Dialect) -> RowsNeed | None:
    name = columns[0].in_warehouse
    low, high = known.ranges.get(name, (None, None))
    if one.where or len(columns) != 1 or not isinstance(low, int) or not isinstance(high, int):
        return None
    if high - low >= min(MOST_BITS, _FEW * (known.rows or 0)):
        return None
    return repeated_by_bits(known.relation, name, low, dialect)


def _ranges(known: Known, one: Promised, buckets: tuple[object, ...] | None) -> tuple[KeyRange, ...]:
    """Where the repeated keys lie; everywhere when that is not known, or nearly everywhere."""
    low, _ = known.ranges[key_name(one)]
    if buckets is None or not isinstance(low, int) or len(buckets) > _MOST_RANGES:
        return ()
    starts = [low + int(str(bucket)) * BUCKET for bucket in buckets]
    return tuple(KeyRange(low=start, high=start + BUCKET - 1) for start in starts)


def _distinct(known: Known, one: Promised, found: Evidence | None, need: SqlNeed) -> PromiseRun:
    if not isinstance(found, Row):
        return Unseen(promise=one.promise, why=why_not(found))
    rows, keys, repeated = (int(str(value)) for value in found.values)
    total = known.values[key_name(one)] if known.repeated.get(one.promise.id) else rows
    return counted(one, rows - keys, total, sql=need.sql, keys=repeated)


def _kept_or_asked(known: Known, one: Promised, need: SqlNeed, dialect: Dialect) -> Steps[Evidence | None]:
    if one.where is None or is_of_row(one.where, dialect):
        return (yield from whole_row(known, need))
    return (yield (need,)).get(need)


# references


def _reference(known: Known, one: Promised, test: Found, dialect: Dialect) -> Steps[None]:
    if (yield from _by_ends(known, one, test, dialect)):
        return
    if dialect.is_by_row and (yield from lost_rows(known, one, test, dialect)):
        return
    need = lost_references(known.relation, test, one.where, dialect)
    others = yield from _files_of(known, test)
    if one.where is not None and not is_of_row(one.where, dialect):
        others = None
    if others is None:
        found = (yield (need,)).get(need)
    else:
        identities = tuple(str(part.identity) for part in others.parts)
        build = one_row(
            known,
            lambda rows: lost_references(rows, test, one.where, dialect),
            (Merge.SUM, Merge.SUM),
            beside=identities,
        )
        found = (yield from build).whole
    if isinstance(found, Row):
        about, lost = (int(str(value)) for value in found.values)
        known.runs[one.promise.id] = counted(one, lost, about, sql=need.sql)
    else:
        known.unseen((one,), why_not(found))


def _by_ends(known: Known, one: Promised, test: Found, dialect: Dialect) -> Steps[bool]:
    """Where the keys referred to are all the whole numbers from one to another, a reference leads somewhere when it
    lies between: no join is needed, and what files say of their rows may prove it."""
    is_large = (known.rows or 0) >= WORTH_A_LOOK
    if not is_large or one.where is not None or not dialect.has_bits or len(test.columns) != 1:
        return False
    column = test.columns[0]
    if kind_of(known.live[column.in_warehouse]) != "integer":
        return False
    need = dense(test.relation, test.to_columns[0], dialect)
    row = (yield (need,)).get(need)
    if not isinstance(row, Row) or not isinstance(row.values[1], int) or not isinstance(row.values[2], int):
        return False
    distinct, low, high = int(str(row.values[0])), row.values[1], row.values[2]
    if distinct != high - low + 1:
        return False
    ends = KeyRange(low=low, high=high)
    seen = yield from one_row(known, lambda rows: out_of(rows, column, ends, dialect), (Merge.SUM, Merge.SUM))
    if not isinstance(seen.whole, Row):
        return False
    about, lost = (int(str(value)) for value in seen.whole.values)
    known.dense[one.promise.id] = ends
    known.runs[one.promise.id] = counted(one, lost, about, sql=lost_references(known.relation, test, None, dialect).sql)
    return True


def _files_of(known: Known, test: Found) -> Steps[Files | None]:
    """The files of the table referred to, where each can be told from what it may become."""
    if known.files is None or known.made_by is None:
        return None
    need = FilesNeed(relation=test.relation)
    files = (yield (need,)).get(need)
    if not isinstance(files, Files) or any(part.identity is None for part in files.parts):
        return None
    return files
