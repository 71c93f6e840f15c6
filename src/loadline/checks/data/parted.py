"""A statement of one row over a table that lies in parts in; its numbers, read only from the parts that changed since
they were last looked at, out.

What a part said is kept under the part's identity, the statement's text and what made it, so a changed file, contract
or version of this program never meets an old number. Where parts cannot be told apart the whole table is read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from loadline.checks.data.known import Known, Steps
from loadline.checks.data.scans import Merge, Rows, Slice
from loadline.values.finding import Evidence, FilePart, Files, Row, RowsNeed, SqlNeed, Table

AT_ONCE = 64
"""Parts that one statement reads."""
MOST_PARTS = 2_000
MOST_KEPT = 1_000
"""Values of one column that are kept."""
Build = Callable[[Rows], SqlNeed]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """`whole` is what the statement gives over the whole table, `parts` over each part, where they were told apart."""

    whole: Evidence | None
    parts: tuple[tuple[object, ...], ...] = ()


def one_row(
    known: Known, build: Build, merges: Sequence[Merge], *, beside: tuple[str, ...] = (), is_nested: bool = False
) -> Steps[Seen]:
    """`beside` are the identities of whatever else the statement reads: a part's number is its own only with them. One
    that `is_nested` groups rows before it counts them, so it cannot tell parts apart and is said once for each."""
    need = build(known.relation)
    files = _parts(known)
    if files is None:
        return Seen(whole=(yield (need,)).get(need))
    keys = [known.key(part.identity or "", need.sql, *beside) for part in files.parts]
    rows = {key: said for key in keys if len(said := known.setting.kept.get(key, ())) == len(merges)}
    left = [(part, key) for part, key in zip(files.parts, keys, strict=True) if key not in rows]
    if len(left) == 1 and len(files.parts) == 1:
        row = (yield (need,)).get(need)
        if not isinstance(row, Row):
            return Seen(whole=row)
        rows[keys[0]] = row.values
    else:
        at_once, reading = (AT_ONCE, _read_nested) if is_nested else (MOST_PARTS, _read_each)
        for at in range(0, len(left), at_once):
            read = yield from reading(known, build, files, left[at : at + at_once], merges)
            if read is None:  # said part by part it could not be had
                return Seen(whole=(yield (need,)).get(need))
            rows |= read
    known.keep(rows, read=[part for part, _ in left])
    each = tuple(rows[key] for key in keys)
    return Seen(whole=Row(values=merged(each, merges)), parts=each)


def whole_row(known: Known, need: SqlNeed, *, is_guess: bool = False) -> Steps[Evidence | None]:
    """A statement whose parts say nothing of the whole: kept as long as no part has changed. A guess reads a few rows
    of any part, and no number comes of it."""
    values = _kept(known, need.sql)
    if values is not None:
        return Row(values=values)
    found = (yield (need,)).get(need)
    if isinstance(found, Row):
        _keep(known, need.sql, found.values, is_read=not is_guess)
    return found


def whole_column(known: Known, need: RowsNeed) -> Steps[tuple[object, ...] | None]:
    """The one column of a statement, kept likewise; None where it could not be had."""
    values = _kept(known, need.sql)
    if values is not None:
        return values
    found = (yield (need,)).get(need)
    if not isinstance(found, Table):
        return None
    values = tuple(row[0] for row in found.rows)
    if len(values) <= MOST_KEPT:
        _keep(known, need.sql, values, is_read=True)
    return values


def _kept(known: Known, sql: str) -> tuple[object, ...] | None:
    if _parts(known) is None:
        return None
    key = known.key(known.all_parts, sql)
    values = known.setting.kept.get(key)
    if values is not None:
        known.keep({key: values}, read=())
    return values


def _keep(known: Known, sql: str, values: tuple[object, ...], *, is_read: bool) -> None:
    if (files := _parts(known)) is not None:
        known.keep({known.key(known.all_parts, sql): values}, read=files.parts if is_read else ())


def _parts(known: Known) -> Files | None:
    """None where some part cannot be told from what it may become, or nothing is kept from look to look."""
    files = known.files
    if files is None or known.made_by is None or not 0 < len(files.parts) <= MOST_PARTS:
        return None
    return files if all(part.identity is not None for part in files.parts) else None


Left = Sequence[tuple[FilePart, str]]
Read = dict[str, tuple[object, ...]] | None


def _read_each(known: Known, build: Build, files: Files, left: Left, merges: Sequence[Merge]) -> Steps[Read]:
    """One statement with a row for each part that has rows."""
    parts = tuple(part for part, _ in left)
    sql = build(Slice(relation=known.relation, files=files, parts=parts, is_each=True)).sql
    need = RowsNeed(sql=sql, dialect=known.setting.dialect)
    found = (yield (need,)).get(need)
    if not isinstance(found, Table):
        return None
    said = {str(row[0]): row[1:] for row in found.rows}
    nothing = tuple(0 if merge is Merge.SUM else None for merge in merges)
    return {key: said.get(part.name, nothing) for part, key in left}


def _read_nested(known: Known, build: Build, files: Files, left: Left, merges: Sequence[Merge]) -> Steps[Read]:  # noqa: ARG001 - as `_read_each`
    """One statement for several parts, a row for each. The SELECT for one part is that for the table over its rows."""
    each = [build(Slice(relation=known.relation, files=files, parts=(part,))) for part, _ in left]
    selects = [f"SELECT {at} AS loadline_part, * FROM ({need.sql}) AS part_{at}" for at, need in enumerate(each)]
    need = RowsNeed(sql=" UNION ALL ".join(selects), dialect=known.setting.dialect)
    found = (yield (need,)).get(need)
    if not isinstance(found, Table) or len(found.rows) != len(left):
        return None
    return {left[int(str(row[0]))][1]: row[1:] for row in found.rows}


def merged(rows: Sequence[tuple[object, ...]], merges: Sequence[Merge]) -> tuple[object, ...]:
    """Of no rows, nothing: there is at least one part."""
    return tuple(_merge(merge, [row[at] for row in rows]) for at, merge in enumerate(merges))


def _merge(merge: Merge, values: Sequence[object]) -> object:
    """NULL is what a part without rows says of its least and greatest value."""
    said = [value for value in values if value is not None]
    match merge:
        case Merge.SUM:
            return sum(int(str(value)) for value in said)
        case Merge.LEAST:
            return min(said, default=None)  # type: ignore[type-var]  # values of one column
        case Merge.GREATEST:
            return max(said, default=None)  # type: ignore[type-var]


def are_apart(parts: Sequence[tuple[object, object]]) -> bool:
    """Whether no value of one part lies between the least and the greatest of another; parts without values are."""
    ends = sorted(((low, high) for low, high in parts if low is not None), key=lambda one: one[0])  # type: ignore[arg-type,return-value]
    return all(before[1] < after[0] for before, after in pairwise(ends))  # type: ignore[operator]


def ends_of(rows: Sequence[tuple[object, ...]], low: int, high: int) -> Iterator[tuple[object, object]]:
    for row in rows:
        yield row[low], row[high]
