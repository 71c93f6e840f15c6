"""Promises in; those that can be looked at on the live columns, and what is said of the others at once, out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from loadline.checks.data.conditions import scope_tree
from loadline.checks.data.known import Known
from loadline.checks.data.nouns import Asked, IsThere, Promised, Regular
from loadline.checks.data.primitives import Dialect, NotSpoken
from loadline.checks.data.scans import columns_of
from loadline.checks.kinds import ALSO, kind_of
from loadline.checks.renamed import renamed_to
from loadline.values.contract import Column
from loadline.values.promise import Broken, Kept, PromiseRun


def to_run(known: Known, promised: Sequence[Promised], dialect: Dialect) -> Iterator[Promised]:
    odd = {}
    for column in known.subject.table.columns.values():
        if (why := _odd(known, column)) is not None:
            odd[column.name] = why
    for one in promised:
        if one.promise.id in known.runs:
            continue
        if isinstance(one.test, IsThere):
            known.runs[one.promise.id] = _there(known, one, one.test.column)
            continue
        missing = next((odd[c.name] for c in columns_of(one) if c.name in odd), None)
        if missing is not None:
            known.unseen((one,), missing)
        elif (scope := _scope_fault(one, dialect)) is not None:
            known.unseen((one,), scope)
        elif isinstance(one.test, Regular | Asked) and known.is_not_spoken(one, dialect):
            continue  # all others are told apart where they are put together, which costs nothing when all are
        else:
            yield one


def _odd(known: Known, column: Column) -> str | None:
    """Why nothing promised of the column can be looked at."""
    found = known.live.get(column.in_warehouse)
    if found is None:
        return f"`{known.relation}` has no column `{column.in_warehouse}`"
    kind = kind_of(found)
    if kind is None or kind == column.logical_type or (kind, column.logical_type) in ALSO:
        return None
    return f"`{column.name}` holds `{found}`, not {column.logical_type}"


def _there(known: Known, one: Promised, column: Column) -> PromiseRun:
    promise, relation = one.promise, known.relation
    found = known.live.get(column.in_warehouse)
    if _odd(known, column) is None:
        return Kept(promise=promise, measured=f"`{column.in_warehouse}` is there, of `{found}`")
    if found is not None:
        return Broken(
            promise=promise,
            what=f"`{relation}.{column.in_warehouse}` holds `{found}`, and {column.logical_type} is promised",
            mend=f"load `{column.name}` as {column.logical_type}, or change contract `{promise.contract}`",
        )
    promised = {c.in_warehouse for c in known.subject.table.columns.values()}
    renamed = renamed_to(column.in_warehouse, column.logical_type, promised, known.live)
    return Broken(
        promise=promise,
        what=f"`{relation}` has no column `{column.in_warehouse}`",
        mend=f"restore `{column.in_warehouse}`, or write `physicalName: {renamed or 'its_new_name'}` at "
        f"`{column.name}` in contract `{promise.contract}`",
        cause=f"`{renamed}` is there and promised by nobody, and is of the same type: the column looks renamed"
        if renamed
        else promise.cause,
    )


def _scope_fault(one: Promised, dialect: Dialect) -> str | None:
    try:
        if one.where:
            scope_tree(one.where, dialect)
    except NotSpoken as fault:
        return str(fault)
    return None
