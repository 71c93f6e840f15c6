"""The way of a thing in; text for a terminal, JSON for programs, DOT and Mermaid for pictures, out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from loadline.semantics.impact import Impact, LineageGraph, Thing, ThingKind
from loadline.semantics.tracing import Lineage
from loadline.surfaces.render.style import Palette, clean

_ORDER = (
    ThingKind.TABLE, ThingKind.SOURCE, ThingKind.DATASET, ThingKind.COLUMN, ThingKind.FIELD, ThingKind.RELATIONSHIP,
    ThingKind.METRIC, ThingKind.TERM, ThingKind.QUESTION, ThingKind.ASSISTANT, ThingKind.RULE, ThingKind.CONTRACT,
)  # fmt: skip
_MOST = 40
_SHAPES = {
    ThingKind.TABLE: "[({})]", ThingKind.SOURCE: "[/{}/]", ThingKind.METRIC: "([{}])", ThingKind.QUESTION: ">{}]",
    ThingKind.ASSISTANT: "{{{{{}}}}}",
}  # fmt: skip


def as_text(found: Lineage, palette: Palette) -> list[str]:
    told = found.graph.told.get(found.of)
    words = f": {clean(' '.join(told.words.split()))}" if told and told.words else ""
    lines = [palette.bold(clean(found.of.name)) + palette.dim(f"  {found.of.kind}{words}")]
    if found.up is not None:
        lines += ["", *_way("made of", found.up, found.graph, palette)]
    if found.down is not None:
        lines += ["", *_way("what rests on it", found.down, found.graph, palette)]
    return lines


def _way(title: str, way: Impact, graph: LineageGraph, palette: Palette) -> Iterator[str]:
    if not way.reached:
        yield f"{palette.bold(title)}: nothing that is known"
        return
    yield palette.bold(title)
    ordered = sorted(way.reached, key=lambda one: (one.hops, _ORDER.index(one.thing.kind), one.thing.name))
    for one in ordered[:_MOST]:
        told = graph.told.get(one.thing)
        words = f": {clean(' '.join(told.words.split()))[:70]}" if told and told.words else ""
        name = f"{one.thing.kind} {clean(one.thing.name)}"
        through = f"  through {one.through.kind} {clean(one.through.name)}" if one.hops > 1 else ""
        yield f"  {one.hops}  {name}{palette.dim(words + through)}"
    if len(ordered) > _MOST:
        yield palette.dim(f"  … {len(ordered) - _MOST:,} more; `--format json` lists all")


def as_json(found: Lineage, notes: Sequence[str]) -> dict[str, Any]:
    return {
        "of": _thing(found.of, found.graph),
        "up": _reached(found.up, found.graph),
        "down": _reached(found.down, found.graph),
        "edges": [{"from": str(source), "to": str(target)} for source, target in _edges(found)],
        "not_told": list(notes),
    }


def _reached(way: Impact | None, graph: LineageGraph) -> list[dict[str, Any]] | None:
    if way is None:
        return None
    return [{**_thing(one.thing, graph), "hops": one.hops, "through": str(one.through)} for one in way.reached]


def _thing(thing: Thing, graph: LineageGraph) -> dict[str, Any]:
    told = graph.told.get(thing)
    place = str(told.place) if told and told.place else None
    return {"kind": thing.kind.value, "name": thing.name, "says": told.words if told else "", "place": place}


def _shown(found: Lineage) -> list[Thing]:
    ways = [way for way in (found.up, found.down) if way is not None]
    starts = [way.of for way in ways]
    return list(dict.fromkeys((found.of, *starts, *(one.thing for way in ways for one in way.reached))))


def _edges(found: Lineage) -> list[tuple[Thing, Thing]]:
    """Every edge between things that are shown, not only the shortest ways."""
    shown = set(_shown(found))
    graph = found.graph
    edges = []
    for here in _shown(found):
        position = graph.position(here)
        if position is not None:
            edges += [(here, graph.things[there]) for there in graph.uses[position] if graph.things[there] in shown]
    return edges


def as_dot(found: Lineage) -> Iterator[str]:
    """A digraph of Graphviz."""
    names = {thing: f"n{n}" for n, thing in enumerate(_shown(found))}
    yield "digraph lineage {"
    yield "  rankdir=LR;"
    for thing, name in names.items():
        style = ", style=bold" if thing == found.of else ""
        label = _quoted(str(thing.kind)) + "\\n" + _quoted(thing.name)
        yield f'  {name} [label="{label}", shape=box{style}];'
    for source, target in _edges(found):
        yield f"  {names[source]} -> {names[target]};"
    yield "}"


def _quoted(text: str) -> str:
    return clean(text).replace('"', '\\"')


def as_mermaid(found: Lineage) -> Iterator[str]:
    """A flowchart, as Markdown of GitHub and others draws it."""
    names = {thing: f"n{n}" for n, thing in enumerate(_shown(found))}
    yield "flowchart LR"
    for thing, name in names.items():
        label = clean(f"{thing.kind}: {thing.name}").replace('"', "#quot;")
        yield f"  {name}" + _SHAPES.get(thing.kind, "[{}]").format(f'"{label}"')
    for source, target in _edges(found):
        yield f"  {names[source]} --> {names[target]}"
    yield f"  style {names[found.of]} stroke-width:3px"
