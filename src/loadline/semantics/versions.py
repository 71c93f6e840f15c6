"""A linked metric or a plan's body in, a digest over everything that decides its number out."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import assert_never

from loadline.semantics.body import Body, Scan
from loadline.semantics.lineage import edge_nodes, key_nodes
from loadline.semantics.linked import Linked, LinkedMetric
from loadline.semantics.nodes import Call, Col, Lit, Measure, Node, Per, Slot, Win
from loadline.values.canonical import digest
from loadline.values.plan import MetricUse, ResultColumn


def version_of(linked: Linked, name: str) -> str:
    """The digest of a metric's definition and all it is made of: fields, filters, relations, joins, other metrics.

    Raises KeyError for a metric that there is not."""
    return version_of_asked(linked, linked.metrics[name])


def version_of_asked(linked: Linked, one: LinkedMetric) -> str:
    """The version of a metric of the model, or of one that only a question made by shifting it in time."""
    name = one.metric.name
    known = linked.versions.get(name)
    if known is None:
        metric = one.metric
        written = [metric.expr.value, metric.unit, metric.format, "".join(_written(linked, one.node))]
        known = linked.versions[name] = digest(written)
    return known


def meaning_of(linked: Linked, name: str) -> str:
    """The digest of how a metric is computed and in which unit, however it is written and called: two metrics of equal
    meaning give equal numbers. Raises KeyError for a metric that there is not."""
    one = linked.metrics[name]
    return digest([one.metric.unit, one.metric.format, "".join(_written(linked, one.node))])


def digest_of(linked: Linked, body: Body, uses: Sequence[MetricUse], columns: Sequence[ResultColumn]) -> str:
    """The digest of a plan: equal plans, however they were asked for, have equal digests."""
    parts = [use.version for use in uses if use.is_asked]
    parts += [f"{column.name}\0{column.type}" for column in columns]
    for scan in body.scans:
        parts += _scanned(linked, scan)
    for per, scans in body.subjects:
        parts.append("".join(_written(linked, per)))
        for scan in scans:
            parts += _scanned(linked, scan)
    parts += ["".join(_written(linked, node)) for node in body.having]
    if body.shown:
        parts += ["shown", *("".join(_written(linked, node)) for node in body.shown)]
    parts += [f"{sort.position}{'-' if sort.is_descending else '+'}" for sort in body.sorts]
    parts.append(f"limit {body.limit}")
    return "sha256:" + hashlib.sha256("\x1e".join(parts).encode()).hexdigest()


def _scanned(linked: Linked, scan: Scan) -> Iterator[str]:
    yield linked.model.datasets[scan.fact].source + (" rows" if scan.is_detail else "")
    for node in (*scan.keys, *scan.where, *scan.identity):
        yield "".join(_written(linked, node))
    shape = scan.shape
    if shape is None:
        return
    yield f"{shape.unit} {shape.time_keys} {shape.over} {shape.take} {shape.shifts} {shape.start} {shape.end}"
    yield f"{shape.is_final} {shape.is_each} {shape.is_every_period}"
    for node in (shape.time, *shape.take_per, *shape.after, *shape.slot_keys):
        yield "".join(_written(linked, node))
    for spine in linked.model.calendar.spines:
        if spine.grain == shape.unit:
            yield f"spine {spine.source}:{spine.column}"


def _written(linked: Linked, node: Node) -> Iterator[str]:  # noqa: C901, PLR0912  # one case for each node
    """The node as text in which nothing is left to the order of writing in the project."""
    match node:
        case Lit(value=value, kind=kind):
            yield f"{kind.name}:{kind.clock}:{value!r};"
        case Col():
            yield f"[{linked.model.datasets[node.dataset].source}:{node.column}:{node.kind.name}:{node.kind.clock}"
            if node.physical is not None and node.physical != node.column:
                yield f":{node.physical}"
            for step in node.path:
                yield from _step(linked, step)
            yield "]"
        case Slot(name=name, kind=kind):
            yield f"<{name}:{kind.name}>"
        case Win():
            yield f"<{linked.model.datasets[node.dataset].source}:{node.name}:{node.frame}:{node.kind.name}:"
            for part in (*node.args, None, *node.partition, None, *(key for key, *_ in node.order)):
                yield "|" if part is None else "".join(_written(linked, part))
            yield f"{[ways for _, *ways in node.order]}"
            for step in node.path:
                yield from _step(linked, step)
            yield ">"
        case Per():
            yield f"(per {node.metric}:"
            for part in (node.node, *node.outer, *(key for keys in node.inner for key in keys)):
                yield from _written(linked, part)
            yield ")"
        case Call(name=name, args=args):
            yield f"({name}"
            for arg in args:
                yield from _written(linked, arg)
            yield ")"
        case Measure():
            yield f"{{{node.name}:{linked.model.datasets[node.fact].source}:"
            for part in (node.arg, node.share, *node.where, node.time):
                yield "|"
                if part is not None:
                    yield from _written(linked, part)
            if node.over or node.take or node.shifts or node.converted or node.after:
                yield f"|{node.over}:{node.take}:{node.shifts}:{node.after}"
                for part in node.take_per:
                    yield from _written(linked, part)
            if node.converted is not None:
                yield f"|{node.converted.within}"
                for part in (node.converted.measure, *node.converted.first, *node.converted.second):
                    yield from _written(linked, part)
            if node.is_every_period or node.is_null_if_absent:
                yield f"|{node.is_every_period}:{node.is_null_if_absent}"
            if node.across is not None:
                yield f"|across {node.across}"
            yield "}"
        case _:
            assert_never(node)


def _step(linked: Linked, step: int) -> Iterator[str]:
    """The step by what it compares: a key may be a field, whose expression counts."""
    one = linked.catalog.graph.relationships[step if step >= 0 else ~step]
    source = linked.model.datasets[one.source].source
    valid = f" {one.valid}" if one.valid else ""
    way = "<" if step >= 0 else "<<"
    yield f"{way}{source}:{','.join(one.source_columns)}={','.join(one.target_columns)}{valid}"
    for node in (*key_nodes(linked, step), *edge_nodes(linked, step)):
        if not isinstance(node, Col) or node.physical is not None:
            yield from _written(linked, node)
