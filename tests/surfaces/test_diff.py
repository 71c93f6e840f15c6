"""`loadline diff`: definitions in words, what they reach, what becomes of verified answers; recorded, and judged."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from surfaces.terminal import Said, Terminal, edit

CONTEXT = Path("context") / "orders.yaml"


@pytest.fixture
def before(shop: Path, tmp_path: Path) -> str:
    """The shop as it was, beside the one that is changed."""
    folder = tmp_path / "before"
    shutil.copytree(shop, folder, ignore=shutil.ignore_patterns(".loadline"))
    return str(folder)


def changed(shop: Path) -> None:
    edit(shop / CONTEXT, "is: sum(orders.amount)", "is: sum(orders.amount) * 2")


def test_nothing_changed_is_no_change_and_exit_0(shop: Path, before: str, loadline: Terminal) -> None:
    said = loadline("diff", before)
    assert said.code == 0
    assert said.out.splitlines()[0] == "no definition changed"
    assert said.out.splitlines()[-1] == "no change"


def test_a_formula_is_told_with_what_it_does_to_answers(shop: Path, before: str, loadline: Terminal) -> None:
    changed(shop)
    said = loadline("diff", before)
    assert said.code == 1
    assert "~ metric booked_revenue" in said.out
    assert "formula: sum(orders.amount) → sum(orders.amount) * 2" in said.out
    assert "~ metric delivered_share" in said.out
    assert "by what it is made of: metric booked_revenue" in said.out
    assert "differs  What was booked revenue by region in September 2026?" in said.out
    assert "(+100.00 %)" in said.out
    assert said.out.splitlines()[-1] == "answers change: 2 changed"


def test_json_has_both_receipts_and_the_ledger_has_them_too(shop: Path, before: str, loadline: Terminal) -> None:
    changed(shop)
    found = loadline("diff", before, "--format", "json").json()
    assert found["alters_answers"] is True
    (differs,) = [one for one in found["questions"] if one["id"] == "booked-revenue-by-region"]
    assert differs["verdict"] == "differs"
    assert {cell["relative"] for cell in differs["numbers"]} == {"1"}
    assert differs["receipt_before"] != differs["receipt_after"]
    for receipt in (differs["receipt_before"], differs["receipt_after"]):
        assert loadline("receipt", receipt, "--prove").code == 0
    untouched = [one for one in found["questions"] if one["verdict"] == "same"]
    assert [one["receipt_after"] for one in untouched] == [None] * len(untouched)


def test_what_was_asked_to_compare_is_no_traffic(shop: Path, before: str, loadline: Terminal) -> None:
    changed(shop)
    loadline("diff", before)
    assert loadline("impact", "booked_revenue", "--format", "json").json()["traffic"]["asked"] == 0


def test_a_question_that_can_no_longer_be_answered_says_why(shop: Path, before: str, loadline: Terminal) -> None:
    edit(
        shop / "policies" / "rules.yaml",
        "rules:",
        "rules:\n  - {name: shut, forbid: ask, on: {columns: [orders.region]}}",
    )
    found = loadline("diff", before, "--format", "json").json()
    (lost,) = [one for one in found["questions"] if one["verdict"] == "no longer answered"]
    assert lost["id"] == "booked-revenue-by-region"
    assert "rule `shut` forbids column `orders.region`" in lost["cannot"]
    assert "no longer answered" in loadline("diff", before).out


def test_a_description_changes_no_answer(shop: Path, before: str, loadline: Terminal) -> None:
    edit(shop / CONTEXT, "description: All orders, cancelled ones too", "description: Every order")
    said = loadline("diff", before)
    assert said.code == 0
    assert "description: All orders, cancelled ones too → Every order" in said.out
    assert said.out.splitlines()[-1] == "answers stay as they are: 1 changed"


def test_without_values_nothing_is_asked(shop: Path, before: str, loadline: Terminal) -> None:
    changed(shop)
    (shop / "data" / "orders.csv").unlink()
    found = loadline("diff", before, "--no-values", "--format", "json").json()
    assert found["questions"] is None
    assert {one["name"] for one in found["definitions"]} == {"booked_revenue", "delivered_share"}


def test_without_a_ledger_values_are_compared_all_the_same(shop: Path, before: str, loadline: Terminal) -> None:
    changed(shop)
    shutil.rmtree(shop / ".loadline")
    said = loadline("diff", before)
    assert said.code == 1
    assert "differs" in said.out
    assert not (shop / ".loadline" / "ledger.db").exists()


def test_rules_judge_who_asks(shop: Path, before: str, loadline: Terminal) -> None:
    changed(shop)
    found = loadline("diff", before, "--as", "guest", "--format", "json").json()
    verdicts = {one["id"]: one["verdict"] for one in found["questions"]}
    assert verdicts["booked-revenue-by-region"] == "unanswered"
    assert all(one["numbers"] == [] for one in found["questions"])


def test_markdown_is_a_table_for_a_pull_request(shop: Path, before: str, loadline: Terminal) -> None:
    changed(shop)
    lines = loadline("diff", before, "--format", "markdown").out.splitlines()
    assert lines[0].startswith("### Loadline: answers change against")
    assert any(line.startswith("| ~ | metric `booked_revenue` | formula: sum(orders.amount) →") for line in lines)
    assert all(line.count("|") - line.count("\\|") in {0, 5, 6} for line in lines)


def refused(said: Said) -> str:
    assert said.code == 2
    return said.err


def test_a_project_outside_version_control_is_told_so(shop: Path, loadline: Terminal) -> None:
    assert "CHG004" in refused(loadline("diff", "HEAD"))


def test_a_project_that_could_not_be_read_then_is_told_so(shop: Path, before: str, loadline: Terminal) -> None:
    (Path(before) / CONTEXT).write_text("datasets: [", "utf-8")
    assert "CHG005" in refused(loadline("diff", before))
