"""`loadline ledger`: proven here, and by a stranger; a changed one is not believed."""

from __future__ import annotations

import shutil
import stat
import subprocess
import sys
from pathlib import Path

from surfaces.terminal import Terminal, refused_with

TOOL = Path(__file__).parents[2] / "tools" / "prove_ledger.py"


def strangers_word(*argv: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, str(TOOL), *map(str, argv)], capture_output=True, text=True, check=False)


def test_it_proves_after_questions_and_refusals(shop: Path, loadline: Terminal) -> None:
    loadline("ask", "-m", "booked_revenue")
    loadline("ask", "-m", "nope")
    said = loadline("ledger", "prove", "--format", "json")
    assert said.code == 0
    assert said.json()["size"] == 4
    assert said.json()["origin"] == "loadline/shop"
    assert loadline("ledger", "prove").out.startswith("proven  4 entries, ")
    assert loadline("ledger", "prove", "--format", "github").out.startswith("::notice title=ledger proves::4 entries")


def test_an_empty_ledger_proves(shop: Path, loadline: Terminal) -> None:
    assert loadline("ledger", "prove", "--format", "json").json()["size"] == 0


def test_a_stranger_proves_the_export(shop: Path, loadline: Terminal, tmp_path: Path) -> None:
    loadline("ask", "-m", "booked_revenue")
    export = tmp_path / "ledger.jsonl"
    said = loadline("ledger", "export", str(export))
    assert said.code == 0
    assert "3 entries" in said.err
    assert stat.S_IMODE(export.stat().st_mode) == 0o600
    done = strangers_word(export, "--vkey", shop / ".loadline" / "signing.vkey")
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_stranger_believes_no_changed_export(shop: Path, loadline: Terminal, tmp_path: Path) -> None:
    loadline("ask", "-m", "booked_revenue")
    export = tmp_path / "ledger.jsonl"
    loadline("ledger", "export", str(export))
    text = export.read_text("utf-8")
    assert "booked_revenue" in text
    export.write_text(text.replace("booked_revenue", "booked_revenux", 1), "utf-8")
    done = strangers_word(export, "--vkey", shop / ".loadline" / "signing.vkey")
    assert done.returncode not in {0, 2}, done.stdout
    assert "Traceback" not in done.stderr


def test_an_export_overwrites_nothing(shop: Path, loadline: Terminal, tmp_path: Path) -> None:
    loadline("ask", "-m", "booked_revenue")
    target = tmp_path / "mine.txt"
    target.write_text("mine", "utf-8")
    refused_with(loadline("ledger", "export", str(target)), "STO016", 3)
    refused_with(loadline("ledger", "export", str(tmp_path / "no" / "where.jsonl")), "STO016", 3)
    assert target.read_text("utf-8") == "mine"
    assert {path.name for path in tmp_path.iterdir()} == {"mine.txt", "shop"}


def test_an_older_checkpoint_is_still_contained(shop: Path, loadline: Terminal, tmp_path: Path) -> None:
    held = []
    for number in range(3):
        loadline("ask", "-m", "booked_revenue")
        path = tmp_path / f"checkpoint-{number}"
        path.write_text(loadline("ledger", "checkpoint").out, "utf-8")
        held += ["--checkpoint", str(path)]
    loadline("ask", "-m", "order_count")
    said = loadline("ledger", "prove", *held)
    assert said.code == 0
    assert "3 kept elsewhere" in said.out


def test_a_rewritten_history_contradicts_what_was_handed_out(shop: Path, loadline: Terminal, tmp_path: Path) -> None:
    """Whoever has the key can sign another history that proves by itself, and not against a checkpoint held."""
    empty = tmp_path / "empty.db"
    shutil.copy(shop / ".loadline" / "ledger.db", empty)
    loadline("ask", "-m", "booked_revenue")
    note = tmp_path / "note"
    note.write_text(loadline("ledger", "checkpoint").out, "utf-8")
    shutil.copy(empty, shop / ".loadline" / "ledger.db")
    loadline("ask", "-m", "order_count")
    loadline("ask", "-m", "order_count")
    assert loadline("ledger", "prove").code == 0
    said = loadline("ledger", "prove", "--checkpoint", str(note))
    assert said.code == 4
    assert "error[LED009]" in said.err


def test_a_ledger_cut_off_contradicts_what_was_handed_out(shop: Path, loadline: Terminal, tmp_path: Path) -> None:
    empty = tmp_path / "empty.db"
    shutil.copy(shop / ".loadline" / "ledger.db", empty)
    loadline("ask", "-m", "booked_revenue")
    note = tmp_path / "note"
    note.write_text(loadline("ledger", "checkpoint").out, "utf-8")
    shutil.copy(empty, shop / ".loadline" / "ledger.db")
    said = loadline("ledger", "prove", "--checkpoint", str(note))
    assert said.code == 4
    assert "error[LED0" in said.err


def test_what_is_no_checkpoint_is_said(shop: Path, loadline: Terminal, tmp_path: Path) -> None:
    for content in (b"", b"hello\n", b"\xff\xfe\x00", b"a\n1\nb\n\n\xe2\x80\x94 x y\n"):
        (tmp_path / "note").write_bytes(content)
        said = loadline("ledger", "prove", "--checkpoint", str(tmp_path / "note"))
        assert said.code == 4, (content, said)
        assert "error[LED0" in said.err
    assert loadline("ledger", "prove", "--checkpoint", str(tmp_path / "gone")).code == 2
