"""An agent acts on a real PostgreSQL that `loadline guard setup` made ready: held to one row, seen, undone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from adapters.tools.targets.postgres_site import PostgresSite
from loadline.surfaces.cli import run

if TYPE_CHECKING:
    from postgres_server import Server

TABLES = (
    "CREATE TABLE customers (customer_id integer PRIMARY KEY, name text)",
    "CREATE TABLE orders (order_id integer PRIMARY KEY, customer_id integer, status text, changed_at timestamptz)",
    "ALTER TABLE orders ADD FOREIGN KEY (customer_id) REFERENCES customers ON DELETE CASCADE",
    "INSERT INTO customers VALUES (1, 'Ahrens'), (2, 'Bode')",
    "INSERT INTO orders VALUES (5, 1, 'open', NULL), (6, 1, 'open', NULL), (7, 2, 'open', NULL)",
)
ACTIONS = """
actions:
  close_order:
    description: Close one order that the customer gave up.
    sql: "UPDATE orders SET status = 'closed', changed_at = now() WHERE order_id = :order_id"
    target: crm
    arguments: {order_id: integer}
    effect: write
    most_rows: 1
  delete_customer:
    description: Delete a customer, with all orders.
    sql: "DELETE FROM customers WHERE customer_id = :customer_id"
    target: crm
    arguments: {customer_id: integer}
    effect: write
"""
RULES = """
rules:
  - name: bots-work-for-clerks
    permit: act
    who: {roles: [clerk], agents: ["*"]}
    on: {actions: [close_order, delete_customer]}
    limits: {rows: 2}
"""


@pytest.fixture
def site(postgres_server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[PostgresSite]:
    site = PostgresSite(server=postgres_server)
    site.create(TABLES)
    site.set_up()
    shop = tmp_path / "shop"
    assert run(["init", str(shop)]) == 0
    (shop / "actions").mkdir()
    (shop / "actions" / "crm.yaml").write_text(ACTIONS, "utf-8")
    (shop / "policies" / "actions.yaml").write_text(RULES, "utf-8")
    manifest = shop / "loadline.yaml"
    said = manifest.read_text("utf-8").replace("people:", "people:\n  ana: {roles: [clerk]}")
    target = "\ntargets:\n  crm: {kind: postgres, url: env:CRM_GATE, environment: production}\n"
    manifest.write_text(said + target, "utf-8")
    monkeypatch.setenv("CRM_GATE", postgres_server.url(site.database, user="loadline_gate"))
    monkeypatch.chdir(shop)
    yield site
    site.close()


def told(words: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[int, Any]:
    capsys.readouterr()
    code = run(["act", *words, "--format", "json"])
    said = capsys.readouterr()
    assert said.out, said.err
    return code, json.loads(said.out)


AS = ["--as", "support-bot", "--for", "ana"]


def test_one_row_is_changed_and_comes_back_exactly(site: PostgresSite, capsys: pytest.CaptureFixture[str]) -> None:
    before = site.dump()
    code, dry = told(["close_order", "--arg", "order_id=5", *AS, "--dry-run"], capsys)
    assert code == 0, json.dumps(dry, indent=1)
    assert site.dump() == before
    code, done = told(["close_order", "--arg", "order_id=5", *AS], capsys)
    assert code == 0, json.dumps(done)
    assert site.dump() != before
    code, undone = told(["undo", done["run"], *AS], capsys)
    assert code == 0, json.dumps(undone)
    assert site.dump() == before


def test_a_cascade_beyond_the_bound_is_not_committed(site: PostgresSite, capsys: pytest.CaptureFixture[str]) -> None:
    before = site.dump()
    code, said = told(["delete_customer", "--arg", "customer_id=1", *AS], capsys)
    assert code == 1, said
    assert site.dump() == before
    code, said = told(["delete_customer", "--arg", "customer_id=2", *AS], capsys)
    assert code == 0, json.dumps(said)


def test_a_row_that_was_changed_since_is_not_undone(site: PostgresSite, capsys: pytest.CaptureFixture[str]) -> None:
    _, done = told(["close_order", "--arg", "order_id=5", *AS], capsys)
    site.run("UPDATE orders SET status = 'paid' WHERE order_id = 5")
    before = site.dump()
    code, said = told(["undo", done["run"], *AS], capsys)
    assert code != 0, said
    assert site.dump() == before
