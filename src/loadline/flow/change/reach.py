"""A project, a name in it and the ledger's entries in; all that the name reaches, and how much is asked of it, out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from loadline.errors import RequestError
from loadline.flow.change import codes
from loadline.ledger import Entry
from loadline.ledger.reach import Traffic, Wanted, traffic
from loadline.project import Project
from loadline.semantics import Linked
from loadline.semantics.drawing import lineage_graph
from loadline.semantics.impact import ASKABLE, Impact, LineageGraph, Thing, ThingKind, impact
from loadline.semantics.near import nearest
from loadline.values.diagnostic import Diagnostic


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """`traffic` is None where nothing was ever recorded."""

    graph: LineageGraph
    impact: Impact
    traffic: Traffic | None


def reach_of(project: Project, linked: Linked, name: str) -> Reach:
    """What `name` reaches in the project. Raises RequestError when it names nothing, or several things."""
    graph = lineage_graph(linked, questions=project.questions, rules=project.rules)
    return Reach(graph=graph, impact=impact(graph, find_thing(graph, name)), traffic=None)


def as_seen(reach: Reach, seen: frozenset[str]) -> Reach:
    """Less the metrics that are not among those `seen`, and the questions that ask for one of them."""
    graph = reach.graph
    kinds = {ThingKind.METRIC, ThingKind.QUESTION}
    hidden = {n for n, one in enumerate(graph.things) if one.kind is ThingKind.METRIC and one.name not in seen}
    hidden |= {there for n in hidden for there in graph.uses[n] if graph.things[there].kind is ThingKind.QUESTION}
    names = {graph.things[n] for n in hidden}
    kept = tuple(one for one in reach.impact.reached if one.thing.kind not in kinds or one.thing not in names)
    return replace(reach, impact=replace(reach.impact, reached=kept))


def find_thing(graph: LineageGraph, name: str) -> Thing:
    """Of several things with one name, the one that reaches all the others is meant. Raises RequestError."""
    found = graph.named(name.strip())
    if len(found) == 1:
        return found[0]
    if not found:
        raise _unknown(graph, name)
    for one in found:
        reached = {each.thing for each in impact(graph, one).reached}
        if reached.issuperset(set(found) - {one}):
            return one
    options = tuple(f"{one.kind}:{one.name}" for one in found)
    raise RequestError(
        Diagnostic(
            code=codes.SEVERAL_THINGS,
            what=f"`{name}` is the name of {len(found)} things",
            why=codes.CODES[codes.SEVERAL_THINGS].why,
            mend="write " + " or ".join(f"`{option}`" for option in options),
        ),
        options=options,
    )


def _unknown(graph: LineageGraph, name: str) -> RequestError:
    known = [thing.name for thing in graph.things if thing.kind in ASKABLE]
    close = next((word for word in known if word.rpartition(".")[2] == name), None) or nearest(name, known)
    return RequestError(
        Diagnostic(
            code=codes.UNKNOWN_THING,
            what=f"nothing in the project is named `{name}`",
            why=codes.CODES[codes.UNKNOWN_THING].why,
            mend=f"write `{close}`"
            if close
            else "name a dataset, `dataset.column`, a field, a metric or a term of context/",
        )
    )


def wanted_of(linked: Linked, found: Impact) -> Wanted:
    """What a receipt must hold to rest on the thing: the thing itself, or a metric or field that is made of it."""
    of = found.of
    fields = found.names(ThingKind.FIELD)
    roles = {one.role: one.target for one in linked.model.relationships if one.role}
    ends = set(fields)
    for name in fields:
        dataset, _, field = name.rpartition(".")
        ends |= {f"{role}.{field}" for role, target in roles.items() if target == dataset}
    metrics = frozenset(found.names(ThingKind.METRIC))
    match of.kind:
        case ThingKind.COLUMN:
            dataset, _, column = of.name.partition(".")
            return Wanted(metrics=metrics, columns=frozenset({(dataset, column)}), dimensions=frozenset(ends))
        case ThingKind.DATASET:
            return Wanted(metrics=metrics, datasets=frozenset({of.name}), dimensions=frozenset(ends))
        case ThingKind.TERM:
            return Wanted(words=frozenset({of.name, *linked.model.terms[of.name].synonyms}))
        case _:
            return Wanted(metrics=metrics, dimensions=frozenset(ends))


def with_traffic(reach: Reach, linked: Linked, entries: Iterable[Entry], *, since: datetime, until: datetime) -> Reach:
    counted = traffic(entries, wanted_of(linked, reach.impact), since=since, until=until)
    return Reach(graph=reach.graph, impact=reach.impact, traffic=counted)
