"""A plan that is carried out in; how the data stands that it reads, by the promises of its contracts, out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from loadline.checks import data
from loadline.flow.allowed import answering, held_of, matter_here
from loadline.flow.inspect import Read, look_at, version_of
from loadline.flow.nouns import Admitted
from loadline.flow.world import World
from loadline.policy import decide, judge_use
from loadline.values.contract import Column
from loadline.values.decision import Forbid
from loadline.values.finding import CheckRun
from loadline.values.plan import Plan, SourceUse, Statement
from loadline.values.promise import Broken, TableLook
from loadline.values.receipt import SourceState
from loadline.values.rule import Deed

_REMEMBERED = 1000
_WITHHELD = "withheld"
"""A class that no contract opens: a column of it is in no cause."""


def look_at_sources(world: World, admitted: Admitted) -> tuple[tuple[CheckRun, ...], tuple[SourceState, ...]]:
    """Only promises about what is really read: those about its columns, and those about the rows of its tables. Why
    one is broken is told in an answer, so it names no value that this answer might not show."""
    plan, statement = admitted.plan, admitted.statement
    every = data.subjects_of(world.project.model, world.project.contracts)
    days = plan.dates if _are_days_exact(world, plan) else None
    joined = {join.target for join in (*plan.joins, *statement.joins)}  # rows met from elsewhere are of any day
    relations = frozenset(source.relation for source in (*plan.sources, *statement.sources))
    checks: list[CheckRun] = []
    states: list[SourceState] = []
    for dataset, columns in _read_of((*plan.sources, *statement.sources)).items():
        subject = next((one for one in every if one.name == dataset), None)
        if subject is not None:
            asked = days if dataset not in joined else None
            read = Read(columns=columns, relations=relations)
            look = _look(world, subject, every, read)
            if any(isinstance(run, Broken) and run.count for run in look.runs):
                hidden = _hidden(world, admitted, subject)
                look = _look(world, _without(subject, hidden), every, read, hidden) if hidden else look
            runs, state = data.relied_on(look, asked)
            checks += runs
            states.append(state)
    return tuple(checks), tuple(states)


def _hidden(world: World, admitted: Admitted, subject: data.Subject) -> frozenset[str]:
    """Columns whose values this answer might not show: those that a right or a rule keeps from who asks, those that are
    masked, and, where only some rows may be seen, all but the times that tell which days a promise is broken on."""
    principal = admitted.asked.request.principal
    usage = answering(world, principal)
    matter = matter_here(world, admitted.plan, principal, Deed.ASK)
    masked = {mask.column for mask in admitted.decision.masks}

    def is_hidden(column: Column) -> bool:
        named = f"{subject.name}.{column.name}"
        if named in masked or (admitted.decision.row_filters and column.logical_type not in {"date", "timestamp"}):
            return True
        used = judge_use((held_of(world, subject.name, (column.name,)),), usage)
        if isinstance(used, Forbid) or used.row_filters:
            return True
        return isinstance(decide(world.project.rules, replace(matter, columns=frozenset({named}))), Forbid)

    return frozenset(name for name, column in subject.table.columns.items() if is_hidden(column))


def _without(subject: data.Subject, hidden: frozenset[str]) -> data.Subject:
    columns = {
        name: replace(column, classification=_WITHHELD) if name in hidden else column
        for name, column in subject.table.columns.items()
    }
    return replace(subject, table=replace(subject.table, columns=columns))


def _read_of(sources: Iterable[SourceUse]) -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for source in sources:
        if source.contract:
            found[source.dataset] = found.get(source.dataset, frozenset()) | frozenset(source.columns)
    return found


def _are_days_exact(world: World, plan: Plan) -> bool:
    """Whether no metric of the plan reads other days than those asked for, as one over a window or an offset does."""
    for used in plan.metrics:
        metric = world.project.model.metrics.get(used.name)
        if metric is None or metric.over or metric.take or metric.conversion or "[" in metric.expr.value:
            return False
    return bool(plan.metrics)


def _look(
    world: World,
    subject: data.Subject,
    every: Sequence[data.Subject],
    read: Read,
    hidden: frozenset[str] = frozenset(),
) -> TableLook:
    """What was seen of the same rows in the same minute is not looked at again."""
    version = version_of(world, subject.relation)
    now: datetime = world.clock()
    key = (subject.name, read, hidden, version, now.replace(second=0, microsecond=0))
    if key in world.seen:
        return world.seen[key]
    look = look_at(world, subject, every, read, version=version)
    if not version.startswith("none:"):
        if len(world.seen) >= _REMEMBERED:
            world.seen.clear()
        world.seen[key] = look
    return look


def not_looked_at(plan: Plan, statement: Statement, states: Sequence[SourceState]) -> tuple[str, ...]:
    """What people may expect of a checked answer and nobody looked at."""
    bare = sorted({s.relation for s in (*plan.sources, *statement.sources) if not s.contract})
    said = [f"contract quality rules of `{relation}`, which has no contract" for relation in bare]
    said += [f"{promise}" for state in states for promise in state.not_run]
    if not any(state.is_fresh_checked for state in states):
        said.append("freshness, which no contract read here promises")
    return tuple(said)
