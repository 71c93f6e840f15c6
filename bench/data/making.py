"""A folder and a layout in; a project over 20 million rows of Parquet, 111 of which break 26 promises, out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb

ROWS = 20_000_000
VIOLATIONS = 111
PLANTED = {
    "required": 36, "range": 25, "unique": 10, "enum": 15, "pattern": 14, "reference": 11,
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """`group` rows describe themselves together; `stride` apart lie those that break one promise; in `files` files."""

    name: str
    group: int
    stride: int = 1
    files: int = 1


SCATTERED = Layout(name="scattered", group=122_880)
EVERYWHERE = Layout(name="everywhere", group=4_000_000, stride=106)
"""Every kind of violation in every row group, so that what files say of their rows proves nothing."""
PARTED = Layout(name="20 files", group=122_880, files=20)

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
FROM range({start}, {stop}) r(i)
"""

# Which rows break what: every `step`-th row. With `stride` 1 those that break one promise lie next to each other.
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
FROM (SELECT *, CASE WHEN (order_id - 1000000) % {step} = {step} - 1 AND (order_id - 1000000) // {step} < 111
                     THEN (order_id - 1000000) // {step} * {stride} % 111 END AS b
      FROM ({orders}))
"""

MANIFEST = """
name: bench
warehouse:
  kind: duckdb
  timeout_seconds: 600
  files: {sales.orders: data/orders/*.parquet, sales.customers: data/customers.parquet}
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


def make(root: Path, rows: int, layout: Layout) -> None:
    """The project and its files, the same each time."""
    for folder in ("data/orders", "context", "contracts", "policies"):
        (root / folder).mkdir(parents=True)
    (root / "loadline.yaml").write_text(MANIFEST, "utf-8")
    (root / "context" / "all.yaml").write_text(CONTEXT, "utf-8")
    (root / "contracts" / "orders.yaml").write_text(CONTRACT, "utf-8")
    (root / "contracts" / "customers.yaml").write_text(CUSTOMERS, "utf-8")
    with duckdb.connect() as connection:
        for at in range(layout.files):
            write(connection, root, rows, layout, at)
        customers = (
            f"COPY (SELECT i + 1 AS customer_id FROM range(1000000) r(i)) TO '{root / 'data' / 'customers.parquet'}'"
        )
        connection.execute(f"{customers} (FORMAT parquet)")


def write(connection: duckdb.DuckDBPyConnection, root: Path, rows: int, layout: Layout, at: int) -> None:
    """The `at`-th file."""
    each = rows // layout.files
    orders = ORDERS.format(rows=rows, start=at * each, stop=(at + 1) * each)
    select = BROKEN.format(step=rows // (VIOLATIONS + 1), stride=layout.stride, orders=orders)
    path = root / "data" / "orders" / f"{at:02}.parquet"
    group = min(layout.group, max(2_048, rows * layout.group // ROWS))
    connection.execute(f"COPY ({select}) TO '{path}' (FORMAT parquet, ROW_GROUP_SIZE {group})")
