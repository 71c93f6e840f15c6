"""A project before and after in; what its contracts and measures promise otherwise, breaking or compatible, out.

Breaking is what somebody who relied on the old promise may stumble over: less is promised, a number means something
else, or whoever could read may no longer be let to. What cannot be told to be less breaking is called breaking.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from loadline.flow.change.diff import Altered, definitions, in_words
from loadline.flow.change.loosened import Part, column_parts, table_parts
from loadline.project import Project
from loadline.project.difference import How
from loadline.semantics import Linked
from loadline.semantics.drawing import lineage_graph
from loadline.semantics.impact import Impact, LineageGraph, Thing, ThingKind, impact
from loadline.values.contract import Contract, ContractTable
from loadline.values.place import Place

REACHED = (ThingKind.METRIC, ThingKind.QUESTION)
"""What people notice: the numbers they see, and the questions they ask."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractChange:
    """One change of a promise. `kind` and `name` say of what (`column orders.amount`), `part` which part of it, in the
    words of the file; `before` and `after` are empty where nothing stands. `reaches` are the names of metrics and
    questions that rest on it."""

    kind: str
    name: str
    how: How
    part: str = ""
    before: str = ""
    after: str = ""
    is_breaking: bool
    why: str
    reaches: tuple[str, ...] = ()
    place: Place | None = None


def contract_changes(before: Project, after: Project, old: Linked, new: Linked) -> tuple[ContractChange, ...]:
    """Every change of a promise or a measure, breaking ones first."""
    graphs = (
        lineage_graph(new, questions=after.questions, rules=after.rules),
        lineage_graph(old, questions=before.questions, rules=before.rules),
    )
    looking = _Comparing(before=before, after=after, graphs=graphs)
    found = [*looking.contracts(), *_measures(definitions(before, after, old, new))]
    found += _versions(before, after, found)
    return tuple(sorted(found, key=lambda one: not one.is_breaking))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Comparing:
    before: Project
    after: Project
    graphs: tuple[LineageGraph, LineageGraph]

    def contracts(self) -> Iterator[ContractChange]:
        for name in dict.fromkeys((*self.before.contracts, *self.after.contracts)):
            old, new = self.before.contracts.get(name), self.after.contracts.get(name)
            if old is None and new is not None:
                yield _whole("contract", name, How.ADDED, new.place)
            elif new is None and old is not None:
                reaches = self._reached_by(Thing(kind=ThingKind.DATASET, name=d) for d in self._datasets(name))
                yield _whole("contract", name, How.REMOVED, old.place, reaches)
            elif old is not None and new is not None:
                yield from self._contract(old, new)

    def _contract(self, old: Contract, new: Contract) -> Iterator[ContractChange]:
        if old.status != new.status:
            order = ["active", "draft", "proposed", "deprecated", "retired"]
            ranks = [order.index(one) if one in order else len(order) for one in (old.status, new.status)]
            why = "what it promises counts for less" if ranks[1] > ranks[0] else "what it promises counts for more"
            part = Part(part="status", before=old.status, after=new.status, is_breaking=ranks[1] > ranks[0], why=why)
            yield self._told("contract", old.name, part, new.place, self._datasets(old.name))
        for name in dict.fromkeys((*old.tables, *new.tables)):
            before, after = old.tables.get(name), new.tables.get(name)
            called = name if name == old.name else f"{old.name}/{name}"
            datasets = self._datasets(old.name, name)
            if before is None and after is not None:
                yield _whole("table", called, How.ADDED, after.place)
            elif after is None and before is not None:
                reaches = self._reached_by(Thing(kind=ThingKind.DATASET, name=d) for d in datasets)
                yield _whole("table", called, How.REMOVED, before.place, reaches)
            elif before is not None and after is not None:
                for part in table_parts(before, after):
                    yield self._told("table", called, part, after.place, datasets)
                yield from self._columns(called, before, after, datasets)

    def _columns(
        self, called: str, old: ContractTable, new: ContractTable, datasets: tuple[str, ...]
    ) -> Iterator[ContractChange]:
        for name in dict.fromkeys((*old.columns, *new.columns)):
            before, after = old.columns.get(name), new.columns.get(name)
            reaches = self._reached_by(Thing(kind=ThingKind.COLUMN, name=f"{d}.{name}") for d in datasets)
            full = f"{called}.{name}"
            if before is None and after is not None:
                yield _whole("column", full, How.ADDED, after.place)
            elif after is None and before is not None:
                yield _whole("column", full, How.REMOVED, before.place, reaches)
            elif before is not None and after is not None:
                for part in column_parts(before, after):
                    yield _part("column", full, part, after.place, reaches)

    def _told(self, kind: str, name: str, part: Part, place: Place, datasets: tuple[str, ...]) -> ContractChange:
        return _part(kind, name, part, place, self._reached_by(Thing(kind=ThingKind.DATASET, name=d) for d in datasets))

    def _datasets(self, contract: str, table: str | None = None) -> tuple[str, ...]:
        """The datasets that rest on a contract, or on one table of it, now or before."""
        found: dict[str, None] = {}
        for project in (self.before, self.after):
            for name, dataset in project.model.datasets.items():
                is_of = dataset.contract == contract and dataset.table is not None
                if is_of and (table is None or (dataset.table is not None and dataset.table.name == table)):
                    found[name] = None
        return tuple(found)

    def _reached_by(self, things: Iterator[Thing]) -> tuple[str, ...]:
        """The metrics and questions that rest on any of these, in either project."""
        names: dict[str, None] = {}
        for thing in things:
            for graph in self.graphs:
                if graph.position(thing) is not None:
                    names |= dict.fromkeys(reached_names(impact(graph, thing)))
        return tuple(names)


def reached_names(found: Impact | None) -> tuple[str, ...]:
    """The metrics and questions of an impact, as `metric booked`."""
    return tuple(str(one.thing) for one in found.reached if one.thing.kind in REACHED) if found is not None else ()


def _whole(kind: str, name: str, how: How, place: Place, reaches: tuple[str, ...] = ()) -> ContractChange:
    breaks = how is How.REMOVED
    why = "nobody promises it any more" if breaks else "it is promised now"
    return ContractChange(kind=kind, name=name, how=how, is_breaking=breaks, why=why, reaches=reaches, place=place)


def _part(kind: str, name: str, part: Part, place: Place, reaches: tuple[str, ...]) -> ContractChange:
    how = How.ADDED if not part.before else How.REMOVED if not part.after else How.CHANGED
    return ContractChange(
        kind=kind,
        name=name,
        how=how,
        part=part.part,
        before=part.before,
        after=part.after,
        is_breaking=part.is_breaking,
        why=part.why,
        reaches=reaches,
        place=place,
    )


# -- what numbers mean

_DEFINED = frozenset({"metric", "dataset", "field", "relationship"})
_HARMLESS = frozenset({"description", "synonyms", "owner", "status", "format"})


def _measures(altered: tuple[Altered, ...]) -> Iterator[ContractChange]:
    """A metric that is another number now, and what breakdowns are made of."""
    for one in altered:
        change = one.change
        if change.kind not in _DEFINED:
            continue
        named = "; ".join(in_words(part) for part in change.parts)
        if one.through:
            named = f"by what it is made of: {', '.join(one.through)}"
        match change.how:
            case How.ADDED:
                breaks, why = False, "it is there now"
            case How.REMOVED:
                breaks, why = True, "who asks for it gets no answer any more"
            case How.CHANGED:
                parts = {part.part for part in change.parts} - _HARMLESS
                breaks = bool(parts) or (change.kind == "metric" and one.before != one.after)
                why = "its numbers mean something else" if breaks else "its numbers mean what they did"
        yield ContractChange(
            kind=change.kind,
            name=change.name,
            how=change.how,
            part=named,
            is_breaking=breaks,
            why=why,
            reaches=reached_names(one.reach),
            place=change.place,
        )


# -- versions


def _versions(before: Project, after: Project, found: list[ContractChange]) -> list[ContractChange]:
    """Contracts that break what they promised, and do not say so by their version."""
    said = []
    for name, new in after.contracts.items():
        old = before.contracts.get(name)
        if old is None or not any(one.is_breaking and _is_of(one, name) for one in found):
            continue
        if _major(new.version) is not None and _major(new.version) == _major(old.version) != 0:
            said.append(
                ContractChange(
                    kind="contract",
                    name=name,
                    how=How.CHANGED,
                    part="version",
                    before=old.version,
                    after=new.version,
                    is_breaking=False,
                    why="what breaks is told by a new first number of the version",
                    place=new.place,
                )
            )
    return said


def _is_of(change: ContractChange, contract: str) -> bool:
    owner = change.name.partition("/")[0].partition(".")[0]
    return change.kind in {"contract", "table", "column"} and owner == contract


def _major(version: str) -> int | None:
    first = version.partition(".")[0]
    return int(first) if first.isdigit() else None
