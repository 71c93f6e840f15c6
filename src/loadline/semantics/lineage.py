"""Nodes in, what they read out: relations with exactly their columns, and the steps taken between them."""

from __future__ import annotations

from collections.abc import Iterable

from loadline.semantics.body import Scan
from loadline.semantics.linked import Linked
from loadline.semantics.nodes import Col, Lit, Node, calls_in, columns_in
from loadline.semantics.shapes import OwnAgo
from loadline.values.model import Spine
from loadline.values.plan import JoinUse, SourceUse

Lineage = tuple[tuple[SourceUse, ...], tuple[JoinUse, ...]]


def lineage_of(linked: Linked, scans: Iterable[Scan]) -> Lineage:
    """What scans read, a fact of which only rows are counted included."""
    facts: dict[str, None] = {}
    nodes: list[Node] = []
    for scan in scans:
        facts[scan.fact] = None
        nodes += [*scan.keys, *scan.where, *scan.identity]
        if scan.shape is not None:
            nodes += [scan.shape.time, *scan.shape.take_per]
        for measure in scan.measures:
            nodes += [*measure.where] if measure.arg is None else [measure.arg, *measure.where]
            if measure.converted is not None:
                facts[measure.converted.measure.fact] = None
                nodes += [*measure.converted.first, *measure.converted.second, measure.converted.measure]
    if any(linked.model.relationships[step].valid for node in nodes for c in columns_in(node) for step in c.path):
        nodes += [scan.time for scan in scans if scan.time is not None]
    return lineage(linked, nodes, facts)


def spines_of(linked: Linked, scans: Iterable[Scan]) -> tuple[Spine, ...]:
    """The tables of periods that scans read: for the times of a shape, and for grains of one's own."""
    spines = linked.model.calendar.spines
    if not spines:
        return ()
    used: set[str] = set()
    for scan in scans:
        nodes = [*scan.keys, *scan.where, *scan.measures]
        if scan.shape is not None:
            own = {shift.grain for shift in scan.shape.shifts if isinstance(shift, OwnAgo)}
            used.update(s.source for s in spines if s.grain == scan.shape.unit or own & s.grains.keys())
            nodes += [*scan.shape.slot_keys, *scan.shape.after]
        named = (call.args[0] for node in nodes for call in calls_in(node, "own_grain"))
        used.update(str(source.value) for source in named if isinstance(source, Lit))
    return tuple(spine for spine in spines if spine.source in used)


def touches_of(linked: Linked, sources: Iterable[SourceUse], spines: Iterable[Spine]) -> frozenset[str]:
    """Every column read, as `dataset.column`; of a table of periods, where it is a dataset, too."""
    own = {f"{source.dataset}.{column}" for source in sources for column in source.columns}
    for spine in spines:
        names = [name for name, dataset in linked.model.datasets.items() if dataset.source == spine.source]
        own |= {f"{name}.{column}" for name in names for column in (spine.column, *spine.grains.values())}
    return frozenset(own)


def lineage(linked: Linked, nodes: Iterable[Node], facts: Iterable[str] = ()) -> Lineage:
    columns: dict[str, dict[str, None]] = {fact: {} for fact in facts}
    steps: dict[int, None] = {}
    for node in nodes:
        for column in columns_in(node):
            columns.setdefault(column.dataset, {})[column.column] = None
            steps.update(dict.fromkeys(column.path))
    for step in steps:
        for node in (*key_nodes(linked, step), *edge_nodes(linked, step)):
            for column in columns_in(node):
                columns.setdefault(column.dataset, {})[column.column] = None
    sources = tuple(_source(linked, name, tuple(sorted(read))) for name, read in columns.items())
    # A step into a bridge goes from one row to many, so nothing has to be unique there.
    return sources, tuple(_join(linked, step) for step in sorted(steps) if step >= 0)


def key_nodes(linked: Linked, step: int) -> tuple[Node, ...]:
    """The nodes a step compares, each read in its own dataset: where it starts, then where it leads."""
    relationship = linked.model.relationships[step if step >= 0 else ~step]
    source = [linked.catalog.key(relationship.source, name) for name in relationship.source_columns]
    target = [linked.catalog.key(relationship.target, name) for name in relationship.target_columns]
    return (*source, *target) if step >= 0 else (*target, *source)


def edge_nodes(linked: Linked, step: int) -> tuple[Node, ...]:
    """From when and until when a row of the target holds, where the step leads into a history."""
    if step < 0:
        return ()
    relationship = linked.model.relationships[step]
    return tuple(linked.catalog.key(relationship.target, name) for name in relationship.valid or ())


def classifications(linked: Linked, sources: Iterable[SourceUse]) -> frozenset[str]:
    """The classes of data that contracts give to the columns read."""
    found = set()
    for source in sources:
        table = linked.model.datasets[source.dataset].table
        for name in source.columns:
            promised = table.columns.get(name) if table else None
            if promised is not None and promised.classification:
                found.add(promised.classification)
    return frozenset(found)


def _source(linked: Linked, name: str, columns: tuple[str, ...]) -> SourceUse:
    dataset = linked.model.datasets[name]
    return SourceUse(
        dataset=name,
        relation=dataset.source,
        columns=columns,
        contract=dataset.contract,
        contract_version=dataset.table.version if dataset.table else None,
    )


def _join(linked: Linked, step: int) -> JoinUse:
    relationship = linked.model.relationships[step]
    return JoinUse(
        source=relationship.source,
        source_columns=relationship.source_columns,
        target=relationship.target,
        target_columns=tuple(_column_of(linked, relationship.target, name) for name in relationship.target_columns),
        valid=tuple(_column_of(linked, relationship.target, name) for name in relationship.valid or ()),
        target_relation=linked.model.datasets[relationship.target].source,
        role=relationship.role,
    )


def _column_of(linked: Linked, dataset: str, name: str) -> str:
    """The column behind a key that is a declared field, where it is nothing but another name for one."""
    node = linked.catalog.key(dataset, name)
    return node.column if isinstance(node, Col) else name
