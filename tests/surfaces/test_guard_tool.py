"""`@guard.tool`: a function behind the gate is called once it may be, and a no carries its receipt."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from loadline import guard
from loadline.errors import RequestError
from loadline.values.acting import ActStatus
from loadline.values.tool_reply import NotDone
from surfaces.terminal import edit

ACTIONS = """
actions:
  refund:
    python: "shop.refunds:refund"
    arguments: {order_id: integer, amount: {type: number, maximum: 500}, note: {type: text, optional: true}}
    effect: call
  notify: {python: "shop.mail:notify", arguments: {text: text}, effect: call}
"""
RULES = """
rules:
  - {name: bots-act, permit: act, who: {agents: ["bot"]}, on: {actions: [refund, notify]}, limits: {per_day: 4}}
  - {name: much-is-looked-at, hold: act, on: {actions: [refund]}, when: args.amount > 100, approval: {role: lead}}
"""


@pytest.fixture
def project(shop: Path) -> Path:
    edit(shop / "loadline.yaml", "people:", "people:\n  carl: {roles: [lead]}")
    (shop / "actions").mkdir()
    (shop / "actions/a.yaml").write_text(ACTIONS, encoding="utf-8")
    (shop / "policies/act.yaml").write_text(RULES, encoding="utf-8")
    return shop


def test_a_function_behind_the_gate_is_called_when_it_may_be(project: Path) -> None:
    paid: list[tuple[int, Decimal, str | None]] = []
    with guard.open_guard(project, agent="bot") as gate:

        @gate.tool
        def refund(order_id: int, amount: Decimal, note: str | None = None) -> dict[str, int]:
            """Pay it back."""
            paid.append((order_id, amount, note))
            return {"refund": len(paid)}

        assert refund.__name__ == "refund"
        assert refund(5, Decimal("9.50")) == {"refund": 1}
        with pytest.raises(guard.Withheld) as held:
            refund(order_id=6, amount=Decimal(200))
        assert held.value.receipt.status is ActStatus.WAITING
        with pytest.raises(guard.Withheld, match="at most 500"):
            refund(7, Decimal(501))
        assert gate.decide("refund", {"order_id": 6, "amount": 200})["decision"] == "hold"
        assert gate.decide("refund", {"order_id": 6, "amount": 20})["decision"] == "permit"
        assert gate.decide("refund", {"order_id": 6, "amount": 2000})["decision"] == "forbid"
        assert gate.decide("refunds", {})["decision"] == "forbid"
    assert paid == [(5, Decimal("9.50"), None)]


def test_what_did_not_come_off_is_never_a_result(project: Path) -> None:
    with guard.open_guard(project, agent="bot") as gate:

        @gate.tool(action="notify")
        def tell(text: str) -> NotDone:
            if text == "boom":
                raise ValueError(text)
            return NotDone(why="the mailbox is full")

        with pytest.raises(guard.Withheld, match="mailbox") as full:
            tell("x")
        assert full.value.receipt.status is ActStatus.FAILED
        with pytest.raises(guard.Withheld) as boom:
            tell("boom")
        assert boom.value.receipt.status is ActStatus.UNKNOWN


def test_another_agent_is_withheld_and_an_undeclared_function_is_refused(project: Path) -> None:
    with guard.open_guard(project, agent="other") as gate:

        @gate.tool
        def notify(text: str) -> None:
            raise AssertionError("it is never called")

        with pytest.raises(guard.Withheld):
            notify("x")
        for action in ("refund", "no_such"):
            with pytest.raises(RequestError):
                gate.tool(action=action)(lambda: None)
