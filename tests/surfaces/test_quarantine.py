"""`loadline data quarantine`: failing rows with what they break, clean rows; every row in exactly one of the two."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import duckdb
import psycopg
import pytest

from loadline.app import init_project, open_app
from surfaces.terminal import Terminal, refused_with

PROJECT = {
    "loadline.yaml": "name: shop\nwarehouse: {kind: duckdb, database: w.duckdb}\npeople: {local: {roles: [analyst]}}\n",
    "context/all.yaml": "datasets:\n  orders: {source: orders, contract: orders}\n",
    "contracts/orders.yaml": """
apiVersion: v3.2.0
kind: DataContract
id: orders
version: 1.0.0
status: active
schema:
  - name: orders
    quality:
      - {metric: rowCount, mustBeGreaterThan: 3}
    properties:
      - {name: order_id, logicalType: integer, primaryKey: true, required: true}
      - name: amount
        logicalType: number
        logicalTypeOptions: {minimum: 0, maximum: 90}
        quality:
          - {name: few gaps, metric: nullValues, mustBeLessThan: 50, unit: percent}
          - {name: no gaps, metric: nullValues, mustBe: 0, severity: warning}
      - {name: status, logicalType: string, enum: [{value: open}, {value: paid}]}
      - {name: parent_id, logicalType: integer, relationships: [{to: orders.order_id}]}
""",
}
TABLE = """
CREATE TABLE orders AS SELECT CASE WHEN n = 7 THEN 6 WHEN n = 9 THEN NULL ELSE n END AS order_id,
    CASE WHEN n % 11 = 0 THEN NULL WHEN n = 5 THEN -1 ELSE n * 1.0 END AS amount,
    CASE WHEN n % 40 = 3 THEN 'lost' WHEN n % 13 = 0 THEN NULL WHEN n % 2 = 0 THEN 'open' ELSE 'paid' END AS status,
    CASE WHEN n = 20 THEN 9999 WHEN n % 3 = 0 THEN 1 END AS parent_id FROM {numbers}
"""


def written(folder: Path, manifest: str | None = None) -> Path:
    for name, text in PROJECT.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(manifest if manifest and name == "loadline.yaml" else text, "utf-8")
    init_project(folder)
    return folder


@pytest.fixture
def orders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "orders"
    folder.mkdir()
    with duckdb.connect(str(folder / "w.duckdb")) as connection:
        connection.execute(TABLE.format(numbers="range(100) r(n)"))
    monkeypatch.chdir(written(folder))
    return folder


def broken_counts(folder: Path) -> dict[str, int]:
    """What `data check` counts of every promise that single rows break."""
    with open_app(folder) as app:
        (look,) = app.check_data(["orders"])
    return {one["id"]: one["count"] for one in look["promises"] if one["verdict"] == "broken" and one["count"]}


def reasons(rows: list[tuple[Any, ...]]) -> Counter[str]:
    return Counter(name for row in rows for name in str(row[-1]).split("\n") if name)


def test_every_row_is_in_one_view_and_breaks_what_the_check_counts(orders: Path, loadline: Terminal) -> None:
    counts = broken_counts(orders)
    said = loadline("data", "quarantine", "orders", "--create")
    assert said.code == 0, said
    assert said.out == "created  orders_quarantine and orders_clean, by 5 promises\n"
    with duckdb.connect(str(orders / "w.duckdb"), read_only=True) as connection:
        failing = connection.execute("SELECT * FROM orders_quarantine").fetchall()
        clean = connection.execute("SELECT * FROM orders_clean").fetchall()
        every = connection.execute("SELECT * FROM orders").fetchall()
    assert Counter(row[:-1] for row in failing) + Counter(clean) == Counter(every)
    told = reasons(failing)
    assert told.pop("orders.order_id: primary-key") == 2, "both rows of a key that repeats: nobody knows the right one"
    counts.pop("orders.order_id: primary-key")
    counts.pop("orders.amount: nullValues (no gaps)")  # a warning
    assert dict(told) == counts
    assert min(counts.values()) > 0


def test_warnings_are_put_aside_where_that_is_said(orders: Path, loadline: Terminal) -> None:
    found = loadline("data", "quarantine", "orders", "--warnings", "--format", "json").json()
    assert "orders.amount: nullValues (no gaps)" in found["promises"]
    left_out = dict(found["left_out"])
    assert left_out["orders.amount: nullValues (few gaps)"] == "some rows may break it"
    assert left_out["orders: rowCount"] == "some rows may break it"


def test_what_is_printed_is_what_is_created(orders: Path, loadline: Terminal) -> None:
    printed = loadline("data", "quarantine", "orders")
    assert "left out  orders: rowCount: some rows may break it" in printed.err
    with duckdb.connect(str(orders / "w.duckdb")) as connection:
        connection.execute(printed.out)
        by_hand = connection.execute("SELECT count(*) FROM orders_quarantine").fetchone()
    refused_with(loadline("data", "quarantine", "orders", "--create"), "LIN005", 3)
    assert loadline("data", "quarantine", "orders", "--create", "--replace").code == 0
    with duckdb.connect(str(orders / "w.duckdb"), read_only=True) as connection:
        assert connection.execute("SELECT count(*) FROM orders_quarantine").fetchone() == by_hand


def test_a_table_of_that_name_is_never_replaced(orders: Path, loadline: Terminal) -> None:
    with duckdb.connect(str(orders / "w.duckdb")) as connection:
        connection.execute("CREATE TABLE orders_clean AS SELECT 1 AS mine")
    refused_with(loadline("data", "quarantine", "orders", "--create", "--replace"), "LIN005", 3)
    with duckdb.connect(str(orders / "w.duckdb"), read_only=True) as connection:
        assert connection.execute("SELECT mine FROM orders_clean").fetchall() == [(1,)]
        assert connection.execute("SELECT view_name FROM duckdb_views() WHERE NOT internal").fetchall() == []


def test_a_promise_of_a_column_that_is_gone_is_left_out(orders: Path, loadline: Terminal) -> None:
    with duckdb.connect(str(orders / "w.duckdb")) as connection:
        connection.execute("ALTER TABLE orders RENAME status TO state")
    found = loadline("data", "quarantine", "orders", "--format", "json").json()
    assert dict(found["left_out"])["orders.status: enum"] == "`orders` has no column `status`"


def test_files_hold_no_views_and_unknown_names_are_refused(shop: Path, loadline: Terminal) -> None:
    assert "CREATE VIEW" in loadline("data", "quarantine", "orders").out
    refused_with(loadline("data", "quarantine", "orders", "--create"), "LIN004", 3)
    assert loadline("data", "quarantine", "ordres").code == 2
    assert loadline("data", "quarantine", "orders", "--replace").code == 2


def test_postgresql_holds_the_same_views(
    postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, loadline: Terminal
) -> None:
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(TABLE.format(numbers="generate_series(0, 99) r(n)"))
    monkeypatch.setenv("SHOP_DATABASE", postgres_url)
    manifest = PROJECT["loadline.yaml"].replace("duckdb, database: w.duckdb", 'postgres, url: "env:SHOP_DATABASE"')
    folder = written(tmp_path / "orders", manifest)
    monkeypatch.chdir(folder)
    counts = broken_counts(folder)
    for more in ((), ("--replace",)):
        assert loadline("data", "quarantine", "orders", "--create", *more).code == 0
    with psycopg.connect(postgres_url) as connection:
        failing = connection.execute("SELECT * FROM orders_quarantine").fetchall()
        clean = connection.execute("SELECT * FROM orders_clean").fetchall()
    assert len(failing) + len(clean) == 100
    told = reasons(failing)
    assert told["orders.amount: range"] == counts["orders.amount: range"]
    lineage = loadline("lineage", "orders.amount", "--down", "--format", "json").json()
    assert "orders_clean.amount" in {one["name"] for one in lineage["down"]}
    refused_with(loadline("data", "quarantine", "orders", "--create"), "LIN005", 3)
