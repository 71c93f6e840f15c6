"""`loadline guard sql`: a statement, or a file of them; nothing is lost, and nothing is run."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from loadline.surfaces import cli


def lines(
    given: bytes, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *options: str
) -> list[dict[str, Any]]:
    class Stdin:
        buffer = io.BytesIO(given)

    monkeypatch.setattr(sys, "stdin", Stdin())
    assert cli.run(["guard", "sql", "--format", "jsonl", *options]) == 0
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_each_line_is_answered_in_order_and_its_own_dialect_wins(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    given = "\n".join(
        json.dumps(one)
        for one in (
            {"id": "a", "sql": "SELECT 1"},
            {"id": 2, "dialect": "duckdb", "sql": "FROM orders"},
            {"id": None, "dialect": "PostgreSQL", "sql": "DELETE FROM orders"},
            {"id": [1], "dialect": "oracle", "sql": "SELECT 1"},
        )
    )
    found = lines(given.encode(), monkeypatch, capsys, "--dialect", "sqlite")

    assert [(one["id"], one["verdict"]) for one in found] == [
        ("a", "read"), (2, "read"), (None, "write"), ([1], "deny"),
    ]  # fmt: skip
    assert all(one["why"] for one in found)


def test_a_line_that_holds_no_statement_is_denied_and_not_lost(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = [
        b"no json", b'{"id": 1}', b'{"id": 1, "sql": 3}', b"[1]", b'{"id": 1, "sql": "SELECT \xff"}',
        b'{"sql": "SELECT 1", "sql": "DROP TABLE x"}',
        b"[" * 5000,
    ]  # fmt: skip
    found = lines(b"\r\n".join(wrong) + b"\n\n", monkeypatch, capsys, "--dialect", "postgres")

    assert [one["verdict"] for one in found] == ["deny"] * len(wrong)
    assert {one["code"] for one in found} == {"GRD018"}


def test_a_line_without_a_dialect_is_denied(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (found,) = lines(b'{"id": 1, "sql": "SELECT 1"}', monkeypatch, capsys)

    assert (found["verdict"], found["code"]) == ("deny", "GRD018")


def test_a_file_is_read_as_stdin_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "statements.jsonl"
    path.write_text('{"id": 1, "sql": "SELECT 1\\u2028"}\n', "utf-8")

    assert cli.run(["guard", "sql", "--dialect", "duckdb", "--format", "jsonl", str(path)]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 1
    assert cli.run(["guard", "sql", "--format", "jsonl", str(tmp_path / "none")]) == 2


def test_a_single_statement_that_is_denied_ends_with_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["guard", "sql", "--dialect", "postgres", "SELECT pg_sleep(1)"]) == 1
    assert capsys.readouterr().out.splitlines()[0].startswith("deny  `pg_sleep()`")
    assert cli.run(["guard", "sql", "--dialect", "postgres", "UPDATE orders SET amount = 1"]) == 0
    assert "writes" in capsys.readouterr().out
    assert cli.run(["guard", "sql", "SELECT 1"]) == 2


def test_a_declared_function_counts(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["guard", "sql", "--dialect", "postgres", "--format", "json", "SELECT risk_score(1)"]

    assert cli.run(words) == 1
    assert cli.run([*words, "--function", "risk_score"]) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["functions"] == ["risk_score"]
