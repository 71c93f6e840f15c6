"""What is about to happen and the rules in; Permit, Hold or Forbid out. Default deny, forbid wins, order means nothing.

The shape and the semantics (principal, action, resource; default deny; forbid overrides permit) are those of Cedar,
https://docs.cedarpolicy.com/auth/authorization.html; a hold is a forbid that an approval lifts, and what a permit
narrows (rows, masks, limits) is an obligation on top.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase

from loadline.policy import codes
from loadline.values.decision import ColumnMask, Decision, Forbid, Hold, Permit, RowFilter
from loadline.values.matter import Matter
from loadline.values.plan import Plan
from loadline.values.rule import Deed, Effect, EffectClass, MaskKind, Principal, Rule


def judge(rules: Sequence[Rule], plan: Plan, principal: Principal) -> Decision:
    """Decide whether `principal` may have the question `plan` answered."""
    return decide(rules, matter_of(plan, principal))


def matter_of(plan: Plan, principal: Principal, *, deed: Deed = Deed.ASK) -> Matter:
    """A question's plan, as policy sees it."""
    return Matter(
        principal=principal,
        deed=deed,
        asked=tuple(_unshifted(metric.name) for metric in plan.metrics if metric.is_asked),
        shown=() if plan.query.metrics else tuple(sorted(plan.touches)),  # rows or values are shown as they are
        metrics=tuple(metric.name for metric in plan.metrics),
        columns=plan.touches,
        classifications=plan.classifications,
        datasets=frozenset(source.dataset for source in plan.sources),
        tables=frozenset(source.relation for source in plan.sources),
    )


def decide(rules: Sequence[Rule], matter: Matter) -> Decision:
    """Decide whether what `matter` describes may happen.

    INVARIANT I2: silence forbids (no permit, no answer) and an error forbids (a fault while judging is a Forbid).
    INVARIANT I3: what is matter is the plan, with every metric and column looked up; never the words of a request.
    """
    try:
        return _decide(tuple(rule for rule in rules if _is_about(rule, matter)), matter)
    except Exception as fault:  # noqa: BLE001 - the one place where an error becomes a Forbid
        return Forbid(
            code=codes.FAILED,
            rules=(),
            because=f"the rules could not be matter ({type(fault).__name__})",
            mend="run `loadline check`; if it finds nothing, report a bug",
        )


def _decide(rules: tuple[Rule, ...], matter: Matter) -> Decision:
    held: list[tuple[Rule, str]] = []
    for rule in rules:
        if rule.effect is Effect.PERMIT or not (touched := _touched(rule, matter)):
            continue
        if rule.effect is Effect.FORBID:
            return Forbid(
                code=codes.FORBIDDEN,
                rules=(rule.name,),
                because=f"rule `{rule.name}` forbids {touched}" + (f": {rule.because}" if rule.because else ""),
                mend=f"leave out {touched}, or ask whoever owns {rule.place} to narrow `{rule.name}`",
            )
        held.append((rule, touched))
    permit = _permit(tuple(rule for rule in rules if rule.effect is Effect.PERMIT), matter)
    return _held(permit, held) if held and isinstance(permit, Permit) else permit


def _held(permit: Permit, held: Sequence[tuple[Rule, str]]) -> Hold:
    approvals = tuple(sorted({one for rule, _ in held for one in rule.approvals}, key=lambda one: (one.rule, one.role)))
    if not approvals:
        raise ValueError("a hold without an approval could never be lifted")
    (rule, touched), *_ = sorted(held, key=lambda one: one[0].name)
    needed = " and ".join(f"{one.count} with the role `{one.role}`" for one in approvals)
    return Hold(
        code=codes.HELD,
        rules=tuple(sorted({rule.name for rule, _ in held})),
        approvals=approvals,
        permit=permit,
        because=f"rule `{rule.name}` holds {touched}" + (f": {rule.because}" if rule.because else ""),
        mend=f"have it approved by {needed}",
    )


def _permit(permits: tuple[Rule, ...], matter: Matter) -> Permit | Forbid:
    scopes: dict[tuple[RowFilter, ...], str] = {}
    used: dict[str, Rule] = {}
    masks: set[ColumnMask] = set()
    for name, kind in _needs(matter):
        covering = [rule for rule in permits if _covers(rule, name, kind)]
        if not covering:
            return Forbid(
                code=codes.NO_PERMIT,
                rules=(),
                because=f"no rule permits you to {_DOING[matter.deed]} `{name}`",
                mend=f"have a rule in policies/ permit `{name}` to one of your roles",
            )
        used.update((rule.name, rule) for rule in covering)
        scopes.setdefault(_scope(covering), name)
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
    return Permit(
        rules=tuple(sorted(used)),
        row_filters=(scope,) if scope else (),
        masks=tuple(sorted(masks, key=lambda one: one.column)),
        limits=tuple(limit for name in sorted(used) for limit in used[name].limits),
    )


_DOING = {Deed.ASK: "ask for", Deed.VERIFY: "verify by", Deed.ACT: "act on"}


def _needs(matter: Matter) -> list[tuple[str, str]]:
    """What each needs a permit, and what kind of thing it is."""
    match matter.deed:
        case Deed.ASK | Deed.VERIFY:
            return [*((name, "metric") for name in matter.asked), *((name, "column") for name in matter.shown)]
        case Deed.ACT:
            return [(name, "table") for name in sorted(matter.tables | matter.writes)] or [(matter.name, "action")]


def _unshifted(name: str) -> str:
    """`booked[1 year ago]` is `booked` of other days: who may ask for the one may ask for the other."""
    return name.partition("[")[0]


def _is_about(rule: Rule, matter: Matter) -> bool:
    principal = matter.principal
    return (
        _is_about_action(rule, matter)
        and (not rule.people or principal.name in rule.people)
        and (not rule.roles or any(role in rule.roles for role in principal.roles))
        and (not rule.audiences or principal.audience in rule.audiences)
        and _is_about_agent(rule, matter)
        and _is_when(rule)
    )


def _is_about_action(rule: Rule, matter: Matter) -> bool:
    is_same = rule.action == matter.deed or (matter.deed is Deed.VERIFY and rule.action == Deed.ASK)
    return (
        is_same
        and (not rule.effects or matter.effect in rule.effects)
        and (not rule.actions or _matches(matter.name, rule.actions))
    )


def _is_about_agent(rule: Rule, matter: Matter) -> bool:
    """A permit that names no agent was not written with one in mind: by it an agent may read, and nothing more."""
    agent = matter.principal.agent
    if rule.agents:
        return agent is not None and _matches(agent, rule.agents)
    return agent is None or rule.effect is not Effect.PERMIT or matter.effect is EffectClass.READ


def _is_when(rule: Rule) -> bool:
    if rule.when is not None or rule.purposes:
        raise NotImplementedError("conditions are not matter yet")
    return True


def _is_unlisted(rule: Rule) -> bool:
    return not (rule.metrics or rule.columns or rule.classifications or rule.datasets or rule.tables)


def _covers(rule: Rule, name: str, kind: str) -> bool:
    """A permit without `on` covers everything; with it, exactly what it lists. A list of classifications on a permit
    covers nothing by itself: being of a class is no reason to be shown."""
    if _is_unlisted(rule):
        return True
    match kind:
        case "metric":
            return _matches(name, rule.metrics)
        case "column":
            return _matches(name, rule.columns) or _matches(name.partition(".")[0], rule.datasets)
        case "table":
            return _matches(name, rule.tables)
    return False


def _touched(rule: Rule, matter: Matter) -> str | None:
    """What the forbid or hold touches, in words; None when nothing. Inner metrics count: what a metric is made of is
    read, too."""
    if _is_unlisted(rule):
        return f"`{matter.name}`" if matter.deed is Deed.ACT else "every question"
    for kind, names, patterns in (
        ("metric", matter.metrics, rule.metrics),
        ("column", sorted(matter.columns), rule.columns),
        ("dataset", sorted(matter.datasets), rule.datasets),
        ("table", sorted(matter.tables | matter.writes), rule.tables),
        ("columns classified", sorted(matter.classifications), rule.classifications),
    ):
        for name in names:
            if _matches(name, patterns):
                return f"{kind} `{name}`"
    return None


def _scope(covering: Iterable[Rule]) -> tuple[RowFilter, ...]:
    """The rows the covering permits open, together: any of them may open a row, and one without `rows` opens all."""
    filters = []
    for rule in covering:
        if rule.rows is None:
            return ()
        filters.append(RowFilter(expr=rule.rows, rule=rule.name))
    return tuple(sorted(filters, key=lambda f: (f.rule, f.expr.value)))


def _masks(covering: Sequence[Rule], columns: Iterable[str]) -> Iterable[ColumnMask]:
    """A column is masked where every covering permit masks it, by the strictest of their masks."""
    if not all(rule.masks for rule in covering):
        return
    strictness = list(MaskKind)
    for column in columns:
        found = [[mask for mask in rule.masks if fnmatchcase(column, mask.pattern)] for rule in covering]
        if all(found):
            strictest = min(
                (mask for masks in found for mask in masks), key=lambda m: (strictness.index(m.kind), -(m.size or 0))
            )
            names = tuple(sorted(rule.name for rule in covering))
            yield ColumnMask(column=column, kind=strictest.kind, size=strictest.size, rules=names)


def _matches(name: str, patterns: Sequence[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)
