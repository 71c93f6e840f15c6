"""Plan, rules and principal in; Permit or Forbid out. Default deny, forbid wins, the order of rules means nothing.

The shape and the semantics (principal, action, resource; default deny; forbid overrides permit) are those of Cedar,
https://docs.cedarpolicy.com/auth/authorization.html; `rows` is an obligation on top.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase

from loadline.policy import codes
from loadline.values.decision import Decision, Forbid, Permit, RowFilter
from loadline.values.plan import Plan
from loadline.values.rule import Effect, Principal, Rule

ASK = "ask"


def judge(rules: Sequence[Rule], plan: Plan, principal: Principal) -> Decision:
    """Decide whether `principal` may have `plan` performed.

    INVARIANT I2: silence forbids (no permit, no answer) and an error forbids (a fault while judging is a Forbid).
    INVARIANT I3: what is judged is the plan, with every metric and column looked up; never the words of a request.
    """
    try:
        return _judge(tuple(rule for rule in rules if rule.action == ASK and _is_about(rule, principal)), plan)
    except Exception as fault:  # noqa: BLE001 - the one place where an error becomes a Forbid
        return Forbid(
            code=codes.FAILED,
            rules=(),
            because=f"the rules could not be judged ({type(fault).__name__})",
            mend="run `loadline check`; if it finds nothing, report a bug",
        )


def _judge(rules: tuple[Rule, ...], plan: Plan) -> Decision:
    for rule in rules:
        if rule.effect is Effect.FORBID and (touched := _forbidden(rule, plan)):
            return Forbid(
                code=codes.FORBIDDEN,
                rules=(rule.name,),
                because=f"rule `{rule.name}` forbids {touched}" + (f": {rule.because}" if rule.because else ""),
                mend=f"leave out {touched}, or ask whoever owns {rule.place} to narrow `{rule.name}`",
            )
    permits = tuple(rule for rule in rules if rule.effect is Effect.PERMIT)
    wanted = [(_unshifted(metric.name), True) for metric in plan.metrics if metric.is_asked]
    if not plan.query.metrics:  # rows or values are shown as they are
        wanted += [(column, False) for column in sorted(plan.touches)]
    scopes: dict[tuple[RowFilter, ...], str] = {}
    used: list[str] = []
    for name, is_metric in wanted:
        covering = [rule for rule in permits if _covers(rule, name, is_metric=is_metric)]
        if not covering:
            return Forbid(
                code=codes.NO_PERMIT,
                rules=(),
                because=f"no rule permits you to ask for `{name}`",
                mend=f"have a rule in policies/ permit `{name}` to one of your roles",
            )
        used.extend(rule.name for rule in covering)
        scopes.setdefault(_scope(covering), name)
    if len(scopes) > 1:
        first, second, *_ = scopes.values()
        return Forbid(
            code=codes.SCOPES_DIFFER,
            rules=tuple(sorted(set(used))),
            because=f"you may see `{first}` and `{second}` on different rows, so one answer cannot hold both",
            mend="ask for them one at a time",
        )
    (scope,) = scopes
    return Permit(rules=tuple(sorted(set(used))), row_filters=(scope,) if scope else ())


def _unshifted(name: str) -> str:
    """`booked[1 year ago]` is `booked` of other days: who may ask for the one may ask for the other."""
    return name.partition("[")[0]


def _is_about(rule: Rule, principal: Principal) -> bool:
    return (
        (not rule.people or principal.name in rule.people)
        and (not rule.roles or any(role in rule.roles for role in principal.roles))
        and (not rule.audiences or principal.audience in rule.audiences)
    )


def _covers(rule: Rule, name: str, *, is_metric: bool) -> bool:
    """A permit without `on` covers everything; with it, exactly what it lists. A list of classifications on a permit
    covers nothing by itself: being of a class is no reason to be shown."""
    if not (rule.metrics or rule.columns or rule.classifications):
        return True
    return _matches(name, rule.metrics if is_metric else rule.columns)


def _forbidden(rule: Rule, plan: Plan) -> str | None:
    """What of the plan the forbid touches, in words; None when nothing. Inner metrics count: what a metric is made of
    is read, too."""
    if not (rule.metrics or rule.columns or rule.classifications):
        return "every question"
    metrics = [metric.name for metric in plan.metrics if _matches(metric.name, rule.metrics)]
    columns = [column for column in sorted(plan.touches) if _matches(column, rule.columns)]
    classes = [name for name in sorted(plan.classifications) if _matches(name, rule.classifications)]
    if metrics:
        return f"metric `{metrics[0]}`"
    if columns:
        return f"column `{columns[0]}`"
    if classes:
        return f"columns classified `{classes[0]}`"
    return None


def _scope(covering: Iterable[Rule]) -> tuple[RowFilter, ...]:
    """The rows the covering permits open, together: any of them may open a row, and one without `rows` opens all."""
    filters = []
    for rule in covering:
        if rule.rows is None:
            return ()
        filters.append(RowFilter(expr=rule.rows, rule=rule.name))
    return tuple(sorted(filters, key=lambda f: (f.rule, f.expr.value)))


def _matches(name: str, patterns: Sequence[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)
