"""Questions as JSON in, MetricFlow's SQL and what it took to compile out. Runs in an environment of its own.

The engine is built as MetricFlow's own tests build it, from a semantic manifest; nothing is sent to a database, as
explaining a query gives its SQL.
"""

from __future__ import annotations

import json
import sys
import time
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from metricflow.engine.metricflow_engine import MetricFlowEngine, MetricFlowQueryRequest
from metricflow.protocols.sql_client import SqlEngine
from metricflow.sql.render.duckdb_renderer import DuckDbSqlPlanRenderer
from metricflow_semantic_interfaces.parsing.dir_to_model import parse_directory_of_yaml_files_to_semantic_manifest
from metricflow_semantics.model.semantic_manifest_lookup import SemanticManifestLookup


class SilentClient:
    """What explaining a query asks of a client: how DuckDB writes SQL."""

    sql_engine_type = SqlEngine.DUCKDB
    sql_plan_renderer = DuckDbSqlPlanRenderer()


def engine_of(folder: Path) -> MetricFlowEngine:
    manifest = parse_directory_of_yaml_files_to_semantic_manifest(str(folder), template_mapping={}).semantic_manifest
    return MetricFlowEngine(semantic_manifest_lookup=SemanticManifestLookup(manifest), sql_client=SilentClient())


def compiled(engine: MetricFlowEngine, asked: dict[str, Any]) -> str:
    request = MetricFlowQueryRequest.create(
        metric_names=asked["metrics"],
        group_by_names=asked["by"],
        time_constraint_start=datetime.fromisoformat(asked["first"]) if asked.get("first") else None,
        time_constraint_end=datetime.fromisoformat(asked["last"]) if asked.get("last") else None,
    )
    return str(engine.explain(request).sql_statement.sql)


def cpu_us(work: Any) -> float:
    began = time.process_time_ns()
    work()
    return (time.process_time_ns() - began) / 1000


def answered(engine: MetricFlowEngine, asked: dict[str, Any], times: int) -> dict[str, Any]:
    try:
        first = cpu_us(lambda: compiled(engine, asked))
        taken = [cpu_us(lambda: compiled(engine, asked)) for _ in range(times)]
        return {"sql": compiled(engine, asked), "first_us": first, "taken_us": taken}
    except Exception as error:  # noqa: BLE001 - whatever a peer says is printed as its answer
        return {"error": f"{type(error).__name__}: {error}"}


def main() -> None:
    wanted = json.loads(sys.stdin.read())
    began = time.process_time_ns()
    engine = engine_of(Path(wanted["folder"]))
    link_us = (time.process_time_ns() - began) / 1000
    answers = {name: answered(engine, asked, wanted["times"]) for name, asked in wanted["questions"].items()}
    json.dump({"version": version("metricflow"), "link_us": link_us, "answers": answers}, sys.stdout)


if __name__ == "__main__":
    main()
