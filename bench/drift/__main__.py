"""`python3 dev.py bench drift`: false alarms and delay of the detector beside four rules people use, on streams whose
truth is known; and 30 columns over two million rows beside three tools. `--quick` takes fewer streams, `--no-peers`
leaves the tools out, `--json` prints JSON. Ends with 1 when a target is missed.
"""

from __future__ import annotations

import json
import os
import platform
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import columns
import duckdb
import peers
import simulation
from peers import AbsentError, Ran
from simulation import Outcome, World

CACHE = Path(__file__).parent.parent / ".drift"
SEED = 20_261_125
MOST_FALSE_A_YEAR = 2.0
MOST_DELAY = 5
MOST_CPU_SECONDS = 6.0
MOST_MEGABYTES = 300.0


def main(words: list[str]) -> int:
    is_quick, is_json = "--quick" in words, "--json" in words
    say = (lambda *_: None) if is_json else print
    load = os.getloadavg()[0]
    say(f"Python {platform.python_version()}, DuckDB {duckdb.__version__}, load average {load:.1f} at the start")
    simulated = simulate(is_quick=is_quick, say=say)
    table = tabled(with_peers="--no-peers" not in words, say=say)
    missed = [one for one in (*simulated, *table) if one.get("target") is not None and not one["is_met"]]
    if is_json:
        print(json.dumps({"simulation": simulated, "table": table, "missed": len(missed)}))
    say(f"\n{len(missed)} targets missed" if missed else "\nevery target met")
    return 1 if missed else 0


def simulate(*, is_quick: bool, say: Any) -> list[dict[str, Any]]:
    years, streams = (2, 10) if is_quick else (10, 40)
    say(
        f"\n{years} years without a change, {streams} streams with one of +0.1 sd; one column, a window a day ({SEED=})"
    )
    head = f"{'stream':<28} {'rule':<17} {'false/year':>10} {'delay':>6} {'in 5':>6}"
    say(head)
    lines = []
    for name, cdf in (("normal", simulation.normal), ("heavy-tailed", simulation.student)):
        for rows in (1_000, 10_000, 100_000):
            for persistence in (0.0, 0.6) if rows == 10_000 else (0.0,):
                world = World(name=name, cdf=cdf, rows=rows, persistence=persistence)
                for one in simulation.outcomes(world, years=years, streams=streams, seed=SEED):
                    lines += told(one, say)
    return lines


def told(one: Outcome, say: Any) -> list[dict[str, Any]]:
    where = f"{one.world.name}, {one.world.rows:,}" + (", persistent" if one.world.persistence else "")
    delay = "early" if not one.judged else "never" if one.delay is None else f"{one.delay:.0f}"
    is_ours = one.rule == "loadline" and one.world.rows == 10_000
    is_rare, is_soon = one.false_a_year <= MOST_FALSE_A_YEAR, one.delay is not None and one.delay <= MOST_DELAY
    mark = f"  {'ok' if is_rare else 'MISS'} / {'ok' if is_soon else 'MISS'}" if is_ours else ""
    say(f"{where:<28} {one.rule:<17} {one.false_a_year:>10.2f} {delay:>6} {one.found:>6.0%}{mark}")
    said = {"stream": where, "rule": one.rule, "false_a_year": one.false_a_year, "delay": one.delay, "found": one.found}
    return [{**said, "target": [MOST_FALSE_A_YEAR, MOST_DELAY] if is_ours else None, "is_met": is_rare and is_soon}]


def tabled(*, with_peers: bool, say: Any) -> list[dict[str, Any]]:
    path = columns.write(CACHE)
    say(f"\n30 columns x {columns.ROWS:,} + {columns.ROWS:,} rows, 7 changes planted, 23 columns clean")
    say(f"{'tool':<12} {'CPU s':>7} {'wall s':>7} {'peak MB':>8} {'found of 7':>11} {'blamed of 23':>13}")
    lines = [line("loadline", ours(path), say, is_ours=True)]
    for peer in peers.PEERS if with_peers else ():
        try:
            lines.append(line(peer.name, peers.ask(peer, CACHE, path, columns.names()), say, is_ours=False))
        except AbsentError as why:
            say(f"{peer.name:<12} takes no part: {why}")
            lines.append({"tool": peer.name, "absent": str(why)})
    return lines


def ours(path: Path) -> Ran:
    """`loadline drift stream`, as a user runs it, in a process of its own."""
    script = CACHE / "loadline_drift.py"
    script.write_text("import sys\nfrom loadline.surfaces.cli import main\nmain(sys.argv[1:])\n", "utf-8")
    words = ["drift", "stream", str(path), "--time", "day", "--window", "day", "--baseline", str(columns.DAYS)]
    words += ["--after", "hold", "--format", "json"]
    said, ran = peers.metered([sys.executable], script, words, CACHE, fine=frozenset({0, 1}))
    found = json.loads(said)
    moved = {column for window in found["windows"] for column in window["columns_moved"]}
    return replace(ran, moved=tuple(sorted(moved)))


def line(name: str, ran: Ran, say: Any, *, is_ours: bool) -> dict[str, Any]:
    found = len(set(ran.moved) & set(columns.MOVED))
    blamed = len(set(ran.moved) - set(columns.MOVED))
    is_met = (
        ran.cpu_seconds <= MOST_CPU_SECONDS
        and ran.peak_megabytes <= MOST_MEGABYTES
        and (found, blamed) == (len(columns.MOVED), 0)
    )
    mark = f"  {'ok' if is_met else 'MISS'}" if is_ours else ""
    say(
        f"{name:<12} {ran.cpu_seconds:>7.1f} {ran.wall_seconds:>7.1f} {ran.peak_megabytes:>8.0f} {found:>11} "
        f"{blamed:>13}{mark}"
    )
    said = {"tool": name, "cpu_seconds": ran.cpu_seconds, "wall_seconds": ran.wall_seconds}
    said |= {"peak_megabytes": ran.peak_megabytes, "moved": list(ran.moved)}
    target = [MOST_CPU_SECONDS, MOST_MEGABYTES, len(columns.MOVED), 0] if is_ours else None
    return {**said, "target": target, "is_met": is_met}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
