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
        connection.execute(TABLES)
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
