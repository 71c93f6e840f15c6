"""A project, its warehouse's views, what other tools said and who asked in; one graph from source column to assistant,
and the way through it, out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from loadline.errors import OutsideError, RequestError
from loadline.flow.change import codes
from loadline.flow.ports import Store, Warehouse
from loadline.ledger import Draft, Entry, Kind
from loadline.project import Project
from loadline.project.importing.dbt_manifest import DbtManifest
from loadline.semantics import Linked
from loadline.semantics.drawing import lineage_graph
from loadline.semantics.impact import LineageGraph, Thing
from loadline.semantics.near import nearest
from loadline.semantics.sql_lineage import plain_relation, trace_sql, views_sql
from loadline.semantics.tracing import TRACEABLE, Asking, named_in, traced
from loadline.semantics.words import normal
from loadline.values.diagnostic import Diagnostic
from loadline.values.lineage import SourceEdge, SourceEnd

LINEAGE_KEY = "lineage"
MOST_VIEWS = 20_000
_DIALECTS = {"spark": "databricks", "postgresql": "postgres"}

Edges = tuple[SourceEdge, ...]
Notes = tuple[str, ...]


def whole_graph(
    project: Project, linked: Linked, edges: Iterable[SourceEdge], asking: Iterable[Asking]
) -> LineageGraph:
    graph = lineage_graph(linked, questions=project.questions, rules=project.rules)
    return traced(graph, linked, edges, asking)


def things_named(graph: LineageGraph, name: str) -> tuple[Thing, ...]:
    """The things this name can mean, the most likely first. Raises RequestError when there is none."""
    found = named_in(graph, name.strip())
    if found:
        return found
    known = [thing.name for thing in graph.things if thing.kind in TRACEABLE]
    close = next((word for word in known if word.rpartition(".")[2] == name), None) or nearest(name, known)
    raise RequestError(
        Diagnostic(
            code=codes.UNKNOWN_THING,
            what=f"nothing that is known of this project's data is named `{name}`",
            why=codes.CODES[codes.UNKNOWN_THING].why,
            mend=f"write `{close}`" if close else "name a metric, a dataset, a relation or a column of one",
        )
    )


# -- views of the warehouse


def view_edges(warehouse: Warehouse, *, timeout_seconds: float) -> tuple[Edges, Notes]:
    """What each view of the warehouse is made of, and what of it could not be told. Raises OutsideError."""
    dialect = warehouse.dialect
    sql = views_sql(dialect)
    if sql is None:
        return (), (f"views of {dialect} are not read",)
    fetched = warehouse.read_rows(sql, timeout_seconds=timeout_seconds, max_rows=MOST_VIEWS)
    views = {
        plain_relation(f"{schema}.{name}", dialect): str(text)
        for batch in fetched.batches
        for schema, name, text in batch
    }
    known = _schemas(warehouse, views.values())
    edges: dict[SourceEdge, None] = {}
    notes = []
    for name, text in sorted(views.items()):
        found = trace_sql(name, text, dialect, known, through=f"view {name}")
        edges |= dict.fromkeys(found.edges)
        if found.why is not None:
            notes.append(f"view {name}: {found.why}")
    return tuple(edges), tuple(notes)


def _schemas(warehouse: Warehouse, texts: Iterable[str]) -> dict[str, Mapping[str, str]]:
    """The columns of the relations that these texts may read: whose last name stands in one of them."""
    words = {word for text in texts for word in re.findall(r"\w+", text.casefold())}
    found: dict[str, Mapping[str, str]] = {}
    for relation in warehouse.read_relations() if words else ():
        if not words.issuperset(re.findall(r"\w+", relation.rpartition(".")[2].casefold())):
            continue
        try:
            found[plain_relation(relation, warehouse.dialect)] = warehouse.read_schema(relation)
        except OutsideError:  # a view over what is gone: its own columns are not known then
            continue
    return found


# -- dbt


def manifest_edges(manifest: DbtManifest) -> tuple[Edges, Notes]:
    """What each model of a dbt manifest is made of: by column where its compiled SQL tells it, else by relation."""
    dialect = _DIALECTS.get(manifest.dialect, manifest.dialect)
    known = {one.relation: dict.fromkeys(one.columns, "") for one in manifest.models if one.columns}
    edges: dict[SourceEdge, None] = {}
    notes = []
    for model in manifest.models:
        through = f"dbt {model.name}"
        target = plain_relation(model.relation, dialect)
        for source in model.reads:
            end = SourceEnd(relation=plain_relation(source, dialect))
            edges[SourceEdge(source=end, target=SourceEnd(relation=target), through=through)] = None
        if model.sql is None:
            continue
        found = trace_sql(target, model.sql, dialect, known, through=through)
        edges |= dict.fromkeys(found.edges)
        if found.why is not None:
            notes.append(f"{model.name}: {found.why}")
        known.setdefault(model.relation, _columns_of(found.edges))
    return tuple(edges), tuple(notes)


def _columns_of(edges: Edges) -> dict[str, str]:
    return {edge.target.column: "" for edge in edges if edge.target.column is not None}


# -- kept in the store


def record_edges(store: Store, origin: str, edges: Edges, *, run: str, at: datetime) -> int:
    """Keep what `origin` (a tool and a file) says, in place of what it said before; return the entry's number."""
    rows = [
        [edge.through, edge.target.relation, edge.target.column, edge.source.relation, edge.source.column]
        for edge in edges
    ]
    payload: dict[str, Any] = {"origin": origin, "edges": rows}
    (entry,) = store.append([Draft(kind=Kind.LINEAGE, run=run, at=at, payload=payload, keys=(LINEAGE_KEY,))])
    return entry.index


def stored_edges(store: Store) -> Edges:
    """What every origin said last."""
    newest: dict[str, Entry] = {}
    for entry in store.find_entries(LINEAGE_KEY, limit=10_000):
        newest.setdefault(str(entry.payload["origin"]), entry)
    return tuple(
        SourceEdge(
            source=SourceEnd(relation=str(source), column=source_column),
            target=SourceEnd(relation=str(target), column=target_column),
            through=str(through),
        )
        for entry in newest.values()
        for through, target, target_column, source, source_column in entry.payload["edges"]
    )


# -- who asks


def asking(project: Project, entries: Iterable[Entry]) -> Sequence[Asking]:
    """Who got answers, and of what: the program that asked, or the person where none did."""
    questions = {normal(question.text): question.id for question in project.questions}
    metrics: dict[str, set[str]] = {}
    asked: dict[str, set[str]] = {}
    for entry in entries:
        receipt = entry.payload
        if entry.kind is not Kind.OUTCOME or "metrics" not in receipt:
            continue
        who = str(receipt.get("agent") or receipt.get("asked_by") or "")
        if not who:
            continue
        named = {str(use["name"]) for use in receipt["metrics"] if use.get("is_asked")}
        metrics.setdefault(who, set()).update(named)
        question = questions.get(normal(str(receipt.get("question", ""))))
        if question is not None:
            asked.setdefault(who, set()).add(question)
    return [
        Asking(who=who, metrics=frozenset(named), questions=frozenset(asked.get(who, ())))
        for who, named in sorted(metrics.items())
    ]
