"""`loadline receipt`: found by id, by its beginning, by its run; told in words or JSON; proven."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path

from surfaces.terminal import Terminal, edit, receipt_of, refused_with


def test_a_receipt_is_found_by_id_by_its_beginning_and_by_its_run(shop: Path, loadline: Terminal) -> None:
    answer = loadline("ask", "-m", "booked_revenue", "-b", "orders.region", "--format", "json").json()["receipt"]
    by_id = loadline("receipt", answer["id"], "--format", "json").json()["receipt"]
    assert loadline("receipt", answer["id"][:11], "--format", "json").json()["receipt"] == by_id
    assert loadline("receipt", answer["run"], "--format", "json").json()["receipt"] == by_id
    assert by_id == answer, "what was recorded is what was printed"


def test_the_same_question_has_the_same_receipt_and_the_newest_is_shown(shop: Path, loadline: Terminal) -> None:
    first = loadline("ask", "-m", "booked_revenue", "--format", "json").json()["receipt"]
    second = loadline("ask", "-m", "booked_revenue", "--format", "json").json()["receipt"]
    assert first["id"] == second["id"]
    assert loadline("receipt", first["id"], "--format", "json").json()["receipt"]["run"] == second["run"]
    assert loadline("receipt", first["run"], "--format", "json").json()["receipt"]["run"] == first["run"]


def test_the_story_names_definitions_owners_rules_sources_checks_and_sql(shop: Path, loadline: Terminal) -> None:
    receipt = receipt_of(loadline("ask", "-m", "booked_revenue", "--during", "2026-09", "-w", "orders.region = north"))
    said = loadline("receipt", receipt)
    assert said.code == 0
    for part in (
        "asked by    local (analyst)",
        "2026-09-01 to 2026-09-30, both included",
        "sum(orders.amount) where orders.status <> 'cancelled'",
        "owner sales-ops",
        "by analysts-ask",
        "shop.orders (",
        "contract orders 1.0.0",
        "columns-as-promised orders: holds",
        "freshness",
        "SUM(orders.amount)",
        "1 row in",
    ):
        assert part in re.sub(r"\n {14}", " ", said.out), part


def test_a_receipt_is_proven_from_the_ledger(shop: Path, loadline: Terminal) -> None:
    receipt = receipt_of(loadline("ask", "-m", "booked_revenue"))
    said = loadline("receipt", receipt, "--prove")
    assert said.code == 0
    assert re.search(r"proven +entry 2 of the 3 that loadline/shop signed", said.out)
    proof = loadline("receipt", receipt, "--prove", "--format", "json").json()["proof"]
    assert proof


def test_a_refusal_has_a_receipt_too(shop: Path, loadline: Terminal) -> None:
    said = loadline("receipt", receipt_of(loadline("ask", "-m", "nope")), "--prove")
    assert said.code == 0
    assert "SEM101" in said.out


def test_an_unknown_receipt_is_said(shop: Path, loadline: Terminal) -> None:
    for wanted in ("rcpt-00000000000000000000", "rcpt-", "", "%", "run-x", "project"):
        refused_with(loadline("receipt", "--", wanted), "RUN004", 2)


def test_several_that_begin_alike_are_listed(shop: Path, loadline: Terminal) -> None:
    seen: dict[str, str] = {}
    for limit in range(1, 400):
        asked = ("ask", "-m", f"nope{limit}", "--format", "json")
        receipt = str(loadline(*asked).json()["receipt"]["id"])
        if (other := seen.setdefault(receipt[:6], receipt)) != receipt:
            break
    else:
        raise AssertionError("400 receipts of 16 beginnings must meet")
    said = loadline("receipt", receipt[:6])
    refused_with(said, "RUN005", 2)
    assert other in said.err
    assert receipt in said.err


def test_a_changed_receipt_is_not_believed(shop: Path, loadline: Terminal) -> None:
    receipt = receipt_of(loadline("ask", "-m", "booked_revenue"))
    ledger = shop / ".loadline" / "ledger.db"
    with sqlite3.connect(ledger) as connection:
        sql = """UPDATE entry SET payload = replace(CAST(payload AS TEXT), '"sealed":"', '"sealed":"A')"""
        connection.execute(sql)
    connection.close()
    for argv in (("receipt", receipt), ("receipt", receipt, "--prove"), ("ledger", "prove")):
        refused_with(loadline(*argv), "LED001", 4)


def test_an_auditor_needs_the_public_key_alone(shop: Path, loadline: Terminal) -> None:
    receipt = receipt_of(loadline("ask", "-m", "booked_revenue"))
    (shop / ".loadline" / "signing.key").unlink()
    assert loadline("receipt", receipt, "--prove").code == 0


def test_changed_data_gives_another_receipt(shop: Path, loadline: Terminal) -> None:
    first = receipt_of(loadline("ask", "-m", "booked_revenue"))
    edit(shop / "data" / "orders.csv", "1200.00", "1200.01")
    assert receipt_of(loadline("ask", "-m", "booked_revenue")) != first
