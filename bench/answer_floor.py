"""What the warehouse adds to a query: `python bench/answer_floor.py [--json]`. Wall time, medians, in milliseconds.

The floor is the same SQL over the same Parquet files sent straight to DuckDB by its own client, warm, one process, rows
fetched as Python values. Above it the adapter checks that the statement is one SELECT, looks whether a file changed,
runs in a read-only transaction that can be stopped, and fetches in batches.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import duckdb

from loadline.adapters.warehouses.duckdb import open_duckdb
from loadline.flow.ports import Warehouse
from loadline.project import WarehouseSettings
from loadline.values.place import Place

TABLES = 13
ROWS = 3_000_000
SMALL = "SELECT k, SUM(v) AS v FROM demo.t1 GROUP BY k ORDER BY k"
LARGE = "SELECT k, COUNT(DISTINCT word) AS words, SUM(v) AS v FROM demo.large GROUP BY k ORDER BY k"
TARGETS = {"small added": 15.0, "large ratio": 1.3, "cold open and first answer": 150.0}
STREAM = "SELECT k, word, v FROM demo.large LIMIT 1000000"
COLD = """
import time; began = time.perf_counter()
import sys; from pathlib import Path
from loadline.adapters.warehouses.duckdb import open_duckdb
from loadline.project import WarehouseSettings
from loadline.values.place import Place
imported = time.perf_counter()
files = {f"demo.t{i}": f"t{i}.parquet" for i in range(13)}
settings = WarehouseSettings(kind="duckdb", files=files, place=Place(file="loadline.yaml"))
warehouse = open_duckdb(settings, Path(sys.argv[1]))
fetched = warehouse.read_rows(sys.argv[2], timeout_seconds=60, max_rows=100)
rows = [row for batch in fetched.batches for row in batch]
ended = time.perf_counter()
print((imported - began) * 1000, (ended - imported) * 1000)
"""


def write_files(root: Path) -> dict[str, str]:
    with duckdb.connect() as connection:
        for i in range(TABLES):
            rows = f"SELECT range AS id, range % 7 AS k, (range % 1000)::DECIMAL(18,2) AS v FROM range({25_000 + i})"
            connection.execute(f"COPY ({rows}) TO '{root}/t{i}.parquet' (FORMAT parquet)")
        rows = (
            "SELECT range % 97 AS k, 'word ' || (range * 7919 % 50021) AS word, (range % 1000)::DECIMAL(18,2) AS v "
            f"FROM range({ROWS})"
        )
        connection.execute(f"COPY ({rows}) TO '{root}/large.parquet' (FORMAT parquet)")
    return {f"demo.t{i}": f"t{i}.parquet" for i in range(TABLES)} | {"demo.large": "large.parquet"}


def floor(root: Path, files: dict[str, str]) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("CREATE SCHEMA demo")
    for relation, name in files.items():
        connection.execute(f"CREATE VIEW {relation} AS SELECT * FROM '{root}/{name}'")
    return connection


def read(warehouse: Warehouse, sql: str) -> int:
    fetched = warehouse.read_rows(sql, timeout_seconds=600, max_rows=2_000_000)
    return sum(len(batch) for batch in fetched.batches)


def median_pair_ms(one: Callable[[], object], other: Callable[[], object], times: int) -> tuple[float, float]:
    """Both in turn, so that whatever else the machine does falls on both."""
    taken: tuple[list[float], list[float]] = ([], [])
    for _ in range(times):
        for work, into in zip((one, other), taken, strict=True):
            began = time.perf_counter()
            work()
            into.append((time.perf_counter() - began) * 1000)
    return sorted(taken[0])[times // 2], sorted(taken[1])[times // 2]


def streamed(connection: duckdb.DuckDBPyConnection) -> int:
    rows = 0
    connection.execute(STREAM)
    while batch := connection.fetchmany(10_000):
        rows += len(batch)
    return rows


def measure() -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        files = write_files(root)
        settings = WarehouseSettings(kind="duckdb", files=files, place=Place(file="loadline.yaml"))
        warehouse = open_duckdb(settings, root)
        straight = floor(root, files)
        found: dict[str, float] = {}
        for name, sql, times in (("small", SMALL, 101), ("large", LARGE, 9)):
            low, high = median_pair_ms(
                lambda sql=sql: straight.execute(sql).fetchall(), lambda sql=sql: read(warehouse, sql), times
            )
            found |= {f"{name} straight": low, f"{name} warehouse": high}
            found |= {f"{name} added": high - low, f"{name} ratio": high / low}
        low, high = median_pair_ms(lambda: streamed(straight), lambda: read(warehouse, STREAM), 3)
        found |= {"1M rows straight": low, "1M rows warehouse": high, "1M rows ratio": high / low}
        began = time.perf_counter()
        warehouse.read_version(list(files))
        found["version first"] = (time.perf_counter() - began) * 1000
        cold = []
        for _ in range(5):
            command = [sys.executable, "-c", COLD, folder, SMALL]
            cold.append(tuple(map(float, subprocess.run(command, capture_output=True, check=True).stdout.split())))
        found["cold import"] = sorted(cold)[2][0]
        found["cold open and first answer"] = sorted(one[1] for one in cold)[2]
        warehouse.close()
        return found


def main() -> int:
    found = measure()
    if "--json" in sys.argv:
        print(
            json.dumps({name: {"value": value, "target": TARGETS.get(name)} for name, value in found.items()}, indent=2)
        )
    else:
        print(f"{'':30}{'measured':>12}{'target':>12}")
        for name, value in found.items():
            print(f"{name:30}{value:>12,.2f}{TARGETS.get(name, ''):>12}")
    return 0 if all(found[name] <= target for name, target in TARGETS.items()) else 1


if __name__ == "__main__":
    sys.exit(main())
