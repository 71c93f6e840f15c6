"""`loadline drift`: plain files judged window by window."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from loadline.checks.drift import UNITS
from loadline.surfaces.cli import drift
from surfaces.terminal import Terminal

DAY = datetime.fromisoformat("2025-01-01")


@pytest.fixture(scope="session")
def sales(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eighty days of 300 sales; from day 60 on amounts are half as high again, and a region is new from day 70."""
    chance = random.Random(5)  # noqa: S311 - data, not a secret
    path = tmp_path_factory.mktemp("drift") / "sales.csv"
    lines = ["sold_at,amount,region,margin,ok"]
    for day in range(80):
        for minute in range(300):
            amount = chance.lognormvariate(3, 0.5) * (1.5 if day >= 60 else 1)
            region = chance.choice(["north", "south", "south"] if day < 70 else ["north", "south", "west"])
            margin = "NA" if chance.random() < 0.05 else f"{chance.gauss(10, 3):.2f}"
            ok = chance.random() < 0.9
            lines.append(f"{DAY + timedelta(days=day, minutes=minute)},{amount:.2f},{region},{margin},{ok}")
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def test_a_known_shift_is_found_after_it_and_nothing_before(sales: Path, loadline: Terminal) -> None:
    said = loadline("drift", "stream", str(sales), "--time", "sold_at", "--window", "day", "--format", "json")
    assert said.code == 1
    found = said.json()
    first, second = found["alarms"]
    assert "2025-03-02" <= first["window"] <= "2025-03-06"
    assert [column["column"] for column in first["columns"]] == ["amount"]
    assert first["blame"][0].startswith("`amount`: values ")
    assert second["columns"][0]["column"] == "region"
    assert len(found["windows"]) == 80
    assert [one["role"] for one in found["windows"][:16]] == ["baseline"] * 16
    assert found["windows"][20]["rows"] == 300


def test_windows_of_rows_need_no_time_and_numbers_beside_na_stay_numbers(sales: Path, loadline: Terminal) -> None:
    said = loadline("drift", "stream", str(sales), "--rows", "300", "--format", "json", "--without", "ok")
    kinds = {one["column"]: one["kind"] for one in said.json()["columns"]}
    assert kinds == {"sold_at": "nulls", "amount": "number", "region": "category", "margin": "number"}
    assert said.json()["alarms"][0]["window"] in {str(at) for at in range(60, 65)}


def test_held_alarms_stand_while_the_data_stays_away(sales: Path, loadline: Terminal) -> None:
    said = loadline("drift", "stream", str(sales), "--rows", "300", "--after", "hold", "--column", "amount")
    assert said.code == 1
    assert said.out.count("\nalarm") + said.out.startswith("alarm") > 10
    assert "1 column watched" in said.out


def test_a_stream_that_stays_as_it_was_ends_with_0(sales: Path, loadline: Terminal) -> None:
    said = loadline("drift", "stream", str(sales), "--rows", "300", "--column", "margin", "--quality", "ok")
    assert said.code == 0
    assert "0 alarms in 64 windows; learned from the first 16, 2 columns watched" in said.out


def test_parquet_gives_what_csv_gives(sales: Path, loadline: Terminal, tmp_path: Path) -> None:
    duckdb.execute(f"COPY (FROM read_csv('{sales}', all_varchar=true)) TO '{tmp_path}/sales.parquet'")
    words = ("--rows", "300", "--format", "json", "--column", "region")
    csv = loadline("drift", "stream", str(sales), *words).json()
    parquet = loadline("drift", "stream", str(tmp_path / "sales.parquet"), *words).json()
    assert csv == parquet


def test_segments_are_watched_apart(sales: Path, loadline: Terminal) -> None:
    said = loadline("drift", "stream", str(sales), "--rows", "900", "--column", "amount", "--segment", "region")
    assert "`amount` in `north`: values above" in said.out


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--rows", "300", "--column", "amuont"), "DRF002"),
        (("--time", "sold_at", "--window", "month"), "DRF003"),
        (("--rows", "300", "--baseline", "3"), "DRF003"),
        ((), "DRF005"),
        (("--rows", "10", "--window", "day"), "DRF005"),
        (("--window", "day"), "DRF005"),
    ],
)
def test_what_cannot_be_judged_is_said(words: tuple[str, ...], code: str, sales: Path, loadline: Terminal) -> None:
    said = loadline("drift", "stream", str(sales), *words)
    assert said.code == 2
    assert f"error[{code}]" in said.err
    assert "= mend: " in said.err


def test_counts_beyond_measure_are_refused(sales: Path, loadline: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("loadline.flow.streams.MOST_ROWS", 10)
    said = loadline("drift", "stream", str(sales), "--rows", "300")
    assert (said.code, "error[DRF004]" in said.err) == (3, True)


def test_the_command_line_knows_the_units_that_the_room_knows() -> None:
    assert drift._UNITS == UNITS


def test_quality_is_estimated_from_confidence_where_nobody_has_labelled_yet(loadline: Terminal, tmp_path: Path) -> None:
    chance = random.Random(8)  # noqa: S311 - data, not a secret
    lines = ["ok,sure"]
    for window in range(14):
        for _ in range(400):
            sure = chance.betavariate(6 if window < 10 else 3, 2)
            ok = str(chance.random() < sure) if window < 10 else ""
            lines.append(f"{ok},{sure:.3f}")
    path = tmp_path / "answers.csv"
    path.write_text("\n".join(lines) + "\n", "utf-8")
    words = ("--rows", "400", "--baseline", "8", "--quality", "ok", "--confidence", "sure")
    windows = loadline("drift", "stream", str(path), *words, "--format", "json").json()["windows"]
    early = [window["estimated_quality"] for window in windows[:10]]
    late = [window["estimated_quality"] for window in windows[10:]]
    assert all(abs(share - 0.75) < 0.04 for share in early)
    assert all(abs(share - 0.60) < 0.05 for share in late)
    assert "blind to a change of what is right" in loadline("drift", "stream", str(path), *words).out
