"""`loadline init`: what it writes, and what it leaves alone."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from surfaces.terminal import Terminal, refused_with


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_new_project_fits_together_and_answers_at_once(tmp_path: Path, loadline: Terminal) -> None:
    target = tmp_path / "new" / "shop"
    said = loadline("init", str(target))
    assert said.code == 0
    assert f"loadline check -C {target}" in said.out
    assert loadline("check", "-C", str(target)).code == 0
    answer = loadline("ask", "-C", str(target), "--metric", "booked_revenue", "--grain", "month")
    assert answer.code == 0
    assert "verified" in answer.out


def test_the_signing_key_is_for_its_owner_alone(tmp_path: Path, loadline: Terminal) -> None:
    loadline("init", str(tmp_path / "shop"))
    kept = tmp_path / "shop" / ".loadline"
    assert stat.S_IMODE((kept / "signing.key").stat().st_mode) == 0o600
    assert stat.S_IMODE((kept / "ledger.db").stat().st_mode) == 0o600
    assert (tmp_path / "shop" / ".gitignore").read_text("utf-8").splitlines()[-1] == ".loadline/"


def test_a_project_without_a_key_gets_only_a_key_and_its_ledger(shop: Path, loadline: Terminal) -> None:
    for path in (shop / ".loadline").iterdir():
        path.unlink()
    before = contents(shop)
    assert loadline("init", ".").code == 0
    after = contents(shop)
    assert {name for name in after if name not in before} == {
        ".loadline/signing.key",
        ".loadline/signing.vkey",
        ".loadline/ledger.db",
    }
    assert {name: after[name] for name in before} == before


def test_a_second_init_changes_nothing(shop: Path, loadline: Terminal) -> None:
    before = contents(shop)
    said = loadline("init", ".")
    assert (said.code, "nothing was changed" in said.out) == (0, True)
    assert contents(shop) == before


def test_a_folder_of_other_things_is_left_alone(tmp_path: Path, loadline: Terminal) -> None:
    (tmp_path / "letter.txt").write_text("dear", "utf-8")
    refused_with(loadline("init", str(tmp_path)), "RUN011", 3)
    assert contents(tmp_path) == {"letter.txt": b"dear"}


def test_a_target_that_is_a_file_is_said(tmp_path: Path, loadline: Terminal) -> None:
    (tmp_path / "letter.txt").write_text("dear", "utf-8")
    refused_with(loadline("init", str(tmp_path / "letter.txt")), "RUN010", 3)


def test_the_demo_company_is_written_whole(tmp_path: Path, loadline: Terminal) -> None:
    assert loadline("init", "--demo", str(tmp_path / "company")).code == 0
    said = loadline("check", str(tmp_path / "company"), "--format", "json")
    assert said.json() == {"errors": 0, "diagnostics": []}


def test_a_broken_project_gets_no_key(shop: Path, loadline: Terminal) -> None:
    for path in (shop / ".loadline").iterdir():
        path.unlink()
    (shop / "loadline.yaml").write_text("name: [", "utf-8")
    assert loadline("init", ".").code == 2
    assert list((shop / ".loadline").iterdir()) == []


@pytest.mark.parametrize("argv", [[], ["--help"], ["-h"], ["--version"], ["ask", "--help"]])
def test_help_and_version_are_no_failure(argv: list[str], loadline: Terminal) -> None:
    said = loadline(*argv)
    assert said.code in ({0, 2} if not argv else {0})
    assert said.out + said.err
