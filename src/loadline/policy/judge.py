"""What is about to happen and the rules in; Permit, Hold or Forbid out. Default deny, forbid wins, order means nothing.

The shape and the semantics (principal, action, resource; default deny; forbid overrides permit) are those of Cedar,
https://docs.cedarpolicy.com/auth/authorization.html; a hold is a forbid that an approval lifts, and what a permit
narrows (rows, masks, limits) is an obligation on top. Unlike in Cedar a rule that cannot be judged forbids.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import assert_never

from loadline.policy import codes
from loadline.policy.facts import facts_of
from loadline.policy.sorted_rules import LISTS, Ready, View, listed, names_of, sorted_rules
from loadline.values.decision import ColumnMask, Decision, Forbid, Hold, Permit, RowFilter
from loadline.values.matter import Fact, Matter
from loadline.values.plan import Plan
from loadline.values.rule import Deed, Effect, Limit, Mask, MaskKind, Principal, Rule, any_matches


def matter_of(
    plan: Plan, principal: Principal, *, deed: Deed = Deed.ASK, facts: Mapping[str, Fact] | None = None
) -> Matter:
    """A question's plan, as policy sees it. `facts` are those a plan does not hold: what the clock tells."""
    return Matter(
        principal=principal,
        deed=deed,
        asked=tuple(_unshifted(metric.name) for metric in plan.metrics if metric.is_asked),
        shown=() if plan.query.metrics else tuple(sorted(plan.touches)),  # rows or values are shown as they are
        metrics=tuple(dict.fromkeys(_unshifted(metric.name) for metric in plan.metrics)),
        columns=plan.touches,
        classifications=plan.classifications,
        datasets=frozenset(source.dataset for source in plan.sources),
        tables=frozenset(source.relation for source in plan.sources),
        facts=facts or {},
    )


def decide(rules: Sequence[Rule], matter: Matter) -> Decision:
    """Decide whether what `matter` describes may happen.

    INVARIANT I2: silence forbids (no permit, no answer) and an error forbids (a fault while judging is a Forbid).
    INVARIANT I3: what is judged is the plan, with every metric and column looked up; never the words of a request.
    """
    try:
        return _decide(sorted_rules(rules).view(matter), matter)
    except Exception as fault:  # noqa: BLE001 - the one place where an error becomes a Forbid
        return Forbid(
            code=codes.FAILED,
            rules=(),
            because=f"the rules could not be judged ({type(fault).__name__})",
            mend="run `loadline check`; if it finds nothing, report a bug",
        )


def effect_of(decision: Decision) -> Effect:
    match decision:
        case Permit():
            return Effect.PERMIT
        case Hold():
            return Effect.HOLD
        case Forbid():
            return Effect.FORBID
        case _:
            assert_never(decision)


class _Conditions:
    """Judges conditions of one matter; its facts are gathered when the first one needs them."""

    __slots__ = ("_facts", "_matter", "failed")

    def __init__(self, matter: Matter) -> None:
        self._matter = matter
        self._facts: dict[str, Fact] | None = None
        self.failed: dict[str, Exception] = {}

    def holds(self, ready: Ready) -> bool:
        condition = ready.condition
        if condition is None:
            return True
        if self._facts is None:
            self._facts = facts_of(self._matter)
        try:
            return condition(self._facts)
        except Exception as fault:  # noqa: BLE001 - whatever it is, this rule could not be judged, and that forbids
            self.failed[ready.rule.name] = fault
            return False


def _decide(view: View, matter: Matter) -> Decision:
    conditions = _Conditions(matter)
    closing = [ready for ready in view.closing(matter) if conditions.holds(ready)]
    forbidding = [ready for ready in closing if ready.rule.effect is Effect.FORBID]
    if forbidding:
        return _forbidden(min(forbidding, key=_name_of), matter)
    permit = _permit(view, matter, conditions.holds)
    if conditions.failed:
        return _failed(conditions.failed)
    if not closing:
        return permit
    match permit:
        case Permit():
            return _held(permit, closing, matter)
        case Forbid():
            return permit
        case _:
            assert_never(permit)


def _name_of(ready: Ready) -> str:
    return ready.rule.name


def _forbidden(ready: Ready, matter: Matter) -> Forbid:
    rule, touched = ready.rule, _touched(ready.rule, matter)
    return Forbid(
        code=codes.FORBIDDEN,
        rules=(rule.name,),
        because=f"rule `{rule.name}` forbids {touched}" + (f": {rule.because}" if rule.because else ""),
        mend=f"leave out {touched}, or ask whoever owns {rule.place} to narrow `{rule.name}`",
    )


def _failed(failed: Mapping[str, Exception]) -> Forbid:
    name, fault = min(failed.items(), key=lambda one: one[0])
    return Forbid(
        code=codes.FAILED,
        rules=tuple(sorted(failed)),
        because=f"rule `{name}` could not be judged: {fault}",
        mend=f"have `{name}` ask whether the fact `is present` first; `loadline check` finds what is never known",
    )


def _held(permit: Permit, closing: Sequence[Ready], matter: Matter) -> Hold:
    holds = sorted((ready.rule for ready in closing), key=lambda rule: rule.name)
    approvals = tuple(dict.fromkeys(one for rule in holds for one in rule.approvals))
    if not all(rule.approvals for rule in holds):
        raise ValueError("a hold without an approval could never be lifted")
    first = holds[0]
    needed = " and ".join(f"{one.count} with the role `{one.role}`" for one in approvals)
    return Hold(
        code=codes.HELD,
        rules=tuple(rule.name for rule in holds),
        approvals=approvals,
        permit=permit,
        because=f"rule `{first.name}` holds {_touched(first, matter)}"
        + (f": {first.because}" if first.because else ""),
        mend=f"have it approved by {needed}",
    )


def _permit(view: View, matter: Matter, holds: Callable[[Ready], bool]) -> Permit | Forbid:
    scopes: dict[tuple[RowFilter, ...], str] = {}
    used: dict[str, Rule] = {}
    masks: set[ColumnMask] = set()
    for name, kind in needs_of(matter):
        covering = [ready.rule for ready in view.covering(kind, name) if holds(ready)]
        if not covering:
            return _silent(matter, name)
        for rule in covering:
            used[rule.name] = rule
        scopes.setdefault(_scope(covering), name)
        if all(rule.masks for rule in covering):
            masks.update(_masks(covering, matter.columns))
    if len(scopes) > 1:
        first, second, *_ = scopes.values()
        return Forbid(
            code=codes.SCOPES_DIFFER,
            rules=tuple(sorted(used)),
            because=f"you may see `{first}` and `{second}` on different rows, so one answer cannot hold both",
            mend="ask for them one at a time",
        )
    (scope,) = scopes
    names = tuple(sorted(used))
    limits: tuple[Limit, ...] = tuple(limit for name in names for limit in used[name].limits)
    return Permit(
        rules=names,
        row_filters=(scope,) if scope else (),
        masks=tuple(sorted(masks, key=lambda one: one.column)) if masks else (),
        limits=limits,
    )


def _silent(matter: Matter, name: str) -> Forbid:
    doing = {Deed.ASK: "ask for", Deed.VERIFY: "verify by", Deed.ACT: "act on"}[matter.deed]
    whom = "one of your roles" if matter.principal.agent is None else f"the agent `{matter.principal.agent}`"
    return Forbid(
        code=codes.NO_PERMIT,
        rules=(),
        because=f"no rule permits you to {doing} `{name}`",
        mend=f"have a rule in policies/ permit `{name}` to {whom}",
    )


def needs_of(matter: Matter) -> Iterable[tuple[str, str]]:
    """What each needs a permit, and what kind of thing it is."""
    match matter.deed:
        case Deed.ASK | Deed.VERIFY:
            if not matter.shown:
                return [(name, "metric") for name in matter.asked]
            return [*((name, "metric") for name in matter.asked), *((name, "column") for name in matter.shown)]
        case Deed.ACT:
            return [(name, "table") for name in sorted(matter.tables | matter.writes)] or [(matter.name, "action")]
        case _:
            assert_never(matter.deed)


def _unshifted(name: str) -> str:
    """`booked[1 year ago]` is `booked` of other days: who may ask for the one may ask for the other."""
    return name.partition("[")[0]


_KIND_SAID = {"class": "columns classified"}


def _touched(rule: Rule, matter: Matter) -> str:
    """What the forbid or hold touches, in words."""
    for kind in LISTS:
        patterns = listed(rule, kind)
        if patterns:
            names = names_of(matter, kind)  # metrics in the order of the question, sets by name
            for name in names if isinstance(names, tuple) else sorted(names):
                if any_matches(name, patterns):
                    return f"{_KIND_SAID.get(kind, kind)} `{name}`"
    return f"`{matter.name}`" if matter.deed is Deed.ACT else "every question"


def _scope(covering: Sequence[Rule]) -> tuple[RowFilter, ...]:
    """The rows the covering permits open, together: any of them may open a row, and one without `rows` opens all."""
    filters = []
    for rule in covering:
        if rule.rows is None:
            return ()
        filters.append(RowFilter(expr=rule.rows, rule=rule.name))
    return tuple(sorted(filters, key=lambda f: (f.rule, f.expr.value)))


_STRICTNESS = {kind: number for number, kind in enumerate(MaskKind)}


def _strictness(mask: Mask) -> tuple[int, int]:
    return (_STRICTNESS[mask.kind], -(mask.size or 0))


def _masks(covering: Sequence[Rule], columns: Iterable[str]) -> Iterable[ColumnMask]:
    """A column is masked where every covering permit masks it, by the strictest of their masks."""
    for column in columns:
        found = [[mask for mask in rule.masks if any_matches(column, (mask.pattern,))] for rule in covering]
        if all(found):
            strictest = min((mask for masks in found for mask in masks), key=_strictness)
            names = tuple(sorted(rule.name for rule in covering))
            yield ColumnMask(column=column, kind=strictest.kind, size=strictest.size, rules=names)
