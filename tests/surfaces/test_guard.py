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


CATALOG = {
    "relations": [
        {"name": "public.orders", "columns": ["id", "amount"]},
        {"name": "public.totals", "kind": "view", "definition": "SELECT id, amount FROM public.orders"},
        {"name": "public.wiping", "kind": "view", "definition": "SELECT wipe_all() FROM public.orders"},
        {"name": ["public", "elsewhere"], "kind": "foreign"},
    ],
    "search_path": ["public"],
    "complete": True,
}


@pytest.mark.parametrize("dialect", ["postgres", "duckdb"])
def test_with_a_catalog_a_view_is_judged_by_what_it_reads(
    dialect: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    catalog = tmp_path / "catalog.json"
    catalog.write_text(json.dumps(CATALOG), "utf-8")

    def judged(sql: str, *options: str) -> dict[str, Any]:
        cli.run(["guard", "sql", "--dialect", dialect, "--format", "json", sql, *options])
        found: dict[str, Any] = json.loads(capsys.readouterr().out)
        return found

    with_it = ("--catalog", str(catalog))
    assert judged("SELECT amount FROM totals")["reads"] == ["totals"]
    assert judged("SELECT amount FROM totals", *with_it)["reads"] == ["totals", "public.orders"]
    for sql, code in (
        ("SELECT * FROM wiping", "GRD015"), ("SELECT * FROM elsewhere", "GRD015"), ("DELETE FROM totals", "GRD015"),
        ("SELECT * FROM nowhere", "GRD014"),
    ):  # fmt: skip
        assert judged(sql)["verdict"] != "deny"
        assert (judged(sql, *with_it)["verdict"], judged(sql, *with_it)["code"]) == ("deny", code)
    assert judged("SELECT * FROM wiping", *with_it, "--function", "wipe_all")["verdict"] == "read"


@pytest.mark.parametrize(
    "written",
    [
        "{", "[]", '{"views": {}}', '{"relations": {}}', '{"relations": [{"kind": "view"}]}', '{"complete": "yes"}',
        '{"relations": [{"name": "a", "kind": "macro"}]}', '{"relations": [{"name": "a", "definition": 1}]}',
        '{"relations": [{"name": "a"}, {"name": "A"}]}', '{"functions": [1]}', '{"relations": [{"name": ["a", 1]}]}',
    ],
)  # fmt: skip
def test_a_catalog_that_is_not_understood_is_not_used(
    written: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    catalog = tmp_path / "catalog.json"
    catalog.write_text(written, "utf-8")

    assert cli.run(["guard", "sql", "--dialect", "duckdb", "--catalog", str(catalog), "SELECT 1"]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert "GRD019" in said.err
    assert cli.run(["guard", "sql", "--format", "jsonl", "--catalog", str(catalog)]) == 2
