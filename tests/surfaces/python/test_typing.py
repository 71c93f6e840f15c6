"""The Python face is typed as documented: a type checker agrees with every line of `typing_tests`, also with those that
say what it has to refuse."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

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
