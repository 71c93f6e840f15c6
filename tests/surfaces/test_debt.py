"""`loadline debt`: what is listed, whom to ask, what rests on it, and the number."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from loadline.app import open_app
from loadline.flow.views.debt import DebtKind, debt_of
from loadline.ledger.views.asked import usage
from surfaces.terminal import Terminal, edit

MORE = """
metrics:
  kept_revenue: {is: sum(orders.amount), where: "not (orders.status = 'cancelled')", unit: EUR}
  income:
    is: sum(orders.amount)
    where: orders.status <> 'cancelled'
    unit: EUR
    owner: sales-ops
    status: approved
    description: the same again
"""
FIELDS = """    fields:
      order_id: {expr: order_id, type: integer}
      ordered_on: {expr: ordered_on, type: date}
      region: {expr: region, type: string}
      status: {expr: status, type: string}
      amount: {expr: amount, type: number}
"""


def by_kind(said: Any) -> set[tuple[str, str]]:
    return {(item["kind"], item["subject"]) for item in said["items"]}


def test_each_kind_of_debt_is_found_with_whom_to_ask(shop: Path, loadline: Terminal) -> None:
    (shop / "context" / "debt.yaml").write_text(MORE, "utf-8")
    edit(shop / "loadline.yaml", "  local: {roles: [analyst]}", "  local: {roles: [analyst], audience: sales}")
    assert loadline("ask", "-m", "revenue").code == 0
    assert loadline("ask", "What is the blorb of the zorg?").code == 2
    assert loadline("ask", "what is the  blorb of the zorg").code == 2
    found = loadline("debt", "--format", "json")
    assert found.code == 0
    said = found.json()
    kinds = by_kind(said)
    assert {
        ("several meanings", "revenue"),
        ("no owner", "kept_revenue"),
        ("no description", "kept_revenue"),
        ("not approved", "guess"),
        ("same definition", "booked_revenue"),
        ("unused", "order_count"),
        ("not resolved", "what is the  blorb of the zorg"),
    } <= kinds
    assert ("unused", "booked_revenue") not in kinds
    assert ("unused", "delivered_revenue") not in kinds  # a verified question rests on it
    items = {(item["kind"], item["subject"]): item for item in said["items"]}
    term = items["several meanings", "revenue"]
    assert (term["ask"], term["share"]) == (["sales-ops"], 1 / 3)
    assert items["not resolved", "what is the  blorb of the zorg"]["share"] == 2 / 3
    assert items["same definition", "booked_revenue"]["says"] == "is computed like `income`"
    assert said["number"] == round(sum(1 + 9 * (item["share"] or 0) for item in said["items"]), 1)


def test_a_column_that_no_contract_promises_is_debt_once_it_is_read(shop: Path, loadline: Terminal) -> None:
    assert loadline("ask", "-m", "booked_revenue").code == 0
    assert not {kind for kind, _ in by_kind(loadline("debt", "--format", "json").json())} & {"not in a contract"}
    edit(shop / "context" / "orders.yaml", "    contract: orders\n", FIELDS)
    kinds = by_kind(loadline("debt", "--format", "json").json())
    assert ("not in a contract", "orders.amount") in kinds


def test_what_is_answered_later_and_what_is_forbidden_is_no_debt(shop: Path, loadline: Terminal) -> None:
    assert loadline("ask", "What is our blorb?").code == 2
    more = shop / "questions" / "more.yaml"
    more.write_text(
        more.read_text("utf-8") + "  - {id: b, ask: What is our blorb?, query: {metrics: [order_count]}}\n", "utf-8"
    )
    assert loadline("ask", "what is our blorb").code in {0, 1}
    assert loadline("ask", "-m", "guess", "--as", "ana").code == 1
    assert not [one for one in by_kind(loadline("debt", "--format", "json").json()) if one[0] == "not resolved"]


def test_a_draft_that_was_there_when_the_window_began_is_stale(shop: Path) -> None:
    now = datetime(2026, 11, 25, tzinfo=UTC)
    nothing = usage([], str, since=now, until=now)
    with open_app(shop) as app:
        stale = debt_of(app.project, app.linked, nothing, frozenset({"guess"})).items
        fresh = debt_of(app.project, app.linked, nothing, frozenset({"order_count"})).items
    assert [item.kind for item in stale if item.subject == "guess"] == [DebtKind.NO_DESCRIPTION, DebtKind.STALE_DRAFT]
    assert [item.kind for item in fresh if item.subject == "guess"] == [DebtKind.NO_DESCRIPTION, DebtKind.NOT_APPROVED]


def test_without_a_ledger_what_needs_one_is_said_not_to_be_looked_for(shop: Path, loadline: Terminal) -> None:
    (shop / ".loadline" / "ledger.db").unlink()
    said = loadline("debt")
    assert said.code == 0
    assert said.out.startswith("context debt ")
    assert "not looked for: unused, not in a contract, not resolved: no question was recorded" in said.out
    assert "not looked for: stale drafts" in said.out
