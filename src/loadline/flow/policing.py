"""A project's rules, and what somebody might want; what would be decided, for one or for everybody, out.

Nothing is performed and nothing recorded: this is for whoever writes rules.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import assert_never

from loadline.errors import RequestError
from loadline.flow.understand import from_parts
from loadline.policy import decide, effect_of, facts_at, matter_of
from loadline.policy.facts import WEEKDAYS
from loadline.policy.telling import limit_in_words
from loadline.project import Project
from loadline.semantics import Linked, resolve
from loadline.semantics.masking import said
from loadline.values.decision import Decision, Forbid, Hold, Permit
from loadline.values.matter import TAKEBACK, Fact, Matter
from loadline.values.policy_test import PolicyTest, TriedAct
from loadline.values.request import Written
from loadline.values.rule import Deed, EffectClass, Principal


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What somebody might want: a question, or an act."""

    principal: Principal
    deed: Deed
    what: Written | TriedAct
    facts: Mapping[str, Fact]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tested:
    """A policy test, and what was decided. `why` says how the two differ; empty where they do not."""

    test: PolicyTest
    decision: Decision
    why: str = ""


def decided(project: Project, linked: Linked, wanted: Wanted, today: date) -> Decision:
    """Raises RequestError where the question itself cannot be answered."""
    return decide(project.rules, matter_for(project, linked, wanted, today))


def matter_for(project: Project, linked: Linked, wanted: Wanted, today: date) -> Matter:
    principal, what = wanted.principal, wanted.what
    match what:
        case Written():
            plan = resolve(linked, from_parts(project, what, today), audience=principal.audience)
            return matter_of(plan, principal, deed=wanted.deed, facts=wanted.facts)
        case TriedAct():
            declared = project.actions.get(what.action)
            return Matter(
                principal=principal,
                deed=Deed.ACT,
                name=what.action,
                is_undo=what.action == TAKEBACK or wanted.facts.get("is_undo") is True,
                effect=what.effect or (declared.effect if declared is not None else EffectClass.WRITE),
                columns=frozenset(what.columns),
                classifications=frozenset(what.classifications),
                tables=frozenset(what.tables),
                writes=frozenset(what.writes),
                facts=wanted.facts,
            )
        case _:
            assert_never(what)


def run_tests(project: Project, linked: Linked, today: date) -> Iterator[Tested]:
    for test in project.policy_tests:
        wanted = Wanted(principal=test.principal, deed=test.deed, what=test.what, facts=_complete(test.facts))
        try:
            decision = decided(project, linked, wanted, today)
        except RequestError as error:
            first = error.diagnostics[0]
            decision = Forbid(code=first.code, rules=(), because=first.what, mend=first.mend)
            yield Tested(test=test, decision=decision, why=f"the question cannot be answered: {first.what}")
            continue
        yield Tested(test=test, decision=decision, why=_differs(test, decision))


def _complete(facts: Mapping[str, Fact]) -> dict[str, Fact]:
    """A test says the day and the time; which weekday and hour that is, follows."""
    told = dict(facts)
    if isinstance(day := facts.get("date"), date):
        told.setdefault("weekday", WEEKDAYS[day.weekday()])
    if isinstance(moment := facts.get("time"), time):
        told.setdefault("hour", moment.hour)
    return told


def _differs(test: PolicyTest, decision: Decision) -> str:
    effect = effect_of(decision)
    if effect is not test.expect:
        return f"{test.expect} is expected, and {in_a_sentence(decision)}"
    if test.rules is not None and frozenset(decision.rules) != test.rules:
        expected, found = (", ".join(sorted(names)) or "no rule" for names in (test.rules, decision.rules))
        return f"{expected} is expected to decide, and {found} does"
    return ""


def in_a_sentence(decision: Decision) -> str:
    """What was decided, by which rules, and what it leaves."""
    match decision:
        case Permit(rules=rules):
            return f"it is permitted by {_listed(rules)}{_left(decision)}"
        case Hold(because=because, approvals=approvals, permit=permit):
            needed = " and ".join(
                f"{one.count} with the role `{one.role}`"
                + (f" (or `{one.deputy}` from {_span(one.deputy_after_seconds or 0)} on)" if one.deputy else "")
                + f" within {_span(one.expires_seconds)}"
                for one in approvals
            )
            then = f"it is permitted by {_listed(permit.rules)}{_left(permit)}"
            return f"it is held: {because}; approved by {needed}, {then}"
        case Forbid(because=because):
            return f"it is forbidden: {because}"
        case _:
            assert_never(decision)


def _left(permit: Permit) -> str:
    parts = [" or ".join(dict.fromkeys(one.expr.value for one in group)) for group in permit.row_filters]
    told = [f"only rows where {' and '.join(parts)}"] if parts else []
    told += [f"`{one.column}` {said(one)}" for one in permit.masks]
    told += [limit_in_words(limit) for limit in permit.limits]
    return f"; {'; '.join(told)}" if told else ""


def _listed(rules: Iterable[str]) -> str:
    return ", ".join(f"`{rule}`" for rule in rules)


def _span(seconds: int) -> str:
    for unit, size in (("day", 86_400), ("hour", 3600), ("minute", 60)):
        if seconds % size == 0 and seconds >= size:
            count = seconds // size
            return f"{count} {unit}{'' if count == 1 else 's'}"
    return f"{seconds} seconds"


def everybody(project: Project) -> tuple[Principal, ...]:
    """Every person, by themselves and through every agent of the project."""
    people = [person.principal() for person in project.people.values()]
    return tuple(
        Principal(name=one.name, roles=one.roles, audience=one.audience, purpose=one.purpose, agent=agent)
        for one in people
        for agent in (None, *sorted(project.agents))
    )


def who_can(
    project: Project,
    linked: Linked,
    deed: Deed,
    what: Written | TriedAct,
    now: datetime,
    told: Mapping[str, Fact] | None = None,
) -> tuple[tuple[Principal, Decision], ...]:
    """What each would be told, with nothing known but who asks, what time it is and what is `told`."""
    facts = {**facts_at(now), **(told or {})}
    found = []
    for principal in everybody(project):
        wanted = Wanted(principal=principal, deed=deed, what=what, facts=facts)
        found.append((principal, decided(project, linked, wanted, now.date())))
    return tuple(found)
