"""`loadline --help` and `--version` answer at once, because they import nothing heavy."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = {
    "duckdb",
    "sqlglot",
    "cryptography",
    "yaml",
    "python_calamine",
    "sqlite3",
    "asyncio",
    "psycopg",
    "loadline.app",
}
CHILD = """
import sys
from importlib.metadata import entry_points
(entry,) = entry_points(group="console_scripts", name="loadline")
sys.argv = ["loadline", *sys.argv[1:]]
try:
    entry.load()()
except SystemExit as stop:
    print("\\n" + " ".join(sys.modules), file=sys.stderr)
    sys.exit(stop.code)
"""


@pytest.mark.parametrize("word", ["--help", "--version"])
def test_the_first_word_of_the_command_imports_no_engine(word: str) -> None:
    done = subprocess.run([sys.executable, "-c", CHILD, word], capture_output=True, text=True, check=False)

    assert (done.returncode, bool(done.stdout)) == (0, True), done.stderr
    imported = set(done.stderr.splitlines()[-1].split())
    assert "loadline" in imported
    assert imported & HEAVY == set()
