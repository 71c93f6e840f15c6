"""`loadline ask` in words with `--choose` and `--remember`, and `loadline words ask`: one question a line."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from surfaces.terminal import Terminal, edit


def batch(loadline: Terminal, monkeypatch: pytest.MonkeyPatch, text: str, *argv: str) -> list[dict[str, Any]]:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    said = loadline("words", "ask", *argv)
    assert said.code == 0, said
    return [json.loads(line) for line in said.out.splitlines()]


def test_words_are_answered_and_say_what_they_were_taken_for(shop: Path, loadline: Terminal) -> None:
    said = loadline("ask", "booked revenue by region in September 2026")
    assert said.code == 0
    assert said.out.startswith("verified  booked revenue by region in September 2026")
    assert "2026-09-01 to 2026-09-30" in said.out
    assert "no period was asked for" in loadline("ask", "booked revenue").out


def test_a_word_that_stands_for_a_filter_is_said_under_the_answer(shop: Path, loadline: Terminal) -> None:
    said = loadline("ask", "booked revenue in north in September 2026")
    assert "taken as    `north` is orders.region = north" in said.out


def test_a_choice_is_made_by_number_and_kept_as_a_draft(shop: Path, loadline: Terminal) -> None:
    asked = loadline("ask", "orders in September 2026")
    assert asked.code == 2
    assert asked.out.startswith("clarify")
    number = next(line.split()[1].rstrip(".") for line in asked.out.splitlines() if line.endswith(". order_count"))
    chosen = loadline("ask", "orders in September 2026", "--choose", number, "--remember")
    assert chosen.code == 0
    assert chosen.out.startswith("verified")
    assert "a draft, until sales-ops approves it" in chosen.err
    again = loadline("ask", "Orders in September 2026?")
    assert again.code == 0
    assert again.out.startswith("unverified")
    assert "WRD013" in again.out
    assert loadline("check").code == 0
    edit(shop / "questions" / "remembered.yaml", "status: draft", "status: approved")
    assert loadline("ask", "orders in September 2026").out.startswith("verified")


def test_a_wording_is_remembered_once(shop: Path, loadline: Terminal) -> None:
    number = "1"
    assert loadline("ask", "orders", "--choose", number, "--remember").code == 0
    kept = (shop / "questions" / "remembered.yaml").read_text("utf-8")
    said = loadline("ask", "orders", "--choose", number, "--remember")
    assert said.code == 2
    assert "WRD011" in said.err
    assert (shop / "questions" / "remembered.yaml").read_text("utf-8") == kept


@pytest.mark.parametrize(
    "argv", [["orders", "--remember"], ["--metric", "booked_revenue", "--choose", "1"], ["orders", "--choose", "0"]]
)
def test_choosing_belongs_to_words(argv: list[str], shop: Path, loadline: Terminal) -> None:
    assert loadline("ask", *argv).code == 2


def test_each_line_is_answered_by_itself(shop: Path, loadline: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [
        "booked revenue",
        "",
        json.dumps({"question": "revenue", "audience": "finance", "id": 7}),
        json.dumps({"question": "booked revenue last month", "today": "2026-10-05"}),
        json.dumps({"question": "why?"}),
        json.dumps({"question": 3}),
        json.dumps({"question": "revenue", "audience": "nobody"}),
        json.dumps({"question": "revenue", "today": "soon"}),
        json.dumps({"q": "revenue"}),
        "{",
    ]
    said = batch(loadline, monkeypatch, "\n".join(lines))
    assert [one["status"] for one in said] == ["verified"] * 3 + ["refused"] + ["error"] * 5
    assert said[0]["values"] == [["4885.65"]]
    assert (said[1]["id"], said[1]["query"]["metrics"], said[1]["audience"]) == (7, ["delivered_revenue"], "finance")
    assert (said[2]["dates"]["start"], said[2]["dates"]["end"]) == ("2026-09-01", "2026-10-01")
    assert all(one["receipt"] for one in said[:4])
    codes = [one["reasons"][0]["code"] for one in said[4:]]
    assert codes == ["WRD012", "RUN007", "WRD012", "WRD012", "WRD012"]


def test_text_is_for_people(shop: Path, loadline: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"booked revenue\norders\nhats\n")))
    out = loadline("words", "ask", "--format", "text").out
    assert "booked revenue  verified\n  booked_revenue\n  4885.65" in out
    assert "WRD002" in out
    assert "WRD001" in out
