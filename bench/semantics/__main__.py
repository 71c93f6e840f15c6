"""How fast meaning becomes SQL, and that SQL an answer: `python bench/semantics [--quick] [--no-peers] [--json]`.

Side by side over the same DuckDB file: Loadline, MetricFlow and Boring Semantic Layer, each peer in an environment of
its own, and SQL written by hand. Everyone's SQL runs here, in one DuckDB, taking turns; every answer is compared with
the one by hand. Ends with 1 when an answer differs or a target is missed.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import duckdb
from data import FULL, QUICK, counts, made
from large import large_lines, metricflow_says
from lines import Line, Report
from measures import cpu_us, difference, in_turn, p95, ratio
from peers import PEERS, Absent, asked
from questions import QUESTIONS, Question
from rolled import rolled_lines

from loadline.project import read_folder
from loadline.semantics import Linked, compile_sql, link, resolve
from loadline.values.query import Query

HERE = Path(__file__).parent
CACHE = HERE.parent / ".semantics"
CACHED_US = 50
EXECUTE_TIMES = 1.1
OURS = (
    "SET disabled_optimizers = 'common_subplan'"  # as Loadline's own warehouse has it: the optimizer gives wrong rows
)
THEIRS = "SET disabled_optimizers = ''"


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """How many rows, and how often each thing is repeated."""

    rows: int
    compiled: int
    peers_compiled: int
    turns: int
    most_seconds: float


THOROUGH = Effort(rows=FULL, compiled=400, peers_compiled=60, turns=61, most_seconds=30)
HASTY = Effort(rows=QUICK, compiled=30, peers_compiled=5, turns=5, most_seconds=2)


def linked_project(folder: Path) -> Linked:
    reading = read_folder(folder)
    if reading.project is None:
        raise SystemExit("\n".join(f"{said.code}: {said.what}" for said in reading.diagnostics))
    return link(reading.project.model)


def forgetting(linked: Linked) -> Callable[[], object]:
    def forget() -> None:
        linked.plans.clear()
        linked.statements.clear()

    return forget


def compiled(linked: Linked, query: Query) -> str:
    return compile_sql(linked, resolve(linked, query)).sql


def peers_say(report: Report, effort: Effort, cache: Path) -> dict[str, dict[str, Any]]:
    """Each peer's answers by question; a peer that cannot be had is a note."""
    found = {}
    for peer in PEERS:
        wanted = {
            "folder": str(HERE / "metricflow"),
            "times": effort.peers_compiled,
            "questions": {one.name: {**one.metricflow, **one.span} for one in QUESTIONS},
        }
        try:
            said = asked(peer, cache, wanted)
        except Absent as absent:
            report.notes.append(f"{peer.title} takes no part: {absent}")
            continue
        report.notes.append(f"{peer.title} {said['version']}")
        found[peer.name] = said["answers"]
        for name, answer in said["answers"].items():
            if "error" in answer:
                report.notes.append(f"{peer.title} does not answer `{name}`: {answer['error'].splitlines()[0]}")
    return found


def large_peer(report: Report, peers: dict[str, dict[str, Any]], effort: Effort, cache: Path) -> dict[str, float]:
    """MetricFlow's numbers of the large project, where it takes part."""
    peer = PEERS[0]
    if peer.name not in peers:
        return {}
    try:
        found = metricflow_says(peer, cache, effort.peers_compiled)
    except Absent as absent:
        report.notes.append(f"{peer.title} takes no part in the large project: {absent}")
        return {}
    small = peers[peer.name][QUESTIONS[0].name].get("taken_us")
    return found | ({"small": median(small), "ratio": found["large"] / median(small)} if small else {})


def compile_lines(linked: Linked, peers: dict[str, dict[str, Any]], effort: Effort) -> list[Line]:
    """Without a kept plan, and with it. `first` is the very first time the question is compiled after linking."""
    found = []
    for one in QUESTIONS:

        def work(query: Query = one.query) -> str:
            return compiled(linked, query)

        first = cpu_us(work, times=1)[0]
        taken = cpu_us(work, forgetting(linked), times=effort.compiled)
        cells: dict[str, float | str | None] = {"loadline": median(taken), "p95": p95(taken), "first": first}
        for name, answers in peers.items():
            said = answers[one.name]
            cells[name] = median(said["taken_us"]) if "taken_us" in said else None
            cells[f"{name} first"] = said.get("first_us")
        found.append(
            Line(table="compile, CPU µs", name=one.title, cells=cells, value=median(taken), at_most=one.compile_us)
        )
    for one in QUESTIONS:
        compiled(linked, one.query)
        taken = cpu_us(lambda query=one.query: compiled(linked, query), times=effort.compiled)
        found.append(
            Line(
                table="compile when the plan is cached, CPU µs",
                name=one.title,
                cells={"loadline": median(taken), "p95": p95(taken)},
                value=median(taken),
                at_most=CACHED_US,
            )
        )
    return found


def execute_lines(report: Report, linked: Linked, peers: dict[str, dict[str, Any]], effort: Effort, path: Path) -> None:
    with duckdb.connect(str(path), read_only=True) as connection:
        connection.execute("SET enable_progress_bar = false")
        connection.execute("SET threads = 1")  # so that CPU time is what one reader waits for
        for one in QUESTIONS:
            written = {"by hand": one.by_hand, "loadline": compiled(linked, one.query)}
            written |= {name: answers[one.name]["sql"] for name, answers in peers.items() if "sql" in answers[one.name]}
            right = _compared(report, connection, one, written)
            works = {
                name: _running(connection, sql, OURS if name == "loadline" else THEIRS)
                for name, sql in {"floor": one.floor, **right}.items()
            }
            taken = in_turn(works, turns=effort.turns, most_seconds=effort.most_seconds)
            report.lines.append(_executed(one, taken, peers, EXECUTE_TIMES if effort.rows == FULL else None))
        report.lines += rolled_lines(connection, linked, report.wrong, turns=effort.turns, is_full=effort.rows == FULL)


def _running(connection: duckdb.DuckDBPyConnection, sql: str, setting: str) -> Callable[[], object]:
    def run() -> object:
        connection.execute(setting)
        return connection.execute(sql).fetchall()

    return run


def _compared(
    report: Report, connection: duckdb.DuckDBPyConnection, one: Question, written: dict[str, str]
) -> dict[str, str]:
    """The statements that run; whoever's answer is not the one by hand is told."""
    expected = connection.execute(one.by_hand).fetchall()
    found = {}
    for name, sql in written.items():
        try:
            rows = _ordered(connection.execute(sql), one, name)
        except duckdb.Error as error:
            report.wrong.append(f"{name}, {one.title}: {str(error).splitlines()[0]}")
            continue
        what = difference(expected, rows, dimensions=one.dimensions)
        if what is not None:
            report.wrong.append(f"{name}, {one.title}: {what}")
        found[name] = sql
    return found


def _ordered(cursor: duckdb.DuckDBPyConnection, one: Question, name: str) -> list[tuple[object, ...]]:
    """Rows with the columns in the question's order: MetricFlow puts time first."""
    rows = cursor.fetchall()
    if name != "metricflow":
        return rows
    columns = [column[0] for column in cursor.description or ()]
    wanted = [columns.index(column) for column in (*one.metricflow["by"], *one.metricflow["metrics"])]
    return [tuple(row[position] for position in wanted) for row in rows]


def _executed(
    one: Question, taken: dict[str, list[float]], peers: dict[str, dict[str, Any]], at_most: float | None
) -> Line:
    by_hand = taken["by hand"]
    cells: dict[str, float | str | None] = {name: median(taken[name]) for name in ("floor", "by hand")}
    value = None
    for name in ("loadline", *peers):
        if name in taken:
            times = ratio(taken[name], by_hand)
            value = times if name == "loadline" else value
            cells |= {name: median(taken[name]), f"{name} x": times}
        else:
            cells |= {name: None, f"{name} x": None}
    return Line(
        table="execute, CPU ms, and x by hand",
        name=one.title,
        cells=cells,
        value=value,
        at_most=at_most,
    )


def machine() -> str:
    load = os.getloadavg() if hasattr(os, "getloadavg") else (float("nan"),) * 3
    return (
        f"Python {sys.version.split()[0]}, DuckDB {duckdb.__version__}, {os.cpu_count()} cores, "
        f"load average {load[0]:.1f} at the start"
    )


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="the speed of meaning, beside others'")
    parser.add_argument("--quick", action="store_true", help="100,000 sales and few repetitions: for development")
    parser.add_argument("--no-peers", action="store_true", help="Loadline and SQL by hand alone")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--cache", type=Path, default=CACHE, help="where data and the peers' environments are kept")
    return parser.parse_args()


def main() -> int:
    wanted = options()
    effort = HASTY if wanted.quick else THOROUGH
    report = Report(notes=[machine()])
    path = made(wanted.cache, effort.rows)
    report.notes.append(", ".join(f"{count:,} {name}" for name, count in counts(path).items()))
    peers = {} if wanted.no_peers else peers_say(report, effort, wanted.cache)
    linked = linked_project(HERE / "project")
    report.lines += compile_lines(linked, peers, effort)
    execute_lines(report, linked, peers, effort, path)
    report.lines += large_lines(wanted.cache, linked, effort.compiled, large_peer(report, peers, effort, wanted.cache))
    print(json.dumps(report.plain(), indent=2) if wanted.json else report.text())
    return report.exit_code


if __name__ == "__main__":
    sys.exit(main())
