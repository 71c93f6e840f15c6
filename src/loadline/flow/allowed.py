"""A plan and who asks in, the decision out: the one door through which every query is judged before its SQL is made.

Two things are judged: whether the rules of policies/ let this person ask, and whether the contracts of what is read let
their data be put before a model when it answers.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import assert_never
from zoneinfo import ZoneInfo

from loadline.flow.world import Ruled, World
from loadline.policy import codes, decide, facts_at, judge_use, matter_of
from loadline.semantics import compile_sql
from loadline.values.decision import Decision, Forbid, Hold, Permit
from loadline.values.matter import Matter
from loadline.values.plan import Plan, Statement
from loadline.values.receipt import Reason
from loadline.values.right import INSIDE, Held, Use, WantedUse
from loadline.values.rule import Deed, Principal, RowBound


def matter_here(world: World, plan: Plan, principal: Principal, deed: Deed) -> Matter:
    """The plan as policy sees it, now."""
    now = world.clock().astimezone(ZoneInfo(world.project.model.calendar.timezone))
    return matter_of(plan, principal, deed=deed, facts=facts_at(now))


def allowed(
    world: World, plan: Plan, principal: Principal, *, deed: Deed = Deed.ASK, matter: Matter | None = None
) -> Decision:
    """What rules and rights say together: both must permit, and the rows are those that both leave. `matter` is the
    plan as policy sees it, where somebody has it already."""
    asked = matter or matter_here(world, plan, principal, deed)
    decision = decide(world.project.rules, asked)
    if world.forbids is not None and (no := world.forbids(asked)) is not None:
        return no
    match decision:
        case Forbid():
            return decision
        case Permit() as permit:
            return _within_rights(world, plan, principal, permit)
        case Hold(permit=permit):
            used = _within_rights(world, plan, principal, permit)
            return replace(decision, permit=used) if isinstance(used, Permit) else used
        case _:
            assert_never(decision)


def scoped(world: World, plan: Plan, permit: Permit) -> Statement:
    """The plan's SQL, showing what the permit leaves and nothing else. Raises RequestError where it cannot."""
    return compile_sql(
        world.linked, plan, row_filters=permit.row_filters, masks=permit.masks, dialect=world.warehouse.dialect
    )


def row_bound(permit: Permit) -> RowBound | None:
    """The narrowest of what its rules show at a time."""
    bounds = [limit for limit in permit.limits if isinstance(limit, RowBound)]
    return min(bounds, key=lambda bound: (bound.most, bound.rule), default=None)


def over_rows(permit: Permit, count: int) -> Reason | None:
    """Why an answer of so many rows is not shown; None where it may be."""
    bound = row_bound(permit)
    if bound is None or count <= bound.most:
        return None
    return Reason(
        code=codes.OVER_ROWS,
        what=f"the answer has more than {bound.most:,} rows, and rule `{bound.rule}` shows no more at a time",
        why=codes.CODES[codes.OVER_ROWS].why,
        mend=f"ask for fewer: narrow the question, or add `--limit {bound.most}`",
    )


def _within_rights(world: World, plan: Plan, principal: Principal, permit: Permit) -> Permit | Forbid:
    # What is read only to keep rows away (a row filter, a consent) is no use of it, so only the plan's own is judged.
    held = [held_of(world, source.dataset, source.columns) for source in plan.sources if source.contract]
    used = judge_use(held, answering(world, principal))
    if isinstance(used, Forbid):
        return used
    return replace(
        permit,
        rules=tuple(sorted({*permit.rules, *used.rules})),
        row_filters=(*permit.row_filters, *used.row_filters),
        unstated=used.unstated,
    )


def held_of(world: World, dataset: str, columns: Iterable[str]) -> Held:
    """What is used of a dataset that has a contract, and what that says of it."""
    written = world.project.model.datasets[dataset]
    contract = world.project.contracts.get(written.contract or "")
    return Held(
        dataset=dataset,
        columns=tuple(columns),
        contract=written.contract or "",
        owner=contract.owner if contract else None,
        rights=written.table.rights if written.table else None,
    )


def answering(world: Ruled, principal: Principal) -> WantedUse:
    """What an answer is used as. A person keeps it; an agent hands it to whoever runs its model, who is unknown where
    loadline.yaml does not say."""
    if principal.agent is None:
        return wanted_use(world, Use.INFERENCE_CONTEXT, principal)
    agent = world.project.agents.get(principal.agent)
    return wanted_use(
        world,
        Use.INFERENCE_CONTEXT,
        principal,
        provider=agent.provider if agent else None,
        region=agent.region if agent else None,
    )


def wanted_use(
    world: Ruled, use: Use, principal: Principal, *, provider: str | None = INSIDE, region: str | None = None
) -> WantedUse:
    """The use, on this day of the project's calendar: no asker says which day it is, or an expired right would hold.
    What stays inside is done where the project says; where others do it, nobody knows unless they say."""
    return WantedUse(
        use=use,
        principal=principal,
        today=today(world),
        provider=provider,
        region=world.project.region if region is None and provider == INSIDE else region,
    )


def today(world: Ruled) -> date:
    return world.clock().astimezone(ZoneInfo(world.project.model.calendar.timezone)).date()
