"""A project and what lies before its datasets in; OpenLineage events that tell it to other tools out.

Each view and each metric is a job, told by one JobEvent (OpenLineage 2-0-2): what it reads, what it makes, and the
facet `columnLineage` on what it makes. An event tells of definitions, so it is of no run.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from loadline.project import Project
from loadline.semantics import Linked
from loadline.semantics.impact import LineageGraph, Thing, ThingKind, impact
from loadline.semantics.tracing import turned
from loadline.values.lineage import SourceEdge, SourceEnd

SCHEMA = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/JobEvent"
PRODUCER = "https://pypi.org/project/loadline-ai"
_FACETS = "https://openlineage.io/spec/facets"
_COLUMNS = f"{_FACETS}/1-0-1/ColumnLineageDatasetFacet.json#/$defs/ColumnLineageDatasetFacet"
_SCHEMA_FACET = f"{_FACETS}/1-1-1/SchemaDatasetFacet.json#/$defs/SchemaDatasetFacet"
_WORDS = f"{_FACETS}/1-0-0/DocumentationJobFacet.json#/$defs/DocumentationJobFacet"


def events(
    project: Project, linked: Linked, graph: LineageGraph, edges: Iterable[SourceEdge], *, at: datetime
) -> Iterator[Mapping[str, Any]]:
    """One event for each relation that something flows into, then one for each metric."""
    telling = _Telling(project, at)
    made: dict[str, list[SourceEdge]] = {}
    for edge in edges:
        made.setdefault(edge.target.relation, []).append(edge)
    for relation, into in made.items():
        yield telling.relation(relation, into)
    back = turned(graph)
    for name in linked.model.metrics:
        yield telling.metric(name, linked, impact(back, Thing(kind=ThingKind.METRIC, name=name)).reached)


class _Telling:
    def __init__(self, project: Project, at: datetime) -> None:
        self._project = project
        self._at = at.isoformat()
        self._jobs = f"loadline/{project.name}"
        self._data = _namespace(project)

    def relation(self, relation: str, into: list[SourceEdge]) -> Mapping[str, Any]:
        fields: dict[str, list[SourceEnd]] = {}
        reads: dict[str, None] = {}
        for edge in into:
            reads[edge.source.relation] = None
            if edge.target.column is not None and edge.source.column is not None:
                fields.setdefault(edge.target.column, []).append(edge.source)
        name = next((edge.through for edge in into if edge.through), f"makes {relation}")
        return self._event(name.replace(" ", "."), "", reads, self._data, relation, fields)

    def metric(self, name: str, linked: Linked, made_of: Iterable[Any]) -> Mapping[str, Any]:
        datasets = linked.model.datasets
        found = [one.thing for one in made_of]
        reads = dict.fromkeys(datasets[t.name].source for t in found if t.kind is ThingKind.DATASET)
        columns = []
        for thing in found:
            dataset, _, column = thing.name.partition(".")
            if thing.kind is ThingKind.COLUMN and dataset in datasets:
                table = datasets[dataset].table
                known = table.columns.get(column) if table else None
                called = known.in_warehouse if known else column
                columns.append(SourceEnd(relation=datasets[dataset].source, column=called))
        words = linked.model.metrics[name].description
        return self._event(f"metric.{name}", words, reads, self._jobs, f"metrics.{name}", {name: columns})

    def _event(
        self,
        job: str,
        words: str,
        reads: Iterable[str],
        namespace: str,
        output: str,
        fields: Mapping[str, list[SourceEnd]],
    ) -> Mapping[str, Any]:
        told = {
            column: {
                "inputFields": [
                    {"namespace": self._data, "name": end.relation, "field": end.column} for end in dict.fromkeys(ends)
                ]
            }
            for column, ends in fields.items()
            if ends
        }
        facets: dict[str, Any] = {}
        if fields:
            facets["schema"] = _facet(_SCHEMA_FACET, {"fields": [{"name": column} for column in fields]})
        if told:
            facets["columnLineage"] = _facet(_COLUMNS, {"fields": told})
        described: dict[str, Any] = {"namespace": self._jobs, "name": job}
        if words:
            described["facets"] = {"documentation": _facet(_WORDS, {"description": words})}
        return {
            "eventTime": self._at,
            "producer": PRODUCER,
            "schemaURL": SCHEMA,
            "job": described,
            "inputs": [{"namespace": self._data, "name": relation} for relation in reads],
            "outputs": [{"namespace": namespace, "name": output, **({"facets": facets} if facets else {})}],
        }


def _facet(schema: str, body: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"_producer": PRODUCER, "_schemaURL": schema, **body}


def _namespace(project: Project) -> str:
    """Where relations are, without an address: what a project holds of it may be a reference to a secret."""
    return f"{project.warehouse.kind}/{project.name}"
