"""The public Python API as its documentation says it is typed. It is never run: type checkers read it.

What must be refused is marked `type: ignore` with its code; an ignore that is not needed is an error itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any, assert_type

import loadline
from loadline.surfaces.python import Answered, Opened, Verified
from loadline.values.acting import ActReceipt, ActStatus
from loadline.values.diagnostic import Diagnostic


def opening() -> None:
    assert_type(loadline.open(), Opened)
    assert_type(loadline.open("shop", as_="ana", audience="finance", agent="notebook"), Opened)
    with loadline.open(Path("shop")) as shop:
        assert_type(shop, Opened)
    loadline.open(7)  # type: ignore[arg-type]
    loadline.open("shop", "ana")  # type: ignore[call-arg]
    loadline.close()  # type: ignore[operator]


def asking(shop: Opened) -> None:
    answer = shop.ask("net revenue in Germany last month", audience="finance", today=date(2025, 11, 14), choice=1)
    assert_type(answer, Answered)
    assert_type(shop.ask(metrics="booked_revenue", by=["time:month"], during="2025", limit=5), Answered)
    assert_type(shop.ask(metrics=("a", "b"), where="customers.region = north", order="-a", conditions=[]), Answered)
    shop.ask(7)  # type: ignore[arg-type]
    shop.ask(metrics=7)  # type: ignore[arg-type]
    shop.ask(metric="booked_revenue")  # type: ignore[call-arg]
    shop.ask("revenue", today="2025-11-14")  # type: ignore[arg-type]
    shop.ask(limit="five")  # type: ignore[arg-type]


def answers(answer: Answered) -> None:
    assert_type(answer.status, str)
    assert_type(answer.receipt, str)
    assert_type(answer.columns, tuple[str, ...])
    assert_type(answer.value, object)
    assert_type(answer.reasons, tuple[str, ...])
    assert_type(answer.options, tuple[str, ...])
    assert_type(answer.told(), Mapping[str, Any])
    assert_type(iter(answer), Iterator[tuple[object, ...]])
    assert_type(len(answer), int)
    assert_type(bool(answer), bool)
    assert_type(answer.to_arrow(), Any)
    assert_type(answer.to_pandas(), Any)
    assert_type(answer._repr_html_(), str)
    answer.value + 1  # type: ignore[operator]
    answer.status = "verified"  # type: ignore[misc]


def verifying(shop: Opened) -> None:
    found = shop.verify("There are 12 orders.", audience="sales", today=date(2025, 11, 14))
    assert_type(found, Verified)
    assert_type(found.counts, Mapping[str, int])
    assert_type(found.claims, tuple[Mapping[str, Any], ...])
    assert_type(found.receipt, str | None)
    shop.verify(b"12 orders")  # type: ignore[arg-type]


def acting(shop: Opened) -> None:
    receipt = shop.act("close_order", agent="bot", key="k-1", dry_run=True, order_id=7)
    assert_type(receipt, ActReceipt)
    assert_type(receipt.status, ActStatus)
    assert_type(receipt.run, str)
    shop.act("close_order", dry_run="yes")  # type: ignore[arg-type]
    receipt.run = "another"  # type: ignore[misc]


def looking(shop: Opened) -> None:
    assert_type(shop.check(), tuple[Diagnostic, ...])
    assert_type(shop.receipt("rcpt-1"), Mapping[str, Any])
    shop.receipt(1)  # type: ignore[arg-type]
