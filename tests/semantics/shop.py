"""A small shop: a model built by hand and its tables in DuckDB, for tests of the compiler."""

from __future__ import annotations

from typing import Any

import duckdb

from loadline.semantics import Linked, compile_sql, link, parse_by, parse_filter, parse_order, resolve
from loadline.values.contract import Column, ContractTable
from loadline.values.decision import RowFilter
from loadline.values.model import Calendar, Dataset, Field, Metric, Model, Relationship, Term, Text
from loadline.values.place import Place
from loadline.values.query import Query, Window

HERE = Place(file="context/shop.yaml")


def text(value: str, line: int = 1, column: int = 1) -> Text:
    return Text(value=value, place=Place(file="context/shop.yaml", line=line, column=column, length=max(1, len(value))))


def table(columns: str) -> ContractTable:
    """`order_id:integer ordered_at:zoned paid_at:Asia/Tokyo email:string!personal`: names and logical types; a time
    zone or `zoned` makes a timestamp, `!` a classification."""
    return ContractTable(name="t", columns={c.name: c for c in map(_column, columns.split())}, place=HERE)


def _column(written: str) -> Column:
    name, kind = written.split(":")
    kind, _, classification = kind.partition("!")
    is_clock = kind == "zoned" or "/" in kind
    return Column(
        name=name,
        logical_type="timestamp" if is_clock else kind,
        is_zoned=kind == "zoned",
        timezone=kind if "/" in kind else None,
        classification=classification or None,
        place=HERE,
    )


def dataset(
    name: str, columns: str | None, *, source: str = "", time: str | None = None, **fields: str | Field
) -> Dataset:
    """Fields as `name="expression"`."""
    return Dataset(
        name=name,
        source=source or f"shop.{name}",
        contract=name if columns is not None else None,
        table=table(columns) if columns is not None else None,
        time=time,
        fields={n: f if isinstance(f, Field) else Field(name=n, expr=text(f), place=HERE) for n, f in fields.items()},
        place=HERE,
    )


def metric(name: str, expr: str, *, where: str | None = None, time: str | None = None, **more: Any) -> Metric:
    return Metric(
        name=name,
        expr=text(expr),
        where=text(where) if where else None,
        time=text(time) if time else None,
        place=HERE,
        **more,
    )


def join(written: str, role: str | None = None) -> Relationship:
    """`orders.customer_id -> customers.customer_id`, or several columns separated by commas."""
    (source, here), (target, there) = (side.strip().split(".", 1) for side in written.split("->"))
    return Relationship(
        source=source,
        source_columns=tuple(here.split(",")),
        target=target,
        target_columns=tuple(there.split(",")),
        role=role,
        place=HERE,
    )


def model(
    *datasets: Dataset,
    joins: tuple[Relationship, ...] = (),
    metrics: tuple[Metric, ...] = (),
    terms: tuple[Term, ...] = (),
    calendar: Calendar | None = None,
) -> Model:
    return Model(
        datasets={d.name: d for d in datasets},
        relationships=joins,
        metrics={m.name: m for m in metrics},
        terms={t.name: t for t in terms},
        calendar=calendar or Calendar(),
    )


ORDERS = dataset(
    "orders",
    "order_id:integer customer_id:integer ship_to:integer status:string amount:number quantity:integer"
    " ordered_at:zoned promised_on:date is_gift:boolean",
    time="ordered_at",
    is_big="amount >= 100",
    kind=Field(name="kind", expr=text("case when is_gift then 'gift' else 'sale' end"), synonyms=("sort",), place=HERE),
)
INVOICES = dataset(
    "invoices",
    "invoice_id:integer customer_id:integer recognized:number issued_on:date recognized_on:date",
    time="issued_on",
)
CUSTOMERS = dataset(
    "customers",
    "customer_id:integer home_id:integer name:string email:string!personal segment:string",
    segment_or_none="coalesce(segment, 'none')",
)
PLACES = dataset("places", "place_id:integer city:string country:string")

SHOP = model(
    ORDERS,
    INVOICES,
    CUSTOMERS,
    PLACES,
    joins=(
        join("orders.customer_id -> customers.customer_id"),
        join("invoices.customer_id -> customers.customer_id"),
        join("orders.ship_to -> places.place_id", role="destination"),
        join("customers.home_id -> places.place_id", role="home"),
    ),
    metrics=(
        metric(
            "booked", "sum(orders.amount)", where="orders.status <> 'cancelled'", unit="EUR", synonyms=("bookings",)
        ),
        metric("cancelled", "sum(orders.amount)", where="orders.status = 'cancelled'", unit="EUR"),
        metric("orders_count", "count(orders)"),
        metric("buyers", "count(distinct orders.customer_id)"),
        metric("recognized", "sum(invoices.recognized)", time="invoices.recognized_on", unit="EUR"),
        metric("cancel_rate", "cancelled / (booked + cancelled)", format="percent"),
        metric("recognized_share", "recognized / booked", format="percent"),
        metric("median_amount", "median(orders.amount)"),
        metric("p90_amount", "percentile(orders.amount, 0.9)"),
        metric("retail_orders", "count(orders.order_id)", where="customers.segment = 'retail'"),
        metric("last_promise", "max(orders.promised_on)"),
        metric("customers_count", "count(customers)"),
    ),
    terms=(
        Term(name="revenue", meanings={"sales": "booked", "finance": "recognized"}, synonyms=("turnover",), place=HERE),
        Term(name="sold", meanings={"sales": "booked"}, otherwise="orders_count", place=HERE),
    ),
    calendar=Calendar(timezone="Europe/Berlin", fiscal_year_starts=(2, 1)),
)

TABLES = """
CREATE SCHEMA shop;
CREATE TABLE shop.places AS SELECT * FROM (VALUES
  (1, 'Kiel', 'DE'), (2, 'Lyon', 'FR'), (3, 'Turin', 'IT')) t(place_id, city, country);
CREATE TABLE shop.customers AS SELECT * FROM (VALUES
  (10, 1, 'Ada', 'ada@example.com', 'retail'), (11, 2, 'Bo', 'bo@example.com', 'trade'),
  (12, NULL, 'Cy', 'cy@example.com', NULL)) t(customer_id, home_id, name, email, segment);
CREATE TABLE shop.orders AS SELECT * FROM (VALUES
  (1, 10, 2, 'open',      120.50::DECIMAL(12,2), 3, TIMESTAMPTZ '2025-03-29 23:30:00+00', DATE '2025-04-02', false),
  (2, 10, 1, 'cancelled',  80.00, 1, TIMESTAMPTZ '2025-03-30 22:30:00+00', DATE '2025-04-03', true),
  (3, 11, 3, 'open',       19.50, 2, TIMESTAMPTZ '2025-03-31 21:59:59+00', NULL,              false),
  (4, 12, 9, 'closed',    200.00, 5, TIMESTAMPTZ '2025-03-31 22:00:00+00', DATE '2025-04-10', false),
  (5, 99, 2, 'closed',     60.00, 1, TIMESTAMPTZ '2025-04-15 12:00:00+00', DATE '2025-04-20', true),
  (6, NULL, NULL, 'open',  40.00, 4, NULL,                                 NULL,              NULL)
) t(order_id, customer_id, ship_to, status, amount, quantity, ordered_at, promised_on, is_gift);
CREATE TABLE shop.invoices AS SELECT * FROM (VALUES
  (1, 10, 100.00::DECIMAL(12,2), DATE '2025-03-31', DATE '2025-04-01'),
  (2, 11, 19.50, DATE '2025-04-01', DATE '2025-04-30'),
  (3, 12, 50.25, DATE '2025-04-01', NULL),
  (4, NULL, 7.00, DATE '2025-05-01', DATE '2025-05-02')
) t(invoice_id, customer_id, recognized, issued_on, recognized_on);
"""


def opened() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(config={"threads": 1})
    connection.execute(TABLES)
    return connection


def linked() -> Linked:
    return link(SHOP)


def query(
    *metrics: str,
    by: tuple[str, ...] = (),
    where: tuple[str, ...] = (),
    during: Window | None = None,
    order: tuple[str, ...] = (),
    limit: int | None = None,
) -> Query:
    """A query in the short forms people type."""
    return Query(
        metrics=metrics,
        by=tuple(map(parse_by, by)),
        where=tuple(map(parse_filter, where)),
        during=during,
        order=tuple(map(parse_order, order)),
        limit=limit,
    )


def row_filter(expr: str, rule: str = "rule") -> RowFilter:
    return RowFilter(expr=text(expr), rule=rule)


def sql_of(linked: Linked, asked: Query, *filters: tuple[RowFilter, ...], audience: str | None = None) -> str:
    return compile_sql(linked, resolve(linked, asked, audience=audience), row_filters=filters).sql
