"""What is approved has an owner: `check` warns where it has none, and an answer is not verified before."""

from __future__ import annotations

from pathlib import Path

from surfaces.terminal import Terminal, edit


def test_approved_without_an_owner_is_a_warning_and_no_verified_answer(shop: Path, loadline: Terminal) -> None:
    context = shop / "context" / "orders.yaml"
    assert loadline("check").code == 0
    edit(context, "    is: count(orders)\n    owner: sales-ops\n", "    is: count(orders)\n")
    said = loadline("check")
    assert said.code == 0
    assert "metric `order_count` is approved and has no owner" in said.out
    assert "0 errors, 1 warning" in said.out
    receipt = loadline("ask", "-m", "order_count", "--format", "json").json()["receipt"]
    (reason,) = receipt["reasons"]
    assert (receipt["status"], reason["code"]) == ("unverified", "CHK003")
    assert reason["mend"] == "write `owner:` under `order_count`"


def test_a_text_in_double_quotes_is_told_how_a_text_is_quoted(shop: Path, loadline: Terminal) -> None:
    context = shop / "context" / "orders.yaml"
    edit(context, "where: orders.status <> 'cancelled'", 'where: orders.status <> "cancelled"')
    assert "write `'cancelled'`: a text stands in single quotes" in loadline("check").out


def test_a_time_that_may_be_two_is_mended_by_naming_either(shop: Path, loadline: Terminal) -> None:
    receipt = loadline("ask", "booked revenue on 03/04/2026", "--format", "json").json()["receipt"]
    assert [one["code"] for one in receipt["reasons"]] == ["WRD005"]
    assert receipt["reasons"][0]["mend"] == "write `2026-03-04` or `2026-04-03`"


def test_what_is_wrong_in_a_text_is_numbered_from_one(shop: Path, loadline: Terminal) -> None:
    text = "In September 2026 booked revenue was 3,045.65 EUR. In September 2026 order count was 77."
    said = loadline("verify", text, "--today", "2026-11-02")
    assert said.code == 1
    assert "77 ✗1" in said.out
    assert "✗2" not in said.out
