"""What a governed answer costs: `python bench/answer.py [--json]`. Wall time in milliseconds, unless a line says more.

`straight` is the same SQL over the same files, sent to DuckDB by its own client, warm, in the same configuration, rows
fetched as Python values. `loadline` is App.ask_query in the same process: meaning, policy, SQL, the intent durable in
the ledger, the rows, every check, the receipt durable in the ledger. The two take turns, so that whatever else the
machine does falls on both. `demo` is a question of the demo company, `large` one that keeps DuckDB busy for about
100 ms, `1M rows` an answer of a million rows. Lines of `a process` are whole child processes, of
modules that were compiled before, as those of an installed package are.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from statistics import median

import duckdb

sys.path.insert(0, str(Path(__file__).parent))  # the other benchmarks, whose measures are used here

from compile import compiled, forgetting, median_us

from ledger import bytes_per_append, floor
from loadline.adapters.signers.ed25519 import create_key
from loadline.adapters.stores.sqlite import create_store
from loadline.app import App, init_project, open_app
from loadline.values.query import By, Grain, Query, Window

TARGETS = {
    "demo: added, p50": 15.0,
    "large: loadline / straight, p50": 1.3,
    "ask, a process: wall": 1000.0,
    "--help, a process: cpu": 200.0,
    "--version, a process: cpu": 200.0,
    "compile the demo question, µs": 3000.0,
}
INSTALLED = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
LARGE_MS = 100  # of DuckDB alone, on whatever machine this is
TRIAL_ROWS = 1_000_000
PARCELS = 1_000_000
DEMO_ASKED = Query(
    metrics=("booked_revenue",),
    by=(By(name="customers.region"),),
    during=Window(start=date(2026, 7, 1), end=date(2026, 10, 1), text="2026-Q3"),
)
DEMO_WORDS = [
    "--as",
    "ana",
    "--audience",
    "sales",
    "--metric",
    "booked_revenue",
    "--by",
    "customers.region",
    "--during",
    "2026-Q3",
]
LARGE_ASKED = Query(
    metrics=("fares", "trips_made"),
    by=(By(name="zones.name"), By(name="time", grain=Grain.MONTH)),
    during=Window(start=date(2025, 1, 1), end=date(2026, 1, 1), text="2025"),
)
LARGE_SHAPE = """
SELECT zones.name, date_trunc('month', started_at)::DATE AS month, SUM(fare), COUNT(*)
FROM trips LEFT JOIN zones ON trips.zone_id = zones.zone_id
WHERE started_at >= TIMESTAMP '2025-01-01' AND started_at < TIMESTAMP '2026-01-01' GROUP BY 1, 2 ORDER BY 1, 2
"""
PARCELS_ASKED = Query(metrics=("parcel_weight",), by=(By(name="parcels.parcel_id"),))

PROJECT = {
    "loadline.yaml": """\
name: bench
warehouse:
  kind: duckdb
  files: {ops.trips: data/trips.parquet, ops.zones: data/zones.parquet, ops.parcels: data/parcels.parquet}
  max_rows: 2000000
people:
  local: {roles: [analyst]}
owners: {ops: {title: Operations, contact: ops@example.com}}
""",
    "context/all.yaml": """\
datasets:
  trips: {source: ops.trips, contract: all, time: started_at}
  zones: {source: ops.zones, contract: all}
  parcels: {source: ops.parcels, contract: all}
relationships: [trips.zone_id -> zones.zone_id]
metrics:
  fares: {is: sum(trips.fare), owner: ops, status: approved}
  trips_made: {is: count(trips), owner: ops, status: approved}
  parcel_weight: {is: sum(parcels.weight), owner: ops, status: approved}
""",
    "contracts/all.yaml": """\
apiVersion: v3.0.2
kind: DataContract
id: all
version: 1.0.0
status: active
schema:
  - name: trips
    physicalName: ops.trips
    properties:
      - {name: trip_id, logicalType: integer, primaryKey: true, primaryKeyPosition: 1}
      - {name: zone_id, logicalType: integer}
      - {name: fare, logicalType: number}
      - {name: started_at, logicalType: timestamp}
  - name: zones
    physicalName: ops.zones
    properties:
      - {name: zone_id, logicalType: integer, primaryKey: true, primaryKeyPosition: 1}
      - {name: name, logicalType: string}
  - name: parcels
    physicalName: ops.parcels
    properties:
      - {name: parcel_id, logicalType: integer, primaryKey: true, primaryKeyPosition: 1}
      - {name: weight, logicalType: number}
""",
    "policies/all.yaml": "rules: [{name: all-ask, permit: ask}]\n",
}
TABLES = {
    "trips": "SELECT range AS trip_id, hash(range) % 97 AS zone_id, (range % 1000)::DECIMAL(18,2) AS fare, "
    "TIMESTAMP '2025-01-01' + to_seconds((range * 86400 * 365) // {rows}) AS started_at FROM range({rows})",
    "zones": "SELECT range AS zone_id, 'zone ' || range AS name FROM range({rows})",
    "parcels": "SELECT range AS parcel_id, (range % 1000)::DECIMAL(18,2) AS weight FROM range({rows})",
}
STREAM = {
    "loadline": """
import sys, time; from pathlib import Path
from loadline.app import open_app
from loadline.values.query import By, Query
with open_app(Path(sys.argv[1])) as app:
    query, began = Query(metrics=("parcel_weight",), by=(By(name="parcels.parcel_id"),)), time.perf_counter()
    answer = app.ask_query(query, principal=app.principal("local"))
    count = sum(1 for _ in answer.rows)
""",
    "straight": """
import sys, time; import duckdb
connection, count = duckdb.connect(), 0
connection.execute("SET enable_progress_bar = false")
connection.execute("CREATE SCHEMA ops")
connection.execute(f"CREATE VIEW ops.parcels AS SELECT * FROM '{sys.argv[1]}/data/parcels.parquet'")
began = time.perf_counter()
connection.execute(sys.argv[2])
while batch := connection.fetchmany(10_000):
    count += len(batch)
""",
}
STREAM_END = """
taken = (time.perf_counter() - began) * 1000
# Not ru_maxrss: a child inherits its parent's.
peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(count, taken, int(peak.split()[1]) / 1024)
"""


def write_project(root: Path) -> Path:
    """A project over generated Parquet, with what it needs to be asked."""
    for name, text in PROJECT.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    (root / "data").mkdir()
    with duckdb.connect() as connection:
        connection.execute("SET enable_progress_bar = false")

        def write(name: str, rows: int) -> None:
            select = TABLES[name].format(rows=rows)
            connection.execute(f"COPY ({select}) TO '{root}/data/{name}.parquet' (FORMAT parquet)")

        write("zones", 97)
        write("parcels", PARCELS)
        write("trips", TRIAL_ROWS)
        connection.execute(f"CREATE VIEW trips AS SELECT * FROM '{root}/data/trips.parquet'")
        connection.execute(f"CREATE VIEW zones AS SELECT * FROM '{root}/data/zones.parquet'")
        taken = in_turn({"trial": lambda: connection.execute(LARGE_SHAPE).fetchall()}, 5)["trial"]
        write("trips", min(40 * TRIAL_ROWS, int(TRIAL_ROWS * LARGE_MS / median(taken))))
    init_project(root)
    return root


def straight(app: App) -> duckdb.DuckDBPyConnection:
    """DuckDB by its own client over the same Parquet files."""
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("SET enable_progress_bar = false")
    for relation, name in app.project.warehouse.files.items():
        if name.endswith(".parquet"):
            connection.execute(f"CREATE SCHEMA IF NOT EXISTS {relation.split('.')[0]}")
            connection.execute(f"CREATE VIEW {relation} AS SELECT * FROM '{app.project.root / name}'")
    return connection


def in_turn(works: dict[str, Callable[[], object]], times: int) -> dict[str, list[float]]:
    """Milliseconds of each, sorted; the first turns only warm up."""
    taken: dict[str, list[float]] = {name: [] for name in works}
    for turn in range(times + 2):
        for name, work in works.items():
            began = time.perf_counter()
            work()
            if turn >= 2:
                taken[name].append((time.perf_counter() - began) * 1000)
    return {name: sorted(each) for name, each in taken.items()}


def asked(app: App, query: Query, *, audience: str | None, times: int, title: str) -> dict[str, float]:
    """One question against its own SQL."""
    principal = app.principal("ana" if "ana" in app.project.people else "local", audience=audience)
    answer = app.ask_query(query, principal=principal)
    if answer.rows is None:
        raise SystemExit(f"{title}: {answer.receipt.reasons}")
    sql, warehouse, limits = answer.receipt.sql, app.world.warehouse, app.project.warehouse

    def read() -> int:
        fetched = warehouse.read_rows(sql, timeout_seconds=limits.timeout_seconds, max_rows=limits.max_rows)
        return sum(len(batch) for batch in fetched.batches)

    with straight(app) as connection:
        if connection.execute(sql).fetchall() != list(answer.rows):
            raise SystemExit(f"{title}: DuckDB alone answers something else")
        works = {
            "straight": lambda: connection.execute(sql).fetchall(),
            "warehouse": read,
            "loadline": lambda: app.ask_query(query, principal=principal),
        }
        taken = in_turn(works, times)
    p50 = {name: each[len(each) // 2] for name, each in taken.items()}
    found = {}
    for name, each in taken.items():
        found |= {f"{title}: {name}, p50": p50[name], f"{title}: {name}, p95": each[len(each) * 95 // 100]}
    return found | {
        f"{title}: added, p50": p50["loadline"] - p50["straight"],
        f"{title}: loadline / straight, p50": p50["loadline"] / p50["straight"],
    }


def process(command: list[str], folder: Path, times: int = 5) -> tuple[float, float]:
    """Median wall and CPU of a child process, in milliseconds."""
    walls, cpus = [], []
    for _ in range(times):
        began = time.perf_counter()
        child = subprocess.Popen(command, cwd=folder, env=INSTALLED, stdout=subprocess.DEVNULL)
        _, status, used = os.wait4(child.pid, 0)
        walls.append((time.perf_counter() - began) * 1000)
        cpus.append((used.ru_utime + used.ru_stime) * 1000)
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode:
            raise SystemExit(f"`{' '.join(command)}` ended with {child.returncode}")
    return median(walls), median(cpus)


def processes(folder: Path) -> dict[str, float]:
    command = str(Path(sys.executable).parent / "loadline")
    found = {}
    for name, words in (("ask", ["ask", *DEMO_WORDS]), ("--help", ["--help"]), ("--version", ["--version"])):
        wall, cpu = process([command, *words], folder)
        found |= {f"{name}, a process: wall": wall, f"{name}, a process: cpu": cpu}
    return found


def streamed(folder: Path, sql: str) -> dict[str, float]:
    """A million rows in a process of their own, because peak memory belongs to a process."""
    found = {}
    for name, code in STREAM.items():
        command = [sys.executable, "-c", code + STREAM_END, str(folder), sql]
        said = subprocess.run(command, capture_output=True, check=True, text=True).stdout.split()
        count, milliseconds, peak = map(float, said[-3:])  # before them, DuckDB may have drawn its progress
        if count != PARCELS:
            raise SystemExit(f"{name} gave {count:,.0f} rows")
        found |= {f"1M rows: {name}": milliseconds, f"1M rows: {name}, peak MB": peak}
    return found


def fsync_floor(folder: Path) -> float:
    """What this disk takes for the two durable appends of one answer, when nothing else is done."""
    key = create_key(folder / "floor.key", name="bench.example/floor")
    with create_store(folder / "ledger.db", signer=key, verifier=key.verifier) as store:
        size = bytes_per_append(store, folder)
    return 2 * 1000 / floor(folder, size)


def measure(folder: Path) -> dict[str, float]:
    (folder / "floor").mkdir()
    found = {"floor: two fsyncs": fsync_floor(folder / "floor")}
    init_project(folder / "demo", is_demo=True)
    with open_app(folder / "demo") as app:
        query = DEMO_ASKED
        found |= asked(app, query, audience="sales", times=100, title="demo")
        linked = app.linked
        found["compile the demo question, µs"] = median_us(lambda: compiled(linked, query), forgetting(linked))
    found |= processes(folder / "demo")
    with open_app(write_project(folder / "generated")) as app:
        found |= asked(app, LARGE_ASKED, audience=None, times=15, title="large")
        answer = app.ask_query(PARCELS_ASKED, principal=app.principal("local"))
    return found | streamed(folder / "generated", answer.receipt.sql)


def main() -> int:
    here = Path(__file__).parent  # the disk the repository is on; a temporary folder may well be in memory
    with tempfile.TemporaryDirectory(dir=here, prefix=".answer-") as folder:
        found = measure(Path(folder))
    if "--json" in sys.argv:
        print(json.dumps({name: {"value": x, "target": TARGETS.get(name)} for name, x in found.items()}, indent=2))
    else:
        print(f"{'':36}{'measured':>12}{'at most':>12}")
        for name, value in found.items():
            at_most = f"{TARGETS[name]:,.1f}" if name in TARGETS else ""
            print(f"{name:36}{value:>12,.2f}{at_most:>12}")
    return 0 if all(found[name] <= target for name, target in TARGETS.items()) else 1


if __name__ == "__main__":
    sys.exit(main())
