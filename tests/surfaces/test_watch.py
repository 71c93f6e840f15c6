"""`loadline watch`, `drift status|check|accept|show`: what they print and how they end."""

from __future__ import annotations

import json
import random
from datetime import date, timedelta
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from loadline.surfaces.render import picture
from surfaces.terminal import Terminal, edit, refused_with
from surfaces.test_contracts import readers

FIRST = date(2025, 3, 1)


def fill(shop: Path, days: int, *, moved_from: int = 10_000) -> None:
    lines = ["order_id,ordered_on,region,status,amount"]
    for day in range(days):
        chance = random.Random(day)  # noqa: S311 - data, not a secret
        for n in range(120):
            amount = chance.lognormvariate(3, 0.4) * (1.6 if day >= moved_from else 1)
            lines.append(
                f"A-{day}-{n},{FIRST + timedelta(days=day)},{chance.choice(['north', 'south'])},paid,{amount:.2f}"
            )
    (shop / "data" / "orders.csv").write_text("\n".join(lines) + "\n", "utf-8")


@pytest.fixture
def watched(shop: Path) -> Path:
    with (shop / "loadline.yaml").open("a", encoding="utf-8") as manifest:
        manifest.write("watch:\n  orders: {every: day, baseline: 20, segment: region}\nalarms: {file: alarms.jsonl}\n")
    fill(shop, 40, moved_from=32)
    return shop


def test_a_round_says_what_it_saw_and_ends_with_1_while_an_alarm_stands(watched: Path, loadline: Terminal) -> None:
    said = loadline("watch", "--once")
    assert said.code == 1
    assert said.out.startswith("alarm    orders: 40 new windows, the newest 2025-04-09, evidence ")
    assert "alarm[DRF001]: orders left its natural range in the window 2025-04-0" in said.out
    assert "`amount`: values above" in said.out
    assert "loadline drift accept orders" in said.out
    assert len((watched / "alarms.jsonl").read_text("utf-8").splitlines()) == 1
    assert loadline("drift", "check").code == 1
    assert loadline("watch", "--once", "--format", "github").out.startswith("::warning title=DRF001::orders left its")


def test_a_round_without_alarm_ends_with_0(watched: Path, loadline: Terminal) -> None:
    fill(watched, 30)
    assert loadline("watch", "--once").code == 0
    said = loadline("drift", "status", "orders", "--format", "json")
    assert said.code == 0
    (watch,) = said.json()["watches"]
    assert (watch["windows"], watch["newest"], watch["is_alarm"]) == (30, "2025-03-30 00:00:00", False)
    assert watch["evidence"] < 1000


def test_data_that_cannot_be_looked_at_ends_with_3(watched: Path, loadline: Terminal) -> None:
    (watched / "data" / "orders.csv").unlink()
    said = loadline("watch", "--once")
    assert said.code == 3
    assert said.out.startswith("failed   orders: ")
    assert "could not look" in loadline("drift", "status").out


def test_status_reads_the_ledger_alone(watched: Path, loadline: Terminal) -> None:
    assert "unseen   orders: nothing looked at yet" in loadline("drift", "status").out
    loadline("watch", "--once")
    (watched / "data" / "orders.csv").unlink()
    said = loadline("drift", "status")
    assert said.code == 1
    assert said.out.startswith("alarm    orders: the newest 2025-04-09")


def test_accepting_needs_a_name_and_says_what_was_accepted(watched: Path, loadline: Terminal) -> None:
    loadline("watch", "--once")
    assert "error[DRF015]" in loadline("drift", "accept", "orders", "--because", "so it is").err
    said = loadline("drift", "accept", "orders", "--because", "prices went up", "--as", "ana")
    assert said.code == 0
    assert "normal, says ana (ledger entry " in said.out
    after = loadline("drift", "status")
    assert after.code == 0
    assert "by ana: prices went up" in after.out


def test_a_picture_is_plain_svg_for_light_and_dark(watched: Path, loadline: Terminal) -> None:
    loadline("watch", "--once")
    said = loadline("drift", "show", "orders.amount", "--format", "svg")
    assert said.code == 0
    root = ET.fromstring(said.out)  # noqa: S314 - our own picture
    names = {element.tag.partition("}")[2] for element in root.iter()}
    assert names == {"svg", "title", "style", "rect", "text", "line", "polygon", "polyline", "circle"}
    assert "prefers-color-scheme: dark" in said.out
    assert said.out.count('class="alarm"') >= 5
    assert said.out.count("<circle") == 40
    assert "http" not in said.out.replace("http://www.w3.org/2000/svg", "")


def test_a_picture_in_text_has_a_line_a_window(watched: Path, loadline: Terminal) -> None:
    loadline("watch", "--once")
    lines = loadline("drift", "show", "orders.amount").out.splitlines()
    assert lines[0].startswith("orders.amount: above ")
    assert len(lines) == 42
    assert sum("!" in line for line in lines) >= 5
    assert "·" in lines[30]
    north = loadline("drift", "show", "orders.amount", "--segment", "north", "--bin", lines[0].partition(": ")[2]).out
    assert north.startswith("orders.amount in north: above ")


@pytest.mark.parametrize(
    "words", [("orders.amuont",), ("orders.amount", "--bin", "nothing"), ("orders.amount", "--segment", "x")]
)
def test_what_cannot_be_drawn_is_said(words: tuple[str, ...], watched: Path, loadline: Terminal) -> None:
    loadline("watch", "--once")
    said = loadline("drift", "show", *words)
    assert (said.code, "error[DRF011]" in said.err) == (2, True)


def test_a_value_from_the_data_cannot_write_into_the_picture() -> None:
    assert picture._text("</text><script>\x1b[31m") == "&lt;/text&gt;&lt;script&gt;\\x1b[31m"


def test_a_contract_may_say_what_is_watched(shop: Path, loadline: Terminal) -> None:
    edit(
        shop / "contracts" / "orders.yaml",
        "customProperties:\n",
        "customProperties:\n  - property: watch\n    vendor: loadline\n    value: {every: week, columns: [amount]}\n",
    )
    fill(shop, 90)
    assert loadline("check").code == 0
    said = loadline("watch", "--once", "--format", "json")
    assert said.code == 0
    (watch,) = said.json()["watches"]
    assert (watch["watch"], watch["every"]) == ("orders", "week")
    assert json.dumps(said.json())


def test_drift_tells_each_reader_no_more_than_they_could_ask_for(watched: Path, loadline: Terminal) -> None:
    readers(watched)
    assert loadline("watch", "--once").code == 1
    for who, is_told in (("local", True), ("max", False), ("ida", False), ("eve", False)):
        said = loadline("drift", "status", "--as", who)
        (alarm,) = loadline("drift", "status", "--as", who, "--format", "json").json()["alarms"]
        assert said.code == 1, "that it moved is for all"
        assert ("values above" in said.out) is is_told
        assert ("values above" in json.dumps(alarm)) is is_told
        assert ("keep from you what moved" in said.out) is not is_told
    assert loadline("drift", "show", "orders.amount", "--as", "local").code == 0
    assert loadline("drift", "show", "orders.status", "--as", "max").code == 0
    for who in ("max", "ida", "eve"):
        refused_with(loadline("drift", "show", "orders.amount", "--as", who), "DRF011", 2)
