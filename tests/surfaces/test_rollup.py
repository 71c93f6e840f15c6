"""`loadline rollup`, and a question that is served from one for as long as it is current."""

from __future__ import annotations

from pathlib import Path

import duckdb

from surfaces.terminal import Terminal, edit, rows_of

ROLLUP = """
rollups:
  by_region:
    of: orders
    source: rolled.by_region
    by: [orders.ordered_on:day, orders.region]
    metrics: [booked_revenue, order_count]
"""
BY_REGION = ("ask", "-m", "booked_revenue", "-m", "order_count", "-b", "orders.region", "--format", "json")


ONE_MORE = "SELECT * REPLACE (999999 AS order_id) FROM shop.orders LIMIT 1"


def into_a_database(shop: Path) -> Path:
    """The shop's orders in a DuckDB file, where a rollup can be filled."""
    file = shop / "tables.duckdb"
    with duckdb.connect(str(file)) as connection:
        connection.execute("CREATE SCHEMA shop; CREATE SCHEMA rolled")
        connection.execute(f"CREATE TABLE shop.orders AS FROM '{shop / 'data' / 'orders.csv'}'")
    manifest = shop / "loadline.yaml"
    written = manifest.read_text("utf-8")
    start = written.index("  files:")
    end = start + written[start:].index("\n\n")
    manifest.write_text(written[:start] + "  database: tables.duckdb" + written[end:], "utf-8")
    (shop / "context" / "rollups.yaml").write_text(ROLLUP, "utf-8")
    return file


def test_a_rollup_is_read_while_it_is_current_and_left_alone_when_it_lags(shop: Path, loadline: Terminal) -> None:
    file = into_a_database(shop)
    said = loadline("rollup", "sql", "by_region")
    assert said.code == 0, said
    assert "row_count" in said.out
    before = loadline(*BY_REGION)
    assert before.code == 0, before
    with duckdb.connect(str(file)) as connection:
        connection.execute(f"CREATE TABLE rolled.by_region AS {said.out}")
    assert "current" in loadline("rollup", "list").out
    served = loadline(*BY_REGION)
    receipt = served.json()["receipt"]
    assert rows_of(served) == rows_of(before)
    assert "rolled.by_region" in receipt["sql"]
    assert "shop.orders" not in receipt["sql"]
    assert any("by_region" in one for one in receipt["assumptions"])
    with duckdb.connect(str(file)) as connection:
        connection.execute(f"INSERT INTO shop.orders {ONE_MORE}")
    lagging = loadline(*BY_REGION).json()["receipt"]
    assert "rolled.by_region" not in lagging["sql"]
    assert "not current" in loadline("rollup", "list").out


def test_what_was_asked_is_recommended(shop: Path, loadline: Terminal) -> None:
    assert loadline("rollup", "recommend").out == ""
    loadline(*BY_REGION)
    said = loadline("rollup", "recommend")
    assert said.code == 0, said
    assert "by: [orders.region]" in said.out
    assert "metrics: [booked_revenue, order_count]" in said.out
    (shop / "context" / "rollups.yaml").write_text(said.out, "utf-8")
    assert loadline("check").code == 0
    edit(shop / "context" / "rollups.yaml", "of: orders", "of: ordres")
    assert loadline("check").code == 2
