"""A project in which an agent acts for a clerk, and a lead has to say yes to what deletes."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from loadline.app import init_project

_ACTIONS = """
actions:
  close_order:
    description: Close one order that the customer gave up.
    sql: "UPDATE orders SET status = 'closed' WHERE order_id = :order_id"
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
    stake: high
"""
_RULES = """
rules:
  - name: bots-work-for-clerks
    permit: act
    who: {roles: [clerk]}
    on: {actions: [close_order, delete_customer]}
    limits: {rows: 20, per_day: 100}
  - name: their-bots-do-it-for-them
    permit: act
    who: {roles: [clerk], agents: ["*"]}
    on: {actions: [close_order, delete_customer]}
    limits: {rows: 20, per_day: 100}
  - name: leads-look-at-what-is-high
    hold: act
    on: {actions: [delete_customer]}
    approval: {role: lead, expires: 4 hours}
"""
_TABLES = """
CREATE TABLE customers (customer_id INTEGER PRIMARY KEY, name TEXT);
CREATE TABLE orders (
  order_id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customers ON DELETE CASCADE, status TEXT
);
INSERT INTO customers VALUES (1, 'Ahrens'), (2, 'Bode'), (3, 'Claas'), (4, 'Dorn');
INSERT INTO orders VALUES (5, 1, 'open'), (6, 1, 'open'), (7, 2, 'open'), (8, 3, 'open'), (9, 4, 'open');
"""


def make_clerks(root: Path) -> Path:
    init_project(root)
    database = sqlite3.connect(root / "data" / "crm.db")
    database.executescript(_TABLES)
    database.close()
    (root / "actions").mkdir()
    (root / "actions" / "crm.yaml").write_text(_ACTIONS)
    (root / "policies" / "actions.yaml").write_text(_RULES)
    manifest = root / "loadline.yaml"
    people = "people:\n  ana: {roles: [clerk]}\n  carl: {roles: [lead]}"
    target = "\ntargets:\n  crm: {kind: sqlite, database: data/crm.db, environment: production}\n"
    manifest.write_text(manifest.read_text().replace("people:", people, 1) + target)
    return root


def count(root: Path, table: str) -> int:
    database = sqlite3.connect(root / "data" / "crm.db")
    try:
        return int(database.execute(f"SELECT count(*) FROM {table}").fetchone()[0])
    finally:
        database.close()
