"""`loadline verify`: every way to hand in a text, what is printed, and what each exit code means."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from surfaces.terminal import Terminal, refused_with

RIGHT = "Booked revenue in the north was 3,759.90. Order count in the north was 4."


def test_a_right_text_is_marked_and_ends_well(shop: Path, loadline: Terminal) -> None:
    said = loadline("verify", "Booked revenue was EUR 3,759.90 in the north over all time.")
    assert "Traceback" not in said.out + said.err
    assert said.code == 0, said
    assert "receipt rcpt-" in said.out


def test_a_wrong_number_ends_with_1_and_is_named(shop: Path, loadline: Terminal) -> None:
    said = loadline("verify", "Booked revenue was EUR 9,999 in 2026.", "--today", "2026-10-05")
    assert said.code == 1, said
    assert "✗1" in said.out
    assert "is contradicted: booked_revenue, 2026 is" in said.out


def test_json_gives_each_claim_its_place_in_the_text(shop: Path, loadline: Terminal, tmp_path: Path) -> None:
    text = "# Brief\n\nBooked revenue was **EUR 9,999** in 2026.\nThe loyalty index was 72%.\n"
    (tmp_path / "brief.md").write_text(text, "utf-8")
    said = loadline("verify", str(tmp_path / "brief.md"), "--today", "2026-10-05", "--format", "json")
    claims = said.json()["claims"]
    assert [text[claim["start"] : claim["end"]] for claim in claims] == ["EUR 9,999", "72%"]
    assert [claim["verdict"] for claim in claims] == ["contradicted", "unverified"]
    assert claims[0]["means"]["metric"] == "booked_revenue"
    assert claims[1]["reason"] == "invented field"
    assert said.json()["counts"] == {
        "claims": 2, "supported": 0, "contradicted": 1, "unverified": 1, "numbers": 2, "bound": 1,
    }  # fmt: skip


def test_the_receipt_of_a_text_can_be_told_and_proven(shop: Path, loadline: Terminal) -> None:
    said = loadline("verify", "Booked revenue was EUR 9,999 in 2026.", "--today", "2026-10-05", "--format", "json")
    receipt = said.json()["receipt"]
    told = loadline("receipt", receipt["id"], "--prove")
    assert told.code == 0, told
    assert "verify text" in told.out
    assert "rests on rcpt-" in told.out


def test_a_text_is_read_from_standard_input(shop: Path, loadline: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    words = io.TextIOWrapper(io.BytesIO(b"Booked revenue was EUR 9,999 in 2026."), encoding="utf-8")
    monkeypatch.setattr("sys.stdin", words)
    said = loadline("verify", "-", "--today", "2026-10-05", "--format", "json")
    assert json.loads(said.out)["counts"]["contradicted"] == 1


def test_a_name_of_no_file_is_refused(shop: Path, loadline: Terminal) -> None:
    assert "`breif.md`" in refused_with(loadline("verify", "breif.md"), "CLM001", 2)


def test_what_is_no_text_is_refused_with_the_byte(shop: Path, loadline: Terminal, tmp_path: Path) -> None:
    (tmp_path / "old.txt").write_bytes("Umsatz für Köln".encode("latin1"))
    assert "byte 9" in refused_with(loadline("verify", str(tmp_path / "old.txt")), "CLM002", 2)


def test_an_empty_text_is_refused(shop: Path, loadline: Terminal, tmp_path: Path) -> None:
    (tmp_path / "empty.md").write_text(" \n", "utf-8")
    refused_with(loadline("verify", str(tmp_path / "empty.md")), "CLM003", 2)


def test_a_book_is_refused(shop: Path, loadline: Terminal, tmp_path: Path) -> None:
    (tmp_path / "book.md").write_text("word " * 200_001, "utf-8")
    refused_with(loadline("verify", str(tmp_path / "book.md")), "CLM004", 2)


def test_a_table_governs_where_there_is_no_project(loadline: Terminal, tmp_path: Path) -> None:
    (tmp_path / "scores.csv").write_text("player,team,points\nAda,Reds,12\nBo,Blues,9\nCy,Reds,4\n", "utf-8")
    said = loadline("verify", "--table", str(tmp_path / "scores.csv"), "Ada scored 12 points.")
    assert said.code == 0, said
    assert loadline("verify", "--table", str(tmp_path / "scores.csv"), "Ada scored 13 points.").code == 1


def test_a_table_that_is_none_is_refused(loadline: Terminal, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("just a line\n", "utf-8")
    refused_with(loadline("verify", "--table", str(tmp_path / "notes.txt"), "Ada scored 12 points."), "CLM005", 2)
