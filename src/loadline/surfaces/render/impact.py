"""What a thing reaches in; a tree for people, JSON for programs out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from loadline.flow.change.reach import Reach
from loadline.ledger.reach import Traffic
from loadline.semantics.impact import Impact, LineageGraph, Reached, Thing, ThingKind
from loadline.surfaces.render.style import Palette, clean
from loadline.values.canonical import plain

LINES = 60
_ORDER = (
    ThingKind.FIELD, ThingKind.METRIC, ThingKind.TERM, ThingKind.QUESTION, ThingKind.RULE, ThingKind.CONTRACT,
    ThingKind.RELATIONSHIP, ThingKind.DATASET, ThingKind.COLUMN,
)  # fmt: skip
_WIDTH = 46


def as_text(reach: Reach, palette: Palette) -> list[str]:
    found, graph = reach.impact, reach.graph
    told = graph.told.get(found.of)
    head = palette.bold(clean(found.of.name)) + palette.dim(f"  {found.of.kind}" + _said(told.words if told else ""))
    tree = [head, *_branches(found, graph, palette)]
    if len(tree) > LINES:
        more = len(tree) - LINES
        tree = [*tree[:LINES], palette.dim(f"… {more:,} more; `--format json` lists all")]
    lines = [*tree, "", f"  {palette.dim('reaches')}  {summary(found)}"]
    if reach.traffic is not None:
        lines.append(f"  {palette.dim('traffic')}  {_traffic(reach.traffic)}")
    else:
        lines.append(f"  {palette.dim('traffic')}  unknown: this project has no ledger yet")
    return lines


def summary(found: Impact) -> str:
    """`3 metrics, 1 term, 4 questions`, or nothing at all."""
    counts = Counter(one.thing.kind for one in found.reached)
    parts = [f"{counts[kind]} {kind}{'' if counts[kind] == 1 else 's'}" for kind in _ORDER if counts[kind]]
    return ", ".join(parts) or "nothing: no definition, question or rule rests on it"


def _branches(found: Impact, graph: LineageGraph, palette: Palette) -> Iterator[str]:
    below: dict[Thing, list[Reached]] = {}
    for one in found.reached:
        below.setdefault(one.through, []).append(one)
    waiting = [(one, "", n == 0) for n, one in enumerate(reversed(_sorted(below.get(found.of, []))))]
    while waiting:
        one, indent, is_last = waiting.pop()
        yield _line(one.thing, graph, indent + ("└─ " if is_last else "├─ "), palette)
        inner = indent + ("   " if is_last else "│  ")
        waiting += [(each, inner, n == 0) for n, each in enumerate(reversed(_sorted(below.get(one.thing, []))))]


def _sorted(ones: list[Reached]) -> list[Reached]:
    return sorted(ones, key=lambda one: (_ORDER.index(one.thing.kind), one.thing.name))


def _line(thing: Thing, graph: LineageGraph, indent: str, palette: Palette) -> str:
    told = graph.told.get(thing)
    words = f"{thing.kind}" + _said(told.words if told else "")
    name = clean(thing.name)
    gap = " " * max(2, _WIDTH - len(indent) - len(name))
    return palette.dim(indent) + name + gap + palette.dim(words)


def _said(words: str) -> str:
    text = " ".join(clean(words).split())
    return f": {text[:77] + '…' if len(text) > 78 else text}" if text else ""


def _traffic(counted: Traffic) -> str:
    days = max(1, round((counted.until - counted.since).total_seconds() / 86_400))
    window = f"in the last {days} day{'' if days == 1 else 's'}"
    if counted.share is None:
        return f"no question was asked {window}"
    asked = f"{counted.reached:,} of {counted.asked:,} question{'' if counted.asked == 1 else 's'} {window}"
    if not counted.reached:
        return f"{asked} (0 %)"
    people = f"{counted.people} {'person' if counted.people == 1 else 'people'}"
    last = f", last on {counted.last:%Y-%m-%d}" if counted.last else ""
    return f"{asked} ({counted.share * 100:.1f} %), by {people}{last}"


def as_json(reach: Reach) -> dict[str, Any]:
    found, graph = reach.impact, reach.graph
    return {
        "of": _thing(found.of, graph),
        "reached": [
            {**_thing(one.thing, graph), "hops": one.hops, "through": str(one.through)} for one in found.reached
        ],
        "traffic": {**plain(reach.traffic), "share": reach.traffic.share} if reach.traffic else None,
    }


def _thing(thing: Thing, graph: LineageGraph) -> dict[str, Any]:
    told = graph.told.get(thing)
    return {
        "kind": thing.kind.value,
        "name": thing.name,
        "says": told.words if told else "",
        "place": str(told.place) if told and told.place else None,
    }
