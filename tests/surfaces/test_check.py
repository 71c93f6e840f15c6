"""`loadline check`: everything that is wrong at once, three ways of printing it, two exit codes."""

from __future__ import annotations

from pathlib import Path

from surfaces.terminal import Terminal, edit


def test_a_sound_project_is_said_to_be_one(shop: Path, loadline: Terminal) -> None:
    said = loadline("check")
    assert said.code == 0
    assert "fits together: 0 errors" in said.out
    assert "5 metrics" in said.out
    assert loadline("check", "--format", "github").out == ""


def test_every_fault_is_said_with_place_and_mend(shop: Path, loadline: Terminal) -> None:
    edit(shop / "context" / "orders.yaml", "sum(orders.amount)", "sum(orders.amout)")
    edit(shop / "context" / "orders.yaml", "count(orders)", "count(orderz)")
    said = loadline("check")
    assert said.code == 2
    assert said.out.count("error[") == 2
    assert "context/orders.yaml:10:" in said.out
    assert "^" in said.out
    assert "`orders.amount`" in said.out or "`amount`" in said.out
    assert "2 errors" in said.out
    assert "Traceback" not in said.out + said.err


def test_json_carries_the_same_as_fields(shop: Path, loadline: Terminal) -> None:
    edit(shop / "context" / "orders.yaml", "sum(orders.amount)", "sum(orders.amout)")
    said = loadline("check", "--format", "json")
    assert said.code == 2
    (found,) = said.json()["diagnostics"]
    assert said.json()["errors"] == 1
    assert found["place"]["file"] == "context/orders.yaml"
    assert found["place"]["line"] == 10
    assert all(found[key] for key in ("code", "what", "why", "mend", "severity"))


def test_github_gets_one_annotation_a_line(shop: Path, loadline: Terminal) -> None:
    edit(shop / "context" / "orders.yaml", "sum(orders.amount)", "sum(orders.amout)")
    said = loadline("check", "--format", "github")
    assert said.code == 2
    (line,) = said.out.splitlines()
    assert line.startswith("::error file=context/orders.yaml,line=10,col=")
    assert "%0Amend: " in line


def test_a_folder_that_is_not_there_is_said(tmp_path: Path, loadline: Terminal) -> None:
    said = loadline("check", "-C", str(tmp_path / "gone"))
    assert said.code == 2
    assert "mend:" in said.out
