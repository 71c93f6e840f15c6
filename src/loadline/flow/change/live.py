"""Contracts and the schemas there are in the warehouse in; columns that came, went, were renamed or retyped, and what
each reaches, out."""

from __future__ import annotations

from collections.abc import Iterator

from loadline.checks.data import Subject, subjects_of
from loadline.checks.kinds import ALSO, kind_of
from loadline.checks.renamed import renamed_to
from loadline.errors import OutsideError
from loadline.flow.change.contracts import ContractChange, reached_names
from loadline.flow.ports import Warehouse
from loadline.project import Project
from loadline.project.difference import How
from loadline.semantics import Linked
from loadline.semantics.drawing import lineage_graph
from loadline.semantics.impact import LineageGraph, Thing, ThingKind, impact


def live_changes(project: Project, linked: Linked, warehouse: Warehouse) -> tuple[ContractChange, ...]:
    """What the live columns of each table are, against what its contract promises; breaking ones first. A relation that
    cannot be read is gone, as far as anybody can tell."""
    graph = lineage_graph(linked, questions=project.questions, rules=project.rules)
    found: list[ContractChange] = []
    for subject in subjects_of(project.model, project.contracts):
        try:
            live = dict(warehouse.read_schema(subject.relation))
        except OutsideError as error:
            why = "; ".join(said.what for said in error.diagnostics)
            thing = Thing(kind=ThingKind.DATASET, name=subject.name)
            found.append(_change(subject, subject.relation, How.REMOVED, _reached(graph, thing), why=why))
            continue
        found += _columns(subject, live, graph)
    return tuple(sorted(found, key=lambda one: not one.is_breaking))


def _columns(subject: Subject, live: dict[str, str], graph: LineageGraph) -> Iterator[ContractChange]:
    promised = {column.in_warehouse for column in subject.table.columns.values()}
    renamed: set[str] = set()
    for column in subject.table.columns.values():
        thing = Thing(kind=ThingKind.COLUMN, name=f"{subject.name}.{column.name}")
        reaches = _reached(graph, thing)
        name = f"{subject.relation}.{column.in_warehouse}"
        engine_type = live.get(column.in_warehouse)
        if engine_type is None:
            other = renamed_to(column.in_warehouse, column.logical_type, promised | renamed, live)
            if other is not None:
                renamed.add(other)
            why = f"it looks renamed to `{other}`, which is of the same type" if other else "the warehouse lacks it"
            change = _change(subject, name, How.REMOVED, reaches, why=why)
            yield change if other is None else _renamed(change, column.in_warehouse, other)
            continue
        kind = kind_of(engine_type)
        if kind is not None and kind != column.logical_type and (kind, column.logical_type) not in ALSO:
            yield ContractChange(
                kind="live column",
                name=name,
                how=How.CHANGED,
                part="type",
                before=column.logical_type,
                after=engine_type,
                is_breaking=True,
                why="it holds values of another type than is promised",
                reaches=reaches,
                place=column.place,
            )
    for name, engine_type in live.items():
        if name not in promised | renamed:
            yield ContractChange(
                kind="live column",
                name=f"{subject.relation}.{name}",
                how=How.ADDED,
                part="type",
                after=engine_type,
                is_breaking=False,
                why="no contract speaks of it",
                place=subject.table.place,
            )


def _renamed(change: ContractChange, before: str, after: str) -> ContractChange:
    return ContractChange(
        kind=change.kind,
        name=change.name,
        how=How.CHANGED,
        part="name",
        before=before,
        after=after,
        is_breaking=True,
        why=change.why,
        reaches=change.reaches,
        place=change.place,
    )


def _change(subject: Subject, name: str, how: How, reaches: tuple[str, ...], *, why: str) -> ContractChange:
    kind = "live table" if name == subject.relation else "live column"
    return ContractChange(
        kind=kind, name=name, how=how, is_breaking=True, why=why, reaches=reaches, place=subject.table.place
    )


def _reached(graph: LineageGraph, thing: Thing) -> tuple[str, ...]:
    return reached_names(impact(graph, thing)) if graph.position(thing) is not None else ()
