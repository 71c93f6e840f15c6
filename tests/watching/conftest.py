"""A shop whose orders are written by the test, watched by an App whose clock the test sets."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from loadline.app import App, init_project
from loadline.project import read_folder

FIRST = date(2026, 3, 1)
MANIFEST = """name: shop
warehouse: {kind: duckdb, files: {shop.orders: data/orders.csv}}
owners: {sales-ops: {title: Sales operations}}
people: {ana: {roles: [analyst]}, local: {roles: [analyst]}}
watch:
  orders: {every: day, baseline: 20, quality: is_right, owner: sales-ops}
alarms: {file: alarms/drift.jsonl, cooldown: 3}
"""
CONTRACT = """apiVersion: v3.1.0
kind: DataContract
id: orders
name: orders
version: 1.0.0
status: active
schema:
  - name: orders
    properties:
      - {name: order_id, logicalType: integer, primaryKey: true, primaryKeyPosition: 1}
      - {name: ordered_on, logicalType: date}
      - {name: amount, logicalType: number, physicalType: DOUBLE}
      - {name: mail, logicalType: string, classification: confidential}
      - {name: is_right, logicalType: boolean}
"""
CONTEXT = """datasets:
  orders: {source: shop.orders, contract: orders, time: ordered_on}
metrics:
  revenue: {is: sum(orders.amount), owner: sales-ops, status: approved}
"""
RULES = "rules: [{name: anyone, permit: ask}]\n"


class Shop:
    """The project's folder, its data, and the moment it is looked at."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.now = datetime(2026, 6, 1, tzinfo=UTC)
        self.opened: list[App] = []

    def fill(
        self,
        days: int,
        *,
        amount: Callable[[int], float] = lambda _: 1.0,
        right: Callable[[int], float] = lambda _: 0.95,
        rows: int = 150,
    ) -> None:
        """Orders of so many days; `amount` is what a day's amounts are multiplied with, `right` its share of right
        answers. The same days give the same orders, however many follow."""
        lines = ["order_id,ordered_on,amount,mail,is_right"]
        for day in range(days):
            chance = random.Random(day)  # noqa: S311 - data, not a secret
            lines += [
                f"{day * rows + n},{FIRST + timedelta(days=day)},{chance.lognormvariate(3, 0.5) * amount(day):.2f},"
                f"ana{chance.randint(1, 9)}@example.com,{chance.random() < right(day)}"
                for n in range(rows)
            ]
        path = self.root / "data" / "orders.csv"
        path.parent.mkdir(exist_ok=True)
        path.write_text("\n".join(lines) + "\n", "utf-8")
        self.now = datetime.combine(FIRST + timedelta(days=days), datetime.min.time(), UTC)

    def app(self) -> App:
        app = App(read_folder(self.root).accept(), now=lambda: self.now)
        self.opened.append(app)
        return app


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    root = tmp_path / "shop"
    for name, text in (
        ("loadline.yaml", MANIFEST),
        ("contracts/orders.yaml", CONTRACT),
        ("context/orders.yaml", CONTEXT),
        ("policies/rules.yaml", RULES),
    ):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    init_project(root)
    shop = Shop(root)
    yield shop
    for app in shop.opened:
        app.close()
