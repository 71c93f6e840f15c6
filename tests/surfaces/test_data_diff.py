"""`loadline data diff`: breaking or compatible against a folder or git, and the live columns against the contracts."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import duckdb
import pytest

from surfaces.terminal import Terminal, edit, refused_with

CONTRACT = Path("contracts") / "orders.yaml"


@pytest.fixture
def before(shop: Path, tmp_path: Path) -> str:
    folder = tmp_path / "before"
    shutil.copytree(shop, folder, ignore=shutil.ignore_patterns(".loadline"))
    return str(folder)


def test_nothing_changed_is_exit_0(before: str, loadline: Terminal) -> None:
    said = loadline("data", "diff", before)
    assert (said.code, said.out) == (0, "no promise changed\n")


def test_a_looser_promise_is_breaking_with_what_it_reaches(shop: Path, before: str, loadline: Terminal) -> None:
    edit(shop / CONTRACT, "{name: region, logicalType: string}", "{name: region, logicalType: integer}")
    said = loadline("data", "diff", before)
    assert said.code == 1
    assert "breaking    ~ column orders.region  contracts/orders.yaml:" in said.out
    assert "type: string → integer" in said.out
    assert "reaches question booked-revenue-by-region" in said.out
    found = loadline("data", "diff", before, "--format", "json").json()
    assert found["is_breaking"] is True
    assert found["changes"][0]["reaches"] == ["question booked-revenue-by-region"]
    lines = loadline("data", "diff", before, "--format", "github").out.splitlines()
    assert lines[0].startswith("::error title=breaking%3A column orders.region,file=contracts/orders.yaml,line=")


def test_a_tighter_promise_is_compatible_and_exit_0(shop: Path, before: str, loadline: Terminal) -> None:
    edit(shop / CONTRACT, "{name: region, logicalType: string}", "{name: region, logicalType: string, required: true}")
    said = loadline("data", "diff", before)
    assert said.code == 0
    assert said.out.splitlines()[-1] == "0 breaking, 1 compatible"
    assert loadline("data", "diff", before, "--format", "github").out.startswith("::notice ")


def test_a_revision_of_git_is_compared_with(shop: Path, loadline: Terminal) -> None:
    git = ["git", "-C", str(shop), "-c", "user.name=t", "-c", "user.email=t@t.example"]
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "first"]):
        subprocess.run([*git, *words], check=True, capture_output=True)
    edit(shop / CONTRACT, "{name: region, logicalType: string}", "{name: region, logicalType: integer}")
    assert loadline("data", "diff", "HEAD").code == 1


def test_live_columns_that_came_went_or_changed_are_told(shop: Path, loadline: Terminal) -> None:
    assert loadline("data", "diff", "--live").code == 0
    path = shop / "data" / "orders.csv"
    rows = "SELECT * EXCLUDE (region, status), region AS sales_region, 1 AS status, 'x' AS channel"
    duckdb.execute(f"COPY ({rows} FROM '{path}') TO '{path.with_suffix('.parquet')}'")
    edit(shop / "loadline.yaml", "data/orders.csv", "data/orders.parquet")
    said = loadline("data", "diff", "--live", "--format", "json")
    assert said.code == 1
    changes = {one["name"].rpartition(".")[2]: one for one in said.json()["changes"]}
    assert (changes["region"]["part"], changes["region"]["after"]) == ("name", "sales_region")
    assert changes["region"]["reaches"] == ["question booked-revenue-by-region"]
    assert (changes["status"]["before"], changes["status"]["after"]) == ("string", "INTEGER")
    assert (changes["channel"]["how"], changes["channel"]["is_breaking"]) == ("added", False)
    text = loadline("data", "diff", "--live").out
    assert "it looks renamed to `sales_region`, which is of the same type" in text


def test_a_relation_that_cannot_be_read_is_gone(shop: Path, loadline: Terminal) -> None:
    (shop / "data" / "orders.csv").unlink()
    said = loadline("data", "diff", "--live")
    assert said.code == 1
    assert "- live table" in said.out


def test_nothing_to_compare_with_is_refused(shop: Path, loadline: Terminal) -> None:
    refused_with(loadline("data", "diff"), "DIF001", 2)
