"""Names as MetricFlow writes them (`listing__user__home_state`) in, what they mean seen from a model out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from loadline.project.importing.dbt_joins import Join, Joins, Path, build_joins
from loadline.project.importing.dbt_nouns import Dimension, Manifest, SemanticModel
from loadline.project.importing.nouns import CannotCarry

METRIC_TIME = "metric_time"
GRAINS = (
    "nanosecond", "microsecond", "millisecond", "second", "minute", "hour", "day", "week", "month", "quarter", "year",
)  # fmt: skip
DATE_PARTS = {
    "year": "year", "quarter": "quarter", "month": "month", "week": "week", "day": "day", "dow": "weekday",
    "doy": "yearday",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A dimension or entity seen from `fact`, at the end of a path. `field` is what it is called in the dataset."""

    fact: str
    path: Path
    field: str
    dimension: Dimension | None

    @property
    def model(self) -> str:
        return self.path[-1].target if self.path else self.fact

    @property
    def spelled(self) -> str:
        """Spelled out from the fact, so that it means this path and nothing else."""
        return ".".join((self.fact, *(join.name for join in self.path), self.field))


class Names:
    """`fields` maps (model, element) to the name its field has in the dataset, where that is another."""

    def __init__(self, manifest: Manifest, fields: Mapping[tuple[str, str], str]) -> None:
        self.manifest = manifest
        self.joins: Joins = build_joins(manifest)
        self._fields = fields
        self.own_grains = {name for spine in manifest.spines for name in spine.grains}

    def field(self, model: str, element: str) -> str:
        return self._fields.get((model, element), element)

    def see(self, fact: str, name: str) -> Seen:
        """What a name without a grain means; the nearest where several fit. Raises CannotCarry."""
        *links, element = name.split("__")
        found = list(self._seen(fact, (), tuple(links), element))
        nearest = [one for one in found if len(one.path) == min(len(other.path) for other in found)]
        if len(nearest) == 1:
            self._check_partitions(nearest[0])
            return nearest[0]
        if not nearest:
            raise CannotCarry(f"`{name}` is nothing that `{fact}` leads to")
        ways = " and ".join(f"`{one.spelled}`" for one in nearest)
        raise CannotCarry(f"`{name}` means {ways}")

    def _check_partitions(self, seen: Seen) -> None:
        """MetricFlow compares the fact's partition with that of every model it reaches. Raises CannotCarry where one
        between the two has none, which a relationship cannot say."""
        if len(seen.path) < 2:
            return
        fact, last = self.manifest.models[seen.fact], self.manifest.models[seen.model]
        shared = {
            name
            for name, one in fact.dimensions.items()
            if one.is_partition and name in last.dimensions and last.dimensions[name].is_partition
        }
        if not shared <= set(seen.path[-1].partitions):
            raise CannotCarry(f"`{seen.spelled}` is read by the partition of `{seen.fact}` too, across another model")

    def _seen(self, fact: str, path: Path, links: tuple[str, ...], element: str) -> Iterator[Seen]:
        model = self.manifest.models[path[-1].target if path else fact]
        is_here = not links or (not path and len(links) == 1 and links[0] in _own_links(model))
        if is_here and (element in model.entities or (element in model.dimensions and (path or links))):
            yield Seen(
                fact=fact, path=path, field=self.field(model.name, element), dimension=model.dimensions.get(element)
            )
        if links:
            for join in self.joins.out(model.name):
                if join.entity == links[0] and self._may_follow(fact, path, join):
                    yield from self._seen(fact, (*path, join), links[1:], element)

    @staticmethod
    def _may_follow(fact: str, path: Path, join: Join) -> bool:
        passed = {fact, *(step.target for step in path)}
        return join.target not in passed and join.entity not in {step.entity for step in path}

    def shared(self, seen: Sequence[Seen]) -> str:
        """One name that means each of these from its own fact. Raises CannotCarry."""
        last = seen[0]
        model, field = last.model, last.field
        spelled = [
            (model,),
            *((one.path[-1].name,) for one in seen if one.path),
            *(tuple(join.name for join in one.path) for one in seen if one.path),
            *((one.fact, *(join.name for join in one.path)) for one in seen),
        ]
        for steps in spelled:
            if all(self._means(one, steps, field) for one in seen):
                return ".".join((*steps, field))
        ways = " and ".join(dict.fromkeys(f"`{one.spelled}`" for one in seen))
        raise CannotCarry(f"no single name means {ways}")

    def met(self, seen: Sequence[Seen]) -> list[Seen]:
        """An entity of several facts, where all of them meet: the key of one model that each is joined to by it."""
        for model in self.manifest.models.values():
            found = [self._joined(one, model) for one in seen]
            here = [one for one in found if one is not None]
            if len(here) == len(seen):
                return here
        raise CannotCarry(f"no model is joined by `{seen[0].field}` from each of {', '.join(one.fact for one in seen)}")

    def _joined(self, one: Seen, model: SemanticModel) -> Seen | None:
        if one.model == model.name:
            return one
        for join in self.joins.out(one.model):
            is_by_it = self.field(one.model, join.entity) == one.field and not join.partitions and not join.valid
            if join.target == model.name and is_by_it:
                field = self.field(model.name, join.entity)
                return Seen(fact=one.fact, path=(*one.path, join), field=field, dimension=None)
        return None

    def _means(self, one: Seen, steps: tuple[str, ...], field: str) -> bool:
        found = [
            path for path in self.joins.find(one.fact, steps) if self._has(path[-1].target if path else one.fact, field)
        ]
        return found == [one.path]

    def _has(self, model: str, field: str) -> bool:
        owner = self.manifest.models[model]
        elements = (*owner.entities, *owner.dimensions, *owner.measures)
        return any(self.field(model, element) == field for element in elements)


def _own_links(model: SemanticModel) -> set[str]:
    """The entities a model's own dimensions are named by."""
    own = {one.name for one in model.entities.values() if one.kind in {"primary", "unique", "natural"}}
    return own | ({model.primary_entity} if model.primary_entity else set())
