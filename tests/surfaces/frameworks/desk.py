"""A shop whose agent may pay small refunds back, has larger ones looked at, and may not write to anybody."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from loadline.app import open_app
from loadline.values.acting import ActStatus
from surfaces.terminal import edit

ACTIONS = """
actions:
  refund:
    description: Pay an order back.
    python: "refund_desk:refund"
    arguments: {order_id: integer, amount: {type: number, maximum: 500}, config: {type: text, optional: true}}
    effect: call
  notify: {python: "refund_desk:notify", arguments: {text: text}, effect: call}
"""
RULES = """
rules:
  - {name: bots-pay, permit: act, who: {agents: ["bot"]}, on: {actions: [refund]}}
  - {name: much-is-looked-at, hold: act, on: {actions: [refund]}, when: args.amount > 100, approval: {role: lead}}
"""
FUNCTIONS = """
paid = []

def refund(order_id, amount, config=None):
    paid.append((order_id, str(amount), config))
    return {"refund": len(paid)}

def notify(text):
    raise AssertionError("nothing permits it")
"""
ASKED: tuple[tuple[str, Mapping[str, Any]], ...] = (
    ("query_metrics", {"metrics": ["booked_revenue"]}),
    ("query_metrics", {"metrics": ["booked_revenu"]}),
    ("query_metrics", {"metrics": "booked_revenue", "nonsense": 1}),
    ("verify_answer", {"text": "Booked revenue is 1 EUR."}),
    ("refund", {"order_id": 5, "amount": 9.5}),
    ("refund", {"order_id": 6, "amount": 200}),
    ("refund", {"order_id": 6, "amount": 200}),
    ("refund", {"order_id": 7, "amount": 501}),
    ("notify", {"text": "hello"}),
)
"""What the models of these tests call, one after the other."""


class Desk:
    """The project, and what came of the calls."""

    def __init__(self, project: Path) -> None:
        self.project = project

    def paid(self) -> list[tuple[int, str, str | None]]:
        """What really happened."""
        module = sys.modules.get("refund_desk")
        return list(module.paid) if module is not None else []

    def holds(self, answers: Sequence[str]) -> None:
        """What each call of ASKED has to come to, whatever framework made it."""
        said = [json.loads(one) for one in answers]
        assert [one.get("status") for one in said] == [
            "verified", "refused", "refused", None, "done", "waiting", "waiting", "refused", "forbidden",
        ]  # fmt: skip
        asked, misspelt, unfit, verified, done, waiting, again, too_much, forbidden = said
        assert len(asked["rows"]) == 1
        assert "booked_revenue" in str(misspelt["reasons"])
        assert "does not fit" in unfit["reasons"][0]["what"]
        assert [one["verdict"] for one in verified["claims"]] not in ([], ["supported"])
        assert done["result"] == {"refund": 1}
        assert waiting["run"] == again["run"]
        assert "get_action" in waiting["note"]
        assert "at most 500" in str(too_much["reasons"])
        assert forbidden["reasons"]
        assert self.paid() == [(5, "9.5", None)]
        with open_app(self.project) as app:
            (held,) = app.unfinished()
            assert (held.receipt.run, held.receipt.agent, held.receipt.person) == (waiting["run"], "bot", "ana")
            recorded = [app.act_status(one["run"]).status for one in (done, waiting, too_much, forbidden)]
            assert recorded == [ActStatus.DONE, ActStatus.WAITING, ActStatus.REFUSED, ActStatus.FORBIDDEN]
            assert app.receipt(asked["receipt"])["question"]
            app.approve(waiting["run"], principal=app.on_behalf("carl"))
        assert self.paid() == [(5, "9.5", None), (6, "200", None)]


def make_desk(shop: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    edit(shop / "loadline.yaml", "people:", "people:\n  carl: {roles: [lead]}")
    (shop / "actions").mkdir()
    (shop / "actions/desk.yaml").write_text(ACTIONS, encoding="utf-8")
    (shop / "policies/desk.yaml").write_text(RULES, encoding="utf-8")
    (shop / "refund_desk.py").write_text(FUNCTIONS, encoding="utf-8")
    monkeypatch.syspath_prepend(str(shop))
    monkeypatch.delitem(sys.modules, "refund_desk", raising=False)
    return Desk(shop)
