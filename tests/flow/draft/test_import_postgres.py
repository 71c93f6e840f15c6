"""A project over PostgreSQL gets its first draft the same way, through the port alone."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from loadline.app import check_project, import_warehouse, init_project, open_app
from loadline.values.diagnostic import Severity
from loadline.values.receipt import AnswerStatus
from loadline.values.request import Written

TABLES = """
CREATE SCHEMA sales;
CREATE TABLE sales.customers AS SELECT n AS customer_id, 'c' || n || '@mail.example' AS email,
    CASE WHEN n % 2 = 0 THEN 'north' ELSE 'south' END AS region, gen_random_uuid() AS token
    FROM generate_series(1, 300) n;
CREATE TABLE sales.orders AS SELECT n AS "Order ID", n % 300 + 1 AS customer_id, n % 90 * 1.25::numeric(12,2) AS amount,
    timestamptz '2026-01-01' + n * interval '1 hour' AS ordered_at, date '2026-01-01' + n % 60 AS shipped_on,
    'AB-' || lpad(n::text, 6, '0') AS reference, array[n] AS parts, jsonb_build_object('n', n) AS extra,
    (n % 3 = 0) AS is_gift, n::double precision AS weight, '{{}}'::json AS raw FROM generate_series(1, 25000) n;
CREATE VIEW sales.big AS SELECT "Order ID" AS order_id, amount FROM sales.orders WHERE amount > 100;
CREATE TABLE sales.nothing (id bigint, "select" text);
""".replace("{{}}", "{}")
MANIFEST = """name: shop
warehouse: {kind: postgres, url: "env:SHOP_DATABASE"}
people: {local: {roles: [analyst]}}
"""


@pytest.fixture
def shop(postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute("DROP SCHEMA IF EXISTS sales CASCADE;" + TABLES)
    monkeypatch.setenv("SHOP_DATABASE", postgres_url)
    folder = tmp_path / "shop"
    (folder / "policies").mkdir(parents=True)
    (folder / "loadline.yaml").write_text(MANIFEST, "utf-8")
    (folder / "policies" / "access.yaml").write_text("rules: [{name: all, permit: ask}]", "utf-8")
    init_project(folder)
    return folder


def test_a_draft_over_postgresql_is_sound_and_answers(shop: Path) -> None:
    made = import_warehouse((), folder=shop)
    assert sorted(made.draft.datasets) == ["big", "customers", "nothing", "orders"]
    assert made.draft.left_out == ()
    assert [d for d in check_project(shop).diagnostics if d.severity is Severity.ERROR] == []
    with open_app(shop) as app:
        contract = app.project.contracts["orders"].tables["orders"]
        assert contract.key == ("Order ID",)
        assert {(r.source, r.target) for r in app.project.model.relationships} == {("orders", "customers")}
        asked = Written(metrics=("orders_amount",), by=("customers.region", "time:month"))
        answer = app.ask_written(asked, principal=app.principal("local"))
        assert answer.receipt.status is AnswerStatus.UNVERIFIED, answer.receipt.reasons
        assert answer.rows is not None
        assert len(answer.rows) == 2 * 35
        for name in made.draft.datasets:
            counted = app.ask_written(Written(metrics=(f"{name}_count",)), principal=app.principal("local"))
            assert counted.rows is not None
        broken = [
            (promise["id"], promise["verdict"])
            for look in app.check_data()
            for promise in look["promises"]
            if promise["verdict"] in {"broken", "could not look"}
        ]
        assert broken == []


DIRTY = """
CREATE TABLE sales.tariffs AS SELECT e AS tariff_id, timestamp '2025-01-01' + k * interval '30 days' AS valid_from,
    CASE WHEN k < 3 THEN timestamp '2025-01-31' + k * interval '30 days' END AS valid_to, e * 1.5 + k AS price
    FROM generate_series(1, 40) e, generate_series(0, 3) k;
CREATE TABLE sales.calls AS SELECT n AS call_id, n % 40 + 1 AS tariff_id, date '2025-01-05' + n % 100 AS called_on
    FROM generate_series(1, 400) n;
CREATE TABLE sales.stock AS SELECT date '2026-01-01' + d AS day, 'item ' || e AS item, 100 + e + d / 9 AS on_hand
    FROM generate_series(0, 40) d, generate_series(1, 12) e;
CREATE TABLE sales.makers AS SELECT n AS id, 'maker ' || chr(65 + n % 20) || ' and sons' AS maker,
    CASE WHEN n = 20 THEN NULL WHEN n = 41 THEN 'Elsewhere' ELSE 'Town ' || chr(65 + n % 20) END AS town,
    CASE WHEN n % 50 = 7 THEN '12-Dec' ELSE (n % 30 + 1) || '-' || (n % 30 + 9) END AS pages,
    CASE WHEN n % 90 = 3 THEN 'two  spaces here' ELSE 'some words of number ' || n END AS note
    FROM generate_series(0, 599) n;
"""


def test_what_is_drafted_of_snapshots_histories_and_slips_runs_on_postgresql(shop: Path, postgres_url: str) -> None:
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute("DROP SCHEMA sales CASCADE; CREATE SCHEMA sales;" + DIRTY)
    import_warehouse((), folder=shop)
    with open_app(shop) as app:
        model = app.project.model
        assert [r.valid for r in model.relationships if r.target == "tariffs"] == [("valid_from", "valid_to")]
        take = model.metrics["stock_on_hand"].take
        assert take is not None
        assert take.value == "last of period"
        runs = {run["id"]: run["verdict"] for look in app.check_data() for run in look["promises"]}
    assert "could not look" not in runs.values()
    assert {name for name, verdict in runs.items() if verdict == "broken"} >= {
        "makers.town: sql (one town for each maker)",
        "makers.pages: sql (pages is no date)",
        "makers.note: sql (note is clean)",
    }
