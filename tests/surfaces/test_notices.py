"""Approvers told through a file, a webhook and a command of the project; whoever acts waits for none of them."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from adapters.tools.far_sides import Answer, far_side
from loadline.app import open_app
from loadline.values.acting import ActStatus
from surfaces.clerks import make_clerks
from surfaces.terminal import Terminal

BOT = ("--as", "bot", "--for", "ana")
DELETE = ("act", "delete_customer", "--arg", "customer_id=2", *BOT)
TAKER = "import sys; open('taken.jsonl', 'a').write(sys.stdin.read())"


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = make_clerks(tmp_path / "office")
    monkeypatch.chdir(root)
    return root


def told_through(root: Path, **notices: object) -> None:
    with (root / "loadline.yaml").open("a", encoding="utf-8") as manifest:
        manifest.write(f"notices: {json.dumps(notices)}\n")


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()] if path.exists() else []


def test_a_hold_is_in_the_file_and_at_the_command_before_the_command_line_ends(
    office: Path, loadline: Terminal
) -> None:
    told_through(office, file="out/notices.jsonl", command=[sys.executable, "-c", TAKER])
    assert loadline(*DELETE).code == 4
    (event,) = lines(office / "out" / "notices.jsonl")
    assert lines(office / "taken.jsonl") == [event]
    assert (event["type"], event["data"]["roles"]) == ("loadline.approval.waiting", ["lead"])
    assert loadline("approvals", "notify").out == "nobody is left to tell; 1 wait\n"
    assert lines(office / "out" / "notices.jsonl") == [event]
    assert loadline("ledger", "prove").code == 0
    assert loadline("approvals", "approve", event["data"]["run"], "--as", "carl").code == 0
    assert loadline("approvals", "notify").out == "nothing waits\n"


def test_a_receiver_that_is_down_delays_nobody_and_is_told_later(
    office: Path, loadline: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    with far_side(Answer(status=503, wait_seconds=0.3), Answer(status=503), Answer()) as side:
        monkeypatch.setenv("APPROVERS_URL", f"{side.url}/hook?token=s3cret")
        told_through(office, webhook="env:APPROVERS_URL")
        with open_app(office) as app:
            principal = app.on_behalf("ana", agent="bot")
            held = app.act("delete_customer", {"customer_id": 2}, principal=principal)
            assert held.status is ActStatus.WAITING  # and the receiver has not answered yet
        said = loadline("approvals", "notify")
        while said.code == 3:
            assert "it is sent again" in said.out
            assert "s3cret" not in said.out + said.err
            said = loadline("approvals", "notify")
        assert said.code == 0
        assert {json.dumps(body, sort_keys=True) for *_, body in side.seen} == {
            json.dumps(side.seen[0][3], sort_keys=True)
        }
        assert len({headers["Idempotency-Key"] for _, _, headers, _ in side.seen}) == 1
        ledger = (office / ".loadline" / "ledger.db").read_bytes()
        assert b"s3cret" not in ledger


def test_a_watch_round_tells_whoever_was_not(office: Path, loadline: Terminal) -> None:
    assert loadline(*DELETE).code == 4  # nobody was to be told then
    told_through(office, file="notices.jsonl")
    assert loadline("watch", "--once").code == 0
    assert len(lines(office / "notices.jsonl")) == 1
    assert loadline("watch", "--once").code == 0
    assert len(lines(office / "notices.jsonl")) == 1


def test_a_command_that_fails_is_said_by_the_watch(office: Path, loadline: Terminal) -> None:
    assert loadline(*DELETE).code == 4
    told_through(office, command=[sys.executable, "-c", "raise SystemExit(7)"])
    said = loadline("watch", "--once")
    assert said.code == 3
    assert "ended with 7" in said.out + said.err
    said = loadline("approvals", "notify", "--format", "json")
    assert said.code == 3
    assert [one["code"] for one in said.json()["unsent"]] == ["DRF010"]


def test_a_secret_written_as_the_receiver_is_refused(office: Path, loadline: Terminal) -> None:
    told_through(office, webhook="https://me:s3cret@hooks.example/T0", file="x.jsonl")
    said = loadline("check")
    assert said.code == 2
    assert "PRJ028" in said.out + said.err
    assert "s3cret" not in said.out + said.err


def test_many_holds_at_once_are_each_told_once(office: Path) -> None:
    told_through(office, file="notices.jsonl")
    with open_app(office) as app:
        principal = app.on_behalf("ana", agent="bot")
        runs = {app.act("delete_customer", {"customer_id": n}, principal=principal).run for n in (1, 2, 3, 4)}
    deadline = time.monotonic() + 5
    while len(lines(office / "notices.jsonl")) < len(runs) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert sorted(one["subject"] for one in lines(office / "notices.jsonl")) == sorted(runs)
