"""A look at a table (plain JSON, as recorded) and who reads it in; the same without what rules and rights keep from
them out.

A look tells of rows: some of them (`sample`), how many, and what they have in common (`cause`). By default nobody is
told what they could not ask for: a column that a rule or right keeps from them, or masks, is in no sample, and no cause
is told where such a column might be named; who may see only some rows is told neither rows nor numbers of the others.
That a promise is broken is told to all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from loadline.checks import data
from loadline.flow.seeing import SeenColumn, permit_to_see
from loadline.flow.world import Ruled
from loadline.ledger.views.findings import TableHistory
from loadline.project import Project
from loadline.values.contract import Column
from loadline.values.right import Held
from loadline.values.rule import Principal

_ROWS_KEPT = "it is broken; who may see only some rows is not told in how many"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """What one asker may see of one table: not the values of `hidden`, and where it `is_partial` only some rows, or
    none."""

    hidden: frozenset[str]
    is_partial: bool


def as_seen_by(world: Ruled, principal: Principal, look: Mapping[str, Any]) -> dict[str, Any]:
    """A table that no contract speaks of any more is told without rows, numbers and causes."""
    every = data.subjects_of(world.project.model, world.project.contracts)
    subject = next((one for one in every if one.name == look["table"]), None)
    sight = sight_of(world, principal, subject) if subject is not None else Sight(hidden=frozenset(), is_partial=True)
    if not (sight.hidden or sight.is_partial):
        return dict(look)
    told = {**look, "rows": None} if sight.is_partial else dict(look)
    return {**told, "promises": [_seen(promise, sight) for promise in look["promises"]]}


def history_as_seen_by(world: Ruled, principal: Principal, history: TableHistory) -> TableHistory:
    """Who may see only some rows is told no numbers of rows; when it was broken is told to all."""
    every = data.subjects_of(world.project.model, world.project.contracts)
    subject = next((one for one in every if one.name == history.table), None)
    if subject is not None and not sight_of(world, principal, subject).is_partial:
        return history
    return replace(
        history,
        looks=tuple(replace(one, rows=None) for one in history.looks),
        stretches=tuple(replace(one, least=None, most=None, newest=None) for one in history.stretches),
    )


def sight_of(world: Ruled, principal: Principal, subject: data.Subject) -> Sight:
    """Only columns that anybody is shown can be hidden here: those of a protected class are in no look at all."""
    columns = [column for column in subject.table.columns.values() if data.may_be_shown(column)]
    sight = sight_over(world, principal, [seen_column(subject, column) for column in columns])
    stored = {column.in_warehouse for column in columns if column.name in sight.hidden}
    return replace(sight, hidden=sight.hidden | stored)


def sight_over(world: Ruled, principal: Principal, columns: Sequence[SeenColumn]) -> Sight:
    """What somebody may see of these columns of one table. Of none of them, they see nothing."""
    hidden: set[str] = set()
    is_partial = False
    for column in columns:
        permit = permit_to_see(world, principal, column)
        if permit is None or any(mask.column == f"{column.dataset}.{column.name}" for mask in permit.masks):
            hidden.add(column.name)
        elif permit.row_filters:
            is_partial = True
    sees_nothing = all(column.name in hidden for column in columns)
    return Sight(hidden=frozenset(hidden), is_partial=is_partial or sees_nothing)


def column_of(project: Project, dataset: str, name: str) -> SeenColumn:
    """A column by its name in the contract or in the warehouse, as rules and rights see it; one that no contract speaks
    of is nothing more than a column."""
    every = data.subjects_of(project.model, project.contracts)
    subject = next((one for one in every if one.name == dataset), None)
    for column in subject.table.columns.values() if subject is not None else ():
        if subject is not None and name in {column.name, column.in_warehouse}:
            return seen_column(subject, column)
    return SeenColumn(dataset=dataset, name=name, relation=project.model.datasets[dataset].source)


def seen_column(subject: data.Subject, column: Column) -> SeenColumn:
    """A column that a contract speaks of, as rules and rights see it."""
    held = Held(
        dataset=subject.name,
        columns=(column.name,),
        contract=subject.contract,
        owner=subject.owner,
        rights=subject.table.rights,
    )
    return SeenColumn(
        dataset=subject.name,
        name=column.name,
        relation=subject.relation,
        classification=column.classification,
        held=held,
    )


def _seen(promise: Mapping[str, Any], sight: Sight) -> dict[str, Any]:
    if promise["verdict"] != "broken":
        return {**promise, "measured": ""} if sight.is_partial and "measured" in promise else dict(promise)
    told = {**promise, "cause": promise.get("known_cause", "")}
    sample = promise.get("sample", ())
    if "sample" in told:
        told["sample"] = [{name: value for name, value in row.items() if name not in sight.hidden} for row in sample]
    if sight.is_partial:
        told |= {"what": _ROWS_KEPT, "count": None, "total": None, "keys": None, "share": None, "span": None}
        told |= {"sample": []} if "sample" in told else {}
    return told
