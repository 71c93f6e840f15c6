"""`loadline words time`: one expression a line in, the days it means or why it is refused out; in no project at all."""

from __future__ import annotations

import json
import subprocess
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from surfaces.terminal import command, surroundings


def read(text: bytes, *argv: str, cwd: Path) -> list[dict[str, Any]]:
    done = subprocess.run(
        command("words", "time", "--format", "json", *argv),
        input=text, cwd=cwd, env=surroundings(), capture_output=True, check=True, timeout=60,
    )  # fmt: skip
    return [json.loads(line) for line in done.stdout.decode().splitlines()]


def test_each_line_has_its_answer_whatever_it_holds(tmp_path: Path) -> None:
    text = b"last quarter\n\nsince March\r\nbefore 2025\nall time\n05/06/2025\n\xff\xfe\nQ3 FY25"
    said = read(text, "--today", "2025-11-24", "--fiscal-year-starts", "02-01", cwd=tmp_path)
    assert [(one["text"], one.get("start"), one.get("end"), one.get("grain")) for one in said] == [
        ("last quarter", "2025-07-01", "2025-10-01", "quarter"),
        ("", None, None, None),
        ("since March", "2025-03-01", "2025-11-25", "month"),
        ("before 2025", None, "2025-01-01", "year"),
        ("all time", None, None, "all"),
        ("05/06/2025", None, None, None),
        ("\\xff\\xfe", None, None, None),
        ("Q3 FY25", "2024-08-01", "2024-11-01", "fiscal_quarter"),
    ]
    assert ["refused" in one for one in said] == [False, True, False, False, False, True, True, False]
    assert all(set(one) in ({"text", "start", "end", "grain"}, {"text", "refused"}) for one in said)


def test_the_week_begins_where_it_is_said_to(tmp_path: Path) -> None:
    (said,) = read(b"this week", "--today", "2025-11-24", "--week-starts", "Sunday", cwd=tmp_path)
    assert (said["start"], said["end"]) == ("2025-11-23", "2025-11-30")


def test_without_a_day_it_is_today(tmp_path: Path) -> None:
    before = date.today()  # noqa: DTZ011 - the machine's own day is what is meant
    (said,) = read(b"today\n", cwd=tmp_path)
    assert before <= date.fromisoformat(said["start"]) <= date.today()  # noqa: DTZ011


@pytest.mark.parametrize("day", ["02-30", "2-x", "13-01", "02-29"])
def test_a_fiscal_year_begins_on_a_day_that_every_year_has(day: str, tmp_path: Path) -> None:
    done = subprocess.run(
        command("words", "time", "--fiscal-year-starts", day),
        input=b"today", cwd=tmp_path, env=surroundings(), capture_output=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 2
    assert b"a day that every year has" in done.stderr
