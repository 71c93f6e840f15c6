"""An empty in-memory DuckDB in, the demo company's tables in it out, and the files they are written to.

The order of `STEPS` is the order of making; a step may read the ones before it. `FILES` says what a person finds in
`data/`: their columns in order, types as the contracts promise, sorted so that equal seeds give equal files.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from loadline.demo import tables_money as money
from loadline.demo import tables_trade as trade
from loadline.demo import words
from loadline.demo.chance import macros

STEPS: tuple[tuple[str, str], ...] = (
    ("days", trade.DAYS),
    ("day_orders", trade.DAY_ORDERS),
    ("places", trade.PLACES),
    ("carriers", trade.CARRIERS),
    ("customers", trade.CUSTOMERS),
    ("companies", trade.COMPANIES),
    ("executives", trade.EXECUTIVES),
    ("orders", trade.ORDERS),
    ("shipments", trade.SHIPMENTS),
    ("fx_rates", money.FX_RATES),
    ("subscriptions", money.SUBSCRIPTIONS),
    ("freight_invoices", money.FREIGHT_INVOICES),
    ("platform_invoices", money.PLATFORM_INVOICES),
    ("invoices", money.INVOICES),
    ("credit_notes", money.CREDIT_NOTES),
    ("tickets", money.TICKETS),
    ("usage", money.USAGE),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DataFile:
    """One relation of the company's warehouse. `select` gives its columns, `order_by` a total order of its rows."""

    relation: str
    path: str
    select: str
    order_by: str


FILES: tuple[DataFile, ...] = (
    DataFile(
        relation="crm.companies",
        path="data/companies.parquet",
        select="SELECT company_id, name, industry, country, head_office_place_id, employees, founded_in FROM companies",
        order_by="company_id",
    ),
    DataFile(
        relation="crm.executives",
        path="data/executives.parquet",
        select="SELECT executive_id, company_id, full_name, title, email, appointed_on FROM executives",
        order_by="executive_id",
    ),
    DataFile(
        relation="crm.customers",
        path="data/customers.parquet",
        select="""SELECT customer_id, company_id, home_place_id, region, segment, signed_up_on, currency, contact_email
                  FROM customers""",
        order_by="customer_id",
    ),
    DataFile(
        relation="ref.places",
        path="data/places.parquet",
        select="SELECT place_id, city, country, region, kind, opened_on FROM places",
        order_by="place_id",
    ),
    DataFile(
        relation="ref.carriers",
        path="data/carriers.xlsx",
        select="SELECT carrier_id, name, mode, joined_on FROM carriers",
        order_by="carrier_id",
    ),
    DataFile(
        relation="sales.orders",
        path="data/orders.parquet",
        select="""SELECT order_id, customer_id, ordered_at, origin_place_id, destination_place_id, service, channel,
                         status, (cents * 0.01)::DECIMAL(12, 2) AS amount,
                         (discount_cents * 0.01)::DECIMAL(12, 2) AS discount,
                         ordered_at + to_seconds(lag_seconds) AS loaded_at
                  FROM orders""",
        order_by="order_id",
    ),
    DataFile(
        relation="ops.shipments",
        path="data/shipments.parquet",
        select="""SELECT shipment_id, order_id, carrier_id, shipped_at, promised_on, delivered_at, status, is_damaged,
                         (weight_thousandths * 0.001)::DECIMAL(14, 3) AS weight_kg,
                         (cost_cents * 0.01)::DECIMAL(12, 2) AS cost
                  FROM shipments""",
        order_by="shipment_id",
    ),
    DataFile(
        relation="billing.invoices",
        path="data/invoices.parquet",
        select="""SELECT invoice_id, customer_id, kind, order_id, subscription_id, issued_on, due_on, paid_on,
                         recognized_on, currency, (cents * 0.01)::DECIMAL(12, 2) AS amount,
                         (recognized_cents * 0.01)::DECIMAL(12, 2) AS recognized_amount, is_disputed
                  FROM invoices""",
        order_by="invoice_id",
    ),
    DataFile(
        relation="billing.credit_notes",
        path="data/credit_notes.parquet",
        select="""SELECT credit_note_id, invoice_id, issued_on, (cents * 0.01)::DECIMAL(12, 2) AS amount, reason
                  FROM credit_notes""",
        order_by="credit_note_id",
    ),
    DataFile(
        relation="billing.subscriptions",
        path="data/subscriptions.parquet",
        select="""SELECT subscription_id, customer_id, plan, monthly_fee::DECIMAL(12, 2) AS monthly_fee, started_on,
                         ended_on
                  FROM subscriptions""",
        order_by="subscription_id",
    ),
    DataFile(
        relation="finance.fx_rates",
        path="data/fx_rates.csv",
        select="""SELECT rate_on, currency, (rate_millionths * 0.000001)::DECIMAL(12, 6) AS eur_per_unit, origin
                  FROM fx_rates""",
        order_by="rate_on, currency",
    ),
    DataFile(
        relation="support.tickets",
        path="data/tickets.parquet",
        select="""SELECT ticket_id, customer_id, topic, priority, opened_at, first_reply_minutes, closed_at,
                         satisfaction
                  FROM tickets""",
        order_by="ticket_id",
    ),
    DataFile(
        relation="product.usage_events",
        path="data/usage_events_2023_2025.parquet",
        # the import of one day was retried: its rows are there twice, the second time loaded a day later
        select="""SELECT event_id, customer_id, kind, device, happened_at,
                         happened_at + to_seconds(lag_seconds + n * 86400) AS loaded_at
                  FROM usage, range(2) r(n)
                  WHERE day < DATE '2026-01-01' AND (n = 0 OR day = DATE '2025-03-14')""",
        order_by="event_id, loaded_at",
    ),
    DataFile(
        relation="product.usage_events_2026",
        path="data/usage_events_2026.parquet",
        # a new collector: the customer is called client; of one day only the first hours had arrived at the export
        select="""SELECT event_id, customer_id AS client_id, kind, device, app_version, happened_at,
                         happened_at + to_seconds(lag_seconds) AS loaded_at
                  FROM usage
                  WHERE day >= DATE '2026-01-01'
                    AND NOT (day = DATE '2026-10-27' AND happened_at >= TIMESTAMPTZ '2026-10-27 09:00:00+00')""",
        order_by="event_id",
    ),
)


def make_tables(connection: duckdb.DuckDBPyConnection, *, seed: int) -> None:
    """Fill an empty connection with every table of `STEPS`."""
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute(macros(seed))
    _write_words(connection)
    for name, select in STEPS:
        connection.execute(f"CREATE TEMP TABLE {name} AS {select}")


def _write_words(connection: duckdb.DuckDBPyConnection) -> None:
    _fill(connection, "cities", "c BIGINT, city VARCHAR, country VARCHAR, region VARCHAR", _numbered(words.CITIES))
    _fill(connection, "kinds", "k BIGINT, kind VARCHAR", list(enumerate(words.PLACE_KINDS)))
    _fill(connection, "currencies", "country VARCHAR, currency VARCHAR", list(words.CURRENCY_OF.items()))
    _fill(connection, "carrier_names", "i BIGINT, name VARCHAR, mode VARCHAR", _numbered(words.CARRIERS))
    parts = {
        "first": words.COMPANY_FIRST, "second": words.COMPANY_SECOND, "ending": words.COMPANY_ENDING,
        "industry": words.INDUSTRIES, "first_name": words.FIRST_NAMES, "last_name": words.LAST_NAMES,
        "title": words.TITLES,
    }  # fmt: skip
    columns = ", ".join(f"{name} VARCHAR[]" for name in parts)
    _fill(connection, "name_parts", columns, [tuple(list(part) for part in parts.values())])


def _numbered(rows: Sequence[tuple[str, ...]]) -> list[tuple[object, ...]]:
    return [(number, *row) for number, row in enumerate(rows)]


def _fill(connection: duckdb.DuckDBPyConnection, name: str, columns: str, rows: Sequence[tuple[object, ...]]) -> None:
    """One statement for all rows: DuckDB's `executemany` takes one round per row."""
    connection.execute(f"CREATE TEMP TABLE {name} ({columns})")
    marks = "(" + ", ".join("?" for _ in rows[0]) + ")"
    connection.execute(f"INSERT INTO {name} VALUES {', '.join(marks for _ in rows)}", [v for row in rows for v in row])
