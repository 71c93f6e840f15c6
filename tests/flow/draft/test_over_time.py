"""Snapshots are not added up over days, histories are met at their time, and what cannot be told is said."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from loadline.app import Imported, import_warehouse, open_app
from loadline.values.request import Written

NOW = datetime(2026, 3, 10, tzinfo=UTC)
TABLES = """
CREATE TABLE products AS SELECT e AS product_id, 'product ' || e AS name FROM range(9) u(e);
CREATE TABLE stock_levels AS SELECT DATE '2026-01-01' + CAST(d AS INTEGER) AS day, e AS product_id,
    CAST(100 + 10 * sin(d / 9.0 + e) + e AS INTEGER) AS on_hand, (d * e * 7) % 13 AS units_sold
    FROM range(60) t(d), range(9) u(e);
CREATE TABLE branch_stock AS SELECT DATE '2026-01-01' + CAST(d AS INTEGER) AS as_of_date, e AS product_id,
    'branch ' || b AS branch, 5 + e AS quantity FROM range(20) t(d), range(9) u(e), range(3) v(b);
CREATE TABLE daily_usage AS SELECT DATE '2026-01-01' + CAST(d AS INTEGER) AS usage_date, e AS account_id,
    (d * e * 7919) % 113 AS volume_gb FROM range(60) t(d), range(9) u(e);
CREATE TABLE client_history AS SELECT e AS client_id, DATE '2025-01-01' + CAST(k * 100 AS INTEGER) AS valid_from,
    CASE WHEN k < 3 THEN DATE '2025-01-01' + CAST(k * 100 + 100 AS INTEGER) END AS valid_to,
    'r' || (e + k) % 3 AS region FROM range(29) t(e), range(4) u(k);
CREATE TABLE bookings AS SELECT n AS booking_id, n % 29 AS client_id, DATE '2025-02-01' + CAST(n % 300 AS INTEGER)
    AS booked_on, n % 7 AS amount FROM range(900) t(n);
CREATE TABLE tariff_versions AS SELECT e AS tariff_id, DATE '2025-01-01' + CAST(k * 100 AS INTEGER) AS valid_from,
    DATE '2025-01-01' + CAST(k * 100 + 99 AS INTEGER) AS valid_to FROM range(29) t(e), range(4) u(k);
CREATE TABLE calls AS SELECT n AS call_id, n % 29 AS tariff_id,
    DATE '2025-02-01' + CAST(n % 300 AS INTEGER) AS called_at FROM range(900) t(n);
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Imported:
    folder = tmp_path_factory.mktemp("over-time")
    with duckdb.connect(str(folder / "shop.duckdb")) as connection:
        connection.execute(TABLES)
    return import_warehouse([folder / "shop.duckdb"], into=folder / "shop", now=lambda: NOW)


def written(made: Imported, name: str) -> Any:
    return yaml.safe_load((made.root / "context" / f"{name}.yaml").read_text("utf-8"))


def test_what_there_was_on_a_day_is_not_added_up_over_days(made: Imported) -> None:
    metrics = written(made, "metrics")["metrics"]
    assert metrics["stock_levels_on_hand"]["take"] == "last of period"
    assert metrics["branch_stock_quantity"]["take"] == "last of period"
    assert metrics["stock_levels_count"]["take"] == "last of period"
    assert "take" not in metrics["stock_levels_units_sold"]
    assert "take" not in metrics["bookings_amount"]
    assert written(made, "datasets")["datasets"]["branch_stock"]["time"] == "as_of_date"


def test_the_drafted_balance_is_that_of_the_last_day(made: Imported) -> None:
    with open_app(made.root) as app:
        asked = Written(metrics=("stock_levels_on_hand",), by=("time:month",))
        answer = app.ask_written(asked, principal=app.principal("local"))
        assert answer.rows is not None
        totals = [row[1] for row in answer.rows]
    with duckdb.connect(str(made.root.parent / "shop.duckdb"), read_only=True) as connection:
        by_hand = connection.execute(
            "SELECT sum(on_hand) FROM stock_levels WHERE day IN (DATE '2026-01-31', DATE '2026-02-28', "
            "(SELECT max(day) FROM stock_levels)) GROUP BY day ORDER BY day"
        ).fetchall()
    assert totals == [row[0] for row in by_hand]


def test_where_nothing_tells_a_stock_from_what_happened_it_is_said(made: Imported) -> None:
    assert "take" not in written(made, "metrics")["metrics"]["daily_usage_volume_gb"]
    text = (made.root / "context" / "metrics.yaml").read_text("utf-8")
    after = text[text.index("daily_usage_volume_gb:") :]
    assert "# uncertain: one row for each usage_date and account_id" in after[:300]


def test_a_history_is_met_at_the_time_of_the_fact(made: Imported) -> None:
    steps = written(made, "datasets")["relationships"]
    expected = {
        "from": "bookings.client_id",
        "to": "client_history.client_id",
        "valid": ["valid_from", "valid_to"],
    }
    assert expected in steps
    with open_app(made.root) as app:
        asked = Written(metrics=("bookings_count",), by=("client_history.region",))
        answer = app.ask_written(asked, principal=app.principal("local"))
        assert answer.rows is not None
        assert sum(int(str(row[1])) for row in answer.rows) == 900


def test_a_history_whose_last_day_counts_is_no_drafted_step(made: Imported) -> None:
    assert not [one for one in written(made, "datasets")["relationships"] if "tariff_versions" in str(one)]


def test_files_that_lie_elsewhere_are_said(made: Imported) -> None:
    assert made.outside == ((made.root.parent / "shop.duckdb").resolve().as_posix(),)
    assert "right on this machine only" in " ".join(
        line.removeprefix("# ") for line in (made.root / "loadline.yaml").read_text("utf-8").splitlines()
    )


def test_files_of_the_project_are_named_as_seen_from_it(tmp_path: Path) -> None:
    data = tmp_path / "shop" / "data"
    data.mkdir(parents=True)
    duckdb.execute(f"COPY (SELECT n AS order_id FROM range(40) r(n)) TO '{data / 'orders.parquet'}'")
    assert import_warehouse([data], into=tmp_path / "shop").outside == ()


def test_of_a_large_table_the_forms_are_counted_on_all_rows(tmp_path: Path) -> None:
    data = tmp_path / "shop" / "data"
    data.mkdir(parents=True)
    rows = (
        "SELECT n AS id, CASE WHEN n % 5 < 2 THEN strftime(DATE '2024-01-01' + CAST(n % 300 AS INTEGER), '%d %b %Y') "
        "ELSE CAST(DATE '2024-01-01' + CAST(n % 300 AS INTEGER) AS VARCHAR) END AS on_day FROM range(60000) r(n)"
    )
    duckdb.execute(f"COPY ({rows}) TO '{data / 'orders.parquet'}'")
    made = import_warehouse([data], into=tmp_path / "shop")
    document = yaml.safe_load((made.root / "contracts" / "orders.yaml").read_text("utf-8"))
    (rule,) = document["schema"][0]["properties"][1]["quality"]
    assert rule["arguments"] == {"pattern": "^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}$"}
    assert "24,000 values of 60,000 look otherwise" in rule["description"]
