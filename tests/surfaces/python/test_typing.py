"""The Python face is typed as documented: a type checker agrees with every line of `typing_tests`, also with those that
say what it has to refuse."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
TYPING_TESTS = ROOT / "tests" / "typing_tests"


def checked(path: Path) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", str(path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, "".join(line for line in done.stdout.splitlines(keepends=True) if TYPING_TESTS.name in line)


def test_the_python_api_is_typed_as_documented() -> None:
    assert {path.name for path in TYPING_TESTS.glob("*.py")} == {"python_api.py"}
    assert checked(TYPING_TESTS / "python_api.py") == (0, "")


def test_a_second_type_checker_refuses_exactly_what_is_marked() -> None:
    """basedpyright reads as editors do, and takes no notice of `type: ignore`: what it refuses are the marked lines."""
    pytest.importorskip("basedpyright", reason="it is not in this environment; `python3 dev.py` brings it")
    path = TYPING_TESTS / "python_api.py"
    done = subprocess.run(
        [sys.executable, "-m", "basedpyright", "--pythonpath", sys.executable, "--outputjson", str(path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    said = json.loads(done.stdout)
    refused = {one["range"]["start"]["line"] + 1 for one in said["generalDiagnostics"] if one["severity"] == "error"}
    lines = path.read_text("utf-8").splitlines()
    marked = {number for number, line in enumerate(lines, 1) if "  # type: ignore[" in line}
    assert said["summary"]["filesAnalyzed"] == 1
    assert refused == marked
