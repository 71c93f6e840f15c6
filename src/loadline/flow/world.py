"""What one passing of the river needs at hand."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Protocol

from loadline.flow.fetch import Fetcher
from loadline.flow.ports import Clock, Forbids, NewId, PartStates, Planner, Store, Warehouse
from loadline.project import Project
from loadline.semantics import Linked
from loadline.semantics.wording import Lexicon
from loadline.values.promise import TableLook
from loadline.values.rule import Principal


class Ruled(Protocol):
    """What whoever judges needs of a world: questions and acts have one each."""

    @property
    def project(self) -> Project: ...

    @property
    def clock(self) -> Clock: ...

    @property
    def forbids(self) -> Forbids | None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class RuledProject:
    """All that a judgement needs, with nothing opened."""

    project: Project
    clock: Clock
    forbids: Forbids | None


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    project: Project
    linked: Linked
    warehouse: Warehouse
    store: Store
    fetcher: Fetcher
    clock: Clock
    new_id: NewId
    forbids: Forbids | None = None  # rules of the project that somebody else judges
    planner: Planner | None = None  # asked for what the grammar cannot read; None: nobody
    planner_seconds: float = 20.0
    parts: PartStates | None = None  # None: what parts of tables said is not kept
    made_by: str = ""  # this program and the engine's driver, with their versions
    may_hold: bool = True  # False where nobody waits for the answer: a comparison, a replay
    version: str | None = None  # of loadline, as receipts give it
    seen: dict[Hashable, TableLook] = field(default_factory=dict, compare=False)  # looks of this process
    lexicons: dict[tuple[Principal, str], Lexicon] = field(default_factory=dict, repr=False, compare=False)
