"""A result of a million rows streams: memory does not grow with it."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import duckdb
import pytest

from surfaces.terminal import command, edit, surroundings

MEASURED = """
import resource, sys
from loadline.surfaces.cli import run
code = run(sys.argv[1:])
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr)
sys.exit(code)
"""
ROWS = 1_000_000


def megabytes(shop: Path, out: Path, *argv: str) -> float:
    with out.open("wb") as file:
        done = subprocess.run(
            command("ask", "--as", "local", "--format", "json", *argv, program=MEASURED),
            cwd=shop,
            env=surroundings(),
            stdout=file,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    return int(done.stderr) / 1024


@pytest.mark.slow
def test_a_million_rows_stream(shop: Path, tmp_path: Path) -> None:
    with duckdb.connect() as database:
        database.execute(
            f"COPY (SELECT 'C-' || range AS order_id, DATE '2026-09-01' AS ordered_on, 'north' AS region, 'open' AS "
            f"status, CAST(range AS DECIMAL(12,2)) AS amount FROM range({ROWS})) "
            f"TO '{shop / 'data' / 'orders.parquet'}' (FORMAT parquet)"
        )
    edit(shop / "loadline.yaml", "data/orders.csv", "data/orders.parquet")
    out = tmp_path / "out.json"
    few = megabytes(shop, out, "--by", "orders.order_id", "--limit", "10")
    many = megabytes(shop, out, "--by", "orders.order_id", "--by", "orders.amount")
    assert many - few < 300
    with out.open(encoding="utf-8") as lines:
        assert json.loads(next(lines).rstrip(",\n") + "}")["receipt"]["row_count"] == ROWS
        assert sum(line.startswith('["C-') for line in lines) == ROWS
