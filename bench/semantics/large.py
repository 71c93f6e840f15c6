"""A project of 500 metrics, written as people write one; how long it takes to read, to link, and then to compile.

MetricFlow gets the same as a manifest. Boring Semantic Layer's model is Python, and has nothing to read or link.
"""

from __future__ import annotations

import time
from pathlib import Path
from statistics import median

from lines import Line
from measures import p95, ratio
from peers import Absent, Peer, asked

from loadline.project import read_folder
from loadline.semantics import Linked, compile_sql, link, resolve
from loadline.values.query import By, Query

METRICS, FACTS = 500, 50
LINK_MS = 1500
SAME_SPEED = 1.2
LARGE = Query(metrics=("metric_0",), by=(By(name="dim_0.name"),))
SMALL = Query(metrics=("net_paid",), by=(By(name="items.i_category"),))

HEAD = """\
name: large
warehouse: {kind: duckdb, database: large.db}
owners: {ops: {title: Operations, contact: ops@example.com}}
"""
SPINE = """\
project_configuration:
  time_spines:
    - {node_relation: {alias: time_spine, schema_name: mf}, primary_column: {name: date_day, time_granularity: day}}
"""
CONTRACT = "{apiVersion: v3.0.2, kind: DataContract, id: all, version: 1.0.0, status: active, schema: [\n"


def large_lines(cache: Path, small: Linked, times: int, metricflow: dict[str, float]) -> list[Line]:
    """`metricflow` has that peer's numbers, from `metricflow_says`."""
    folder = cache / f"project-{METRICS}"
    write_project(folder)
    began = time.process_time_ns()
    project = read_folder(folder).project
    read_ms = (time.process_time_ns() - began) / 1e6
    if project is None:
        raise SystemExit(f"{folder} cannot be read: `loadline check {folder}` says why")
    began = time.process_time_ns()
    linked = link(project.model)
    link_ms = (time.process_time_ns() - began) / 1e6
    taken = _in_turn({"large": (linked, LARGE), "small": (small, SMALL)}, times)
    same = ratio(taken["large"], taken["small"])
    table = f"a project of {METRICS} metrics"

    large, tiny = taken["large"], taken["small"]

    def line(name: str, own: float, peer: str, *, most: float | None = None, high: list[float] | None = None) -> Line:
        cells = {"loadline": own, "p95": p95(high) if high else None, "metricflow": metricflow.get(peer)}
        return Line(table=table, name=name, cells=cells, value=own, at_most=most)

    return [
        line("read its files, CPU ms", read_ms, "-"),
        line("link it, CPU ms", link_ms, "-", most=LINK_MS),
        line("read and link, CPU ms", read_ms + link_ms, "link"),
        line("compile one of its metrics, CPU µs", median(large), "large", high=large),
        line("the same of the small project, CPU µs", median(tiny), "small", high=tiny),
        line("large / small", same, "ratio", most=SAME_SPEED),
    ]


def metricflow_says(peer: Peer, cache: Path, times: int) -> dict[str, float]:
    """Raises Absent."""
    folder = cache / f"manifest-{METRICS}"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "all.yaml").write_text(manifest(), "utf-8")
    question = {"large": {"metrics": ["metric_0"], "by": ["dim_0__name"]}}
    said = asked(peer, cache, {"folder": str(folder), "times": times, "questions": question})
    if "error" in said["answers"]["large"]:
        raise Absent(said["answers"]["large"]["error"])
    return {"link": said["link_us"] / 1000, "large": median(said["answers"]["large"]["taken_us"])}


def _in_turn(works: dict[str, tuple[Linked, Query]], times: int) -> dict[str, list[float]]:
    """CPU microseconds of each compilation, without a kept plan, the two in turn."""
    taken: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(times):
        for name, (linked, query) in works.items():
            linked.plans.clear()
            linked.statements.clear()
            began = time.process_time_ns()
            compile_sql(linked, resolve(linked, query))
            taken[name].append((time.process_time_ns() - began) / 1000)
    return taken


def write_project(folder: Path) -> None:
    """Fifty facts, each with its own dimension; sums under a filter, and ratios across two facts."""
    datasets, relationships, tables = [], [], []
    for n in range(FACTS):
        datasets.append(f"fact_{n}: {{source: fact_{n}, contract: all, time: at}}")
        datasets.append(f"dim_{n}: {{source: dim_{n}, contract: all}}")
        relationships.append(f"fact_{n}.dim_id -> dim_{n}.id")
        tables.append(_table(f"fact_{n}", id="integer", dim_id="integer", at="date", amount="number", status="string"))
        tables.append(_table(f"dim_{n}", id="integer", name="string"))
    files = {
        "loadline.yaml": HEAD,
        "context/datasets.yaml": _listed("datasets:", datasets) + _listed("relationships:", relationships, "  - "),
        "context/metrics.yaml": _listed("metrics:", [_metric(n) for n in range(METRICS)]),
        "contracts/all.yaml": CONTRACT + ",\n".join(tables) + "\n]}\n",
    }
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")


def _metric(n: int) -> str:
    fact, other = n % FACTS, (n + 1) % FACTS
    if n == 0:
        meaning = "is: sum(fact_0.amount)"
    elif n % 3 == 2:
        meaning = f"is: count(fact_{fact}) / sum(fact_{other}.amount)"
    else:
        meaning = f"is: sum(fact_{fact}.amount), where: \"fact_{fact}.status = 's{n}'\""
    return f"metric_{n}: {{{meaning}, owner: ops, status: approved}}"


def _listed(head: str, lines: list[str], before: str = "  ") -> str:
    return "\n".join((head, *(before + line for line in lines))) + "\n"


def _table(name: str, /, **columns: str) -> str:
    key = ", primaryKey: true, primaryKeyPosition: 1"
    properties = ", ".join(
        f"{{name: {column}, logicalType: {kind}{key if column == 'id' else ''}}}" for column, kind in columns.items()
    )
    return f"  {{name: {name}, physicalName: {name}, properties: [{properties}]}}"


def manifest() -> str:
    """The same fifty facts and 500 metrics in MetricFlow's words."""
    parts = [SPINE]
    for n in range(FACTS):
        parts.append(
            f"semantic_model:\n  name: fact_{n}\n  node_relation: {{alias: fact_{n}, schema_name: main}}\n"
            f"  defaults: {{agg_time_dimension: at_{n}}}\n  primary_entity: row_{n}\n"
            f"  entities: [{{name: dim_{n}, type: foreign, expr: dim_id}}]\n"
            f"  dimensions:\n    - {{name: status, type: categorical}}\n"
            f"    - {{name: at_{n}, type: time, expr: at, type_params: {{time_granularity: day}}}}\n"
            f"  measures:\n    - {{name: amount_{n}, agg: sum, expr: amount, create_metric: true}}\n"
            f'    - {{name: rows_{n}, agg: sum, expr: "1", create_metric: true}}\n'
        )
        parts.append(
            f"semantic_model:\n  name: dim_{n}\n  node_relation: {{alias: dim_{n}, schema_name: main}}\n"
            f"  entities: [{{name: dim_{n}, type: primary, expr: id}}]\n"
            f"  dimensions: [{{name: name, type: categorical}}]\n"
        )
    return "---\n".join(["", *parts, *map(_manifest_metric, range(METRICS))])


def _manifest_metric(n: int) -> str:
    fact, other = n % FACTS, (n + 1) % FACTS
    if n % 3 == 2:
        parameters = f"{{numerator: {{name: rows_{fact}}}, denominator: {{name: amount_{other}}}}}"
        return f"metric:\n  name: metric_{n}\n  type: ratio\n  type_params: {parameters}\n"
    where = f"  filter: \"{{{{ Dimension('row_{fact}__status') }}}} = 's{n}'\"\n" if n else ""
    return f"metric:\n  name: metric_{n}\n  type: simple\n  type_params: {{measure: amount_{fact}}}\n{where}"
