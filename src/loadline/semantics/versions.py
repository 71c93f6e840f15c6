"""A linked metric or a plan's body in, a digest over everything that decides its number out."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import assert_never

from loadline.semantics.body import Body
from loadline.semantics.linked import Linked
from loadline.semantics.nodes import Call, Col, Lit, Measure, Node
from loadline.values.canonical import digest
from loadline.values.plan import MetricUse, ResultColumn


def version_of(linked: Linked, name: str) -> str:
    """The digest of a metric's definition and all it is made of: fields, filters, relations, joins, other metrics."""
    known = linked.versions.get(name)
    if known is None:
        metric = linked.metrics[name].metric
        written = [metric.expr.value, metric.unit, metric.format, "".join(_written(linked, linked.metrics[name].node))]
        known = linked.versions[name] = digest(written)
    return known


def digest_of(linked: Linked, body: Body, uses: Sequence[MetricUse], columns: Sequence[ResultColumn]) -> str:
    """The digest of a plan: equal plans, however they were asked for, have equal digests."""
    parts = [use.version for use in uses if use.is_asked]
    parts += [f"{column.name}\0{column.type}" for column in columns]
    for scan in body.scans:
        parts.append(linked.model.datasets[scan.fact].source)
        for node in (*scan.keys, *scan.where):
            parts.append("".join(_written(linked, node)))
    parts += ["".join(_written(linked, node)) for node in body.having]
    parts += [f"{sort.position}{'-' if sort.is_descending else '+'}" for sort in body.sorts]
    parts.append(f"limit {body.limit}")
    return "sha256:" + hashlib.sha256("\x1e".join(parts).encode()).hexdigest()


def _written(linked: Linked, node: Node) -> Iterator[str]:
    """The node as text in which nothing is left to the order of writing in the project."""
    match node:
        case Lit(value=value, kind=kind):
            yield f"{kind.name}:{kind.clock}:{value!r};"
        case Col():
            yield f"[{linked.model.datasets[node.dataset].source}:{node.column}:{node.kind.name}:{node.kind.clock}"
            for step in node.path:
                one = linked.catalog.graph.relationships[step]
                source = linked.model.datasets[one.source].source
                yield f"<{source}:{','.join(one.source_columns)}={','.join(one.target_columns)}"
            yield "]"
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
            yield "}"
        case _:
            assert_never(node)
