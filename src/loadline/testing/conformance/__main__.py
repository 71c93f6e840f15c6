"""`python -m loadline.testing.conformance metricflow|ossie …`: cases in, a report of each out; exit 1 if one failed."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from loadline.app import App, init_project, open_app
from loadline.testing.conformance import metricflow, ossie
from loadline.testing.conformance.verdicts import Asking, Verdict, report
from loadline.values.query import Query
from loadline.values.receipt import Answer


class Opened:
    """The real App, asked by whoever runs this."""

    def __init__(self, app: App) -> None:
        self._app = app

    def ask(self, query: Query) -> Answer:
        return self._app.ask_query(query, principal=self._app.principal("local"))

    def close(self) -> None:
        self._app.close()


def open_project(folder: Path) -> Asking:
    init_project(folder)
    return Opened(open_app(folder))


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m loadline.testing.conformance", description=__doc__)
    suites = parser.add_subparsers(dest="suite", required=True)
    flow = suites.add_parser("metricflow", help="MetricFlow's query cases over dbt manifests")
    flow.add_argument("--cases", type=Path, required=True, help="the cases, a JSON file")
    flow.add_argument("--tables", type=Path, required=True, help="a folder of Parquet files, one for each table")
    flow.add_argument("--manifests", type=Path, required=True, help="a folder with a folder for each manifest")
    foundation = suites.add_parser("ossie", help="Ossie's foundation cases")
    foundation.add_argument("--dir", type=Path, required=True, help="a folder with cases.json and tables/")
    for suite in (flow, foundation):
        suite.add_argument("--format", choices=("text", "json"), default="text")
    asked = parser.parse_args(argv)
    if asked.suite == "ossie":
        verdicts = ossie.run(asked.dir, open_project)
    else:
        verdicts = metricflow.run(asked.cases, asked.tables, asked.manifests, open_project)
    sys.stdout.write(json.dumps(report(verdicts), indent=1) + "\n" if asked.format == "json" else _text(verdicts))
    return 1 if any(verdict.result == "failed" for verdict in verdicts) else 0


def _text(verdicts: Sequence[Verdict]) -> str:
    said = report(verdicts)
    lines = [f"{v.result}  {v.id}  {v.detail}".rstrip() for v in verdicts if v.result != "passed"]
    return "\n".join((*lines, f"{said['passed']} passed, {said['failed']} failed, {said['refused']} refused")) + "\n"


if __name__ == "__main__":
    sys.exit(main())
