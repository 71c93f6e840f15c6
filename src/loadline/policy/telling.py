"""A rule in, a sentence for people out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from loadline.values.rule import Deed, Effect, Limit, Mask, Rate, RowBound, Rule, Total


def rule_in_words(rule: Rule) -> str:
    """`people with the role analyst may ask for metrics booked_* …`, without a full stop."""
    match rule.effect:
        case Effect.PERMIT:
            may = "may"
        case Effect.HOLD:
            may = "may, only once approved,"
        case Effect.FORBID:
            may = "must not"
        case _:
            assert_never(rule.effect)
    said = f"{_who(rule)} {may} {_doing(rule)}"
    if rule.when is not None:
        said += f", when {rule.when.value}"
    if rule.rows is not None:
        said += f", seeing only rows where {rule.rows.value}"
    for mask in rule.masks:
        said += f", seeing {mask.pattern} as {_mask(mask)}"
    for limit in rule.limits:
        said += f", {limit_in_words(limit)}"
    for one in rule.approvals:
        said += f", approved by {one.count} of {one.role}"
    return said + (f", because {rule.because.rstrip('.')}" if rule.because else "")


def limit_in_words(limit: Limit) -> str:
    match limit:
        case RowBound(most=most):
            return f"at most {most:,} rows at a time"
        case Rate(most=most, per=per):
            return f"at most {most:,} times a {per}"
        case Total(fact=fact, most=most, per=per):
            return f"at most {most:,} of {fact} a {per}"
        case _:
            assert_never(limit)


def _mask(mask: Mask) -> str:
    return f"{mask.kind.value} {mask.size}" if mask.size else mask.kind.value


def _who(rule: Rule) -> str:
    parts = []
    if rule.agents:
        parts.append("any agent" if "*" in rule.agents else f"the agent {_any(rule.agents)}")
    if rule.people:
        parts.append(f"{'for ' if parts else ''}{_any(rule.people)}")
    if rule.roles:
        parts.append(f"{'for ' if parts else ''}people with the role {_any(rule.roles)}")
    if rule.audiences:
        parts.append(f"speaking for {_any(rule.audiences)}" if parts else f"whoever speaks for {_any(rule.audiences)}")
    said = " ".join(parts) or "anyone"
    return f"{said}, for the purpose {_any(rule.purposes)}," if rule.purposes else said


def _doing(rule: Rule) -> str:
    listed = [
        f"{kind} {_any(names)}"
        for kind, names in (
            ("action", rule.actions),
            ("effect", tuple(one.value for one in rule.effects)),
            ("metric", rule.metrics),
            ("column", rule.columns),
            ("data class", rule.classifications),
            ("dataset", rule.datasets),
            ("table", rule.tables),
        )
        if names
    ]
    verb, anything = {
        Deed.ASK: ("ask for", "ask anything"),
        Deed.VERIFY: ("verify by", "verify anything"),
        Deed.ACT: ("act with", "act at all"),
    }[Deed(rule.action)]
    return f"{verb} {'; '.join(listed)}" if listed else anything


def _any(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"
