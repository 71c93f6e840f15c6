"""A project's graph, what lies before its datasets and who asks in; one graph from source column to assistant, and the
way through it in either direction, out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from loadline.semantics.impact import Impact, LineageGraph, Thing, ThingKind, Told, impact
from loadline.semantics.linked import Linked
from loadline.values.lineage import SourceEdge, SourceEnd

TRACEABLE = (
    ThingKind.METRIC, ThingKind.DATASET, ThingKind.FIELD, ThingKind.COLUMN, ThingKind.TERM, ThingKind.SOURCE,
    ThingKind.TABLE, ThingKind.QUESTION, ThingKind.ASSISTANT, ThingKind.CONTRACT, ThingKind.RULE,
)  # fmt: skip
"""What may be named; of several things with one name, the kind that comes first here is meant."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """Somebody who asks, and the names of the metrics and verified questions they asked."""

    who: str
    metrics: frozenset[str] = frozenset()
    questions: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Lineage:
    """`of` and the way up (what it is made of) and down (what rests on it); None where that way was not asked."""

    of: Thing
    graph: LineageGraph
    up: Impact | None = None
    down: Impact | None = None


@dataclass(slots=True, kw_only=True)
class _Growing:
    """A graph that is added to; things keep their places."""

    uses: dict[Thing, dict[Thing, None]]
    told: dict[Thing, Told] = field(default_factory=dict)

    def edge(self, source: Thing, target: Thing) -> None:
        if source != target:
            self.uses.setdefault(source, {})[target] = None
            self.uses.setdefault(target, {})


def traced(graph: LineageGraph, linked: Linked, edges: Iterable[SourceEdge], asking: Iterable[Asking]) -> LineageGraph:
    """The graph with the relations and columns that datasets read, all that is known to lie before those, and whoever
    asks. Relations are told apart without regard to case, as engines do."""
    things = graph.things
    growing = _Growing(
        uses={thing: {things[n]: None for n in uses} for thing, uses in zip(things, graph.uses, strict=True)},
        told=dict(graph.told),
    )
    edges = tuple(edges)
    spelled = _spelled(linked, edges)
    for edge in edges:
        source, target = (_thing(end, spelled) for end in (edge.source, edge.target))
        growing.edge(source, target)
        if edge.through:
            growing.told.setdefault(target, Told(words=edge.through))
    _datasets(growing, linked)
    for one in asking:
        who = Thing(kind=ThingKind.ASSISTANT, name=one.who)
        for kind, names in ((ThingKind.METRIC, one.metrics), (ThingKind.QUESTION, one.questions)):
            for name in sorted(names):
                thing = Thing(kind=kind, name=name)
                if thing in growing.uses:
                    growing.edge(thing, who)
    return _whole(growing, graph.also)


def _spelled(linked: Linked, edges: Iterable[SourceEdge]) -> dict[str, str]:
    """How the project writes each relation, and each column that a contract names; else a view of the warehouse."""
    found: dict[str, str] = {}
    for dataset in linked.model.datasets.values():
        found.setdefault(dataset.source.casefold(), dataset.source)
        for column in dataset.table.columns.values() if dataset.table else ():
            full = f"{dataset.source}.{column.in_warehouse}"
            found.setdefault(full.casefold(), full)
    for edge in edges:
        if edge.through.startswith("view "):
            found.setdefault(edge.source.relation.casefold(), edge.source.relation)
            found.setdefault(edge.target.relation.casefold(), edge.target.relation)
    return found


def _thing(end: SourceEnd, spelled: Mapping[str, str]) -> Thing:
    kind = ThingKind.TABLE if end.column is None else ThingKind.SOURCE
    home = _called(end.relation, spelled)
    name = home if end.column is None else f"{home}.{end.column}"
    return Thing(kind=kind, name=spelled.get(name.casefold(), name.casefold()))


_HOMES = frozenset({"main", "public"})


def _called(relation: str, spelled: Mapping[str, str]) -> str:
    """A relation as another tool calls it (`shop.sales.orders`), without what the project leaves out: the database, and
    a schema that is meant anyway. Nothing more: `raw.orders` is not `orders`."""
    if relation.casefold() in spelled:
        return relation
    parts = relation.split(".")
    if len(parts) > 2 and ".".join(parts[-2:]).casefold() in spelled:
        return ".".join(parts[-2:])
    if len(parts) > 1 and parts[-2].casefold() in _HOMES and parts[-1].casefold() in spelled:
        return parts[-1]
    return relation


def _datasets(growing: _Growing, linked: Linked) -> None:
    """From the relation and the columns a dataset reads to the dataset and its own."""
    columns: dict[str, list[Thing]] = {}
    for thing in list(growing.uses):
        if thing.kind is ThingKind.COLUMN:
            columns.setdefault(thing.name.partition(".")[0], []).append(thing)
    for name, dataset in linked.model.datasets.items():
        table = Thing(kind=ThingKind.TABLE, name=dataset.source)
        growing.edge(table, Thing(kind=ThingKind.DATASET, name=name))
        promised = dataset.table.columns if dataset.table else {}
        for column in columns.get(name, ()):
            own = column.name.partition(".")[2]
            called = promised[own].in_warehouse if own in promised else own
            growing.edge(Thing(kind=ThingKind.SOURCE, name=f"{dataset.source}.{called}"), column)


def _whole(growing: _Growing, also: Mapping[str, Thing]) -> LineageGraph:
    things = tuple(growing.uses)
    at = {thing: n for n, thing in enumerate(things)}
    uses = tuple(tuple(at[used] for used in one) for one in growing.uses.values())
    return LineageGraph(things=things, uses=uses, told=growing.told, also=also, _at=at)


def turned(graph: LineageGraph) -> LineageGraph:
    """The same graph, every edge the other way round: from a thing to what it is made of."""
    made_of: list[list[int]] = [[] for _ in graph.things]
    for here, uses in enumerate(graph.uses):
        for there in uses:
            made_of[there].append(here)
    return LineageGraph(
        things=graph.things,
        uses=tuple(map(tuple, made_of)),
        told=graph.told,
        also=graph.also,
        _at=graph._at,  # noqa: SLF001
    )


def named_in(graph: LineageGraph, name: str) -> tuple[Thing, ...]:
    """The things a name can mean, the most likely first: `kind:name`, or any thing that is called so."""
    kind, colon, rest = name.partition(":")
    if colon and kind in {each.value for each in ThingKind}:
        found = Thing(kind=ThingKind(kind), name=rest)
        return (found,) if graph.position(found) is not None else ()
    own = [thing for each in TRACEABLE if graph.position(thing := Thing(kind=each, name=name)) is not None]
    other = graph.also.get(name.casefold())
    return tuple(own) if own else (other,) if other is not None else ()


_PHYSICAL = frozenset({ThingKind.TABLE, ThingKind.SOURCE})


def lineage_of(
    graph: LineageGraph, named: Sequence[Thing], *, up: bool, down: bool, hops: int | None = None
) -> Lineage:
    """The way of the first of `named`. A dataset or column that is called as its relation or column in the warehouse is
    followed down from there: views rest on that one."""
    of = named[0]
    start = of
    if of.kind in {ThingKind.DATASET, ThingKind.COLUMN}:
        start = next((thing for thing in named if thing.kind in _PHYSICAL), of)
    return Lineage(
        of=of,
        graph=graph,
        up=impact(turned(graph), of, hops=hops) if up else None,
        down=impact(graph, start, hops=hops) if down else None,
    )
