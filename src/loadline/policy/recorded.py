"""A matter and what was decided of it in, what the ledger keeps out; and back, so that it can be decided again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, time
from decimal import Decimal
from functools import lru_cache
from typing import Any

from loadline.policy.facts import Kind, kind_of
from loadline.values.matter import Fact, Matter
from loadline.values.rule import Deed, EffectClass, Principal

_LISTS = ("asked", "shown", "metrics")
_SETS = ("columns", "classifications", "datasets", "tables", "writes")


def as_recorded(matter: Matter) -> dict[str, Any]:
    """What JSON knows; empty parts are left out, and each fact says its type."""
    principal = matter.principal
    who = {
        "name": principal.name,
        "roles": list(principal.roles),
        "audience": principal.audience,
        "purpose": principal.purpose,
        "agent": principal.agent,
    }
    told: dict[str, Any] = {
        "who": {name: value for name, value in who.items() if value},
        "deed": matter.deed.value,
        "name": matter.name,
        "is_undo": matter.is_undo,
        "effect": matter.effect.value,
        **{name: list(getattr(matter, name)) for name in _LISTS},
        **{name: sorted(getattr(matter, name)) for name in _SETS},
        "facts": {name: [kind_of(value).value, _plain(value)] for name, value in sorted(matter.facts.items())},
    }
    return {name: value for name, value in told.items() if value}


def _plain(value: Fact) -> Any:
    match value:
        case bool() | str():
            return value
        case int() | Decimal():
            return format(Decimal(value), "f")
        case frozenset():
            return sorted(value)
        case _:
            return value.isoformat()


def from_recorded(told: Mapping[str, Any]) -> Matter:
    """Raises KeyError, ValueError or TypeError for what `as_recorded` did not write."""
    who, get = told["who"], told.get
    return Matter(
        principal=_principal(
            who["name"], tuple(who.get("roles", ())), who.get("audience"), who.get("purpose"), who.get("agent")
        ),
        deed=_DEEDS[told["deed"]],
        name=get("name", ""),
        is_undo=get("is_undo", False),
        effect=_EFFECTS[told["effect"]],
        asked=tuple(get("asked", ())),
        shown=tuple(get("shown", ())),
        metrics=tuple(get("metrics", ())),
        columns=frozenset(get("columns", ())),
        classifications=frozenset(get("classifications", ())),
        datasets=frozenset(get("datasets", ())),
        tables=frozenset(get("tables", ())),
        writes=frozenset(get("writes", ())),
        facts={name: _READ[kind](value) for name, (kind, value) in get("facts", {}).items()},
    )


@lru_cache(maxsize=4096)
def _principal(
    name: str, roles: tuple[str, ...], audience: str | None, purpose: str | None, agent: str | None
) -> Principal:
    """The same person again is the same value: there are few of them among many decisions."""
    return Principal(name=name, roles=roles, audience=audience, purpose=purpose, agent=agent)


_DEEDS = {deed.value: deed for deed in Deed}
_EFFECTS = {effect.value: effect for effect in EffectClass}
_READ: Mapping[str, Callable[[Any], Fact]] = {
    Kind.TEXT.value: str,
    Kind.TRUTH.value: lambda value: value is True,
    Kind.NUMBER.value: Decimal,
    Kind.DATE.value: date.fromisoformat,
    Kind.TIME.value: time.fromisoformat,
    Kind.LIST.value: frozenset,
}
