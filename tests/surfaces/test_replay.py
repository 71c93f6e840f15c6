"""`loadline traffic promote` and `loadline replay`: what was asked is asked again, and has a cause."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from surfaces.terminal import Terminal, edit, receipt_of, refused_with

WORDS = ("ask", "booked revenue in north in September 2026")
DATA = "data/orders.csv"


def promote(loadline: Terminal, receipt: str) -> str:
    said = loadline("traffic", "promote", receipt, "--format", "json")
    assert said.code == 0, said
    assert said.json()["replayed"]["verdict"] in {"same", "candidate"}, said
    case: str = said.json()["id"]
    return case


def replayed(loadline: Terminal, *argv: str) -> tuple[int, dict[str, Any]]:
    said = loadline("replay", *argv, "--format", "json")
    return said.code, {one["id"]: one for one in said.json()["replayed"]}


@pytest.fixture
def case(shop: Path, loadline: Terminal) -> str:
    asked = loadline(*WORDS)
    assert asked.code == 0, asked
    return promote(loadline, receipt_of(asked))


def causes(one: dict[str, Any]) -> set[str]:
    return {cause["cause"] for cause in one["causes"]}


def test_a_cell_becomes_a_case_that_is_tested_and_is_what_it_was(shop: Path, loadline: Terminal) -> None:
    receipt = receipt_of(loadline(*WORDS))
    (cell,) = loadline("traffic", "--format", "json").json()["cells"]
    assert (cell["is_tested"], cell["receipt"]) == (False, receipt)
    name = promote(loadline, cell["id"][:12])
    assert loadline("check").code == 0
    (cell,) = loadline("traffic", "--format", "json").json()["cells"]
    assert cell["is_tested"]
    code, found = replayed(loadline, name)
    assert (code, found[name]["verdict"], found[name]["is_same_data"]) == (0, "same", True)
    assert found[name]["before"] == found[name]["after"] == receipt
    assert found[name]["rows_before"] == found[name]["rows_after"] != []


def test_what_is_replayed_is_no_traffic(case: str, loadline: Terminal) -> None:
    before = loadline("traffic", "--format", "json").json()["asked"]
    assert loadline("replay").code == 0
    assert loadline("traffic", "--format", "json").json()["asked"] == before


def test_another_value_over_the_same_data_fails_and_names_the_definition(
    case: str, shop: Path, loadline: Terminal
) -> None:
    context = shop / "context" / "orders.yaml"
    edit(context, "is: sum(orders.amount)", "is: max(orders.amount)")
    code, found = replayed(loadline, case)
    assert code == 1
    assert (found[case]["verdict"], found[case]["because"]) == ("fails", "the same data has another value")
    assert causes(found[case]) == {"definition"}
    text = loadline("replay", case)
    assert "was `sum(orders.amount)" in text.out
    assert '<testsuite name="replay" tests="1" failures="1"' in loadline("replay", case, "--format", "junit").out
    assert "| fails | booked revenue in north" in loadline("replay", case, "--format", "markdown").out


def test_other_data_is_a_cause_and_no_failure(case: str, shop: Path, loadline: Terminal) -> None:
    with (shop / DATA).open("a", encoding="utf-8") as file:
        file.write("A-0008,2026-09-02,north,open,10.00\n")
    code, found = replayed(loadline, case)
    assert code == 0, found
    assert found[case]["verdict"] == "changed"
    assert "data version" in causes(found[case])
    assert found[case]["is_same_data"] is False


def test_a_role_that_may_no_longer_ask_fails_by_its_role(shop: Path, loadline: Terminal) -> None:
    case = promote(loadline, receipt_of(loadline("ask", "-m", "booked_revenue")))
    rules = shop / "policies" / "rules.yaml"
    more = "\n  - name: nothing-for-analysts\n    forbid: ask\n    who: {roles: [analyst]}\n    because: it is a test\n"
    rules.write_text(rules.read_text("utf-8") + more, "utf-8")
    code, found = replayed(loadline, case)
    assert code == 1
    assert "no longer answered" in found[case]["because"]
    assert "role" in causes(found[case])


def test_words_that_mean_something_else_now_fail_whatever_the_data_is(
    case: str, shop: Path, loadline: Terminal
) -> None:
    questions = shop / "questions" / "regression.yaml"
    edit(questions, '"value": "north"', '"value": "south"')
    (shop / DATA).write_text((shop / DATA).read_text("utf-8") + "\n", "utf-8")
    code, found = replayed(loadline, case)
    assert (code, found[case]["because"]) == (1, "its words mean something else now")
    assert "interpretation" in causes(found[case])


def test_another_loadline_is_a_cause(case: str, shop: Path, loadline: Terminal) -> None:
    questions = shop / "questions" / "regression.yaml"
    text = questions.read_text("utf-8")
    version = next(line for line in text.splitlines() if line.strip().startswith("loadline:"))
    edit(questions, version, '      loadline: "0.0.1"')
    edit(questions, 'receipt: "rcpt-', 'receipt: "rcpt-0')
    code, found = replayed(loadline, case)
    assert (code, found[case]["verdict"], causes(found[case])) == (0, "changed", {"version"})


def test_a_difference_that_nothing_explains_fails(case: str, shop: Path, loadline: Terminal) -> None:
    edit(shop / "questions" / "regression.yaml", 'receipt: "rcpt-', 'receipt: "rcpt-0')
    code, found = replayed(loadline, case)
    assert code == 1
    assert found[case]["because"] == "no cause that is known accounts for another receipt"


def test_a_refusal_is_a_case_too_and_fails_when_it_is_answered(shop: Path, loadline: Terminal) -> None:
    asked = loadline("ask", "average guess by colour of the moon")
    assert asked.code == 2
    name = promote(loadline, receipt_of(asked))
    assert replayed(loadline, name)[0] == 0
    more = "\n  - {id: moon, ask: average guess by colour of the moon, query: {metrics: [booked_revenue]}}\n"
    questions = shop / "questions" / "more.yaml"
    questions.write_text(questions.read_text("utf-8") + more, "utf-8")
    code, found = replayed(loadline, name)
    assert (code, found[name]["because"]) == (1, "it was not to be understood, and now it is")


def test_feedback_makes_a_candidate_which_becomes_a_case_once_it_is_put_right(shop: Path, loadline: Terminal) -> None:
    receipt = receipt_of(loadline(*WORDS))
    assert loadline("feedback", receipt, "wrong-slice", "--note", "the south was meant").code == 0
    listed = loadline("traffic")
    assert "candidates" in listed.out
    assert f"{receipt} · local: wrong-slice (the south was meant)" in listed.out
    name = promote(loadline, receipt)
    assert loadline("traffic", "--format", "json").json()["candidates"] == []
    code, found = replayed(loadline, name)
    assert (code, found[name]["verdict"]) == (0, "candidate")
    assert not loadline("traffic", "--format", "json").json()["cells"][0]["is_tested"]
    questions = shop / "questions" / "regression.yaml"
    kept = (
        questions.read_text("utf-8").replace('"value": "north"', '"value": "south"').replace("    status: draft\n", "")
    )
    questions.write_text(kept[: kept.index("    expect:")], "utf-8")
    assert loadline("check").code == 0
    code, found = replayed(loadline, name)
    assert (code, found[name]["because"]) == (1, "its words mean something else now")


def test_parts_are_kept_as_the_query_they_are(shop: Path, loadline: Terminal) -> None:
    argv = ("-m", "booked_revenue", "-b", "orders.region", "-w", "orders.amount > 12.5", "--during", "last quarter")
    receipt = receipt_of(loadline("ask", *argv, "--today", "2026-08-15"))
    name = promote(loadline, receipt)
    written = (shop / "questions" / "regression.yaml").read_text("utf-8")
    assert "ask:" not in written
    assert 'during: "2026-04-01..2026-06-30"' in written
    assert replayed(loadline, name)[1][name]["verdict"] == "same"


def test_verified_questions_are_compared_with_their_last_answer(shop: Path, loadline: Terminal) -> None:
    code, found = replayed(loadline)
    assert code == 0
    assert {one["verdict"] for one in found.values()} == {"answered"}
    assert loadline("ask", "What is our revenue?", "-a", "sales").code == 0
    assert replayed(loadline, "revenue-sales")[1]["revenue-sales"]["verdict"] == "same"
    edit(shop / "context" / "orders.yaml", "is: sum(orders.amount)", "is: max(orders.amount)")
    code, found = replayed(loadline, "revenue-sales")
    assert (code, causes(found["revenue-sales"])) == (1, {"definition"})


def test_a_fresh_checkout_has_no_ledger_and_is_replayed(case: str, shop: Path, loadline: Terminal) -> None:
    for file in (shop / ".loadline").iterdir():
        file.unlink()
    code, found = replayed(loadline, case)
    assert (code, found[case]["verdict"]) == (0, "same")
    assert list((shop / ".loadline").glob("*.db")) == []


def test_what_cannot_be_promoted_or_replayed_is_said(case: str, shop: Path, loadline: Terminal) -> None:
    refused_with(loadline("traffic", "promote", "cell-0000000000"), "RPL001", 2)
    refused_with(loadline("traffic", "promote", receipt_of(loadline(*WORDS))), "RPL003", 2)
    refused_with(loadline("replay", "nothing"), "RPL004", 2)
    rows = receipt_of(loadline("ask", "--rows", "-b", "orders.region", "-b", "orders.amount"))
    assert "it lists rows" in refused_with(loadline("traffic", "promote", rows), "RPL002", 2)


def test_the_file_of_cases_is_checked(case: str, shop: Path, loadline: Terminal) -> None:
    edit(shop / "questions" / "regression.yaml", "person: local\n", "person: nobody\n")
    said = loadline("check")
    assert said.code == 2
    assert "PRJ034" in said.out + said.err


def test_feedback_and_version_stand_in_the_receipts_story(shop: Path, loadline: Terminal) -> None:
    receipt = receipt_of(loadline(*WORDS))
    assert loadline("feedback", receipt, "helpful").code == 0
    assert loadline("feedback", receipt, "wrong-period", "--as", "ana", "--note", "too early").code == 0
    told = loadline("receipt", receipt).out
    assert "local: helpful" in told
    assert "ana: wrong-period (too early)" in told
    assert "answered by loadline " in told
    found = loadline("receipt", receipt, "--format", "json").json()
    assert found["receipt"]["loadline"]
    assert [one["by"] for one in found["feedback"]] == ["local", "ana"]


def test_a_choice_that_was_approved_since_reads_the_same_and_is_no_change(shop: Path, loadline: Terminal) -> None:
    (shop / "questions" / "remembered.yaml").write_text(
        "questions:\n"
        "  - id: takings\n"
        '    ask: "what did we take"\n'
        "    query: {metrics: [booked_revenue]}\n"
        "    verified_by: sales-ops\n"
        "    status: draft\n",
        "utf-8",
    )
    asked = loadline("ask", "what did we take")
    assert "WRD013" in asked.out, asked
    case = promote(loadline, receipt_of(asked))
    edit(shop / "questions" / "remembered.yaml", "status: draft", "status: approved")
    code, found = replayed(loadline, case)
    assert (code, found[case]["verdict"]) == (0, "same")
    assert found[case]["because"] == "it has the same reading, which somebody has approved in between"
    edit(shop / "context" / "orders.yaml", "is: sum(orders.amount)", "is: max(orders.amount)")
    code, found = replayed(loadline, case)
    assert (code, found[case]["verdict"], "definition" in causes(found[case])) == (1, "fails", True)
    said = loadline("replay", case).out
    assert "no longer WRD013, nobody has approved yet" in " ".join(said.split()), said


def test_what_is_refused_for_the_same_reasons_is_no_change_whatever_else_the_project_says(
    shop: Path, loadline: Terminal
) -> None:
    asked = loadline("ask", "loyalty index in September 2026")
    case = promote(loadline, receipt_of(asked))
    edit(shop / "context" / "orders.yaml", "is: sum(orders.amount)", "is: max(orders.amount)")
    code, found = replayed(loadline, case)
    assert (code, found[case]["verdict"]) == (0, "same")
    assert found[case]["because"] == "it is not answered, for the same reasons"
