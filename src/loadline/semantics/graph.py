"""Relationships in; the many-to-one paths that lead from a fact to the dataset somebody named out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from loadline.semantics.nodes import Path
from loadline.values.model import Relationship

FARTHEST = 8
"""Steps a path may have before its spelled-out part; real models stay below five."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Graph:
    """A step of a path is the position of its relationship; `~position` where it is gone against its direction, into a
    bridge, which one row leads to many rows of."""

    relationships: tuple[Relationship, ...]
    out: Mapping[str, tuple[int, ...]]  # dataset -> relationships that start there
    bridges: Mapping[str, tuple[int, ...]] = field(default_factory=dict)  # dataset -> steps into bridges
    _simple: dict[str, tuple[Path, ...]] = field(default_factory=dict, compare=False, repr=False)
    _found: dict[tuple[str, tuple[str, ...]], tuple[Path, ...]] = field(default_factory=dict, compare=False, repr=False)

    def end(self, fact: str, path: Path) -> str:
        if not path:
            return fact
        step = path[-1]
        return self.relationships[step].target if step >= 0 else self.relationships[~step].source

    def name(self, step: int) -> str:
        """The word that stands for a step in a path."""
        return self.relationships[step].name if step >= 0 else self.relationships[~step].source

    def simple_paths(self, fact: str) -> tuple[Path, ...]:
        """Every path from `fact` that comes to no dataset twice, shortest first, the empty one included. Detours by a
        key that leads there directly are left out."""
        known = self._simple.get(fact)
        if known is None:
            known = self._simple[fact] = tuple(self._walk(fact))
        return known

    def _walk(self, fact: str) -> list[Path]:
        found: list[tuple[Path, frozenset[str]]] = [((), frozenset({fact}))]
        for path, seen in found:  # grows while it is read: breadth first
            if len(path) == FARTHEST:
                continue
            for step in self.out.get(self.end(fact, path), ()):
                target = self.relationships[step].target
                if target not in seen and not self._is_detour(path, step):
                    found.append(((*path, step), seen | {target}))
        return [path for path, _ in found]

    def _is_detour(self, path: Path, step: int) -> bool:
        """Does the step go on by the very columns the one before arrived at, where that could have gone directly? It
        leads to the same row, or to none where the row between is missing."""
        if not path:
            return False
        before, after = self.relationships[path[-1]], self.relationships[step]
        if before.valid or before.target_columns != after.source_columns:
            return False
        return any(
            (direct.source_columns, direct.target, direct.target_columns, direct.valid)
            == (before.source_columns, after.target, after.target_columns, after.valid)
            for direct in (self.relationships[other] for other in self.out.get(before.source, ()))
        )

    def reachable(self, fact: str) -> tuple[str, ...]:
        """Datasets that `fact` can be broken down by, itself first."""
        return tuple(dict.fromkeys(self.end(fact, path) for path in self.simple_paths(fact)))

    def find(self, fact: str, steps: tuple[str, ...]) -> tuple[Path, ...]:
        """Every path from `fact` that `steps` can mean; more than one means that it is ambiguous.

        Several steps that spell a path out from the fact (whose own name may come first) mean that path and nothing
        else, and so does the role of a step that starts at the fact. Otherwise they mean every path that comes to no
        dataset twice and ends in them; there a step may be called by its role or by the dataset it leads to.
        """
        key = (fact, steps)
        known = self._found.get(key)
        if known is None:
            known = self._found[key] = self._find(fact, steps) or self._find_beyond(fact, steps)
        return known

    def _find_beyond(self, fact: str, steps: tuple[str, ...]) -> tuple[Path, ...]:
        """Paths that go through one bridge, where no other leads there."""
        if not self.bridges:
            return ()
        found: list[Path] = []
        for path in self.simple_paths(fact):
            for step in self.bridges.get(self.end(fact, path), ()):
                start = (*path, step)
                bridge = self.end(fact, start)
                found += [(*start, *rest) for rest in self.simple_paths(bridge) if not rest or rest[0] != ~step]
        return tuple(path for path in found if self._ends_in(path, steps))

    def _find(self, fact: str, steps: tuple[str, ...]) -> tuple[Path, ...]:
        if steps == (fact,):
            return ((),)
        spelled = self._spelled(fact, steps[1:] if steps[0] == fact else steps)
        if spelled and (len(steps) > 1 or self.relationships[spelled[0][0]].role == steps[0]):
            return spelled
        ending = tuple(path for path in self.simple_paths(fact) if self._ends_in(path, steps))
        return ending or spelled

    def _spelled(self, fact: str, steps: Sequence[str]) -> tuple[Path, ...]:
        paths: list[Path] = [()]
        for name in steps:
            paths = [
                (*path, step)
                for path in paths
                for step in self.out.get(self.end(fact, path), ())
                if self.relationships[step].name == name
            ]
        return tuple(paths)

    def _ends_in(self, path: Path, steps: tuple[str, ...]) -> bool:
        tail = path[max(0, len(path) - len(steps)) :]
        return len(tail) == len(steps) and all(
            name in {self.name(step), self.end("", (step,))} for step, name in zip(tail, steps, strict=True)
        )

    def spell(self, fact: str, path: Path) -> str:
        """The path in full, as it can be written: `lines.orders.customers`."""
        return ".".join([fact, *(self.name(step) for step in path)])


def build_graph(relationships: tuple[Relationship, ...], bridges: frozenset[str] = frozenset()) -> Graph:
    out: dict[str, list[int]] = {}
    into: dict[str, list[int]] = {}
    for index, relationship in enumerate(relationships):
        out.setdefault(relationship.source, []).append(index)
        if relationship.source in bridges:
            into.setdefault(relationship.target, []).append(~index)
    return Graph(
        relationships=relationships,
        out={name: tuple(steps) for name, steps in out.items()},
        bridges={name: tuple(steps) for name, steps in into.items()},
    )
