"""Rows that a dry run showed in; what of them is kept with what is held, and what of that one reader may see, out.

Whoever says yes to a change should see rows, not only how many. What a contract puts in a protected class never gets
into the ledger at all; of the rest everyone sees what rules and rights would let them ask for. That a column changes is
told to whoever may decide, its values are not.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from loadline.checks import data
from loadline.flow.looks_seen import seen_column
from loadline.flow.seeing import SeenColumn, permit_to_see
from loadline.flow.world import Ruled
from loadline.project import Project
from loadline.values.contract import Column
from loadline.values.effect import ShownRow, ShownTable
from loadline.values.rule import Deed, Effect, Principal

MOST_SHOWN = 20
"""Rows of each kind in each table."""
MOST_CHARACTERS = 60_000
"""Of all values together that are kept with one run."""
_SOME_ROWS = "you may see only some rows of this table, and nobody can say whether these are among them"


def rows_wanted(project: Project) -> int:
    """How many rows of each kind a dry run is asked for: none where nothing is ever held."""
    holds = any(rule.effect is Effect.HOLD and rule.action == Deed.ACT for rule in project.rules)
    return MOST_SHOWN if holds else 0


def kept(project: Project, tables: Sequence[ShownTable]) -> tuple[ShownTable, ...]:
    """What goes into the ledger: without protected columns, and not more than `MOST_CHARACTERS`."""
    left = MOST_CHARACTERS
    found = []
    for table in tables:
        told = without(table, {name for name, column in _known(project, table) if column is None})
        rows = []
        for row in told.rows:
            left -= sum(len(value or "") + 4 for value in (*(row.before or ()), *(row.after or ())))
            if left < 0:
                break
            rows.append(row)
        found.append(replace(told, rows=tuple(rows)))
    return tuple(found)


def as_seen_by(world: Ruled, principal: Principal, tables: Sequence[ShownTable]) -> tuple[ShownTable, ...]:
    """Without what rules and rights keep from `principal`."""
    return tuple(_seen(world, principal, table) for table in tables)


def _seen(world: Ruled, principal: Principal, table: ShownTable) -> ShownTable:
    hidden: set[str] = set()
    for name, column in _known(world.project, table):
        permit = permit_to_see(world, principal, column) if column is not None else None
        if column is None or permit is None or any(mask.column.endswith(f".{column.name}") for mask in permit.masks):
            hidden.add(name)
        elif permit.row_filters:
            return replace(table, rows=(), why=_SOME_ROWS)
    return without(table, hidden)


def _known(project: Project, table: ShownTable) -> Iterator[tuple[str, SeenColumn | None]]:
    """Each column, under every name that rules may know it by: None where one of them is of a protected class. A table
    of a target and one of the warehouse are taken for the same where they are called the same, whatever their schema:
    what is said of either is said of both."""
    last = _last(table.table)
    every = data.subjects_of(project.model, project.contracts)
    subjects = [one for one in every if last in {_last(each) for each in (one.name, one.relation, one.table.name)}]
    for name in table.columns:
        for subject in subjects:
            columns = [one for one in subject.table.columns.values() if _is_called(one, name)]
            for column in columns:
                yield name, seen_column(subject, column) if data.may_be_shown(column) else None
            if not columns:
                yield name, SeenColumn(dataset=subject.name, name=name, relation=subject.relation)
        if not subjects:
            own = table.table.rpartition(".")[2].strip('"')
            yield name, SeenColumn(dataset=own, name=name, relation=table.table)


def _is_called(column: Column, name: str) -> bool:
    return name.casefold() in {column.name.casefold(), column.in_warehouse.casefold()}


def _last(name: str) -> str:
    return name.rpartition(".")[2].strip('"').casefold()


def without(table: ShownTable, hidden: Collection[str]) -> ShownTable:
    """The same rows without the values of these columns; that they change is still told."""
    gone = [name for name in table.columns if name in hidden]
    if not gone:
        return table
    places = [place for place, name in enumerate(table.columns) if name not in hidden]

    def rest(side: tuple[str | None, ...] | None) -> tuple[str | None, ...] | None:
        return None if side is None else tuple(side[place] for place in places)

    return replace(
        table,
        columns=tuple(table.columns[place] for place in places),
        key=tuple(name for name in table.key if name not in hidden),
        withheld=(*table.withheld, *gone),
        rows=tuple(ShownRow(before=rest(row.before), after=rest(row.after), changed=row.changed) for row in table.rows),
    )
