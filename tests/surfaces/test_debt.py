"""`loadline debt`: what is listed, whom to ask, what rests on it, and the number."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from loadline.app import open_app
from loadline.flow.views.debt import Before, DebtKind, debt_of
from loadline.flow.views.noted import Noted, note_of, noted_in
from loadline.ledger.views.asked import usage
from surfaces.terminal import Terminal, edit, receipt_of

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


def before(*metrics: str, since: datetime) -> Before:
    return Before(since=since, noted=Noted(metrics=frozenset(metrics)))


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
        stale = debt_of(app.project, app.linked, nothing, before("guess", since=now)).items
        fresh = debt_of(app.project, app.linked, nothing, before("order_count", since=now)).items
    assert [item.kind for item in stale if item.subject == "guess"] == [DebtKind.NO_DESCRIPTION, DebtKind.STALE_DRAFT]
    assert [item.kind for item in fresh if item.subject == "guess"] == [DebtKind.NO_DESCRIPTION, DebtKind.NOT_APPROVED]


def test_without_a_ledger_what_needs_one_is_said_not_to_be_looked_for(shop: Path, loadline: Terminal) -> None:
    (shop / ".loadline" / "ledger.db").unlink()
    said = loadline("debt")
    assert said.code == 0
    assert said.out.startswith("context debt ")
    assert "not looked for: unused, not in a contract, two definitions, not resolved: no question was" in said.out
    assert "not looked for: stale drafts" in said.out


def test_drafts_of_all_kinds_are_stale_once_they_were_there_when_the_window_began(
    shop: Path, loadline: Terminal
) -> None:
    edit(shop / "contracts" / "orders.yaml", "status: active", "status: draft")
    asked = loadline("ask", "booked revenue in north in September 2026")
    receipt = receipt_of(asked)
    assert loadline("feedback", receipt, "wrong-slice").code == 0
    case = loadline("traffic", "promote", receipt, "--format", "json").json()["id"]
    more = shop / "questions" / "more.yaml"
    more.write_text(
        more.read_text("utf-8") + "  - {id: b, ask: blorb, query: {metrics: [order_count]}, status: draft}\n", "utf-8"
    )
    now = datetime.now(UTC)
    with open_app(shop) as app:
        noted = noted_in(note_of(app.project, app.linked))
        nothing = usage([], str, since=now, until=now)
        new = Before(since=now - timedelta(days=28), noted=Noted(metrics=frozenset(), drafts=frozenset()))
        fresh = debt_of(app.project, app.linked, nothing, new).items
        old = Before(since=now + timedelta(days=28), noted=noted)
        stale = debt_of(app.project, app.linked, nothing, old).items
    subjects = {"guess", "orders", "b", case}
    assert {item.subject for item in fresh if item.kind is DebtKind.NOT_APPROVED} == subjects
    assert {item.subject for item in stale if item.kind is DebtKind.STALE_DRAFT} == subjects
    assert not [item for item in (*fresh, *stale) if item.kind is DebtKind.STALE_REVIEW]


def test_an_approval_is_stale_once_what_it_rests_on_changed(shop: Path) -> None:
    now = datetime(2026, 11, 25, tzinfo=UTC)
    nothing = usage([], str, since=now, until=now)
    with open_app(shop) as app:
        noted = noted_in(json.loads(json.dumps(note_of(app.project, app.linked))))
    edit(shop / "context" / "orders.yaml", "is: sum(orders.amount)", "is: max(orders.amount)")
    with open_app(shop) as app:
        items = debt_of(app.project, app.linked, nothing, Before(since=now, noted=noted)).items
    stale = {item.subject: item for item in items if item.kind is DebtKind.STALE_REVIEW}
    # booked_revenue itself was rewritten, and whoever wrote it looked at it
    assert set(stale) == {"delivered_share", "booked-revenue-by-region", "revenue-sales"}
    assert stale["revenue-sales"].says == "it was verified before `booked_revenue` changed"
    assert stale["revenue-sales"].ask == ("sales-ops",)


def test_one_name_with_two_definitions_at_the_same_time_is_debt_and_a_change_is_not(
    shop: Path, loadline: Terminal
) -> None:
    context = shop / "context" / "orders.yaml"

    def asked(formula: str) -> None:
        text = context.read_text("utf-8")
        context.write_text(re.sub(r"is: \w+\(orders.amount\)", f"is: {formula}(orders.amount)", text), "utf-8")
        assert loadline("ask", "-m", "booked_revenue").code == 0

    for formula in ("sum", "max"):
        asked(formula)
    assert "two definitions" not in {kind for kind, _ in by_kind(loadline("debt", "--format", "json").json())}
    asked("sum")
    (item,) = [i for i in loadline("debt", "--format", "json").json()["items"] if i["kind"] == "two definitions"]
    assert (item["subject"], item["share"], item["ask"]) == ("booked_revenue", 1, ["sales-ops"])
    assert item["says"].startswith("was answered in turn as `sum(orders.amount)")


def test_fields_computed_alike_and_terms_that_nobody_says_are_debt(shop: Path, loadline: Terminal) -> None:
    fields = "    fields: {is_big: orders.amount > 1000, is_large: orders.amount > 1000}\n"
    edit(shop / "context" / "orders.yaml", "    contract: orders\n", "    contract: orders\n" + fields)
    assert loadline("ask", "-m", "booked_revenue").code == 0
    kinds = by_kind(loadline("debt", "--format", "json").json())
    assert {("same definition", "orders.is_big"), ("unused", "revenue")} <= kinds


# -- a project that has exactly one of a kind


def of_kind(loadline: Terminal, kind: str) -> list[str]:
    said = loadline("debt", "--format", "json")
    assert said.code == 0
    return [item["subject"] for item in said.json()["items"] if item["kind"] == kind]


def test_exactly_the_columns_that_are_read_and_no_contract_promises_are_listed(shop: Path, loadline: Terminal) -> None:
    (shop / "context" / "largest.yaml").write_text("metrics:\n  largest: {is: max(orders.amount)}\n", "utf-8")
    assert loadline("ask", "-m", "booked_revenue").code == 0
    edit(shop / "context" / "orders.yaml", "    contract: orders\n", FIELDS)
    asked = loadline("ask", "-m", "largest", "--format", "json").json()["receipt"]
    assert asked["sources"][0]["columns"] == ["amount"]
    listed = of_kind(loadline, "not in a contract")
    assert listed == ["orders.amount", "orders.status"]  # `booked_revenue` was asked lately, and reads both


def test_exactly_one_definition_under_two_names_is_listed_however_it_is_written(shop: Path, loadline: Terminal) -> None:
    assert of_kind(loadline, "same definition") == []
    twin = "metrics:\n  income: {is: sum(orders.amount), where: \"orders.status!='cancelled'\", unit: EUR}\n"
    (shop / "context" / "twin.yaml").write_text(twin, "utf-8")
    assert of_kind(loadline, "same definition") == ["booked_revenue"]


def test_exactly_one_name_with_two_definitions_is_listed(shop: Path, loadline: Terminal) -> None:
    context = shop / "context" / "orders.yaml"
    for formula in ("sum", "max", "sum"):
        context.write_text(re.sub(r"is: \w+\(orders.amount\)", f"is: {formula}(orders.amount)", context.read_text()))
        assert of_kind(loadline, "two definitions") == []
        assert loadline("ask", "-m", "booked_revenue").code == 0
    assert of_kind(loadline, "two definitions") == ["booked_revenue"]


def test_exactly_one_stale_review_is_listed_when_what_a_metric_is_made_of_changed_since(
    shop: Path, loadline: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    (shop / "questions" / "verified.yaml").unlink()
    (shop / "questions" / "more.yaml").unlink()
    assert loadline("ask", "-m", "delivered_share").code == 0  # the ledger notes what is approved
    edit(shop / "context" / "orders.yaml", "is: sum(orders.amount)", "is: max(orders.amount)")
    assert of_kind(loadline, "stale review") == []

    later = datetime.now(UTC) + timedelta(days=30)
    monkeypatch.setattr("loadline.app.opened.datetime", SimpleNamespace(now=lambda _: later))
    assert of_kind(loadline, "stale review") == ["delivered_share"]


def test_who_is_to_be_asked_of_an_open_question_is_who_owns_what_it_names_and_not_who_asked(
    shop: Path, loadline: Terminal
) -> None:
    edit(shop / "loadline.yaml", "owners:\n", "owners:\n  finance: {title: Finance}\n")
    edit(shop / "context" / "more.yaml", "    unit: EUR\n    owner: sales-ops", "    unit: EUR\n    owner: finance")
    for question in ("delivered revenue of the zorg", "booked revenue of the zorg", "what is a zorg"):
        assert loadline("ask", question).code == 2
    said = loadline("debt", "--format", "json").json()
    items = {item["subject"]: item for item in said["items"] if item["kind"] == "not resolved"}
    assert items["delivered revenue of the zorg"]["ask"] == ["finance"]
    assert items["booked revenue of the zorg"]["ask"] == ["sales-ops"]
    assert items["what is a zorg"]["ask"] == ["finance", "sales-ops"]
    assert items["what is a zorg"]["says"] == "asked once by local and not answered (WRD001)"
