"""What rests on what, and a thing in; everything it reaches, the shortest way, out. (`drawing` makes the graph.)"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from loadline.values.place import Place


class ThingKind(StrEnum):
    DATASET = "dataset"
    COLUMN = "column"
    FIELD = "field"
    RELATIONSHIP = "relationship"
    METRIC = "metric"
    TERM = "term"
    QUESTION = "question"
    RULE = "rule"
    CONTRACT = "contract"
    TABLE = "table"  # a relation of the warehouse, or one before it
    SOURCE = "source"  # a column of one
    ASSISTANT = "assistant"  # who asked: a program, or a person where no program did


ASKABLE = (ThingKind.COLUMN, ThingKind.FIELD, ThingKind.DATASET, ThingKind.METRIC, ThingKind.TERM)
"""What one may ask the impact of: the rest rests on these."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """Something with a name in a project: `column orders.amount`, `metric booked_revenue`."""

    kind: ThingKind
    name: str

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a reader wants to know of a thing in a few words, and where it is written."""

    words: str = ""
    place: Place | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """`hops` edges away, and last `through` this one; the shortest way counts."""

    thing: Thing
    hops: int
    through: Thing


@dataclass(frozen=True, slots=True, kw_only=True)
class Impact:
    """Everything `of` reaches, nearest first."""

    of: Thing
    reached: tuple[Reached, ...]

    def names(self, kind: ThingKind) -> tuple[str, ...]:
        """The reached of a kind, and the thing itself if it is of it."""
        own = (self.of.name,) if self.of.kind is kind else ()
        return (*own, *(one.thing.name for one in self.reached if one.thing.kind is kind))


@dataclass(frozen=True, slots=True, kw_only=True)
class LineageGraph:
    """`uses[n]` are the positions of what rests directly on `things[n]`. `also` maps other words for a thing to it."""

    things: tuple[Thing, ...]
    uses: tuple[tuple[int, ...], ...]
    told: Mapping[Thing, Told]
    also: Mapping[str, Thing]
    _at: Mapping[Thing, int] = field(repr=False, compare=False)

    def position(self, thing: Thing) -> int | None:
        return self._at.get(thing)

    def named(self, name: str) -> tuple[Thing, ...]:
        """The askable things that `name` can mean: by its own name, `kind:name`, a relation's, or a synonym."""
        kind, colon, rest = name.partition(":")
        if colon and kind in {each.value for each in ThingKind}:
            return tuple(thing for thing in (Thing(kind=ThingKind(kind), name=rest),) if thing in self._at)
        own = tuple(thing for kind in ASKABLE if (thing := Thing(kind=kind, name=name)) in self._at)
        if own:
            return own
        other = self.also.get(name.casefold()) or self._by_relation(name)
        return (other,) if other else ()

    def _by_relation(self, name: str) -> Thing | None:
        relation, _, column = name.rpartition(".")
        dataset = self.also.get(relation.casefold())
        if dataset is None or dataset.kind is not ThingKind.DATASET:
            return None
        found = Thing(kind=ThingKind.COLUMN, name=f"{dataset.name}.{column}")
        return found if found in self._at else None


def impact(graph: LineageGraph, of: Thing, *, hops: int | None = None) -> Impact:
    """Breadth first, so that each thing is reached the shortest way. A term stands for what each audience means, and
    a question asks in one of these senses: what leads to a term leads no further through it.

    Raises KeyError for a thing that is not in the graph.
    """
    start = graph._at[of]  # noqa: SLF001 - the graph's own walk
    things, uses = graph.things, graph.uses
    seen = {start}
    reached: list[Reached] = []
    edge = [start]
    distance = 0
    while edge and (hops is None or distance < hops):
        distance += 1
        following: list[int] = []
        for here in edge:
            if here != start and things[here].kind is ThingKind.TERM:
                continue
            for there in uses[here]:
                if there not in seen:
                    seen.add(there)
                    following.append(there)
                    reached.append(Reached(thing=things[there], hops=distance, through=things[here]))
        edge = following
    return Impact(of=of, reached=tuple(reached))
