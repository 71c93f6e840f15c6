"""A large answer out of PostgreSQL: `python bench/postgres.py [--json]`, on a server that it starts itself.

`rows` is a result of a million rows of four kinds of value, read batch by batch; `memory` how much higher the peak of
this process is after it than after twenty thousand rows; `cpu` what a row costs here. `question` is the wall time of
`SELECT 1` on a warm connection: three round trips, for the transaction, the statement and its end.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from loadline.adapters.warehouses.postgres import open_postgres
from loadline.adapters.warehouses.postgres.warehouse import PostgresWarehouse
from loadline.project import WarehouseSettings
from loadline.values.place import Place
from postgres_server import start_server

ROWS = 1_000_000
WARM_ROWS = 20_000
QUESTIONS = 200
SQL = (
    "SELECT i, i * 1.01::numeric, 'text ' || i, timestamptz '2025-01-01 00:00+00' + i * interval '1 second' "
    "FROM (SELECT generate_series(1, {rows}) AS i) AS numbered"
)


def read(warehouse: PostgresWarehouse, sql: str) -> int:
    fetched = warehouse.read_rows(sql, timeout_seconds=600, max_rows=10**9)
    return sum(len(batch) for batch in fetched.batches)


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measured() -> dict[str, float]:
    server = start_server()
    settings = WarehouseSettings(kind="postgres", files={}, url="env:URL", place=Place(file="loadline.yaml"))
    warehouse = open_postgres(settings, {"URL": server.url()})
    try:
        read(warehouse, SQL.format(rows=WARM_ROWS))
        before, began, used = peak_mb(), time.perf_counter(), time.process_time()
        count = read(warehouse, SQL.format(rows=ROWS))
        found = {
            "rows": float(count),
            "rows: wall, s": time.perf_counter() - began,
            "rows: cpu, µs a row": (time.process_time() - used) / count * 1e6,
            "rows: memory, MB more": peak_mb() - before,
        }
        walls = []
        for _ in range(QUESTIONS):
            began = time.perf_counter()
            read(warehouse, "SELECT 1")
            walls.append((time.perf_counter() - began) * 1000)
        return {**found, "question: wall, ms p50": median(walls)}
    finally:
        warehouse.close()
        server.stop()


if __name__ == "__main__":
    lines = measured()
    if "--json" in sys.argv:
        print(json.dumps(lines, ensure_ascii=False))
    else:
        print("\n".join(f"{name:<28} {value:>12,.2f}" for name, value in lines.items()))
