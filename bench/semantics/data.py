"""A number of sales in, a DuckDB file of TPC-DS's shape out: made once, the same for the same DuckDB.

The tables and column names are TPC-DS's store channel, with the date itself beside each date key, as a semantic layer
needs it. Skewed as a shop is: few items, stores and customers sell most, December sells twice what May does, some keys
are unknown. Nothing is drawn by chance: every value is a hash of the row's number.
"""

from __future__ import annotations

import os
from pathlib import Path

import duckdb

FULL, QUICK = 3_000_000, 100_000
FIRST, LAST = "2021-01-01", "2025-12-31"
SHAPE = 1
"""Raised whenever a statement below changes, so that nobody measures on rows of another shape."""

MACROS = (
    # a number from 0 to 1 that the row `i` and the column `salt` decide
    "CREATE TEMP MACRO u(i, salt) AS (hash(i, salt) % 1000003) / 1000003.0",
    # 0 to n-1, the low ones far more often
    "CREATE TEMP MACRO skewed(n, x) AS CAST(floor(n * pow(x, 2.2)) AS INTEGER)",
)

DATE_DIM = """
CREATE TABLE date_dim AS
SELECT CAST(strftime(d, '%Y%m%d') AS INTEGER) AS d_date_sk, CAST(d AS DATE) AS d_date, year(d) AS d_year,
  month(d) AS d_moy, quarter(d) AS d_qoy, dayname(d) AS d_day_name, isodow(d) IN (6, 7) AS d_weekend
FROM generate_series(TIMESTAMP '{first}', TIMESTAMP '{last}', INTERVAL 1 DAY) AS days(d)
"""
DAYS = """
CREATE TEMP TABLE days AS
WITH weighed AS (
  SELECT d_date_sk, d_date, d_moy,
    (CASE d_moy WHEN 12 THEN 2.0 WHEN 11 THEN 1.6 WHEN 5 THEN 1.0 ELSE 1.2 END)
    * (CASE WHEN d_weekend THEN 1.5 ELSE 1.0 END) * (1 + (d_year - 2021) * 0.08) AS weight
  FROM date_dim
)
SELECT d_date_sk, d_date, sum(weight) OVER (ORDER BY d_date) / sum(weight) OVER () AS until,
  (sum(weight) OVER (ORDER BY d_date) - weight) / sum(weight) OVER () AS since
FROM weighed
"""
TABLES = (
    """
CREATE TABLE item AS
SELECT i + 1 AS i_item_sk, 'ITEM' || lpad(CAST(i AS VARCHAR), 8, '0') AS i_item_id,
  (['Books', 'Children', 'Electronics', 'Home', 'Jewelry', 'Men', 'Music', 'Shoes', 'Sports', 'Women'])
    [1 + skewed(10, u(i, 1))] AS i_category,
  'brand ' || (1 + skewed(700, u(i, 2))) AS i_brand,
  CAST(1 + 300 * pow(u(i, 3), 3) AS DECIMAL(7, 2)) AS i_current_price
FROM range(18000) AS r(i)
""",
    """
CREATE TABLE customer_address AS
SELECT i + 1 AS ca_address_sk, 'city ' || skewed(900, u(i, 11)) AS ca_city,
  (['CA', 'TX', 'FL', 'NY', 'PA', 'IL', 'OH', 'GA', 'NC', 'MI', 'NJ', 'VA', 'WA', 'AZ', 'TN', 'MA', 'IN', 'MD', 'MO',
    'WI', 'CO', 'MN', 'SC', 'AL', 'LA', 'KY', 'OR', 'OK', 'CT', 'UT'])[1 + skewed(30, u(i, 12))] AS ca_state
FROM range(50000) AS r(i)
""",
    """
CREATE TABLE customer AS
SELECT i + 1 AS c_customer_sk, 'CUST' || lpad(CAST(i AS VARCHAR), 8, '0') AS c_customer_id,
  CASE WHEN u(i, 21) < 0.98 THEN 1 + CAST(hash(i, 22) % 50000 AS INTEGER) END AS c_current_addr_sk,
  CAST(1930 + 75 * u(i, 23) AS INTEGER) AS c_birth_year, u(i, 24) < 0.3 AS c_preferred
FROM range(100000) AS r(i)
""",
    """
CREATE TABLE store AS
SELECT i + 1 AS s_store_sk, 'store ' || (['able', 'bar', 'cally', 'ese', 'eing', 'ought', 'ation', 'anti', 'pri',
  'n st', 'ese st', 'able st'])[i + 1] AS s_store_name, (['TN', 'CA', 'TX', 'GA'])[1 + i % 4] AS s_state,
  200 + 13 * i AS s_employees
FROM range(12) AS r(i)
""",
    """
CREATE TABLE store_sales AS
WITH drawn AS (
  SELECT i, (i + 0.5) / {rows} AS moment, 1 + CAST(floor(15 * u(i, 32)) AS INTEGER) AS quantity
  FROM range({rows}) AS r(i)
), priced AS (
  SELECT drawn.*, item.i_item_sk, item.i_current_price,
    CASE WHEN u(i, 39) < 0.25 THEN CAST(item.i_current_price * quantity * 0.3 * u(i, 40) AS DECIMAL(9, 2))
      ELSE 0 END AS discount
  FROM drawn JOIN item ON item.i_item_sk = 1 + skewed(18000, u(i, 31))
)
SELECT i + 1 AS ss_ticket_number, days.d_date_sk AS ss_sold_date_sk, days.d_date AS ss_sold_date,
  priced.i_item_sk AS ss_item_sk,
  CASE WHEN u(i, 33) < 0.97 THEN 1 + skewed(100000, u(i, 34)) END AS ss_customer_sk,
  CASE WHEN u(i, 35) < 0.99 THEN 1 + skewed(12, u(i, 36)) END AS ss_store_sk,
  quantity AS ss_quantity,
  i_current_price AS ss_sales_price,
  CAST(discount AS DECIMAL(9, 2)) AS ss_coupon_amt,
  CAST(i_current_price * quantity - discount AS DECIMAL(9, 2)) AS ss_net_paid,
  CAST(i_current_price * quantity * (0.5 + 0.3 * u(i, 41)) AS DECIMAL(9, 2)) AS ss_wholesale_cost
FROM priced ASOF JOIN days ON priced.moment >= days.since
ORDER BY i
""",
    """
CREATE TABLE store_returns AS
SELECT s.ss_ticket_number AS sr_ticket_number, dates.d_date_sk AS sr_returned_date_sk, dates.d_date AS sr_returned_date,
  s.ss_item_sk AS sr_item_sk, s.ss_customer_sk AS sr_customer_sk, s.ss_store_sk AS sr_store_sk,
  1 + CAST(floor(s.ss_quantity * u(s.ss_ticket_number, 51) * 0.999) AS INTEGER) AS sr_return_quantity,
  CAST(s.ss_net_paid * (0.2 + 0.8 * u(s.ss_ticket_number, 52)) AS DECIMAL(9, 2)) AS sr_return_amt
FROM store_sales AS s
JOIN date_dim AS dates ON dates.d_date = s.ss_sold_date + CAST(1 + 59 * pow(u(s.ss_ticket_number, 53), 2) AS INTEGER)
WHERE u(s.ss_ticket_number, 54) < 0.1
ORDER BY dates.d_date, s.ss_ticket_number
""",
    """
CREATE TABLE inventory AS
SELECT dates.d_date AS inv_date, items.i + 1 AS inv_item_sk, warehouses.i + 1 AS inv_warehouse_sk,
  CAST(1000 * u(items.i * 5 + warehouses.i, 61) * (0.5 + u(dates.d_date_sk, items.i)) AS INTEGER)
    AS inv_quantity_on_hand
FROM date_dim AS dates, range({items}) AS items(i), range(5) AS warehouses(i)
WHERE isodow(dates.d_date) = 4
ORDER BY dates.d_date, items.i, warehouses.i
""",
)


def made(cache: Path, rows: int) -> Path:
    """The file of that many sales, made now unless an earlier run made it."""
    path = cache / f"sales-{rows}-shape{SHAPE}-duckdb{duckdb.__version__}.db"
    if path.exists():
        return path
    cache.mkdir(parents=True, exist_ok=True)
    being_made = path.with_suffix(f".{os.getpid()}")
    with duckdb.connect(str(being_made)) as connection:
        connection.execute("SET enable_progress_bar = false")
        for statement in (*MACROS, DATE_DIM, DAYS, *TABLES):
            filled = statement.format(rows=rows, items=max(20, rows // 3000), first=FIRST, last=LAST)
            connection.execute(filled)
        connection.execute("CREATE SCHEMA mf")
        connection.execute("CREATE TABLE mf.time_spine AS SELECT d_date AS date_day FROM date_dim")
    being_made.replace(path)
    return path


def counts(path: Path) -> dict[str, int]:
    with duckdb.connect(str(path), read_only=True) as connection:
        names = [name for (name,) in connection.execute("SELECT table_name FROM duckdb_tables ORDER BY 1").fetchall()]
        return {name: one(connection, f"SELECT count(*) FROM {name}") for name in names if name != "time_spine"}


def one(connection: duckdb.DuckDBPyConnection, sql: str) -> int:
    row = connection.execute(sql).fetchone()
    return int(row[0]) if row else 0
