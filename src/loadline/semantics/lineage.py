"""Nodes in, what they read out: relations with exactly their columns, and the steps taken between them."""

from __future__ import annotations

from collections.abc import Iterable

from loadline.semantics.body import Scan
from loadline.semantics.linked import Linked
from loadline.semantics.nodes import Node, columns_in
from loadline.values.plan import JoinUse, SourceUse

Lineage = tuple[tuple[SourceUse, ...], tuple[JoinUse, ...]]


def lineage_of(linked: Linked, scans: Iterable[Scan]) -> Lineage:
    """What scans read, a fact of which only rows are counted included."""
    facts: dict[str, None] = {}
    nodes: list[Node] = []
    for scan in scans:
        facts[scan.fact] = None
        nodes += [*scan.keys, *scan.where]
        for measure in scan.measures:
            nodes += [*measure.where] if measure.arg is None else [measure.arg, *measure.where]
    return lineage(linked, nodes, facts)


def lineage(linked: Linked, nodes: Iterable[Node], facts: Iterable[str] = ()) -> Lineage:
    columns: dict[str, dict[str, None]] = {fact: {} for fact in facts}
    steps: dict[int, None] = {}
    for node in nodes:
        for column in columns_in(node):
            columns.setdefault(column.dataset, {})[column.column] = None
            steps.update(dict.fromkeys(column.path))
    for step in steps:
        for node in key_nodes(linked, step):
            for column in columns_in(node):
                columns.setdefault(column.dataset, {})[column.column] = None
    sources = tuple(_source(linked, name, tuple(sorted(read))) for name, read in columns.items())
    return sources, tuple(_join(linked, step) for step in sorted(steps))


def key_nodes(linked: Linked, step: int) -> tuple[Node, ...]:
    """The nodes a step compares, each read in its own dataset: sources, then targets."""
    relationship = linked.model.relationships[step]
    return (
        *(linked.catalog.key(relationship.source, name) for name in relationship.source_columns),
        *(linked.catalog.key(relationship.target, name) for name in relationship.target_columns),
    )


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
        target_columns=relationship.target_columns,
        target_relation=linked.model.datasets[relationship.target].source,
        role=relationship.role,
    )
