"""A manifest's entities in; the many-to-one joins they stand for, each with a name for its step, out.

A model is joined to another along an entity that is primary or unique there, or natural with a time of validity. Where
both are partitioned by a dimension of one name, that is part of the key.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from loadline.project.importing.dbt_nouns import Entity, Manifest, SemanticModel

FARTHEST = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Join:
    """`name` is the word for this step in a path: the target, or a role."""

    source: str
    target: str
    entity: str
    role: str | None = None
    partitions: tuple[str, ...] = ()
    valid: tuple[str, str] | None = None

    @property
    def name(self) -> str:
        return self.role or self.target

    @property
    def key(self) -> tuple[str, ...]:
        return (self.entity, *self.partitions)


Path = tuple[Join, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Joins:
    every: tuple[Join, ...]
    _out: dict[str, list[Join]] = field(default_factory=dict)
    _simple: dict[str, list[Path]] = field(default_factory=dict)

    def out(self, model: str) -> list[Join]:
        if not self._out:
            for join in self.every:
                self._out.setdefault(join.source, []).append(join)
        return self._out.get(model, [])

    def simple(self, model: str) -> list[Path]:
        """Every path that comes to no model twice, the empty one included; mere detours are left out."""
        known = self._simple.get(model)
        if known is None:
            known = self._simple[model] = [path for path, _ in self._walk(model)]
        return known

    def _walk(self, model: str) -> list[tuple[Path, frozenset[str]]]:
        found: list[tuple[Path, frozenset[str]]] = [((), frozenset({model}))]
        for path, seen in found:  # grows while it is read: breadth first
            if len(path) == FARTHEST:
                continue
            for join in self.out(path[-1].target if path else model):
                if join.target not in seen and not self._is_detour(path, join):
                    found.append(((*path, join), seen | {join.target}))  # noqa: PERF401 - it grows while it is read
        return found

    def _is_detour(self, path: Path, join: Join) -> bool:
        """On by the very key just arrived at, where the step before could have gone directly: the same row or none."""
        if not path or path[-1].key != join.key or path[-1].valid:
            return False
        return any(
            (other.key, other.target, other.valid) == (join.key, join.target, join.valid)
            for other in self.out(path[-1].source)
        )

    def find(self, model: str, steps: tuple[str, ...]) -> list[Path]:
        """Every path that the spelled steps can mean, seen from a model."""
        if steps == (model,):
            return [()]
        spelled = self._spelled(model, steps[1:] if steps[0] == model else steps)
        if spelled and (len(steps) > 1 or spelled[0][0].role == steps[0]):
            return spelled
        return [path for path in self.simple(model) if _ends_in(path, steps)] or spelled

    def _spelled(self, model: str, steps: tuple[str, ...]) -> list[Path]:
        paths: list[Path] = [()]
        for step in steps:
            paths = [
                (*path, join)
                for path in paths
                for join in self.out(path[-1].target if path else model)
                if join.name == step
            ]
        return paths


def _ends_in(path: Path, steps: tuple[str, ...]) -> bool:
    tail = path[len(path) - len(steps) :] if len(steps) <= len(path) else ()
    return len(tail) == len(steps) > 0 and all(
        step in {join.role, join.target} for join, step in zip(tail, steps, strict=True)
    )


def build_joins(manifest: Manifest) -> Joins:
    found = list(_every(manifest))
    for _ in range(2):  # a role makes one name clear and may be needed for another
        found = _with_roles(found, manifest)
    return Joins(every=tuple(found))


def _every(manifest: Manifest) -> Iterator[Join]:
    for source in manifest.models.values():
        for entity in source.entities.values():
            for target in manifest.models.values():
                there = target.entities.get(entity.name)
                if target.name != source.name and there is not None and _may_join(entity, there, target):
                    yield Join(
                        source=source.name,
                        target=target.name,
                        entity=entity.name,
                        partitions=_shared_partitions(source, target),
                        valid=validity(target) if there.kind == "natural" else None,
                    )


def _may_join(here: Entity, there: Entity, target: SemanticModel) -> bool:
    if there.kind == "natural":
        return here.kind != "natural" and validity(target) is not None
    return there.kind in {"primary", "unique"} and validity(target) is None


def validity(model: SemanticModel) -> tuple[str, str] | None:
    starts = [one.name for one in model.dimensions.values() if one.is_start]
    ends = [one.name for one in model.dimensions.values() if one.is_end]
    return (starts[0], ends[0]) if starts and ends else None


def _shared_partitions(source: SemanticModel, target: SemanticModel) -> tuple[str, ...]:
    return tuple(
        one.name
        for one in source.dimensions.values()
        if one.is_partition and one.name in target.dimensions and target.dimensions[one.name].is_partition
    )


def _with_roles(found: list[Join], manifest: Manifest) -> list[Join]:
    """Two steps from one model to another need a role each; so does a direct step to what can also be reached on a
    longer way, because a bare name would not say which of the two is meant."""
    joins = Joins(every=tuple(found))
    pairs: dict[tuple[str, str], int] = {}
    for join in found:
        pairs[join.source, join.target] = pairs.get((join.source, join.target), 0) + 1
    unclear = {
        (join.entity, join.target)
        for join in found
        if pairs[join.source, join.target] > 1
        or sum(bool(path) and path[-1].target == join.target for path in joins.simple(join.source)) > 1
    }
    taken = set(manifest.models)
    return [
        replace(join, role=join.role or _role(join, taken)) if (join.entity, join.target) in unclear else join
        for join in found
    ]


def _role(join: Join, taken: set[str]) -> str:
    role = f"{join.entity}_{join.target}"
    return f"{role}_role" if role in taken else role
