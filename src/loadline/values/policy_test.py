"""What a policy must decide, written beside its rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from loadline.values.matter import Fact
from loadline.values.place import Place
from loadline.values.request import Written
from loadline.values.rule import Deed, Effect, EffectClass, Principal


@dataclass(frozen=True, slots=True, kw_only=True)
class TriedAct:
    """An action as a test describes it: nothing is looked up, so the test says what is touched."""

    action: str
    effect: EffectClass | None = None  # that of the declared action, else a write
    tables: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    classifications: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyTest:
    """`principal` does `what`: a question is resolved as any other, so the test sees what it really touches. `rules`
    None: any rules may have decided."""

    name: str
    principal: Principal
    deed: Deed
    what: Written | TriedAct
    facts: Mapping[str, Fact] = field(default_factory=dict)
    expect: Effect
    rules: frozenset[str] | None = None
    place: Place
