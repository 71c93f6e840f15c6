"""`loadline act`, `approvals`, `freeze`, `thaw`: what is printed, exit codes, and who holds the credentials."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from adapters.tools.far_sides import Answer, far_side
from surfaces.terminal import Terminal, edit, refused_with

ACTIONS = """
actions:
  close_order: &close
    description: Close one order.
    sql: "UPDATE orders SET status = 'closed' WHERE order_id = :order_id"
    target: crm
    arguments: {order_id: integer}
    effect: write
  close_late: *close
  notify:
    http: {method: POST, url: "env:CRM_URL/notes", headers: {Authorization: "env:CRM_KEY"}, body: {text: "{text}"}}
    arguments: {text: text}
    effect: call
"""
RULES = """
rules:
  - {name: bots-act, permit: act, who: {roles: [clerk], agents: ["*"]}, on: {actions: ["*"]}}
  - {name: leads-look, hold: act, on: {actions: [close_late]}, approval: {role: lead}}
"""
BOT = ("--as", "bot", "--for", "bea")


@pytest.fixture
def crm(shop: Path) -> Path:
    edit(shop / "loadline.yaml", "people:", "people:\n  bea: {roles: [clerk]}\n  carl: {roles: [lead]}")
    with (shop / "loadline.yaml").open("a", encoding="utf-8") as manifest:
        manifest.write("targets:\n  crm: {kind: sqlite, database: data/crm.db}\n")
    (shop / "actions").mkdir()
    (shop / "actions/crm.yaml").write_text(ACTIONS, encoding="utf-8")
    (shop / "policies/act.yaml").write_text(RULES, encoding="utf-8")
    path = shop / "data" / "crm.db"
    database = sqlite3.connect(path)
    with database:
        database.execute("CREATE TABLE orders (order_id INTEGER PRIMARY KEY, status TEXT)")
        database.executemany("INSERT INTO orders VALUES (?, 'open')", [(n,) for n in range(1, 9)])
    database.close()
    return path


def closed(crm: Path) -> list[int]:
    database = sqlite3.connect(crm)
    rows = database.execute("SELECT order_id FROM orders WHERE status = 'closed' ORDER BY 1").fetchall()
    database.close()
    return [row[0] for row in rows]


def test_an_act_its_dry_run_its_status_and_its_undo(crm: Path, loadline: Terminal) -> None:
    would = loadline("act", "close_order", "--arg", "order_id=5", "--dry-run", *BOT)
    assert (would.code, closed(crm)) == (0, [])
    assert "would       main.orders 1 updated" in would.out
    done = loadline("act", "close_order", "--json", '{"order_id": 5}', "--format", "json", *BOT)
    assert (done.code, closed(crm)) == (0, [5])
    receipt = done.json()
    assert (receipt["status"], receipt["agent"], receipt["person"]) == ("done", "bot", "bea")
    assert loadline("act", "status", receipt["run"][:12]).out.startswith("done  close_order  order_id 5")
    assert loadline("act", "undo", receipt["run"], *BOT).code == 0
    assert closed(crm) == []
    assert loadline("act", "undo", receipt["run"], *BOT, "--format", "json").json()["repeats"]
    assert loadline("ledger", "prove").code == 0


def test_each_outcome_ends_with_its_own_code(crm: Path, loadline: Terminal) -> None:
    assert loadline("act", "close_order", "--arg", "order_id=5", "--as", "bea").code == 1  # a rule for agents alone
    assert loadline("act", "sql", "crm", "DROP TABLE orders", *BOT).code == 1
    assert loadline("act", "close_order", "--arg", "order_id=five", *BOT).code == 2
    assert loadline("act", "close_orders", *BOT).code == 2
    assert loadline("act", "notify", "--arg", "text=x", *BOT).code == 3  # its variables are not set
    assert loadline("act", "close_late", "--arg", "order_id=5", *BOT).code == 4
    refused_with(loadline("act", "status", "act-000000"), "ACT110", 2)
    for wrong in (("--arg", "order_id"), ("--arg", "a=1", "--arg", "a=2"), ("--json", "[1]"), ("--json", "{")):
        assert loadline("act", "close_order", *wrong, *BOT).code == 2
    assert loadline("act", "close_order", "--for", "bea").code == 2
    assert closed(crm) == []


def test_what_waits_is_shown_approved_and_performed(crm: Path, loadline: Terminal) -> None:
    runs = [loadline("act", "close_late", "--arg", f"order_id={n}", "--format", "json", *BOT).json() for n in (1, 2, 3)]
    assert [one["run"] for one in loadline("approvals", "list", "--format", "json").json()] == [
        one["run"] for one in reversed(runs)
    ]
    one, two, three = (run["run"] for run in runs)
    assert "waits for   1 with the role `lead`" in loadline("approvals", "show", one).out
    refused_with(loadline("approvals", "approve", one, "--as", "bea"), "ACT112", 2)
    other = loadline("approvals", "approve", one, "--as", "carl", "--digest", runs[1]["digest"])
    refused_with(other, "ACT112", 2)
    assert f"loadline approvals show {one}" in other.err
    assert loadline("approvals", "approve", one, "--as", "carl", "--digest", runs[0]["digest"][:19]).code == 0
    assert loadline("approvals", "reject", two, "--as", "carl", "--because", "not that one").code == 0
    assert "not that one" in loadline("act", "status", two).out
    assert loadline("approvals", "approve", three, "--as", "carl", "--later").code == 4
    assert closed(crm) == [1]
    assert loadline("act", "resume").code == 0
    assert closed(crm) == [1, 3]
    assert loadline("approvals", "list").out == "nothing waits\n"


def test_a_freeze_holds_until_another_person_thaws(crm: Path, loadline: Terminal) -> None:
    assert loadline("freeze", "--all").code == 2
    assert loadline("freeze", "--all", "--agent", "bot", "--because", "x").code == 2
    assert loadline("freeze", "--agent", "bot", "--because", "it is too fast", "--as", "bea").code == 0
    assert "agent bot" in loadline("freeze", "--list").out
    stopped = loadline("act", "close_order", "--arg", "order_id=5", *BOT)
    assert (stopped.code, closed(crm)) == (1, [])
    assert "it is too fast" in stopped.out
    looked = ("--because", "looked")
    refused_with(loadline("thaw", "--agent", "bot", "--as", "bea", *looked), "ACT116", 2)
    assert "--because" in loadline("thaw", "--agent", "bot", "--as", "carl").err
    assert loadline("thaw", "--agent", "bot", "--as", "carl", *looked, "--format", "json").json()["is_frozen"] is False
    assert loadline("act", "close_order", "--arg", "order_id=5", *BOT).code == 0


def test_an_agent_without_its_person_is_told_what_is_missing(crm: Path, loadline: Terminal) -> None:
    assert loadline("act", "close_order", "--arg", "order_id=5", *BOT).code == 0
    alone = loadline("act", "close_order", "--arg", "order_id=6", "--as", "bot")
    assert (alone.code, "--for" in alone.err) == (2, True)


def test_a_freeze_of_what_there_is_not_does_not_look_like_one(crm: Path, loadline: Terminal, shop: Path) -> None:
    why = ("--because", "it is too fast", "--as", "bea")
    refused_with(loadline("freeze", "--workflow", "retruns", *why), "ACT128", 2)
    noted = loadline("freeze", "--agent", "bott", *why)
    assert (noted.code, "is the name right?" in noted.err) == (0, True)
    with (shop / "loadline.yaml").open("a", encoding="utf-8") as manifest:
        manifest.write("agents: {bot: answers customers}\n")
    refused_with(loadline("freeze", "--agent", "botty", *why), "ACT125", 2)
    assert loadline("freeze", "--agent", "bot", *why).err == ""


def test_what_an_agent_says_is_compared(crm: Path, loadline: Terminal, tmp_path: Path) -> None:
    run = loadline("act", "close_order", "--arg", "order_id=5", "--format", "json", *BOT).json()["run"]
    says = tmp_path / "says.jsonl"
    says.write_text(json.dumps({"run": run, "status": "done", "rows": 1}) + "\n", encoding="utf-8")
    assert loadline("act", "compare", "--says", str(says)).code == 0
    says.write_text(json.dumps({"run": run, "status": "failed", "can_be_undone": False}) + "\n", encoding="utf-8")
    compared = loadline("act", "compare", "--says", str(says))
    assert compared.code == 1
    assert "said to be `failed`, and it is `done`" in compared.out


def test_the_gate_holds_the_credential_and_the_agent_never_sees_it(
    crm: Path, loadline: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """INVARIANT I10: it is in no output, no receipt, and no entry of the ledger, whatever the far side answers."""
    monkeypatch.setenv("CRM_KEY", "Bearer very-secret-7")
    for answer in (Answer(), Answer(status=401), Answer(status=500), Answer(is_broken_off=True)):
        with far_side(answer) as side:
            monkeypatch.setenv("CRM_URL", side.url)
            said = loadline("act", "notify", "--arg", "text=hello", "--format", "json", *BOT)
            assert side.seen[0][2]["Authorization"] == "Bearer very-secret-7"
        assert "very-secret-7" not in said.out + said.err
        assert side.url not in said.out
    ledger = (crm.parent.parent / ".loadline" / "ledger.db").read_bytes()
    wal = crm.parent.parent / ".loadline" / "ledger.db-wal"
    assert b"very-secret-7" not in ledger + (wal.read_bytes() if wal.exists() else b"")


def test_declared_actions_are_listed(crm: Path, loadline: Terminal) -> None:
    assert "close_order(order_id: integer)  write, stake medium" in loadline("act", "list").out
    names = [one["name"] for one in loadline("act", "list", "--format", "json").json()]
    assert names == ["close_order", "close_late", "notify"]


def test_an_agent_that_is_not_listed_does_not_act(crm: Path, loadline: Terminal, shop: Path) -> None:
    with (shop / "loadline.yaml").open("a", encoding="utf-8") as manifest:
        manifest.write("agents: {bot: answers customers}\n")
    assert loadline("act", "close_order", "--arg", "order_id=5", *BOT).code == 0
    said = loadline("act", "close_order", "--arg", "order_id=6", "--as", "bott", "--for", "bea")
    refused_with(said, "ACT125", 2)
    assert closed(crm) == [5]


def test_a_canary_that_is_not_denied_is_an_alarm_in_watch_too(crm: Path, loadline: Terminal, shop: Path) -> None:
    with (shop / "loadline.yaml").open("a", encoding="utf-8") as manifest:
        manifest.write("alarms: {file: alarms.jsonl}\ncanaries:\n")
        manifest.write("  wipe: {as: bot, for: carl, sql: DELETE FROM orders, target: crm}\n")
    assert "denied" in loadline("watch", "--once").out
    assert loadline("act", "canaries").code == 0
    assert not (shop / "alarms.jsonl").exists()
    edit(shop / "loadline.yaml", "for: carl", "for: bea")
    alarm = loadline("act", "canaries")
    assert (alarm.code, closed(crm)) == (1, [])
    assert "alarm[ACT120]" in alarm.out
    event = json.loads((shop / "alarms.jsonl").read_text(encoding="utf-8"))
    assert (event["type"], event["subject"]) == ("loadline.canary.alarm", "wipe")
