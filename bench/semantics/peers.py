"""A peer's name in, its environment made, its answers out; or what went wrong, in its own words."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
MOST_SECONDS = 900


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """`packages` are pinned; `script` reads questions and writes SQL and times, both as JSON."""

    name: str
    title: str
    packages: tuple[str, ...]
    script: Path


PEERS = (
    Peer(
        name="metricflow",
        title="MetricFlow",
        packages=("metricflow==0.213.0",),
        script=HERE / "peer_metricflow.py",
    ),
    Peer(
        name="boring",
        title="Boring Semantic Layer",
        packages=("boring-semantic-layer==0.3.18", "ibis-framework==11.0.0", "duckdb==1.5.6"),
        script=HERE / "peer_boring.py",
    ),
)


class Absent(Exception):
    """Why a peer takes no part."""


def asked(peer: Peer, cache: Path, wanted: dict[str, Any]) -> dict[str, Any]:
    """What the peer's script says to these questions. Raises Absent."""
    python = _environment(peer, cache)
    said = _run([python, str(peer.script)], json.dumps(wanted))
    try:
        found: dict[str, Any] = json.loads(said)
    except ValueError:
        raise Absent(f"it answered `{said[-200:]}`") from None
    return found


def _environment(peer: Peer, cache: Path) -> str:
    folder = cache / f"venv-{peer.name}"
    python = str(folder / ("Scripts" if os.name == "nt" else "bin") / "python")
    stamp = folder / "made-of.txt"
    made_of = "\n".join((sys.version, *peer.packages))
    if not (stamp.exists() and stamp.read_text("utf-8") == made_of):
        print(f"making an environment for {peer.title} {peer.packages[0].partition('==')[2]}", file=sys.stderr)
        _run([sys.executable, "-m", "venv", "--clear", str(folder)])
        _run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *peer.packages])
        stamp.write_text(made_of, "utf-8")
    return python


def _run(command: list[str], given: str = "") -> str:
    try:
        done = subprocess.run(command, input=given, capture_output=True, text=True, check=False, timeout=MOST_SECONDS)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Absent(str(error)) from error
    if done.returncode:
        lines = [line for line in done.stderr.strip().splitlines() if not line.startswith("WARNING")]
        raise Absent(lines[-1] if lines else f"it ended with {done.returncode}")
    return done.stdout
