"""What is printed: nothing of it moves the cursor, ends an annotation, or breaks on a large number."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadline.surfaces.render.diagnostics import annotation, as_github, as_text
from loadline.surfaces.render.numbers import shown, table
from loadline.surfaces.render.style import Palette, as_json, clean
from loadline.values.diagnostic import Diagnostic
from loadline.values.place import Place
from surfaces.terminal import Terminal, child, edit

PLAIN = Palette(is_on=False)
HOSTILE = "\x1b[2J\x9b31m\r\x07\u202egnihton\u200b"
METRIC = {"name": "m", "kind": "metric"}


@given(st.text(st.characters()))
def test_cleaned_text_can_be_printed(text: str) -> None:
    assert all(c.isprintable() or c == "\n" for c in clean(text))


@given(st.recursive(st.text(st.characters()) | st.none() | st.integers(), st.lists))
def test_json_says_the_same_and_moves_no_cursor(value: object) -> None:
    line = as_json(value)
    assert line.isprintable()
    assert json.loads(line) == value


@given(st.text(st.characters()), st.text(st.characters()))
def test_an_annotation_stays_one_annotation(message: str, title: str) -> None:
    line = annotation("error", message, title=title)
    assert line.splitlines() == [line]
    assert line.count("::") >= 2
    assert ":" not in line.removeprefix("::error ").partition("::")[0]


@given(st.text(st.characters()))
def test_a_diagnostic_is_cleaned_whole(text: str) -> None:
    said = Diagnostic(
        code="PRJ001", what=text, why=text, mend=text, place=Place(file=text, line=1, column=1), excerpt=text
    )
    assert all(c.isprintable() or c == "\n" for c in as_text(said, PLAIN))
    assert as_github(said).isprintable()


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**38), max_value=10**38, places=9))
def test_no_number_is_too_large_to_be_shown(value: Decimal) -> None:
    for column in (METRIC, {**METRIC, "format": "percent"}, {**METRIC, "unit": "EUR"}, {**METRIC, "kind": "dimension"}):
        text = shown(value, column)
        digits = Decimal(text.replace(",", "").removesuffix(" EUR").removesuffix(" %"))
        wanted = value.scaleb(2) if column.get("format") else value
        assert abs(digits - wanted) <= Decimal("0.005")


@given(st.floats())
def test_every_float_is_shown(value: float) -> None:
    assert shown(value, METRIC)


def test_a_whole_number_is_shown_whole_as_a_dimension() -> None:
    dimension = {"name": "id", "kind": "dimension"}
    numbers = (Decimal("1141.000000"), Decimal("0E-6"), Decimal("1E+3"), Decimal("2.50"), 7)
    assert [shown(n, dimension) for n in numbers] == ["1141", "0", "1000", "2.50", "7"]


def test_null_is_not_zero() -> None:
    assert (shown(None, METRIC), shown(0, METRIC), shown("", METRIC)) == ("-", "0", "")


def test_a_table_stays_a_table_whatever_is_in_it() -> None:
    lines = table([{"name": HOSTILE, "kind": "dimension"}, METRIC], [(f"a\nb{HOSTILE}", 1)])
    assert len(lines) == 3
    assert all(line.isprintable() for line in lines)


@pytest.mark.parametrize("output", ["text", "json", "github"])
def test_control_characters_in_data_do_not_reach_the_terminal(output: str, shop: Path, loadline: Terminal) -> None:
    edit(shop / "data" / "orders.csv", "south", HOSTILE.replace("\r", ""))
    for argv in (
        ("ask", "-m", "booked_revenue", "-b", "orders.region"),
        ("ask", "-m", HOSTILE),
        ("ask", HOSTILE),
        ("ask", "-m", "booked_revenue", "-w", f"orders.region = {HOSTILE}"),
        ("ask", "-m", "booked_revenue", "-d", HOSTILE),
        ("ask", "-m", "booked_revenue", "--as", HOSTILE),
    ):
        said = loadline(*argv, "--format", output)
        assert said.code in {0, 2}, said
        assert all(c.isprintable() or c == "\n" for c in said.out + said.err), (argv, said)


def test_control_characters_in_a_receipt_do_not_reach_the_terminal(shop: Path, loadline: Terminal) -> None:
    asked = loadline("ask", "-m", "booked_revenue", "-w", f"orders.region = {HOSTILE}", "--format", "json")
    said = loadline("receipt", asked.json()["receipt"]["id"])
    assert "\\x1b[2J" in said.out
    assert all(c.isprintable() or c == "\n" for c in said.out)


def test_bytes_that_are_no_text_are_asked_as_what_they_are(shop: Path) -> None:
    said = child("ask", "--as", "local", "what is \udcff?", cwd=shop)
    assert (said.code, "what is \\udcff?" in said.out) == (2, True), said


def test_colours_are_for_terminals(shop: Path, loadline: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "\x1b" not in loadline("ask", "-m", "booked_revenue").out
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b[32mverified\x1b[0m" in loadline("ask", "-m", "booked_revenue").out
