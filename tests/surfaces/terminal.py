"""A command line in, what it printed and its exit code out; here, or in a process of its own."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MAIN = "import sys; from loadline.surfaces.cli import main; main(sys.argv[1:])"
DIAGNOSTIC = re.compile(
    r"^(error|warning)\[(?P<code>[A-Z]{3}[0-9]{3})\]: (?P<what>.+?)$.*?= why:  .+?$.*?= mend: (?P<mend>.+?)$",
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What one command line came to."""

    code: int
    out: str
    err: str

    def json(self) -> Any:
        return json.loads(self.out)


Terminal = Callable[..., Said]


def child(*argv: str, cwd: Path, program: str = MAIN, **environment: str) -> Said:
    """The same command line in a process of its own."""
    done = subprocess.run(
        command(*argv, program=program),
        cwd=cwd,
        env=surroundings(environment),
        capture_output=True,
        check=False,
        timeout=60,
    )
    return Said(code=done.returncode, out=done.stdout.decode(), err=done.stderr.decode())


def command(*argv: str, program: str = MAIN) -> list[str]:
    return [sys.executable, "-c", program, *argv]


def surroundings(more: dict[str, str] | None = None) -> dict[str, str]:
    return {**os.environ, "NO_COLOR": "1", "PYTHONUTF8": "1", **(more or {})}


def refused_with(said: Said, code: str, exit_code: int) -> str:
    """Assert that this is one diagnostic with its mend, and no traceback; return what it says."""
    assert "Traceback" not in said.err + said.out
    assert said.code == exit_code, said
    found = DIAGNOSTIC.search(said.err)
    assert found, said
    assert found["code"] == code, said.err
    assert found["mend"].strip()
    return found["what"]


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert text.count(old) >= 1, (path, old)
    path.write_text(text.replace(old, new), "utf-8")


def receipt_of(said: Said) -> str:
    """The receipt id that was printed under an answer."""
    found = re.search(r"rcpt-[0-9a-f]{20}", said.out)
    assert found, said
    return found[0]


def rows_of(said: Said) -> Sequence[Sequence[Any]]:
    rows: Sequence[Sequence[Any]] = said.json()["rows"]
    return rows
