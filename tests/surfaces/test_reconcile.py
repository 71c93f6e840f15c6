"""`loadline act reconcile`: what changed past the gate, and where the target's markers and the ledger differ."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from loadline.surfaces.cli import run
from surfaces.clerks import make_clerks

SINCE = ["--since", "2020-01-01"]


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = make_clerks(tmp_path / "desk")
    monkeypatch.chdir(root)
    assert run(["act", "close_order", "--arg", "order_id=5", "--as", "bot", "--for", "ana"]) == 0
    return root


def reconciled(capsys: pytest.CaptureFixture[str]) -> tuple[int, Any]:
    capsys.readouterr()
    code = run(["act", "reconcile", "crm", *SINCE, "--format", "json"])
    return code, json.loads(capsys.readouterr().out)


def behind_its_back(desk: Path, statement: str) -> None:
    with closing(sqlite3.connect(desk / "data" / "crm.db")) as connection, connection:
        connection.execute(statement)


def test_what_went_through_the_gate_is_accounted_for(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, said = reconciled(capsys)
    assert (code, len(said["seen"]["markers"])) == (0, 1), said
    assert run(["act", "reconcile", "crm"]) == 0
    told = capsys.readouterr().out
    assert "each of them a run of the ledger" in told
    assert "nothing went past the gate" not in told  # this engine sees numbers of rows, and no statement


def test_rows_that_went_past_the_gate_are_found(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    behind_its_back(desk, "DELETE FROM orders WHERE order_id > 6")
    code, said = reconciled(capsys)
    assert code == 1
    assert [one["table"] for one in said["seen"]["unaccounted"]] == ["main.orders"]
    assert run(["act", "reconcile", "crm"]) == 1
    assert "main.orders: it has 2 rows, and by what was recorded it should have 5" in capsys.readouterr().out


def test_a_marker_of_no_run_is_a_stranger(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    behind_its_back(desk, "UPDATE loadline_write SET marker = 'act-somebody-else'")
    code, said = reconciled(capsys)
    assert (code, said["strangers"], len(said["missing"])) == (1, ["act-somebody-else"], 1)
    assert run(["act", "reconcile", "crm", *SINCE]) == 1
    told = capsys.readouterr().out
    assert "stranger" in told
    assert "missing" in told


def test_a_run_whose_person_was_forgotten_is_no_stranger(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    manifest = desk / "loadline.yaml"
    manifest.write_text(manifest.read_text().replace("people:", "people:\n  sam: {roles: [steward]}", 1))
    (done,) = reconciled(capsys)[1]["seen"]["markers"]
    assert run(["ledger", "erase", "--subject", "ana", "--because", "asked", "--as", "sam"]) == 0
    code, said = reconciled(capsys)
    assert (code, said["strangers"], said["missing"]) == (0, [], [])
    assert run(["act", "status", done]) == 2
    assert "forgotten" in capsys.readouterr().err


def test_an_unknown_target_is_said(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["act", "reconcile", "crn"]) == 2
    assert "ACT103" in capsys.readouterr().err
