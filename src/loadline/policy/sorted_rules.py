"""Rules in; the same rules out, each condition read once, and found by who does what to which names.

Nothing here decides: it only spares a decision the rules that cannot matter to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from loadline.policy.conditions import Fault, Judge, judge_of, read_condition
from loadline.values.matter import TAKEBACK, Matter
from loadline.values.purpose import purposes_around
from loadline.values.rule import Deed, Effect, EffectClass, Principal, Rule, any_matches
from loadline.values.text import Text

_K = TypeVar("_K")
_V = TypeVar("_V")

_VIEWS = 4096
_NAMES = 65_536
_KEPT = 16
"""How much is remembered; then it is forgotten and found again."""


@dataclass(frozen=True, slots=True, eq=False)
class Ready:
    """A rule, and its condition as a function of facts."""

    rule: Rule
    condition: Judge | None


class View:
    """The rules about one principal doing one deed, by what they list."""

    __slots__ = ("_closers", "_covering", "_permits", "_touching", "_unlisted")

    def __init__(self, rules: Sequence[Ready]) -> None:
        self._permits = [ready for ready in rules if ready.rule.effect is Effect.PERMIT]
        closing = [ready for ready in rules if ready.rule.effect is not Effect.PERMIT]
        self._unlisted = tuple(ready for ready in closing if is_unlisted(ready.rule))
        self._closers = [ready for ready in closing if not is_unlisted(ready.rule)]
        self._touching: tuple[tuple[str, dict[str, dict[Ready, None]]], ...] = tuple(
            (kind, {}) for kind in LISTS if any(listed(ready.rule, kind) for ready in self._closers)
        )
        self._covering: dict[tuple[str, str], tuple[Ready, ...]] = {}

    def closing(self, matter: Matter) -> list[Ready]:
        """Every forbid and hold that touches the matter, each once. Inner metrics count: what a metric is made of is
        read, too."""
        found = dict.fromkeys(self._unlisted)
        for kind, touching in self._touching:
            for name in names_of(matter, kind):
                known = touching.get(name)
                if known is None:
                    known = dict.fromkeys(r for r in self._closers if any_matches(name, listed(r.rule, kind)))
                    _remember(touching, name, known)
                if known:
                    found.update(known)
        return list(found)

    def covering(self, kind: str, name: str) -> tuple[Ready, ...]:
        """Every permit that covers a thing of this kind and name, if its condition is true."""
        key = (kind, name)
        known = self._covering.get(key)
        if known is None:
            known = tuple(ready for ready in self._permits if _covers(ready.rule, kind, name))
            _remember(self._covering, key, known)
        return known


class SortedRules:
    """All rules of a project."""

    __slots__ = ("_rules", "_views")

    def __init__(self, rules: Sequence[Rule]) -> None:
        ordered = sorted(rules, key=lambda rule: rule.name)
        self._rules = tuple(Ready(rule, _condition(rule.when) if rule.when is not None else None) for rule in ordered)
        self._views: dict[tuple[Principal, Deed, str, bool, EffectClass], View] = {}

    def view(self, matter: Matter) -> View:
        key = (matter.principal, matter.deed, matter.name, matter.is_undo, matter.effect)
        known = self._views.get(key)
        if known is None:
            known = View([ready for ready in self._rules if is_about(ready.rule, matter)])
            if len(self._views) >= _VIEWS:
                self._views.clear()
            self._views[key] = known
        return known


_sorted: dict[int, tuple[Sequence[Rule], SortedRules]] = {}


def sorted_rules(rules: Sequence[Rule]) -> SortedRules:
    """The same tuple of rules is sorted once. (The tuple is kept, so no other one can have its identity.)"""
    known = _sorted.get(id(rules))
    if known is not None and known[0] is rules:
        return known[1]
    found = SortedRules(rules)
    if isinstance(rules, tuple):
        if len(_sorted) >= _KEPT:
            _sorted.clear()
        _sorted[id(rules)] = (rules, found)
    return found


def _remember(known: dict[_K, _V], key: _K, value: _V) -> None:
    if len(known) >= _NAMES:
        known.clear()
    known[key] = value


def _condition(text: Text) -> Judge:
    """A condition that cannot be read is one that fails whenever it is judged: an error forbids."""
    try:
        return judge_of(read_condition(text.value))
    except Fault as fault:
        what = fault.what

        def fail(_: object) -> bool:
            raise ValueError(what)

        return fail


LISTS = ("metric", "column", "dataset", "table", "class")


def listed(rule: Rule, kind: str) -> tuple[str, ...]:
    match kind:
        case "metric":
            return rule.metrics
        case "column":
            return rule.columns
        case "dataset":
            return rule.datasets
        case "table":
            return rule.tables
        case _:
            return rule.classifications


def names_of(matter: Matter, kind: str) -> Iterable[str]:
    match kind:
        case "metric":
            return matter.metrics
        case "column":
            return matter.columns
        case "dataset":
            return matter.datasets
        case "table":
            return matter.tables | matter.writes if matter.writes else matter.tables
        case _:
            return matter.classifications


def is_unlisted(rule: Rule) -> bool:
    """Whether the rule is about everything that its deed, actions and effects leave."""
    return not (rule.metrics or rule.columns or rule.classifications or rule.datasets or rule.tables)


def is_about(rule: Rule, matter: Matter) -> bool:
    """Whether it is about this deed and this principal; what it lists and its condition come after."""
    principal = matter.principal
    return (
        _is_about_deed(rule, matter)
        and (not rule.people or principal.name in rule.people)
        and (not rule.roles or any(role in rule.roles for role in principal.roles))
        and (not rule.audiences or principal.audience in rule.audiences)
        and _is_about_agent(rule, matter)
        and _is_about_purpose(rule, principal)
    )


def _is_about_deed(rule: Rule, matter: Matter) -> bool:
    is_same = rule.action == matter.deed or (matter.deed is Deed.VERIFY and rule.action == Deed.ASK)
    return (
        is_same
        and (not rule.effects or matter.effect in rule.effects)
        and (not rule.actions or _is_about_action(rule.actions, matter))
    )


def _is_about_action(patterns: Sequence[str], matter: Matter) -> bool:
    """What takes something back goes by two names: that of what it takes back, and `undo`."""
    return any_matches(matter.name, patterns) or (matter.is_undo and any_matches(TAKEBACK, patterns))


def _is_about_agent(rule: Rule, matter: Matter) -> bool:
    """A permit that names no agent was not written with one in mind: by it an agent may read, and nothing more."""
    agent = matter.principal.agent
    if rule.agents:
        return agent is not None and any_matches(agent, rule.agents)
    return agent is None or rule.effect is not Effect.PERMIT or matter.effect is EffectClass.READ


def _is_about_purpose(rule: Rule, principal: Principal) -> bool:
    """A purpose is part of wider ones: what is said of a wider one is said of it."""
    if not rule.purposes:
        return True
    return principal.purpose is not None and not purposes_around(principal.purpose).isdisjoint(rule.purposes)


def _covers(rule: Rule, kind: str, name: str) -> bool:
    """A permit without `on` covers everything; with it, exactly what it lists. A list of classifications on a permit
    covers nothing by itself: being of a class is no reason to be shown."""
    if is_unlisted(rule):
        return True
    match kind:
        case "metric":
            return any_matches(name, rule.metrics)
        case "column":
            return any_matches(name, rule.columns) or any_matches(name.partition(".")[0], rule.datasets)
        case "table":
            return any_matches(name, rule.tables)
    return False
