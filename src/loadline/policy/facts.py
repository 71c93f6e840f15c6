"""The facts a rule's `when` may speak of: their names, types, what they can be, and what they are of a matter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import assert_never

from loadline.values.matter import Fact, Matter
from loadline.values.promise import DataState
from loadline.values.purpose import PURPOSES
from loadline.values.rule import Deed, EffectClass, any_matches

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
STAKES = ("low", "medium", "high", "critical")
ARGS = "args."


class Kind(StrEnum):
    """What a fact is. A list is of texts."""

    TEXT = "text"
    NUMBER = "number"
    TRUTH = "truth value"
    DATE = "date"
    TIME = "time of day"
    LIST = "list"


@dataclass(frozen=True, slots=True, kw_only=True)
class FactType:
    """`choices` are all that a text, or a text in the list, can be; None where it can be anything. `is_always` is False
    for what may be unknown when it is judged: a rule that needs it then forbids, unless it asks `is present` first."""

    kind: Kind
    means: str
    choices: frozenset[str] | None = None
    deeds: frozenset[Deed] = frozenset(Deed)
    is_always: bool = True


_ACT = frozenset({Deed.ACT})
_QUESTIONS = frozenset({Deed.ASK, Deed.VERIFY})

FACTS: Mapping[str, FactType] = MappingProxyType(
    {
        "person": FactType(kind=Kind.TEXT, means="who asks, or on whose behalf an agent does"),
        "agent": FactType(kind=Kind.TEXT, means="the agent that asks, where one does", is_always=False),
        "is_agent": FactType(kind=Kind.TRUTH, means="whether an agent asks"),
        "roles": FactType(kind=Kind.LIST, means="the roles of the person"),
        "audience": FactType(kind=Kind.TEXT, means="whose words are spoken, where that was said", is_always=False),
        "purpose": FactType(
            kind=Kind.TEXT, means="what the answer is for, where that was said", choices=frozenset(PURPOSES),
            is_always=False,
        ),
        "date": FactType(kind=Kind.DATE, means="this day in the project's calendar"),
        "time": FactType(kind=Kind.TIME, means="the time of day in the project's calendar"),
        "hour": FactType(kind=Kind.NUMBER, means="the hour of the day, 0 to 23"),
        "weekday": FactType(kind=Kind.TEXT, means="the day of the week", choices=frozenset(WEEKDAYS)),
        "metrics": FactType(kind=Kind.LIST, means="every metric that is read, inner ones too"),
        "columns": FactType(kind=Kind.LIST, means="every column that is read: `dataset.column`"),
        "datasets": FactType(kind=Kind.LIST, means="every dataset that is read", deeds=_QUESTIONS),
        "tables": FactType(kind=Kind.LIST, means="every relation that is read or written: `sales.orders`"),
        "classifications": FactType(kind=Kind.LIST, means="the classes of data that are read, from the contracts"),
        "is_detail": FactType(
            kind=Kind.TRUTH, means="whether rows or values are shown as they are, and no metric", deeds=_QUESTIONS
        ),
        "action": FactType(kind=Kind.TEXT, means="the declared action, or `sql`", deeds=_ACT),
        "is_undo": FactType(kind=Kind.TRUTH, means="whether it takes back what another act did", deeds=_ACT),
        "effect": FactType(
            kind=Kind.TEXT, means="what it does to the outside", choices=frozenset(EffectClass), deeds=_ACT
        ),
        "writes": FactType(kind=Kind.LIST, means="every relation that is changed", deeds=_ACT),
        "rows_affected": FactType(
            kind=Kind.NUMBER, means="rows changed in all tables, cascades too, where that is known", deeds=_ACT,
            is_always=False,
        ),
        "amount": FactType(
            kind=Kind.NUMBER, means="the argument `amount`, where there is one", deeds=_ACT, is_always=False
        ),
        "stake": FactType(
            kind=Kind.TEXT, means="what is lost when it goes wrong, where that is declared", choices=frozenset(STAKES),
            deeds=_ACT, is_always=False,
        ),
        "environment": FactType(
            kind=Kind.TEXT, means="what the target is, where that is declared", deeds=_ACT, is_always=False
        ),
        "is_undoable": FactType(
            kind=Kind.TRUTH, means="whether it can be taken back, where that is known", deeds=_ACT, is_always=False
        ),
        "data_state": FactType(
            kind=Kind.TEXT, means="the state of the data it touches, where that is known",
            choices=frozenset(DataState), deeds=_ACT, is_always=False,
        ),
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """What the rules of one project may speak of. `names` are all that a fact can be, for facts that name something of
    the project; `arguments` are those of the declared actions, facts of the rules about them."""

    names: Mapping[str, frozenset[str]] = field(default_factory=dict)
    arguments: Mapping[str, Mapping[str, FactType]] = field(default_factory=dict)

    def facts(self, deed: Deed, actions: tuple[str, ...]) -> dict[str, FactType]:
        """The facts of a rule about `deed`; of one about these actions, the arguments that all of them have, too."""
        known = {
            name: replace(one, choices=self.names.get(name, one.choices))
            for name, one in FACTS.items()
            if deed in one.deeds
        }
        return known | self._shared(actions) if deed is Deed.ACT else known

    def _shared(self, actions: tuple[str, ...]) -> dict[str, FactType]:
        found = [name for name in self.arguments if any_matches(name, actions)]
        if not found:
            return {}
        first, *others = (self.arguments[name] for name in found)
        return {
            f"{ARGS}{name}": replace(
                one,
                is_always=one.is_always and all(other[name].is_always for other in others),
                choices=None if others else one.choices,
                deeds=_ACT,
            )
            for name, one in first.items()
            if all(name in other and other[name].kind is one.kind for other in others)
        }


def kind_of(value: Fact) -> Kind:
    """Raises TypeError for what is no fact: a float would round."""
    match value:
        case bool():
            return Kind.TRUTH
        case str():
            return Kind.TEXT
        case int() | Decimal():
            return Kind.NUMBER
        case datetime():
            raise TypeError("an instant is no fact: its date and time are")
        case date():
            return Kind.DATE
        case time():
            return Kind.TIME
        case frozenset():
            return Kind.LIST
    raise TypeError(f"{type(value).__name__} is no fact")


def facts_at(now: datetime) -> dict[str, Fact]:
    """What a clock tells; `now` is aware, and in the project's calendar. The time of day is that to the millisecond, as
    exact as Cedar can be asked."""
    return {
        "date": now.date(),
        "time": now.time().replace(tzinfo=None, microsecond=now.microsecond // 1000 * 1000),
        "hour": now.hour,
        "weekday": WEEKDAYS[now.weekday()],
    }


def facts_of(matter: Matter) -> dict[str, Fact]:
    """Everything that is known of the matter, by name. What is unknown is not there."""
    principal = matter.principal
    facts: dict[str, Fact] = {
        **matter.facts,
        "person": principal.name,
        "is_agent": principal.agent is not None,
        "roles": frozenset(principal.roles),
        "metrics": frozenset(matter.metrics),
        "columns": matter.columns,
        "tables": matter.tables | matter.writes,
        "classifications": matter.classifications,
    }
    if principal.agent is not None:
        facts["agent"] = principal.agent
    if principal.audience is not None:
        facts["audience"] = principal.audience
    if principal.purpose is not None:
        facts["purpose"] = principal.purpose
    match matter.deed:
        case Deed.ASK | Deed.VERIFY:
            facts["datasets"], facts["is_detail"] = matter.datasets, not matter.asked
        case Deed.ACT:
            facts["action"], facts["is_undo"] = matter.name, matter.is_undo
            facts["effect"], facts["writes"] = matter.effect.value, matter.writes
        case _:
            assert_never(matter.deed)
    return facts
