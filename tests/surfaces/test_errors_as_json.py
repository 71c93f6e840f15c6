"""A program that asked for JSON gets JSON, also when there is no answer."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from loadline.surfaces.cli import run


def test_an_error_is_json_on_stdout_and_words_on_stderr(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for argv in (["--format", "json"], ["--format=json"]):
        assert run(["ask", "-m", "revenue", "-C", str(tmp_path / "nowhere"), *argv]) == 2
        said = capsys.readouterr()
        told = json.loads(said.out)
        assert told["exit_code"] == 2
        assert [found["code"] for found in told["diagnostics"]] == ["PRJ001"]
        assert "error[PRJ001]" in said.err


def test_without_json_nothing_goes_to_stdout(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["ask", "-m", "revenue", "-C", str(tmp_path / "nowhere")]) == 2
    assert capsys.readouterr().out == ""
