"""An action's plan in; the same with the state of the data it touches, as it was last seen, out. Nothing is queried.

It is looked up only where a rule, or Cedar, may ask for it: most projects have none that does.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from loadline.flow.acting.nouns import ActPlan
from loadline.flow.acting.record import newest
from loadline.flow.acting.world import ActWorld
from loadline.flow.ports import Store
from loadline.flow.record import looked_at_key
from loadline.project import Project
from loadline.values.promise import DataState

FACT = "data_state"
_WORST_FIRST = (DataState.RED, DataState.AMBER, DataState.UNPROMISED, DataState.GREEN)


def with_data_state(world: ActWorld, plan: ActPlan) -> ActPlan:
    """A table with a contract that nobody has looked at leaves it unknown, unless another is red: a rule that needs it
    then forbids."""
    project = world.project
    is_asked = any(rule.when is not None and FACT in rule.when.value for rule in project.rules)
    if not plan.tables or not (is_asked or project.cedar):
        return plan
    states = [state for table in plan.tables for state in _states(world.store, project, table)]
    if None in states and DataState.RED not in states:
        return plan
    return replace(plan, data_state=next(state for state in _WORST_FIRST if state in states))


def _states(store: Store, project: Project, table: str) -> Iterator[DataState | None]:
    """Of every contract's table of this name; None for one that nobody has looked at."""
    from loadline.checks.data import subjects_of  # noqa: PLC0415 - looking at data is more than most acts need

    mine = names_of_table(table)
    found = [one for one in subjects_of(project.model, project.contracts) if mine & names_of_table(one.relation)]
    for subject in found:
        entry = newest(store, looked_at_key(subject.name))
        yield DataState(entry.payload["state"]) if entry is not None else None
    if not found:
        yield DataState.UNPROMISED


def names_of_table(table: str) -> frozenset[str]:
    """As a whole and without its schema: a target need not call its schemas as the warehouse does."""
    return frozenset({table.casefold(), table.rpartition(".")[2].casefold()})


def classifications_of(project: Project, tables: Iterable[str]) -> frozenset[str]:
    """Of every column of these tables that some contract promises: a row that goes takes all of them with it."""
    wanted = frozenset(name for table in tables for name in names_of_table(table))
    return frozenset(
        column.classification
        for contract in project.contracts.values()
        for table in contract.tables.values()
        if wanted & (names_of_table(table.name) | names_of_table(table.physical_name or table.name))
        for column in table.columns.values()
        if column.classification
    )
