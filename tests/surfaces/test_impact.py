"""`loadline impact`: the tree, the share of what was asked, and JSON."""

from __future__ import annotations

from pathlib import Path

from surfaces.terminal import Terminal


def test_a_column_shows_what_rests_on_it_and_how_much_is_asked_of_it(shop: Path, loadline: Terminal) -> None:
    assert loadline("ask", "-m", "booked_revenue").code == 0
    assert loadline("ask", "-m", "order_count").code in {0, 2}
    said = loadline("impact", "orders.amount")
    assert said.code == 0
    assert said.out.startswith("orders.amount  column")
    assert "└─ " in said.out
    assert "booked_revenue" in said.out
    assert "traffic  1 of 2 questions in the last 28 days (50.0 %), by 1 person" in said.out


def test_json_lists_each_thing_with_its_way(shop: Path, loadline: Terminal) -> None:
    found = loadline("impact", "delivered_revenue", "--format", "json").json()
    assert found["of"]["kind"] == "metric"
    assert {(one["kind"], one["name"], one["hops"], one["through"]) for one in found["reached"]} == {
        ("metric", "delivered_share", 1, "metric delivered_revenue"),
        ("term", "revenue", 1, "metric delivered_revenue"),
        ("question", "revenue-finance", 1, "metric delivered_revenue"),
    }
    assert found["traffic"]["asked"] == 0
    assert found["traffic"]["share"] is None


def test_without_a_ledger_the_traffic_is_said_to_be_unknown(shop: Path, loadline: Terminal) -> None:
    (shop / ".loadline" / "ledger.db").unlink()
    said = loadline("impact", "booked_revenue")
    assert said.code == 0
    assert "traffic  unknown" in said.out
    assert loadline("impact", "booked_revenue", "--format", "json").json()["traffic"] is None


def test_an_unknown_name_is_an_error_with_the_nearest(shop: Path, loadline: Terminal) -> None:
    said = loadline("impact", "orders.amont")
    assert said.code == 2
    assert "CHG001" in said.err
    assert "write `orders.amount`" in said.err
