"""OpenLineage events in, as JSON or a line each; what flows from where to where out.

Read are the inputs and outputs of run and job events, and the facet `columnLineage` of outputs and of dataset events
(https://openlineage.io/docs/spec/facets/dataset-facets/column_lineage_facet). Everything else passes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from loadline.errors import RequestError
from loadline.project.importing import codes
from loadline.values.diagnostic import Diagnostic
from loadline.values.lineage import SourceEdge, SourceEnd


def read_openlineage(text: str, name: str) -> tuple[SourceEdge, ...]:
    """Each edge once, in order. Raises RequestError when the text holds no OpenLineage event."""
    events = _events(text)
    if not events:
        raise RequestError(
            Diagnostic(
                code=codes.NOT_OPENLINEAGE,
                what=f"`{name}` holds no OpenLineage event",
                why=codes.CODES[codes.NOT_OPENLINEAGE].why,
                mend="name a file of events, one JSON object a line, or a list of them",
            )
        )
    return tuple(dict.fromkeys(edge for event in events for edge in _edges(event)))


def _events(text: str) -> list[Mapping[str, Any]]:
    try:
        found = json.loads(text)
    except ValueError:
        found = []
        for line in filter(None, map(str.strip, text.splitlines())):
            try:
                found.append(json.loads(line))
            except ValueError:
                return []
    listed = found if isinstance(found, list) else [found]
    return [one for one in listed if isinstance(one, Mapping) and ("job" in one or "dataset" in one)]


def _edges(event: Mapping[str, Any]) -> Iterator[SourceEdge]:
    job = _mapping(event.get("job"))
    through = f"job {job.get('namespace', '')}/{job.get('name', '')}" if job else "a dataset event"
    inputs = [relation for one in _mappings(event.get("inputs")) if (relation := _relation(one))]
    outputs = [*_mappings(event.get("outputs")), *_mappings([event.get("dataset")])]
    for output in outputs:
        target = _relation(output)
        if not target:
            continue
        for source in inputs:
            yield _edge(SourceEnd(relation=source), SourceEnd(relation=target), through)
        facet = _mapping(_mapping(output.get("facets")).get("columnLineage"))
        for column, said in _mapping(facet.get("fields")).items():
            for one in _mappings(_mapping(said).get("inputFields")):
                source, field = _relation(one), one.get("field")
                if source and isinstance(field, str):
                    end = SourceEnd(relation=source, column=field)
                    yield _edge(end, SourceEnd(relation=target, column=str(column)), through)
                    yield _edge(SourceEnd(relation=source), SourceEnd(relation=target), through)


def _edge(source: SourceEnd, target: SourceEnd, through: str) -> SourceEdge:
    return SourceEdge(source=source, target=target, through=through)


def _relation(dataset: Mapping[str, Any]) -> str:
    name = dataset.get("name")
    return name if isinstance(name, str) else ""


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _mappings(value: object) -> list[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, Sequence) else []
