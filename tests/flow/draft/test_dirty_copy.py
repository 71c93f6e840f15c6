"""A contract drafted from a clean file, and a copy with mistakes: which are found, and what is said of them."""

from __future__ import annotations

import csv
import random
import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from loadline.app import import_warehouse, open_app

ROWS = 1200
PLACES = (
    ("Berlin", "10115", "DE"),
    ("Hamburg", "20095", "DE"),
    ("Lyon", "69001", "FR"),
    ("Paris", "75001", "FR"),
    ("Milano", "20121", "IT"),
    ("Wien", "1010", "AT"),
)
Line = dict[str, str]


def lines() -> list[Line]:
    chance = random.Random(7)  # noqa: S311  # no secret
    found = []
    for n in range(ROWS):
        city, code, country = chance.choice(PLACES)
        day = date(2024, 1, 1) + timedelta(days=n // 8)
        found.append(
            {
                "policy_no": f"PX-{n:06d}",
                "city": city,
                "zip": code,
                "country": country,
                "premium": f"{chance.uniform(12, 480):.2f}",
                "start": day.isoformat(),
                "score": str(chance.randint(0, 100)),
            }
        )
    return found


def write(path: Path, rows: list[Line]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """What a look at the dirty copy found broken, by promise."""
    folder = tmp_path_factory.mktemp("copy")
    rows = lines()
    made = import_warehouse([write(folder / "policies.csv", rows)], into=folder / "project")
    for n in range(10, 900, 90):
        rows[n]["city"] = rows[n]["city"][:-1] + "x"
        rows[n + 1]["zip"] += "A"
        rows[n + 2]["country"] = "AT" if rows[n + 2]["country"] != "AT" else "DE"
        rows[n + 3]["premium"] = "-" + rows[n + 3]["premium"]
        rows[n + 4]["start"] = "06/01/2024"
        rows[n + 5]["score"] = "999"
    rows += [dict(rows[n]) for n in (20, 21, 700)]
    write(folder / "policies.csv", rows)
    with open_app(made.root) as app:
        (look,) = app.check_data()
    return {one["id"]: one for one in look["promises"] if one["verdict"] == "broken"}


@pytest.mark.parametrize(
    "promise",
    [
        "policies.city: enum",
        "policies.zip: pattern",
        "policies.premium: range",
        "policies.score: range",
        "policies.policy_no: primary-key",
        "policies.country: sql (one country for each city)",
    ],
)
def test_what_a_clean_file_showed_finds_the_mistakes_of_a_later_one(
    found: dict[str, dict[str, Any]], promise: str
) -> None:
    assert promise in found


def test_no_cause_tells_of_more_rows_than_there_are(found: dict[str, dict[str, Any]]) -> None:
    for one in found.values():
        assert all(float(share) <= 100 for share in re.findall(r"([0-9.]+) % of them", one.get("cause") or "")), one


def test_rows_are_shown_although_another_of_their_columns_cannot_be_read(found: dict[str, dict[str, Any]]) -> None:
    sample = found["policies.premium: range"]["sample"]
    assert sample
    assert all(float(row["premium"]) < 0 and "start" not in row for row in sample)


def test_a_key_that_is_there_twice_is_no_cause_by_itself(found: dict[str, dict[str, Any]]) -> None:
    twice = found["policies.policy_no: primary-key"]
    assert twice["count"] == 3
    assert "score" not in (twice.get("cause") or "")
