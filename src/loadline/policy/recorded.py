"""A matter and what was decided of it in, what the ledger keeps out; and back, so that it can be decided again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, time
from decimal import Decimal
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
    who = told["who"]
    return Matter(
        principal=Principal(
            name=who["name"],
            roles=tuple(who.get("roles", ())),
            audience=who.get("audience"),
            purpose=who.get("purpose"),
            agent=who.get("agent"),
        ),
        deed=Deed(told["deed"]),
        name=told.get("name", ""),
        effect=EffectClass(told["effect"]),
        asked=tuple(told.get("asked", ())),
        shown=tuple(told.get("shown", ())),
        metrics=tuple(told.get("metrics", ())),
        columns=frozenset(told.get("columns", ())),
        classifications=frozenset(told.get("classifications", ())),
        datasets=frozenset(told.get("datasets", ())),
        tables=frozenset(told.get("tables", ())),
        writes=frozenset(told.get("writes", ())),
        facts={name: _fact(kind, value) for name, (kind, value) in told.get("facts", {}).items()},
    )


def _fact(kind: str, value: Any) -> Fact:
    match kind:
        case Kind.TEXT:
            return str(value)
        case Kind.TRUTH:
            return value is True
        case Kind.NUMBER:
            return Decimal(value)
        case Kind.DATE:
            return date.fromisoformat(value)
        case Kind.TIME:
            return time.fromisoformat(value)
        case Kind.LIST:
            return frozenset(value)
    raise ValueError(f"there is no fact of type {kind}")
