"""What looking at a contract costs: `python bench/data.py [--rows N] [--json]`. CPU seconds, unless a line says more.

A Parquet file of 20 million rows and 12 columns beside one of a million customers, and a contract of 26 promises: 12
columns that are never empty, 5 ranges, a unique key, 3 enums, 2 patterns, a reference to customers, a row count, and
freshness. 111 rows break them, spread over the whole file. `plain read` is DuckDB reading every column once, `by hand`
the SQL somebody would write who knows the engine: one statement, one hash for the key, one join. `loadline` is
`data check` as a whole: contract to statements, every look, the causes of what is broken, the ledger. Each runs in a
process of its own, so that its memory is its own.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb

ROWS = 20_000_000
TARGETS = {"loadline: cpu": 11.0, "loadline: peak MB": 1200.0}
PLANTED = {
    "required": 36, "range": 25, "unique": 10, "enum": 15, "pattern": 14, "reference": 11,
}  # fmt: skip

ORDERS = """
SELECT 1000000 + i AS order_id,
       (1 + hash(i * 7) % 1000000)::BIGINT AS customer_id,
       DATE '2024-01-01' + CAST(i * 1000 // {rows} AS INTEGER) AS ordered_on,
       (hash(i * 3) % 500000)::INTEGER AS amount_cents,
       (1 + hash(i * 5) % 20)::INTEGER AS quantity,
       (hash(i * 11) % 90)::INTEGER AS discount_percent,
       ['open', 'paid', 'sent', 'returned'][1 + (hash(i * 13) % 4)::INTEGER] AS status,
       ['web', 'shop', 'phone'][1 + (hash(i * 17) % 3)::INTEGER] AS channel,
       ['DE', 'FR', 'NL', 'PL', 'ES', 'IT'][1 + (hash(i * 19) % 6)::INTEGER] AS country,
       printf('%05d', (hash(i * 23) % 20000)::INTEGER) AS postcode,
       'SKU-' || printf('%04d', (hash(i * 29) % 5000)::INTEGER) AS product,
       (hash(i * 31) % 10000)::DOUBLE / 100 AS weight_kg
FROM range({rows}) r(i)
"""

# Which rows break what: every `step`-th row of a list, so that they lie in every part of the file.
BROKEN = """
SELECT CASE WHEN b BETWEEN 36 + 25 AND 36 + 25 + 9 THEN order_id - 1 ELSE order_id END AS order_id,
       CASE WHEN b BETWEEN 100 AND 110 THEN 5000000 + b WHEN b = 0 THEN NULL ELSE customer_id END AS customer_id,
       CASE WHEN b IN (1, 2) THEN NULL WHEN b BETWEEN 36 AND 40 THEN DATE '1970-01-01' ELSE ordered_on END
           AS ordered_on,
       CASE WHEN b IN (3, 4) THEN NULL WHEN b BETWEEN 41 AND 45 THEN -1 ELSE amount_cents END AS amount_cents,
       CASE WHEN b IN (5, 6) THEN NULL WHEN b BETWEEN 46 AND 50 THEN 999 ELSE quantity END AS quantity,
       CASE WHEN b IN (7, 8) THEN NULL WHEN b BETWEEN 51 AND 55 THEN 250 ELSE discount_percent END
           AS discount_percent,
       CASE WHEN b BETWEEN 9 AND 14 THEN NULL WHEN b BETWEEN 71 AND 75 THEN 'lost' ELSE status END AS status,
       CASE WHEN b BETWEEN 15 AND 19 THEN NULL WHEN b BETWEEN 76 AND 80 THEN 'fax' ELSE channel END AS channel,
       CASE WHEN b BETWEEN 20 AND 24 THEN NULL WHEN b BETWEEN 81 AND 85 THEN 'XX' ELSE country END AS country,
       CASE WHEN b BETWEEN 25 AND 28 THEN NULL WHEN b BETWEEN 86 AND 92 THEN '123' ELSE postcode END AS postcode,
       CASE WHEN b BETWEEN 29 AND 32 THEN NULL WHEN b BETWEEN 93 AND 99 THEN 'sku?' ELSE product END AS product,
       CASE WHEN b BETWEEN 33 AND 35 THEN NULL WHEN b BETWEEN 56 AND 60 THEN -5 ELSE weight_kg END AS weight_kg
FROM (SELECT *, CASE WHEN (order_id - 1000000) % {step} = {step} - 1 THEN (order_id - 1000000) // {step} END AS b
      FROM ({orders}))
"""

MANIFEST = """
name: bench
warehouse:
  kind: duckdb
  timeout_seconds: 600
  files: {sales.orders: data/orders.parquet, sales.customers: data/customers.parquet}
owners: {sales: {title: Sales}}
people: {local: {roles: [analyst]}}
"""
CONTEXT = """
datasets:
  orders: {source: sales.orders, contract: orders, time: ordered_on}
  customers: {source: sales.customers, contract: customers}
"""
CUSTOMERS = """
apiVersion: v3.2.0
kind: DataContract
id: customers
version: 1.0.0
status: active
schema: [{name: customers, properties: [{name: customer_id, logicalType: integer}]}]
"""
CONTRACT = """
apiVersion: v3.2.0
kind: DataContract
id: orders
version: 1.0.0
status: active
customProperties: [{property: takenAt, value: "2026-09-28T12:00:00Z", vendor: loadline}]
slaProperties: [{property: latency, value: 3, unit: d, element: orders.ordered_on}]
schema:
  - name: orders
    quality: [{metric: rowCount, mustBeGreaterThan: 1000}]
    properties:
      - {name: order_id, logicalType: integer, required: true, unique: true}
      - {name: customer_id, logicalType: integer, required: true, relationships: [{to: customers.customer_id}]}
      - {name: ordered_on, logicalType: date, required: true, logicalTypeOptions: {minimum: "2024-01-01"}}
      - {name: amount_cents, logicalType: integer, required: true, logicalTypeOptions: {minimum: 0, maximum: 500000}}
      - {name: quantity, logicalType: integer, required: true, logicalTypeOptions: {minimum: 1, maximum: 20}}
      - {name: discount_percent, logicalType: integer, required: true, logicalTypeOptions: {minimum: 0, maximum: 90}}
      - {name: status, logicalType: string, required: true,
         enum: [{value: open}, {value: paid}, {value: sent}, {value: returned}]}
      - {name: channel, logicalType: string, required: true, enum: [{value: web}, {value: shop}, {value: phone}]}
      - {name: country, logicalType: string, required: true,
         enum: [{value: DE}, {value: FR}, {value: NL}, {value: PL}, {value: ES}, {value: IT}]}
      - {name: postcode, logicalType: string, required: true, logicalTypeOptions: {pattern: "^[0-9]{5}$"}}
      - {name: product, logicalType: string, required: true, logicalTypeOptions: {pattern: "^SKU-[0-9]{4}$"}}
      - {name: weight_kg, logicalType: number, physicalType: DOUBLE, required: true, logicalTypeOptions: {minimum: 0}}
"""
COLUMNS = (
    "order_id", "customer_id", "ordered_on", "amount_cents", "quantity", "discount_percent", "status", "channel",
    "country", "postcode", "product", "weight_kg",
)  # fmt: skip


def make(root: Path, rows: int) -> None:
    """The project and its two files."""
    for folder in ("data", "context", "contracts", "policies"):
        (root / folder).mkdir()
    (root / "loadline.yaml").write_text(MANIFEST, "utf-8")
    (root / "context" / "all.yaml").write_text(CONTEXT, "utf-8")
    (root / "contracts" / "orders.yaml").write_text(CONTRACT, "utf-8")
    (root / "contracts" / "customers.yaml").write_text(CUSTOMERS, "utf-8")
    with duckdb.connect() as connection:
        step = rows // 112
        written = BROKEN.format(step=step, orders=ORDERS.format(rows=rows))
        connection.execute(f"COPY ({written}) TO '{root / 'data' / 'orders.parquet'}' (FORMAT parquet)")
        customers = (
            f"COPY (SELECT i + 1 AS customer_id FROM range(1000000) r(i)) TO '{root / 'data' / 'customers.parquet'}'"
        )
        connection.execute(f"{customers} (FORMAT parquet)")


def plain_read(root: Path) -> dict[str, float]:
    with duckdb.connect() as connection:
        text = {"status", "channel", "country", "postcode", "product"}
        # sums, because the least and greatest of a column stand in the file's footer and need no reading
        values = {name: f"length({name})" if name in text else name for name in COLUMNS} | {
            "ordered_on": "day(ordered_on)"
        }
        measured = ", ".join(f"sum({value})" for value in values.values())
        connection.execute(f"SELECT {measured} FROM '{root / 'data' / 'orders.parquet'}'").fetchall()
    return {}


def by_hand(root: Path) -> dict[str, float]:
    """One statement for all that is true or false of a row, one for the key, one for the reference."""
    orders, customers = (f"'{root / 'data' / name}.parquet'" for name in ("orders", "customers"))
    nulls = ", ".join(f"count(*) - count({name})" for name in COLUMNS)
    ranges = """count_if(ordered_on < DATE '2024-01-01'), count_if(amount_cents NOT BETWEEN 0 AND 500000),
        count_if(quantity NOT BETWEEN 1 AND 20), count_if(discount_percent NOT BETWEEN 0 AND 90),
        count_if(weight_kg < 0),
        count_if(status NOT IN ('open', 'paid', 'sent', 'returned')), count_if(channel NOT IN ('web', 'shop', 'phone')),
        count_if(country NOT IN ('DE', 'FR', 'NL', 'PL', 'ES', 'IT')),
        count_if(NOT regexp_matches(postcode, '^[0-9]{5}$')), count_if(NOT regexp_matches(product, '^SKU-[0-9]{4}$')),
        count(*), max(ordered_on)"""
    with duckdb.connect() as connection:
        row = connection.execute(f"SELECT {nulls}, {ranges} FROM {orders}").fetchone() or ()
        found = sum(int(value) for value in row[:22])
        key = connection.execute(f"SELECT count(order_id) - count(DISTINCT order_id) FROM {orders}").fetchone()
        lost = (
            f"SELECT count(*) FROM {orders} o ANTI JOIN {customers} c USING (customer_id) WHERE customer_id IS NOT NULL"
        )
        reference = connection.execute(lost).fetchone()
    return {"found": found + (key or (0,))[0] + (reference or (0,))[0]}


def loadline(root: Path) -> dict[str, float]:
    from loadline.app import init_project, open_app

    init_project(root)
    with open_app(root) as app:
        look, _ = app.check_data()
    broken = [said for said in look["promises"] if said["verdict"] == "broken"]
    seen = {"promises": len([p for p in look["promises"] if p["check"] != "columns-as-promised"])}
    by_check: dict[str, int] = {}
    for said in broken:
        by_check[said["check"]] = by_check.get(said["check"], 0) + (said["count"] or 0)
    if by_check != PLANTED:
        raise SystemExit(f"found {by_check}, planted {PLANTED}: {[said['what'] for said in broken]}")
    return {**seen, "found": sum(by_check.values())}


PEERS = {"plain read": plain_read, "by hand": by_hand, "loadline": loadline}


def measured(peer: str, root: Path) -> dict[str, float]:
    """One peer in a child process: CPU and wall seconds, peak memory, and what it says of itself."""
    done = subprocess.run(
        [sys.executable, __file__, "--peer", peer, "--root", str(root)], capture_output=True, check=False, text=True
    )
    if done.returncode != 0:
        raise SystemExit(f"{peer} failed:\n{done.stderr}")
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def run_peer(peer: str, root: Path) -> None:
    started = time.perf_counter()
    said = PEERS[peer](root)
    wall = time.perf_counter() - started
    used = resource.getrusage(resource.RUSAGE_SELF)
    own = {"cpu": used.ru_utime + used.ru_stime, "wall": wall, "peak MB": used.ru_maxrss / 1024}
    print(json.dumps({**{name: round(value, 2) for name, value in own.items()}, **said}))


def main(words: list[str]) -> int:
    if "--peer" in words:
        run_peer(words[words.index("--peer") + 1], Path(words[words.index("--root") + 1]))
        return 0
    rows = int(words[words.index("--rows") + 1]) if "--rows" in words else ROWS
    with tempfile.TemporaryDirectory(prefix="loadline-bench-") as scratch:
        root = Path(scratch) / "project"
        root.mkdir()
        make(root, rows)
        found = {peer: measured(peer, root) for peer in PEERS}
        size = (root / "data" / "orders.parquet").stat().st_size / 1e6
    lines = {f"{peer}: {name}": value for peer, said in found.items() for name, value in said.items()}
    if "--json" in words:
        print(json.dumps({"rows": rows, "MB": round(size), **lines}))
        return 0
    print(f"{rows:,} rows, 12 columns, {size:,.0f} MB of Parquet, 26 promises, 111 rows that break them")
    for name, value in lines.items():
        target = TARGETS.get(name) if rows == ROWS else None
        said = "" if target is None else f"   (at most {target:g}{'' if value <= target else ': MISSED'})"
        print(f"{name:24} {value:>10,.2f}{said}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
