"""`loadline consistency` and `loadline receipt A B`, on answers that were really given."""

from __future__ import annotations

from pathlib import Path

from surfaces.terminal import Terminal, edit, receipt_of


def test_the_same_question_gets_the_same_answer(shop: Path, loadline: Terminal) -> None:
    for _ in range(3):
        assert loadline("ask", "-m", "booked_revenue").code == 0
    said = loadline("consistency")
    assert said.code == 0
    assert "3 answers, 2 repeats" in said.out
    assert "same receipt  2 of 2 (100.0 %)" in said.out
    assert "pass^2        100.0 % of 1 question" in said.out
    found = loadline("consistency", "--format", "json").json()
    assert (found["differences"], found["unexplained"], found["same_values"]) == ([], 0, 2)


def test_two_receipts_differ_by_a_definition_by_data_by_the_query(shop: Path, loadline: Terminal) -> None:
    first = receipt_of(loadline("ask", "-m", "booked_revenue"))
    by_region = receipt_of(loadline("ask", "-m", "booked_revenue", "-b", "orders.region"))
    edit(shop / "context" / "orders.yaml", "orders.status <> 'cancelled'", "orders.status = 'delivered'")
    redefined = receipt_of(loadline("ask", "-m", "booked_revenue"))
    said = loadline("receipt", first, redefined)
    assert said.code == 0
    assert "other receipt, values" in said.out
    assert "definition  `booked_revenue` was `sum(orders.amount) where orders.status <> 'cancelled'`" in said.out
    found = loadline("receipt", first, by_region, "--format", "json").json()
    assert [one["cause"] for one in found["causes"]] == ["interpretation"]
    assert found["unexplained"] == []
    csv = shop / "data" / "orders.csv"
    csv.write_text("\n".join(csv.read_text("utf-8").splitlines()[:-1]) + "\n", "utf-8")
    changed = receipt_of(loadline("ask", "-m", "booked_revenue"))
    assert "data version  the rows read were changed in between" in loadline("receipt", redefined, changed).out
    listed = loadline("consistency")  # the two definitions met the same data
    assert "definition" in listed.out
    assert listed.code == 0


def test_answers_from_other_tables_do_not_say_that_rows_were_changed(shop: Path, loadline: Terminal) -> None:
    (shop / "data" / "other.csv").write_bytes((shop / "data" / "orders.csv").read_bytes())
    files = "    shop.orders: data/orders.csv\n"
    edit(shop / "loadline.yaml", files, files + "    shop.other: data/other.csv\n")
    more = "datasets:\n  others: {source: shop.other, contract: orders, time: ordered_on}\n"
    more += "metrics:\n  other_count: {is: count(others)}\n"
    (shop / "context" / "others.yaml").write_text(more, "utf-8")
    first = receipt_of(loadline("ask", "-m", "order_count"))
    other = receipt_of(loadline("ask", "-m", "other_count"))
    found = loadline("receipt", first, other, "--format", "json").json()
    causes = {one["cause"]: one["what"] for one in found["causes"]}
    assert causes["relations"] == "read shop.orders, now shop.other"
    assert "data version" not in causes
    assert found["unexplained"] == []


def test_a_question_that_was_verified_otherwise_since_is_consistent_but_wrong(shop: Path, loadline: Terminal) -> None:
    for _ in range(2):
        assert loadline("ask", "What is our revenue?", "-a", "sales").code == 0
    assert loadline("consistency").code == 0
    edit(shop / "questions" / "more.yaml", "{metrics: [booked_revenue]}", "{metrics: [order_count]}")
    said = loadline("consistency")
    assert said.code == 1
    assert "consistent but wrong  1 of 1 verified question" in said.out


def test_a_proof_is_of_one_receipt(shop: Path, loadline: Terminal) -> None:
    assert loadline("receipt", "rcpt-000000", "rcpt-000001", "--prove").code == 2
    assert loadline("receipt", "rcpt-000000", "rcpt-000001").code == 2


def test_nothing_asked_twice_is_said(shop: Path, loadline: Terminal) -> None:
    assert "no question was asked twice" in loadline("consistency").out
