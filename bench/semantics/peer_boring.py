"""Questions as JSON in, Boring Semantic Layer's SQL and what it took to compile out. Runs in an environment of its own.

Its model is Python over Ibis tables. What it has no measure for (a window, an offset, the last of a period, two facts
each by its own date) is written as its users write it: in Ibis, over what the layer aggregated.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from datetime import date, timedelta
from importlib.metadata import version
from typing import Any

import ibis
from boring_semantic_layer import to_semantic_table

TYPES = {
    "store_sales": {
        "ss_sold_date": "date",
        "ss_item_sk": "int64",
        "ss_customer_sk": "int64",
        "ss_store_sk": "int64",
        "ss_net_paid": "decimal(9, 2)",
    },
    "store_returns": {"sr_returned_date": "date", "sr_item_sk": "int64", "sr_return_amt": "decimal(9, 2)"},
    "inventory": {"inv_date": "date", "inv_item_sk": "int64", "inv_quantity_on_hand": "int32"},
    "item": {"i_item_sk": "int64", "i_category": "string"},
    "customer": {"c_customer_sk": "int64", "c_current_addr_sk": "int64"},
    "customer_address": {"ca_address_sk": "int64", "ca_state": "string"},
    "store": {"s_store_sk": "int64", "s_store_name": "string"},
}


class Model:
    def __init__(self) -> None:
        tables = {name: ibis.table(types, name=name) for name, types in TYPES.items()}
        self.items = to_semantic_table(tables["item"], name="items").with_dimensions(
            item_sk=lambda t: t.i_item_sk, category=lambda t: t.i_category
        )
        addresses = to_semantic_table(tables["customer_address"], name="addresses").with_dimensions(
            address_sk=lambda t: t.ca_address_sk, state=lambda t: t.ca_state
        )
        customers = (
            to_semantic_table(tables["customer"], name="customers")
            .with_dimensions(customer_sk=lambda t: t.c_customer_sk)
            .join_one(addresses, on=lambda t, other: t.c_current_addr_sk == other.ca_address_sk)
        )
        stores = to_semantic_table(tables["store"], name="stores").with_dimensions(
            store_sk=lambda t: t.s_store_sk, store_name=lambda t: t.s_store_name
        )
        self.sales = (
            to_semantic_table(tables["store_sales"], name="sales")
            .with_dimensions(day=lambda t: t.ss_sold_date, month=lambda t: t.ss_sold_date.truncate("M"))
            .with_measures(net_paid=lambda t: t.ss_net_paid.sum(), buyers=lambda t: t.ss_customer_sk.nunique())
        )
        self.returns = (
            to_semantic_table(tables["store_returns"], name="returns")
            .with_dimensions(month=lambda t: t.sr_returned_date.truncate("M"))
            .with_measures(returned=lambda t: t.sr_return_amt.sum())
        )
        self.stock = (
            to_semantic_table(tables["inventory"], name="stock")
            .with_dimensions(day=lambda t: t.inv_date, month=lambda t: t.inv_date.truncate("M"))
            .with_measures(on_hand=lambda t: t.inv_quantity_on_hand.sum())
        )
        self.sales_by_item = self.sales.join_one(self.items, on=lambda t, other: t.ss_item_sk == other.i_item_sk)
        self.returns_by_item = self.returns.join_one(self.items, on=lambda t, other: t.sr_item_sk == other.i_item_sk)
        self.sales_by_customer = self.sales.join_one(
            customers, on=lambda t, other: t.ss_customer_sk == other.c_customer_sk
        )
        self.sales_by_store = self.sales.join_one(stores, on=lambda t, other: t.ss_store_sk == other.s_store_sk)


def category(model: Model, _: dict[str, Any]) -> Any:
    return model.sales_by_item.group_by("items.category").aggregate("sales.net_paid").to_untagged()


def state(model: Model, _: dict[str, Any]) -> Any:
    return model.sales_by_customer.group_by("addresses.state").aggregate("sales.net_paid").to_untagged()


def buyers(model: Model, _: dict[str, Any]) -> Any:
    return model.sales_by_store.group_by("stores.store_name").aggregate("sales.buyers").to_untagged()


def return_rate(model: Model, _: dict[str, Any]) -> Any:
    sold = model.sales_by_item.group_by("items.category", "sales.month").aggregate("sales.net_paid").to_untagged()
    back = model.returns_by_item.group_by("items.category", "returns.month").aggregate("returns.returned").to_untagged()
    both = sold.outer_join(
        back, [sold["items.category"] == back["items.category"], sold["sales.month"] == back["returns.month"]]
    )
    return both.select(
        category=ibis.coalesce(sold["items.category"], back["items.category"]),
        month=ibis.coalesce(sold["sales.month"], back["returns.month"]),
        rate=back["returns.returned"] / sold["sales.net_paid"].nullif(0),
    )


def rolling(model: Model, asked: dict[str, Any]) -> Any:
    first, last = date.fromisoformat(asked["first"]), date.fromisoformat(asked["last"])
    needed = model.sales.filter(lambda t: t.ss_sold_date.between(first - timedelta(days=27), last))
    daily = needed.group_by("day").aggregate("net_paid").to_untagged()
    window = ibis.range_window(preceding=ibis.interval(days=27), following=0, order_by=daily.day)
    return (
        daily.mutate(net_paid_28d=daily.net_paid.sum().over(window)).filter(lambda t: t.day >= first).drop("net_paid")
    )


def rolling_all(model: Model, _: dict[str, Any]) -> Any:
    daily = model.sales.group_by("day").aggregate("net_paid").to_untagged()
    window = ibis.range_window(preceding=ibis.interval(days=27), following=0, order_by=daily.day)
    return daily.mutate(net_paid_28d=daily.net_paid.sum().over(window)).drop("net_paid")


def change(model: Model, asked: dict[str, Any]) -> Any:
    first, last = date.fromisoformat(asked["first"]), date.fromisoformat(asked["last"])
    needed = model.sales.filter(lambda t: t.ss_sold_date.between(first.replace(year=first.year - 1), last))
    monthly = needed.group_by("month").aggregate("net_paid").to_untagged()
    before = monthly.view()
    both = monthly.left_join(before, monthly.month - ibis.interval(years=1) == before.month)
    changed = both.select(month=monthly.month, net_paid_change=monthly.net_paid - before.net_paid)
    return changed.filter(lambda t: t.month >= first)


def on_hand(model: Model, _: dict[str, Any]) -> Any:
    ends = model.stock.group_by("month").aggregate(until=lambda t: t.inv_date.max()).to_untagged()
    daily = (
        model.stock.join_one(model.items, on=lambda t, other: t.inv_item_sk == other.i_item_sk)
        .group_by("items.category", "stock.day", "stock.month")
        .aggregate("stock.on_hand")
        .to_untagged()
    )
    kept = daily.inner_join(ends, daily["stock.day"] == ends["until"])
    return kept.select(category=daily["items.category"], month=daily["stock.month"], on_hand=daily["stock.on_hand"])


QUESTIONS = {
    "category": category,
    "state": state,
    "buyers": buyers,
    "return rate": return_rate,
    "rolling": rolling,
    "rolling, all": rolling_all,
    "change": change,
    "on hand": on_hand,
}


def compiled(model: Model, name: str, asked: dict[str, Any]) -> str:
    return str(ibis.to_sql(QUESTIONS[name](model, asked), dialect="duckdb"))


def cpu_us(work: Callable[[], object]) -> float:
    began = time.process_time_ns()
    work()
    return (time.process_time_ns() - began) / 1000


def answered(model: Model, name: str, asked: dict[str, Any], times: int) -> dict[str, Any]:
    try:
        first = cpu_us(lambda: compiled(model, name, asked))
        taken = [cpu_us(lambda: compiled(model, name, asked)) for _ in range(times)]
        return {"sql": compiled(model, name, asked), "first_us": first, "taken_us": taken}
    except Exception as error:  # noqa: BLE001 - whatever a peer says is printed as its answer
        return {"error": f"{type(error).__name__}: {error}"}


def main() -> None:
    wanted = json.loads(sys.stdin.read())
    began = time.process_time_ns()
    model = Model()
    link_us = (time.process_time_ns() - began) / 1000
    answers = {name: answered(model, name, asked, wanted["times"]) for name, asked in wanted["questions"].items()}
    json.dump({"version": version("boring-semantic-layer"), "link_us": link_us, "answers": answers}, sys.stdout)


if __name__ == "__main__":
    main()
