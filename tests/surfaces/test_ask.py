"""`loadline ask`: every option, every way to be answered, and what each exit code means."""

from __future__ import annotations

from pathlib import Path

import pytest

from surfaces.terminal import Said, Terminal, refused_with, rows_of


def refused(said: Said, code: str, exit_code: int) -> None:
    """A "no" is an answer: it has a receipt, on stdout."""
    assert "Traceback" not in said.out + said.err
    assert said.code == exit_code, said
    assert f"  {code}" in said.out, said
    assert "mend " in said.out
    assert "rcpt-" in said.out


def test_every_option_has_its_effect(shop: Path, loadline: Terminal) -> None:
    said = loadline(
        *("ask", "-m", "revenue", "--metric", "order_count", "--by", "orders.region", "--grain", "month"),
        *("--where", "orders.region = north", "--during", "last quarter", "--today", "2026-10-05"),
        *("--order", "-time:month", "--limit", "1", "--audience", "finance", "--format", "json"),
    )
    assert said.code == 0, said
    receipt = said.json()["receipt"]
    assert said.json()["columns"] == ["orders.region", "time:month", "delivered_revenue", "order_count"]
    assert rows_of(said) == [["north", "2026-09-01", "349.90", 2]]
    assert receipt["audience"] == "finance"
    assert receipt["dates"]["start"] == "2026-07-01"
    assert receipt["dates"]["end"] == "2026-10-01"
    assert [(meaning["word"], meaning["means"]) for meaning in receipt["meanings"]] == [
        ("revenue", "delivered_revenue")
    ]


def test_a_condition_is_part_of_the_question(shop: Path, loadline: Terminal) -> None:
    condition = "orders.region = 'north' or orders.region is null"
    said = loadline("ask", "-m", "booked_revenue", "-b", "orders.region", "--condition", condition, "--format", "json")
    assert rows_of(said) == [["north", "3759.90"], [None, "410.25"]]
    assert said.json()["receipt"]["query"]["conditions"] == [condition]
    for broken in ("this is not sql (((", "orders.nonsense > 1"):
        assert loadline("ask", "-m", "booked_revenue", "--condition", broken).code == 2


def test_rows_are_delivered_one_for_each(shop: Path, loadline: Terminal) -> None:
    said = loadline("ask", "--rows", "-b", "orders.region", "--where", "orders.region = north", "--format", "json")
    listed = loadline("ask", "-b", "orders.region", "--where", "orders.region = north", "--format", "json")
    assert len(rows_of(said)) > len(rows_of(listed)) == 1
    assert loadline("ask", "--rows", "-m", "booked_revenue").code == 2


def test_a_part_of_a_date_is_a_whole_number_and_nothing_is_assumed_of_it(shop: Path, loadline: Terminal) -> None:
    said = loadline("ask", "--metric", "order_count", "--by", "time:month_of_year", "--during", "2026-09")
    assert "  9 " in said.out
    assert "cut into days" not in said.out
    assert "9.0" not in said.out


def test_decimals_are_exact_text_and_nothing_is_null(shop: Path, loadline: Terminal) -> None:
    said = loadline("ask", "-m", "booked_revenue", "-b", "orders.region", "--format", "json")
    assert rows_of(said) == [["north", "3759.90"], ["south", "715.50"], [None, "410.25"]]


def test_text_shows_units_percents_and_what_was_meant(shop: Path, loadline: Terminal) -> None:
    said = loadline("ask", "-m", "booked_revenue", "-m", "delivered_share")
    assert said.code == 0
    assert "4,885.65 EUR" in said.out
    assert "41.67 %" in said.out
    assert "owner sales-ops" in said.out


def test_github_gets_a_notice(shop: Path, loadline: Terminal) -> None:
    said = loadline("ask", "-m", "booked_revenue", "--format", "github")
    assert said.code == 0
    assert said.out.startswith("::notice title=verified::booked_revenue: 1 rows, receipt rcpt-")


def test_verified_words_are_answered_whatever_their_case_and_closing(shop: Path, loadline: Terminal) -> None:
    said = loadline("ask", "what was booked revenue", "by region in September 2026", "--format", "json")
    assert said.code == 0
    assert rows_of(said) == [["north", "2559.90"], [None, "410.25"], ["south", "75.50"]]


def test_words_of_two_audiences_are_asked_back(shop: Path, loadline: Terminal) -> None:
    said = loadline("ask", "What is our revenue?")
    refused(said, "RUN002", 2)
    assert said.out.startswith("clarify")
    assert "--audience finance" in said.out
    answers = [
        rows_of(loadline("ask", "What is our revenue?", "-a", audience, "--format", "json"))
        for audience in ("sales", "finance")
    ]
    assert answers == [[["4885.65"]], [["2035.65"]]]


def test_a_term_of_two_audiences_is_asked_back(shop: Path, loadline: Terminal) -> None:
    said = loadline("ask", "--metric", "revenue", "--format", "json")
    assert said.code == 2
    assert said.json()["receipt"]["status"] == "clarify"
    assert "rows" not in said.json()


def test_a_persons_own_audience_speaks_when_none_is_named(shop: Path, loadline: Terminal) -> None:
    said = loadline("ask", "--as", "ana", "--metric", "revenue", "--format", "json")
    assert rows_of(said) == [["4885.65"]]


def test_nobody_is_permitted_without_a_rule(shop: Path, loadline: Terminal) -> None:
    refused(loadline("ask", "--as", "guest", "--metric", "booked_revenue"), "POL001", 1)


def test_a_forbidding_rule_is_named(shop: Path, loadline: Terminal) -> None:
    said = loadline("ask", "--as", "ana", "--metric", "guess")
    refused(said, "POL002", 1)
    assert "no-guesses-for-ana" in said.out
    assert "she would believe them" in said.out
    assert loadline("ask", "--as", "ana", "-m", "guess", "--format", "github").out.startswith("::error title=POL002::")


def test_a_draft_is_delivered_and_said_to_be_one(shop: Path, loadline: Terminal) -> None:
    said = loadline("ask", "--metric", "guess")
    assert said.code == 0
    assert said.out.startswith("unverified")
    assert "CHK003" in said.out


@pytest.mark.parametrize(
    ("argv", "code"),
    [
        (["--metric", "booked_revenu"], "SEM101"),
        (["--metric", "booked_revenue", "--by", "orders.regoin"], "SEM103"),
        (["--metric", "booked_revenue", "--where", "orders.amount = much"], "SEM108"),
        (["--metric", "booked_revenue", "--order", "guess"], "SEM111"),
        (["How much did we make, roughly?"], "WRD001"),
        (["--metric", "booked_revenue", "--during", "whenever"], "RUN003"),
        (["--metric", "booked_revenue", "--metric", "booked_revenue"], "SEM114"),
    ],
)
def test_what_is_not_understood_is_refused_with_a_receipt(
    argv: list[str], code: str, shop: Path, loadline: Terminal
) -> None:
    refused(loadline("ask", *argv), code, 2)


@pytest.mark.parametrize(
    ("argv", "code"),
    [
        (["--metric", "booked_revenue", "--as", "anna"], "RUN006"),
        (["--metric", "booked_revenue", "--audience", "finances"], "RUN007"),
    ],
)
def test_what_is_not_in_the_project_is_said_with_the_nearest(
    argv: list[str], code: str, shop: Path, loadline: Terminal
) -> None:
    refused_with(loadline("ask", *argv), code, 2)


@pytest.mark.parametrize(
    "argv",
    [
        [],
        ["--limit", "3"],
        ["words", "--metric", "booked_revenue"],
        ["--limit", "0", "-m", "booked_revenue"],
        ["--today", "yesterday", "-m", "booked_revenue"],
        ["--grain"],
        ["--no-such-option"],
        ["-m", "booked_revenue", "--format", "xml"],
    ],
)
def test_a_wrong_usage_is_said_in_a_line(argv: list[str], shop: Path, loadline: Terminal) -> None:
    said = loadline("ask", *argv)
    assert said.code == 2
    assert said.out == ""
    assert "Error: " in said.err or "Usage" in said.err
    assert "Traceback" not in said.err


def test_an_order_by_a_limit_and_a_dimension_alone(shop: Path, loadline: Terminal) -> None:
    said = loadline("ask", "--by", "orders.order_id", "-o", "-orders.order_id", "-n", "2", "--format", "json")
    assert rows_of(said) == [["A-0007"], ["A-0006"]]


def test_an_empty_answer_says_that_there_are_no_rows(shop: Path, loadline: Terminal) -> None:
    said = loadline("ask", "--metric", "booked_revenue", "--by", "orders.region", "--during", "2001")
    assert said.code == 0
    assert "(no rows)" in said.out


def test_the_project_is_found_from_a_folder_below(
    shop: Path, loadline: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(shop / "data")
    assert loadline("ask", "-m", "order_count").code == 0


def test_a_broken_project_answers_nothing_and_says_all_of_it(shop: Path, loadline: Terminal) -> None:
    (shop / "context" / "orders.yaml").write_text("datasets: {orders: {sourc: shop.orders}}\nmetricz: {}\n", "utf-8")
    said = loadline("ask", "-m", "booked_revenue")
    assert said.code == 2
    assert said.err.count("error[PRJ") >= 2
    assert said.out == ""
