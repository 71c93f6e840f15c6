"""`python -m loadline.testing.conformance metricflow|ossie …`: cases in, a report of each out; exit 1 if one failed."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from loadline import semantics
from loadline.app import App, init_project, open_app
from loadline.errors import RequestError
from loadline.testing.conformance import metricflow, ossie
from loadline.testing.conformance.verdicts import Asking, Open, Verdict, report
from loadline.values.diagnostic import Diagnostic
from loadline.values.query import Query


class Compiled:
    """A question becomes a plan, the plan SQL, and the warehouse runs it: nobody judges it and nothing is recorded."""

    def __init__(self, app: App) -> None:
        self._app = app

    def ask(self, query: Query) -> list[tuple[object, ...]]:
        world = self._app.world
        statement = semantics.compile_sql(world.linked, semantics.resolve(world.linked, query))
        settings = self._app.project.warehouse
        fetched = world.warehouse.read_rows(
            statement.sql, timeout_seconds=settings.timeout_seconds, max_rows=settings.max_rows
        )
        return [row for batch in fetched.batches for row in batch]

    def close(self) -> None:
        self._app.close()


class Answered:
    """A question goes the whole way: policy, checks of the data, ledger, receipt. What is withheld is refused."""

    def __init__(self, app: App) -> None:
        self._app = app

    def ask(self, query: Query) -> list[tuple[object, ...]]:
        answer = self._app.ask_query(query, principal=self._app.principal("local"))
        if answer.rows is None:
            raise RequestError(
                *(
                    Diagnostic(code=reason.code, what=reason.what, why=reason.why, mend=reason.mend)
                    for reason in answer.receipt.reasons
                )
            )
        return list(answer.rows)

    def close(self) -> None:
        self._app.close()


def opener(*, is_whole: bool) -> Open:
    """Opens projects by the App; `is_whole` sends each question the whole way."""

    def open_project(folder: Path) -> Asking:
        init_project(folder)
        app = open_app(folder)
        return Answered(app) if is_whole else Compiled(app)

    return open_project


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
        suite.add_argument(
            "--whole", action="store_true", help="send each question through policy, data checks and ledger, too"
        )
        suite.add_argument("--format", choices=("text", "json"), default="text")
    asked = parser.parse_args(argv)
    open_project = opener(is_whole=asked.whole)
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
