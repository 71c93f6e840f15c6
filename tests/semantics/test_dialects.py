"""Every kind of metric in every dialect: SQL kept in plain files, the same rows on the engines that run here.

After a change that is meant, `python tests/semantics/test_dialects.py` writes `golden/dialects/` anew; read its diff.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent.parent))

import psycopg
import pytest
import sqlglot
import yaml
from sqlglot import exp

from adapters.warehouses.sites import postgres_settings
from loadline.adapters.warehouses.postgres import open_postgres
from loadline.adapters.warehouses.postgres.warehouse import PostgresWarehouse
from loadline.errors import RequestError
from loadline.semantics import Linked, codes, compile_sql, link, resolve
from loadline.semantics.dialects import DIALECTS
from loadline.testing.warehouses import fetch
from loadline.values.model import Conversion, Field
from loadline.values.query import Query, Window
from semantics.oracle_world import fetch as fetch_duckdb
from semantics.shop import HERE, ORDERS, SHOP, TABLES, metric, opened, query, text

FOLDER = Path(__file__).parent / "golden" / "dialects"
WEEK = {"over": text("7 days")}
METRICS = (
    metric("booked_7d", "booked", **WEEK),  # type: ignore[arg-type]
    metric("mean_7d", "avg(orders.amount)", **WEEK),  # type: ignore[arg-type]
    metric("buyers_7d", "buyers", **WEEK),  # type: ignore[arg-type]
    metric("booked_2m", "booked", over=text("2 months")),
    metric("booked_mtd", "booked", over=text("month to date"), take=text("average of period")),
    metric("booked_ever", "booked", over=text("all")),
    metric("first_7d", "booked", over=text("7 days"), take=text("first of period")),
    metric("last_each", "sum(orders.amount)", take=text("last of period"), take_per=(text("orders.customer_id"),)),
    metric("peak", "sum(orders.amount)", take=text("max of period")),
    metric("at_start", "booked[start of month]"),
    metric("growth", "booked - booked[1 month ago]"),
    metric("filled", "booked", fill=Decimal(0), is_every_period=True),
    metric("invoices_count", "count(invoices)"),
    metric(
        "converted",
        "orders_count",
        conversion=Conversion(to=text("invoices_count"), within=text("14 days"), per=(text("customers.customer_id"),)),
    ),
    metric("good_customers", "count(customers)", where="booked[per customers.customer_id] > 50"),
    metric("roughly", "approx_count_distinct(orders.customer_id)"),
    metric("gift_share", "booked filter (where orders.is_gift) / booked"),
    metric("spread", "greatest(booked, recognized) - least(booked, recognized)"),
)
RANKED = Field(
    name="nth", expr=text("row_number() over (partition by customer_id order by amount desc, order_id)"), place=HERE
)
LINKED: Linked = link(
    replace(
        SHOP,
        datasets={**SHOP.datasets, "orders": replace(ORDERS, fields={**ORDERS.fields, "nth": RANKED})},
        metrics={**SHOP.metrics, **{one.name: one for one in METRICS}},
    )
)
WITHOUT_MEDIAN = ("bigquery", "trino")
DAYS = Window(start=date(2025, 3, 28), end=date(2025, 4, 18), text="days")
ASKED: dict[str, Query] = {
    "a week looked back on from each day": query("booked_7d", "mean_7d", by=("time:day",), during=DAYS),
    "a week by segment and month": query("booked_7d", by=("time:month", "customers.segment")),
    "buyers counted once in a week": query("buyers_7d", by=("time:day",), during=DAYS),
    "two months back": query("booked_2m", by=("time:month",)),
    "the mean of a month to date": query("booked_mtd", by=("time:month",)),
    "everything until the end": query("booked_ever", during=DAYS),
    "the first of each week": query("first_7d", by=("time:week",)),
    "each customer's last": query("last_each", by=("time:month",)),
    "the largest day": query("peak", by=("time:month",)),
    "what was at the start of the month": query("at_start", by=("time:day",), during=DAYS),
    "months compared": query("growth", by=("time:month",)),
    "a shift that a question asks": query("booked", "booked[5 days ago]", by=("time:day",)),
    "a month before each day": query("booked[1 month ago]", by=("time:day",)),
    "how much it grew": query("booked[% change from 1 month ago]", by=("time:month",)),
    "a share of every segment": query(
        "orders_count",
        "booked[share across customers.segment]",
        by=("time:month", "customers.segment"),
        where=("orders_count > 0",),
    ),
    "no gaps": query("filled", by=("time:week", "customers.segment"), during=DAYS),
    "orders followed by an invoice": query("converted", by=("customers.segment",)),
    "a metric of each subject": query("good_customers"),
    "roughly": query("roughly"),
    "a part of the rows": query("gift_share", by=("destination.country",)),
    "the larger less the smaller": query("spread", by=("customers.segment",)),
    "numbers of a date": query("booked", by=("time:month_of_year", "time:day_of_week", "time:week_of_year")),
    "by the hour": query("booked", by=("time:hour",)),
    "by fiscal quarter": query("booked", by=("time:fiscal_quarter",)),
    "a rank as a dimension": query("orders_count", by=("orders.nth",)),
    "rows as they are": replace(query(by=("orders.order_id", "orders.nth")), is_detail=True),
    "an exact median": query("median_amount"),
}


def sql_of(name: str, dialect: str) -> str | None:
    """None where the engine has no form that means the same."""
    plan = resolve(LINKED, ASKED[name])
    if name == "an exact median" and dialect in WITHOUT_MEDIAN:
        with pytest.raises(RequestError) as caught:
            compile_sql(LINKED, plan, dialect=dialect)
        assert caught.value.diagnostics[0].code == codes.NOT_IN_DIALECT
        return None
    return compile_sql(LINKED, plan, dialect=dialect).sql


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_sql_is_what_is_kept(dialect: str) -> None:
    kept = yaml.safe_load((FOLDER / f"{dialect}.yaml").read_text("utf-8"))
    for name in ASKED:
        sql = sql_of(name, dialect)
        assert (sql + "\n" if sql else None) == kept[name], name
    assert list(kept) == list(ASKED)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_sql_is_read_by_the_dialects_grammar(dialect: str) -> None:
    for name in ASKED:
        sql = sql_of(name, dialect)
        if sql is not None:
            assert isinstance(sqlglot.parse_one(sql, read=dialect), exp.Select), name


@pytest.fixture(scope="module")
def postgres(postgres_url: str) -> Iterator[PostgresWarehouse]:
    with psycopg.connect(postgres_url) as connection:
        connection.execute(TABLES)
    found = open_postgres(postgres_settings(), {"DATABASE_URL": postgres_url})
    yield found
    found.close()


@pytest.mark.parametrize("name", ASKED)
def test_both_engines_give_the_same_rows(name: str, postgres: PostgresWarehouse) -> None:
    here, there = sql_of(name, "duckdb"), sql_of(name, "postgres")
    assert here is not None
    assert there is not None
    expected = fetch_duckdb(opened(), here)
    assert [_plain(row) for row in fetch(postgres, there)] == [_plain(row) for row in expected]


def _plain(row: tuple[object, ...]) -> tuple[object, ...]:
    return tuple(round(float(v), 9) if isinstance(v, int | float | Decimal) else v for v in row)


def _write() -> None:
    class Dumper(yaml.SafeDumper):
        pass

    def text(dumper: yaml.SafeDumper, value: str) -> yaml.Node:
        return dumper.represent_scalar("tag:yaml.org,2002:str", value, style="|" if "\n" in value else None)

    Dumper.add_representer(str, text)
    FOLDER.mkdir(exist_ok=True)
    for dialect in DIALECTS:
        found = {name: sql + "\n" if (sql := sql_of(name, dialect)) else None for name in ASKED}
        written = yaml.dump(found, Dumper=Dumper, sort_keys=False, allow_unicode=True, width=1000)
        (FOLDER / f"{dialect}.yaml").write_text(written, "utf-8")


if __name__ == "__main__":
    _write()
