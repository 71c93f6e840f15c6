"""A filter on a value that nothing has is delivered with a doubt that names what was meant; what there is, is not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from surfaces.terminal import Terminal, edit

NOTHING_ELSE = """rules:
  - {name: the-north, permit: ask, who: {roles: [analyst]}, rows: "orders.region = 'north'"}
"""


def asked(loadline: Terminal, *where: str) -> tuple[str, list[str], list[str]]:
    argv = ["ask", "-m", "order_count", "--format", "json"]
    for one in where:
        argv += ["-w", one]
    receipt: dict[str, Any] = loadline(*argv).json()["receipt"]
    reasons = receipt["reasons"]
    return receipt["status"], [one["code"] for one in reasons], [one["mend"] for one in reasons]


@pytest.mark.parametrize(
    ("where", "mend"),
    [
        ("orders.region = North", "write `north`"),
        ("orders.region = nrth", "write `north`"),
        ("orders.region != South", "write `south`"),
        ("orders.region in north, east", "write one of `north`, `south`"),
        ("orders.region not-in SOUTH", "write `south`"),
    ],
)
def test_a_value_that_no_row_has_is_doubted_and_the_near_one_named(
    shop: Path, loadline: Terminal, where: str, mend: str
) -> None:
    assert asked(loadline, where) == ("unverified", ["WRD014"], [mend])


@pytest.mark.parametrize(
    "where",
    ["orders.region = north", "orders.region in north, south", "orders.region != north", "orders.amount > 1000000"],
)
def test_a_value_that_there_is_or_that_is_no_text_is_not_doubted(shop: Path, loadline: Terminal, where: str) -> None:
    assert asked(loadline, where) == ("verified", [], [])


def test_a_value_of_rows_on_other_days_is_not_doubted(shop: Path, loadline: Terminal) -> None:
    argv = ("ask", "-m", "order_count", "-w", "orders.region = north", "--during", "2019", "--format", "json")
    assert loadline(*argv).json()["receipt"]["status"] == "verified"


def test_a_value_that_the_contract_allows_is_not_doubted_though_no_row_has_it(shop: Path, loadline: Terminal) -> None:
    assert asked(loadline, "orders.status = returned")[0] == "unverified"
    edit(
        shop / "contracts" / "orders.yaml",
        "{name: status, logicalType: string,",
        "{name: status, logicalType: string, "
        "enum: [{value: open}, {value: delivered}, {value: cancelled}, {value: returned}],",
    )
    assert asked(loadline, "orders.status = returned") == ("verified", [], [])


def test_what_is_said_of_a_value_tells_nobody_of_rows_they_may_not_see(shop: Path, loadline: Terminal) -> None:
    (shop / "policies" / "rules.yaml").write_text(NOTHING_ELSE, "utf-8")
    hidden = asked(loadline, "orders.region = south")
    invented = asked(loadline, "orders.region = atlantis")
    assert hidden == invented == ("unverified", ["WRD014"], ["write one of `north`"])


def test_an_id_is_a_text_like_any_other(shop: Path, loadline: Terminal) -> None:
    receipt = loadline("ask", "-m", "order_count", "-w", "orders.order_id = Z-9", "--format", "json").json()["receipt"]
    assert receipt["status"] == "unverified"
    found = loadline("ask", "-m", "order_count", "-w", "orders.order_id = A-0001", "--format", "json").json()["receipt"]
    assert found["status"] == "verified"
