"""A measured plan in; what policy says of it, and what its limits come to, out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import assert_never
from zoneinfo import ZoneInfo

from loadline.flow.acting import codes
from loadline.flow.acting.data_states import FACT, classifications_of
from loadline.flow.acting.nouns import ActPlan, Counted, Denied
from loadline.flow.acting.world import ActWorld
from loadline.ledger import personal_key
from loadline.policy import decide, facts_at
from loadline.project import Project
from loadline.values.action import ArgumentType
from loadline.values.canonical import digest, plain
from loadline.values.decision import Decision, Forbid
from loadline.values.matter import Fact, Matter
from loadline.values.receipt import Reason
from loadline.values.rule import Approval, Deed, Effect, Limit, Per, Principal, Rate, RowBound, Total


def judge_act(world: ActWorld, plan: ActPlan, at: datetime) -> Decision:
    """INVARIANT I3: policy sees the plan: the tables it really changes and how many rows, never a tool's name alone."""
    matter = matter_of_act(world.project, plan, at)
    decision = decide(world.project.rules, matter)
    return (world.forbids(matter) if world.forbids is not None else None) or decision


def hopeless(world: ActWorld, plan: ActPlan, at: datetime) -> Forbid | None:
    """Why it would be forbidden whatever a dry run showed: even if every condition of a permit were true, and none of
    another rule. So whoever may do nothing cannot have anything run, not even to be thrown away."""
    rules = world.project.rules
    if id(rules) not in world.unconditional:
        world.unconditional[id(rules)] = tuple(
            replace(rule, when=None)
            for rule in rules
            if rule.action == Deed.ACT and (rule.when is None or rule.effect is Effect.PERMIT)
        )
    decision = decide(world.unconditional[id(rules)], matter_of_act(world.project, plan, at))
    return decision if isinstance(decision, Forbid) else None


def matter_of_act(project: Project, plan: ActPlan, at: datetime) -> Matter:
    """An action's plan, as policy sees it at an instant."""
    now = at.astimezone(ZoneInfo(project.model.calendar.timezone))
    return Matter(
        principal=plan.act.principal,
        deed=Deed.ACT,
        name=plan.name,
        is_undo=plan.undoes is not None,
        effect=plan.effect_class,
        tables=plan.tables,
        writes=plan.writes,
        columns=plan.columns,
        classifications=classifications_of(project, plan.tables),
        facts={**facts_at(now), **facts_of(plan)},
    )


def facts_of(plan: ActPlan) -> dict[str, Fact]:
    """What conditions may speak of; what is not known is left out."""
    facts: dict[str, Fact] = {}
    if plan.effect is not None:
        facts["rows_affected"] = plan.effect.rows
        facts["is_undoable"] = all(one.is_captured for one in plan.effect.tables)
    elif plan.action is not None:
        facts["is_undoable"] = plan.action.undo is not None
    if plan.action is not None:
        facts["stake"] = plan.action.stake.value
    if plan.target is not None and plan.target.environment is not None:
        facts["environment"] = plan.target.environment
    if plan.data_state is not None:
        facts[FACT] = plan.data_state.value
    for name, value in plan.arguments.items():
        if value is not None:
            facts[f"args.{name}"] = _as_fact(plan, name, value)
    amount = plan.arguments.get("amount")
    if isinstance(amount, int | Decimal) and not isinstance(amount, bool):
        facts["amount"] = Decimal(amount)
    return facts


def _as_fact(plan: ActPlan, name: str, value: str | int | Decimal | bool) -> Fact:
    """A day is bound as text, and compared as a day."""
    declared = plan.action.arguments.get(name) if plan.action is not None else None
    is_day = declared is not None and declared.type is ArgumentType.DATE
    return date.fromisoformat(value) if is_day and isinstance(value, str) else value


def over_rows(plan: ActPlan, limits: Iterable[Limit]) -> Denied | None:
    """Whether it would change more rows than a rule, its action or its target allows at a time."""
    if plan.effect is None:
        return None
    bounds: list[tuple[int, str]] = []
    if plan.target is not None:
        bounds.append((plan.target.most_rows, f"target `{plan.target.name}` allows"))
    if plan.action is not None and plan.action.most_rows is not None:
        bounds.append((plan.action.most_rows, f"action `{plan.action.name}` allows"))
    bounds += [(one.most, f"rule `{one.rule}` allows") for one in limits if isinstance(one, RowBound)]
    for most, who in sorted(bounds):
        if plan.effect.rows > most:
            what = f"it would change {plan.effect.rows:,} rows, and {who} {most:,} at a time"
            return Denied(plan=plan, reason=limit_reason(what, "change fewer rows at a time"))
    return None


def counted_of(plan: ActPlan, limits: Iterable[Limit], *, at: datetime, timezone: str) -> Iterator[Counted | Denied]:
    """What is counted for it, under which key. A total of a fact that is not known is a no: an error forbids."""
    facts = facts_of(plan)
    for limit in limits:
        match limit:
            case RowBound():
                continue
            case Rate(most=most, per=per, rule=rule):
                said = f"rule `{rule}` allows {most:,} in a {per}"
                yield Counted(key=_key(limit, plan.act.principal, at, timezone), amount="1", most=str(most), said=said)
            case Total(fact=fact, most=most, per=per, rule=rule):
                value = facts.get(fact)
                if isinstance(value, bool) or not isinstance(value, int | Decimal) or value < 0:
                    what = f"rule `{rule}` adds up `{fact}`, which is not known of this act"
                    yield Denied(plan=plan, reason=limit_reason(what, f"give it a `{fact}` that is a number"))
                    continue
                said = f"rule `{rule}` allows {most} of `{fact}` in a {per}"
                key = _key(limit, plan.act.principal, at, timezone)
                yield Counted(key=key, amount=format(Decimal(value), "f"), most=format(most, "f"), said=said)
            case unreachable:
                assert_never(unreachable)


def _key(limit: Rate | Total, principal: Principal, at: datetime, timezone: str) -> str:
    fact = limit.fact if isinstance(limit, Total) else ""
    who = f"{principal.agent}:" if principal.agent else ""
    return personal_key(principal.name, f"count:{limit.rule}:{fact}:{who}{_period(limit.per, at, timezone)}")


def _period(per: Per, at: datetime, timezone: str) -> str:
    """A day is one in the project's calendar; hours and minutes begin with the clock's."""
    match per:
        case Per.DAY:
            return at.astimezone(ZoneInfo(timezone)).date().isoformat()
        case Per.HOUR:
            return at.astimezone(ZoneInfo("UTC")).strftime("%Y-%m-%dT%H")
        case Per.MINUTE:
            return at.astimezone(ZoneInfo("UTC")).strftime("%Y-%m-%dT%H:%M")


def limit_reason(what: str, mend: str) -> Reason:
    return Reason(code=codes.OVER_LIMIT, what=what, why=codes.CODES[codes.OVER_LIMIT].why, mend=mend)


def approval_digest(project: Project, plan: ActPlan, approvals: tuple[Approval, ...], expires_at: datetime) -> str:
    """What an approval is bound to: the exact action, its effect, the rules, the environment, and the expiry."""
    principal = plan.act.principal
    return digest(
        {
            "run": plan.run,
            "action": plan.name,
            "declared": plain(plan.action),
            "arguments": plain(plan.arguments),
            "says": plan.says,
            "undoes": plan.undoes,
            "target": plain(plan.target),
            "effect": plan.effect.digest if plan.effect is not None else None,
            "rules": plain(project.rules),
            "cedar": plain(project.cedar),
            "for": plain(principal),
            "approvals": plain(approvals),
            "expires_at": expires_at.isoformat(),
        }
    )
