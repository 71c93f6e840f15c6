"""What one passing of an action needs at hand; no warehouse and no linked model are among it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from loadline.flow.ports import Clock, Forbids, NewId, Store, Target, Tool
from loadline.project import Project
from loadline.values.action import DeclaredAction
from loadline.values.guarded import Guarded
from loadline.values.rule import Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class ActWorld:
    """`guard` reads a statement as its target would. `worker` names this process, `is_gone` says whether another one
    is certainly no longer there."""

    project: Project
    store: Store
    clock: Clock
    new_id: NewId
    target: Callable[[str], Target]
    tool: Callable[[DeclaredAction], Tool]
    guard: Callable[[str, Target], Guarded]
    worker: str
    is_gone: Callable[[str], bool]
    sleep: Callable[[float], None]
    unconditional: dict[int, tuple[Rule, ...]] = field(default_factory=dict, repr=False, compare=False)
    forbids: Forbids | None = None  # rules of the project that somebody else judges
