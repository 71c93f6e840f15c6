"""A table in; what each peer makes of its two halves, with CPU time and peak memory, out.

Each peer lives in a virtual environment of its own, made by this command and kept in `bench/.drift`. One that cannot be
installed or imported is named with its error, and the rest goes on.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

INSTALL_SECONDS = 900
RUN_SECONDS = 900
QUIET = {"DO_NOT_TRACK": "1", "OMP_NUM_THREADS": "2"}  # no telemetry, and no more threads than there are cores


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    name: str
    packages: tuple[str, ...]
    script: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """CPU seconds of the whole process, wall seconds, peak megabytes, and the columns it says have moved."""

    cpu_seconds: float
    wall_seconds: float
    peak_megabytes: float
    moved: tuple[str, ...]


class AbsentError(Exception):
    """Why a peer takes no part."""


_READ = """
import json, sys, pandas as pd
path, names = sys.argv[1], json.loads(sys.argv[2])
whole = pd.read_parquet(path)
half = len(whole) // 2
early, late = whole.iloc[:half], whole.iloc[half:]
"""

NANNYML = (
    _READ
    + """
import nannyml as nml
calculator = nml.UnivariateDriftCalculator(
    column_names=names, timestamp_column_name="day", chunk_period="D",
    continuous_methods=["jensen_shannon"], categorical_methods=["jensen_shannon"])
calculator.fit(early)
found = calculator.calculate(late).filter(period="analysis").to_df()
moved = [name for name in names if any(
    found[name][method]["alert"].mean() > 0.5 for method in found[name].columns.get_level_values(0).unique())]
print(json.dumps(moved))
"""
)

EVIDENTLY = (
    _READ
    + """
from evidently import Report
from evidently.presets import DataDriftPreset
report = Report([DataDriftPreset(columns=names)])
said = report.run(current_data=late[names], reference_data=early[names]).dict()
moved = []
for metric in said["metrics"]:
    name, value = metric["metric_id"] if "metric_id" in metric else metric["metric_name"], metric["value"]
    for column in names:
        if f"column={column}," in name and isinstance(value, float):
            limit = 0.1
            if value > limit and "p_value" not in name or "p_value" in name and value < 0.05:
                moved.append(column)
print(json.dumps(moved))
"""
)

WHYLOGS = (
    _READ
    + """
import whylogs as why
from whylogs.viz.drift.column_drift_algorithms import calculate_drift_scores
reference, target = why.log(early[names]).view(), why.log(late[names]).view()
scores = calculate_drift_scores(target_view=target, reference_view=reference, with_thresholds=True)
moved = [name for name, score in scores.items() if score and score.get("drift_category") == "DRIFT"]
print(json.dumps(moved))
"""
)

PEERS = (
    Peer(name="NannyML", packages=("nannyml", "pyarrow"), script=NANNYML),
    Peer(name="whylogs", packages=("whylogs[viz]", "pandas", "pyarrow"), script=WHYLOGS),
    Peer(name="Evidently", packages=("evidently", "pyarrow"), script=EVIDENTLY),
)


def environment(peer: Peer, cache: Path) -> Path:
    """The peer's Python. Raises AbsentError when its packages cannot be installed."""
    folder = cache / f"venv-{peer.name.lower()}"
    python, stamp = folder / "bin" / "python", folder / "made-of.txt"
    made_of = "\n".join((sys.version, *peer.packages))
    if not (stamp.exists() and stamp.read_text("utf-8") == made_of):
        print(f"making an environment for {peer.name}", file=sys.stderr)
        _run([sys.executable, "-m", "venv", "--clear", str(folder)], INSTALL_SECONDS)
        _run(
            [str(python), "-m", "pip", "install", "-q", "--disable-pip-version-check", *peer.packages], INSTALL_SECONDS
        )
        stamp.write_text(made_of, "utf-8")
    return python


def _run(command: Sequence[str], seconds: float) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=seconds)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise AbsentError(str(error)[:300]) from error
    if done.returncode:
        lines = [line for line in done.stderr.strip().splitlines() if not line.startswith("WARNING")]
        raise AbsentError(lines[-1][:300] if lines else f"it ended with {done.returncode}")
    return done.stdout


def timed(command: Sequence[str], *, fine: frozenset[int]) -> tuple[str, Ran]:
    """Run a process and take its own CPU time and peak memory, whatever ran before. Raises AbsentError."""
    started = time.perf_counter()
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, **QUIET}
    ) as child:
        try:
            said, errors = child.communicate(timeout=RUN_SECONDS)
        except subprocess.TimeoutExpired as error:
            child.kill()
            raise AbsentError(f"it took more than {RUN_SECONDS} seconds") from error
    wall = time.perf_counter() - started
    if child.returncode not in fine:
        lines = errors.strip().splitlines()
        raise AbsentError(lines[-1][:300] if lines else f"it ended with {child.returncode}")
    lines = said.strip().splitlines()
    usage = json.loads(lines[-1])
    ran = Ran(cpu_seconds=usage["cpu"], wall_seconds=wall, peak_megabytes=usage["peak"], moved=())
    return "\n".join(lines[:-1]), ran


# A process that runs another's program and tells, in its last line, what that took: its own start-up included.
METER = """
import json, resource, runpy, sys
code = 0
del sys.argv[0]  # the program sees its own words
try:
    runpy.run_path(sys.argv[0], run_name="__main__")
except SystemExit as stop:
    code = stop.code or 0
used = resource.getrusage(resource.RUSAGE_SELF)
print()
print(json.dumps({"cpu": used.ru_utime + used.ru_stime, "peak": used.ru_maxrss / 1024}))
sys.exit(code)
"""


def ask(peer: Peer, cache: Path, path: Path, names: Sequence[str]) -> Ran:
    """What a peer makes of the table. Raises AbsentError."""
    python = environment(peer, cache)
    script = cache / f"peer_{peer.name.lower()}.py"
    script.write_text(peer.script, "utf-8")
    said, ran = metered([str(python)], script, [str(path), json.dumps(list(names))], cache)
    moved = tuple(json.loads(said.strip().splitlines()[-1]))
    return replace(ran, moved=moved)


def metered(
    python: Sequence[str], script: Path, words: Sequence[str], cache: Path, *, fine: frozenset[int] = frozenset({0})
) -> tuple[str, Ran]:
    """Run `script` with `words` under the meter."""
    meter = cache / "meter.py"
    meter.write_text(METER, "utf-8")
    return timed([*python, str(meter), str(script), *words], fine=fine)
