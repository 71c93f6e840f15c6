"""What the river of actions carries between its halves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from loadline.values.acting import Act, ActReceipt
from loadline.values.action import ArgumentValue, DeclaredAction
from loadline.values.effect import Approved, ShownTable, TargetSettings, Write, WriteBound, WriteEffect
from loadline.values.promise import DataState
from loadline.values.receipt import Reason
from loadline.values.rule import EffectClass


@dataclass(frozen=True, slots=True, kw_only=True)
class ActPlan:
    """A request resolved: the exact statement or call, every name looked up. `once` tells it apart from other requests
    of the same action; `effect`, `shown` (some of its rows) and `tables` are
    known once it is measured. `takes_back` is what it undoes, row by
    row."""

    run: str
    act: Act
    name: str
    effect_class: EffectClass
    action: DeclaredAction | None = None
    arguments: Mapping[str, ArgumentValue] = field(default_factory=dict)
    says: str = ""
    target: TargetSettings | None = None
    write: Write | None = None
    takes_back: ActReceipt | None = None
    undoes: str | None = None
    once: str | None = None
    reads: frozenset[str] = frozenset()
    writes: frozenset[str] = frozenset()
    columns: frozenset[str] = frozenset()
    effect: WriteEffect | None = None
    data_state: DataState | None = None  # of the tables it touches, where a rule may ask and somebody has looked
    shown: tuple[ShownTable, ...] = ()

    @property
    def tables(self) -> frozenset[str]:
        return self.reads | self.writes


@dataclass(frozen=True, slots=True, kw_only=True)
class Denied:
    """The guard, or a bound of the project, does not let it through; no rule was asked."""

    plan: ActPlan
    reason: Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """Admitted: its intent is in the ledger as entry `index`, and it may be performed within `approved` (None where
    there is nothing to bound). `receipt` is what is known so far."""

    plan: ActPlan
    receipt: ActReceipt
    index: int
    approved: Approved | None
    counts: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What policy's limits come to for one act: how many rows at most, and what is counted under which key."""

    bound: WriteBound
    counted: tuple[Counted, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """`amount` more under `key`, which may come to `most`. `said` tells it in words."""

    key: str
    amount: str
    most: str
    said: str
