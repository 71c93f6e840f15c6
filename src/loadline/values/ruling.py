"""What becomes of an answer over data that is not in order: rules as written, and what they say of one answer."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from loadline.values.place import Place
from loadline.values.promise import DataState


class Fate(StrEnum):
    """An answer over such data is delivered and marked, withheld until a person releases it, or withheld."""

    MARK = "mark"
    HOLD = "hold"
    WITHHOLD = "withhold"


@dataclass(frozen=True, slots=True, kw_only=True)
class StateRule:
    """An empty tuple means "any"; `metrics` may end in `*`. `ask` is the owner or person who may release what is
    held."""

    name: str
    state: DataState
    fate: Fate
    ask: str | None = None
    people: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    audiences: tuple[str, ...] = ()
    metrics: tuple[str, ...] = ()
    because: str = ""
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """What rules say of one answer over data in one state; without a `rule`, what holds where nobody wrote one."""

    fate: Fate
    rule: str | None = None
    ask: str | None = None
    because: str = ""
