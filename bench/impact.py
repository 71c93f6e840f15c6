"""What one name reaches among 10,000 datasets, and where it comes from: `python bench/impact.py [--json]`. CPU time,
milliseconds. Each fact is a view over a raw table, and five assistants ask."""

from __future__ import annotations

import json
import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from loadline.semantics import Linked, link
from loadline.semantics.drawing import lineage_graph
from loadline.semantics.impact import LineageGraph, Thing, ThingKind, impact
from loadline.semantics.tracing import Asking, traced, turned
from loadline.values.lineage import SourceEdge, SourceEnd
from loadline.values.place import Place
from loadline.values.query import By
from loadline.values.question import VerifiedQuestion
from semantics.shop import dataset, join, metric, model

DATASETS = 10_000
FACTS, DIMENSIONS = 9_000, 1_000
TARGET_MS = 5.0


def large() -> tuple[Linked, tuple[VerifiedQuestion, ...]]:
    """Facts in groups of nine around a dimension; a metric on each, a ratio of neighbours, a metric over both."""
    facts = [
        dataset(f"fact_{n}", "id:integer dim_id:integer at:zoned amount:number", time="at", net="amount - 1")
        for n in range(FACTS)
    ]
    dims = [dataset(f"dim_{n}", "id:integer name:string") for n in range(DIMENSIONS)]
    sums = [metric(f"sum_{n}", f"sum(fact_{n}.{'net' if n % 2 else 'amount'})") for n in range(FACTS)]
    ratios = [metric(f"ratio_{n}", f"sum_{n} / nullif(sum_{(n + 1) % FACTS}, 0)") for n in range(0, FACTS, 3)]
    tops = [metric(f"top_{n}", f"ratio_{n} - ratio_{(n + 3) % FACTS}") for n in range(0, FACTS, 9)]
    joins = tuple(join(f"fact_{n}.dim_id -> dim_{n % DIMENSIONS}.id") for n in range(FACTS))
    questions = tuple(
        VerifiedQuestion(
            id=f"question-{n}",
            text=f"question {n}",
            metrics=(f"sum_{n}",),
            by=(By(name=f"dim_{n % DIMENSIONS}.name"),),
            place=Place(file="questions/all.yaml"),
        )
        for n in range(0, FACTS, 2)
    )
    return link(model(*facts, *dims, joins=joins, metrics=(*sums, *ratios, *tops))), questions


def raw_edges() -> list[SourceEdge]:
    """Each fact is a view over a raw table of its own, each two columns of it made of two there."""
    return [
        SourceEdge(
            source=SourceEnd(relation=f"raw.events_{n}", column=f"c{m}"),
            target=SourceEnd(relation=f"fact_{n}", column=column),
            through=f"view fact_{n}",
        )
        for n in range(FACTS)
        for column, m in (("amount", 0), ("amount", 1), ("at", 2), ("dim_id", 3))
    ]


def assistants() -> list[Asking]:
    return [
        Asking(who=f"assistant-{n}", metrics=frozenset(f"ratio_{m}" for m in range(3 * n, FACTS, 15))) for n in range(5)
    ]


def taken_ms(graph: LineageGraph, things: list[Thing]) -> list[float]:
    taken = []
    for thing in things:
        start = time.process_time_ns()
        impact(graph, thing, hops=3)
        taken.append((time.process_time_ns() - start) / 1_000_000)
    return taken


def main() -> int:
    linked, questions = large()
    start = time.process_time_ns()
    graph = lineage_graph(linked, questions=questions)
    built = (time.process_time_ns() - start) / 1_000_000
    start = time.process_time_ns()
    whole = traced(graph, linked, raw_edges(), assistants())
    grown = (time.process_time_ns() - start) / 1_000_000
    start = time.process_time_ns()
    back = turned(whole)
    turning = (time.process_time_ns() - start) / 1_000_000
    sources = [thing for thing in whole.things if thing.kind is ThingKind.SOURCE]
    measures = [thing for thing in whole.things if thing.kind in {ThingKind.METRIC, ThingKind.QUESTION}]
    down, up = sorted(taken_ms(whole, sources)), sorted(taken_ms(back, measures))
    askable = [thing for thing in graph.things if thing.kind in {ThingKind.COLUMN, ThingKind.DATASET}]
    taken = taken_ms(graph, askable)
    found = {
        "datasets": DATASETS,
        "things": len(graph.things),
        "edges": sum(map(len, graph.uses)),
        "building the graph, ms": round(built, 1),
        "3 hops, median ms": round(statistics.median(taken), 4),
        "3 hops, p99.9 ms": round(sorted(taken)[int(len(taken) * 0.999)], 4),
        "3 hops, worst ms": round(max(taken), 3),
        "most reached": max(len(impact(graph, thing, hops=3).reached) for thing in askable),
        "with sources and assistants: things": len(whole.things),
        "with sources and assistants: edges": sum(map(len, whole.uses)),
        "adding them, ms": round(grown, 1),
        "turning it round, ms": round(turning, 1),
        "3 hops down from a source column, p99.9 ms": round(down[int(len(down) * 0.999)], 4),
        "3 hops up from a metric or question, p99.9 ms": round(up[int(len(up) * 0.999)], 4),
        "target ms": TARGET_MS,
    }
    if "--json" in sys.argv:
        print(json.dumps(found, indent=2))
    else:
        for name, value in found.items():
            print(f"{name:48}{value:>14,}")
    return 0 if all(value <= TARGET_MS for name, value in found.items() if "p99.9" in name) else 1


if __name__ == "__main__":
    sys.exit(main())
