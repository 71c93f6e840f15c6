"""`loadline lineage`: from a source column over views, datasets and metrics to who asked; and what others say of it."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import jsonschema
import pytest

from loadline.app import init_project
from surfaces.terminal import Terminal, refused_with

VIEW = """
CREATE SCHEMA raw;
CREATE TABLE raw.bookings AS SELECT n AS id, n * 2.5 AS amt, DATE '2026-01-01' AS on_day FROM range(40) r(n);
CREATE VIEW orders AS SELECT id AS order_id, amt * 100 AS cents, on_day AS ordered_on FROM raw.bookings;
"""
PROJECT = {
    "loadline.yaml": "name: shop\nwarehouse: {kind: duckdb, database: w.duckdb}\npeople: {local: {roles: [analyst]}}\n",
    "policies/all.yaml": "rules:\n  - {name: ask, permit: ask, who: {roles: [analyst]}}\n",
    "context/all.yaml": """
datasets:
  orders: {source: orders, contract: orders, time: ordered_on, fields: {euros: cents / 100}}
metrics:
  booked: {is: sum(orders.euros), description: Money., status: approved}
  doubled: {is: booked * 2}
""",
    "contracts/orders.yaml": """
apiVersion: v3.2.0
kind: DataContract
id: orders
version: 1.0.0
status: active
schema:
  - name: orders
    properties:
      - {name: order_id, logicalType: integer}
      - {name: cents, logicalType: number}
      - {name: ordered_on, logicalType: date}
""",
    "questions/all.yaml": """
questions:
  - {id: how-much, ask: How much was booked?, query: {metrics: [booked]}, verified_by: local}
""",
}
FACET = {"type": "object", "required": ["_producer", "_schemaURL"]}
DATASET = {
    "type": "object",
    "required": ["namespace", "name"],
    "properties": {"namespace": {"type": "string"}, "name": {"type": "string"}},
}
END = {**DATASET, "required": ["namespace", "name", "field"]}
LINED = {"type": "object", "required": ["inputFields"], "properties": {"inputFields": {"type": "array", "items": END}}}
JOB_EVENT = {
    "type": "object",
    "required": ["eventTime", "producer", "schemaURL", "job"],
    "not": {"required": ["run"]},
    "properties": {
        "eventTime": {"type": "string", "format": "date-time"},
        "producer": {"type": "string", "format": "uri"},
        "schemaURL": {"type": "string", "pattern": "#/\\$defs/JobEvent$"},
        "job": {**DATASET, "properties": {"facets": {"additionalProperties": FACET}}},
        "inputs": {"type": "array", "items": DATASET},
        "outputs": {
            "type": "array",
            "items": {
                **DATASET,
                "properties": {
                    "facets": {
                        "additionalProperties": FACET,
                        "properties": {
                            "columnLineage": {
                                "required": ["fields"],
                                "properties": {"fields": {"type": "object", "additionalProperties": LINED}},
                            }
                        },
                    }
                },
            },
        },
    },
}
"""What OpenLineage 2-0-2 asks of a job event, in our own words."""


@pytest.fixture
def traced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "traced"
    for name, text in PROJECT.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    with duckdb.connect(str(folder / "w.duckdb")) as connection:
        connection.execute(VIEW)
    init_project(folder)
    monkeypatch.chdir(folder)
    return folder


def names(found: list[dict[str, str]], kind: str) -> set[str]:
    return {one["name"] for one in found if one["kind"] == kind}


def test_a_source_column_reaches_the_metric_the_question_and_who_asked(traced: Path, loadline: Terminal) -> None:
    assert loadline("ask", "How much was booked?", "--as", "local").code == 0
    found = loadline("lineage", "raw.bookings.amt", "--down", "--format", "json").json()
    assert found["of"]["kind"] == "source"
    assert found["up"] is None
    assert names(found["down"], "source") == {"orders.cents"}
    assert names(found["down"], "column") == {"orders.cents"}
    assert names(found["down"], "metric") == {"booked", "doubled"}
    assert names(found["down"], "question") == {"how-much"}
    assert names(found["down"], "assistant") == {"local"}
    assert "raw.bookings.id" not in {one["name"] for one in found["down"]}


def test_a_metric_is_traced_up_to_the_table_before_the_view(traced: Path, loadline: Terminal) -> None:
    found = loadline("lineage", "doubled", "--up", "--format", "json").json()
    times = {"orders.ordered_on", "raw.bookings.on_day"}  # which day a number is of is part of it
    assert names(found["up"], "source") == {"orders.cents", "raw.bookings.amt"} | times
    assert names(found["up"], "table") == {"orders", "raw.bookings"}
    assert names(found["up"], "metric") == {"booked"}
    assert "  1  metric booked" in loadline("lineage", "doubled", "--up").out
    near = loadline("lineage", "doubled", "--up", "--hops", "1", "--format", "json").json()
    assert {one["name"] for one in near["up"]} == {"booked"}


def test_pictures_name_every_thing_and_every_edge(traced: Path, loadline: Terminal) -> None:
    dot = loadline("lineage", "booked", "--format", "dot").out
    assert dot.startswith("digraph lineage {")
    assert 'label="source\\nraw.bookings.amt"' in dot
    mermaid = loadline("lineage", "booked", "--format", "mermaid").out.splitlines()
    assert mermaid[0] == "flowchart LR"
    things = [line for line in mermaid if '"' in line]
    edges = loadline("lineage", "booked", "--format", "json").json()["edges"]
    assert len([line for line in mermaid if "-->" in line]) == len(edges) > len(things) / 2


def test_a_warehouse_that_cannot_be_opened_is_said_and_the_rest_is_told(traced: Path, loadline: Terminal) -> None:
    (traced / "w.duckdb").unlink()
    said = loadline("lineage", "booked", "--up")
    assert said.code == 0
    assert "not told: views were not read" in said.err
    assert "source orders.cents" in said.out


def test_written_events_are_as_openlineage_has_them_and_read_back(traced: Path, loadline: Terminal) -> None:
    text = loadline("export", "openlineage").out
    written = [json.loads(line) for line in text.splitlines()]
    for event in written:
        jsonschema.validate(event, JOB_EVENT)
    assert {one["job"]["name"] for one in written} == {"view.orders", "metric.booked", "metric.doubled"}
    metric = next(one for one in written if one["job"]["name"] == "metric.booked")
    fields = metric["outputs"][0]["facets"]["columnLineage"]["fields"]
    assert {one["field"] for one in fields["booked"]["inputFields"]} == {"cents", "ordered_on"}
    (traced / "events.jsonl").write_text(text, "utf-8")
    assert loadline("import", "openlineage", "events.jsonl").code == 0
    found = loadline("lineage", "booked", "--up", "--no-views", "--format", "json").json()
    assert names(found["up"], "source") >= {"orders.cents", "raw.bookings.amt"}


RUN = {
    "eventType": "COMPLETE", "eventTime": "2026-01-01T00:00:00Z", "producer": "https://etl.example",
    "run": {"runId": "0190b2f0-0000-7000-8000-000000000000"}, "job": {"namespace": "etl", "name": "load"},
    "inputs": [{"namespace": "sftp://files", "name": "drop/bookings.csv"}],
    "outputs": [{"namespace": "duckdb", "name": "w.raw.bookings", "facets": {"columnLineage": {"fields": {
        "amt": {"inputFields": [{"namespace": "sftp://files", "name": "drop/bookings.csv", "field": "Amount"}]}}}}}],
}  # fmt: skip


def test_what_another_tool_says_lies_before_what_is_known_here(traced: Path, loadline: Terminal) -> None:
    (traced / "run.json").write_text(json.dumps([RUN]), "utf-8")
    said = loadline("import", "openlineage", "run.json")
    assert said.out.startswith("kept  2 edges of run.json, ledger entry ")
    found = loadline("lineage", "booked", "--up", "--format", "json").json()
    assert "drop/bookings.csv.amount" in names(found["up"], "source")
    (traced / "run.json").write_text(json.dumps([{**RUN, "outputs": []}]), "utf-8")
    assert loadline("import", "openlineage", "run.json").out.startswith("kept  0 edges")
    again = loadline("lineage", "booked", "--up", "--format", "json").json()
    assert "drop/bookings.csv.amount" not in names(again["up"], "source"), "the file's newest word counts"


def manifest() -> dict[str, object]:
    model = {
        "resource_type": "model", "relation_name": '"w"."raw"."bookings"', "depends_on": {"nodes": ["source.shop.in"]},
        "compiled_code": 'SELECT booking AS id, amount_cents / 100.0 AS amt FROM "w"."landing"."bookings"',
    }  # fmt: skip
    source = {"resource_type": "source", "relation_name": '"w"."landing"."bookings"', "columns": {"amount_cents": {}}}
    return {
        "metadata": {"adapter_type": "duckdb"},
        "nodes": {"model.shop.bookings": model, "test.shop.x": {"resource_type": "test"}},
        "sources": {"source.shop.in": source},
    }


def test_a_manifest_of_dbt_tells_each_column_from_its_compiled_sql(traced: Path, loadline: Terminal) -> None:
    (traced / "manifest.json").write_text(json.dumps(manifest()), "utf-8")
    assert loadline("import", "dbt-lineage", "manifest.json").code == 0
    found = loadline("lineage", "booked", "--up", "--format", "json").json()
    assert "landing.bookings.amount_cents" in names(found["up"], "source")
    assert "landing.bookings" in names(found["up"], "table")
    down = loadline("lineage", "landing.bookings.amount_cents", "--down", "--format", "json").json()
    assert names(down["down"], "metric") == {"booked", "doubled"}


def test_files_of_another_form_and_unknown_names_are_refused(traced: Path, loadline: Terminal) -> None:
    (traced / "notes.json").write_text('{"a": 1}', "utf-8")
    refused_with(loadline("import", "openlineage", "notes.json"), "LIN002", 2)
    refused_with(loadline("import", "dbt-lineage", "notes.json"), "LIN003", 2)
    refused_with(loadline("lineage", "bokked"), "CHG001", 2)
