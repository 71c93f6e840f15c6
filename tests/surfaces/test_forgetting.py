"""`loadline ledger erase` and `retain`: who may, what is left in the folder, and that everything still proves."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from loadline.app import App, open_app
from loadline.app.places import read_project
from loadline.surfaces.http.server import make_api
from loadline.values.access import DoorRole
from surfaces.clerks import make_clerks
from surfaces.terminal import Terminal, edit, refused_with

TOOL = Path(__file__).parents[2] / "tools" / "prove_ledger.py"
NAME = "marigold"
WHY = ("--because", "asked for it on 3 May", "--as", "sam")
CUSTOMER = "90071"


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A person with a name that occurs nowhere else asks, acts, votes, freezes and says something of an answer."""
    root = make_clerks(tmp_path / "office")
    people = f"people:\n  {NAME}: {{roles: [clerk, lead, analyst]}}\n  sam: {{roles: [steward]}}"
    edit(root / "loadline.yaml", "people:", people)
    edit(root / "actions" / "crm.yaml", "arguments: {customer_id: integer}", _SUBJECT)
    monkeypatch.chdir(root)
    return root


_SUBJECT = "arguments: {customer_id: {type: integer, subject: true}}"


def live_through(loadline: Terminal) -> str:
    """Everything the person does; returns the receipt of what was asked."""
    asked = loadline("ask", "-m", "booked_revenue", "--as", NAME, "--format", "json").json()
    receipt = str(asked["receipt"]["id"])
    assert loadline("feedback", receipt, "helpful", "--note", f"{NAME} says thanks", "--as", NAME).code == 0
    bot = ("--as", "bot", "--for", NAME, "--format", "json")
    assert loadline("act", "close_order", "--arg", "order_id=5", *bot).code == 0
    assert loadline("act", "close_order", "--arg", "order_id=6", "--as", NAME).code == 0
    held = loadline("act", "delete_customer", "--arg", f"customer_id={CUSTOMER}", "--as", "bot", "--for", "ana")
    assert held.code == 4
    (waiting,) = loadline("approvals", "list", "--format", "json").json()
    assert loadline("approvals", "reject", waiting["run"], "--as", NAME, "--because", f"{NAME} knows them").code == 0
    assert loadline("freeze", "--agent", "rogue", "--because", f"{NAME} saw it", "--as", NAME).code == 0
    return receipt


def files_holding(root: Path, text: str) -> list[str]:
    return [one.name for one in (root / ".loadline").rglob("*") if one.is_file() and text.encode() in one.read_bytes()]


def test_nothing_of_a_person_stays_and_every_proof_does(office: Path, loadline: Terminal, tmp_path: Path) -> None:
    receipt = live_through(loadline)
    before = loadline("ledger", "checkpoint").out
    kept = tmp_path / "kept.note"
    kept.write_text(before, "utf-8")
    loadline("ledger", "export", str(tmp_path / "before.jsonl"))
    assert files_holding(office, NAME) == ["ledger.subjects.db"]
    said = loadline("ledger", "erase", "--subject", NAME, *WHY)
    assert said.code == 0, said.err
    assert said.out.startswith("forgotten")
    assert files_holding(office, NAME) == []
    refused_with(loadline("receipt", receipt), "RUN004", 2)
    assert loadline("ledger", "prove", "--checkpoint", str(kept)).code == 0
    for name in ("before.jsonl", "after.jsonl"):
        if name == "after.jsonl":
            loadline("ledger", "export", str(tmp_path / name))
        argv = [sys.executable, str(TOOL), str(tmp_path / name), "--receipt", receipt]
        done = subprocess.run(argv, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        assert NAME not in (tmp_path / name).read_text("utf-8")


def test_the_views_and_the_gate_go_on_after_somebody_is_forgotten(office: Path, loadline: Terminal) -> None:
    live_through(loadline)
    assert loadline("ledger", "erase", "--subject", NAME, *WHY).code == 0
    for argv in (("debt",), ("consistency",), ("traffic",), ("act", "list"), ("freeze", "--list"), ("act", "resume")):
        assert loadline(*argv).code in {0, 1}, argv
    frozen = loadline("freeze", "--list").out
    assert "agent rogue" in frozen
    assert NAME not in frozen
    assert loadline("thaw", "--agent", "rogue", "--because", "looked", "--as", "carl").code == 0
    assert loadline("ask", "-m", "booked_revenue", "--as", "local").code == 0
    assert loadline("act", "close_order", "--arg", "order_id=7", "--as", "bot", "--for", NAME).code == 0


def test_a_customer_named_in_an_argument_is_forgotten_by_it(office: Path, loadline: Terminal) -> None:
    live_through(loadline)
    assert CUSTOMER.encode() not in (office / ".loadline" / "ledger.db").read_bytes()
    subject = f"customer_id={CUSTOMER}"
    assert loadline("ledger", "erase", "--subject", subject, *WHY).code == 0
    assert files_holding(office, CUSTOMER) == []
    assert loadline("ledger", "prove").code == 0
    refused_with(loadline("ledger", "erase", "--subject", subject, *WHY), "FRG002", 2)


def test_whom_a_filter_names_by_a_personal_column_is_forgotten(office: Path, loadline: Terminal) -> None:
    contract = next((office / "contracts").glob("*.yaml"))
    personal = "{name: order_id, classification: personal, logicalType"
    edit(contract, "{name: order_id, logicalType", personal)
    edit(office / "data" / "orders.csv", "A-0001", "Mira Waldhorn")
    ask = ("ask", "-m", "booked_revenue", "--where", "orders.order_id = Mira Waldhorn", "--as", NAME)
    answered = loadline(*ask, "--format", "json")
    assert answered.code == 0, answered
    assert loadline("ledger", "erase", "--subject", "order_id=Mira Waldhorn", *WHY).code == 0
    assert files_holding(office, "Mira") == []
    refused_with(loadline("receipt", answered.json()["receipt"]["id"]), "RUN004", 2)


def test_only_a_steward_forgets_and_only_with_a_reason(office: Path, loadline: Terminal) -> None:
    live_through(loadline)
    for who in ("ana", "carl", NAME):
        refused_with(loadline("ledger", "erase", "--subject", NAME, "--because", "so", "--as", who), "FRG001", 2)
    refused_with(loadline("ledger", "erase", "--subject", NAME, "--because", " ", "--as", "sam"), "FRG001", 2)
    refused_with(loadline("ledger", "erase", "--subject", "nobody", *WHY), "FRG002", 2)


def test_who_waits_for_an_approval_is_not_forgotten_meanwhile(office: Path, loadline: Terminal) -> None:
    argv = ("act", "delete_customer", "--arg", "customer_id=2", "--as", "bot", "--for", NAME, "--format", "json")
    run = loadline(*argv).json()["run"]
    said = refused_with(loadline("ledger", "erase", "--subject", NAME, *WHY), "FRG003", 2)
    assert run in said
    assert loadline("approvals", "reject", run, "--as", "carl").code == 0
    assert loadline("ledger", "erase", "--subject", NAME, *WHY).code == 0


def test_what_was_done_once_is_not_done_again_when_it_is_forgotten(office: Path, loadline: Terminal) -> None:
    argv = ("act", "close_order", "--arg", "order_id=5", "--key", "ticket-9", "--as", "bot", "--for", NAME)
    assert loadline(*argv).code == 0
    assert loadline("ledger", "erase", "--subject", NAME, *WHY).code == 0
    again = loadline(*argv)
    assert again.code == 1
    assert "was forgotten" in again.out


def test_what_a_server_replied_is_forgotten_and_the_request_not_done_again(office: Path, loadline: Terminal) -> None:
    with open_app(office) as app, TestClient(make_api(app), raise_server_exceptions=False) as api:
        secret = app.create_key("ana", role=DoorRole.AGENT, agent="bot")[1]
        headers = {"Authorization": f"Bearer {secret}", "Idempotency-Key": "one"}
        body = {"action": "close_order", "arguments": {"order_id": 5}}
        assert api.post("/v1/act", json=body, headers=headers).json()["status"] == "done"
        assert files_holding(office, "close_order") != []
        app.erase("ana", principal=app.principal("sam"), because="asked for it")
        again = api.post("/v1/act", json=body, headers=headers)
        assert (again.status_code, again.json()["title"]) == (410, "forgotten")
        assert b"order_id" not in (office / ".loadline" / "replies.db").read_bytes()
        assert not (office / ".loadline" / "replies.db-wal").read_bytes()


def later(root: Path, days: int) -> App:
    return App(read_project(root), now=lambda: datetime.now(UTC) + timedelta(days=days))


def test_what_is_older_than_retention_says_is_let_go(office: Path, loadline: Terminal) -> None:
    with (office / "loadline.yaml").open("a", encoding="utf-8") as manifest:
        manifest.write("retention: {questions_days: 30, actions_days: 90}\n")
    live_through(loadline)
    assert "nothing is older" in loadline("ledger", "retain").out
    with later(office, 40) as app:
        done = app.expire(principal=app.principal("sam"))
        assert done is not None
        assert done.keys > 0
        assert app.expire(principal=app.principal("sam")) is None
        (kept,) = [e for e in app._open_reader().read_entries() if e.kind == "feedback"]
        assert kept.is_readable
        assert app.prove().size > 0
    acts = json.loads(loadline("act", "list", "--format", "json").out)
    assert acts


def test_the_watch_lets_go_what_is_old_once_a_day(office: Path, loadline: Terminal) -> None:
    with (office / "loadline.yaml").open("a", encoding="utf-8") as manifest:
        manifest.write("retention: {questions_days: 30}\nwatch: {orders: {columns: [status]}}\n")
    live_through(loadline)
    with later(office, 40) as app:
        for _ in range(2):
            app.watch()
        erasures = [e for e in app._open_reader().read_entries() if e.kind == "erasure"]
        assert [e.payload["what"] for e in erasures] == ["expired"]
        assert app.prove().size > 0


def test_nothing_is_let_go_where_nothing_is_said_of_retention(office: Path, loadline: Terminal) -> None:
    live_through(loadline)
    assert "says nothing under `retention`" in loadline("ledger", "retain").out


def test_what_an_older_version_wrote_plainly_is_taken_out(office: Path, loadline: Terminal) -> None:
    with App(read_project(office)) as app:
        store = app._open_writer()
        from loadline.testing.store_suite import draft

        store.append([draft("run-old", asked_by=NAME, question="an old secret")])
    said = loadline("ledger", "erase", "--subject", NAME, "--format", "json", *WHY)
    assert said.json()["removed"] == 1
    assert files_holding(office, "an old secret") == []
    proven = loadline("ledger", "prove")
    assert "(1 without their content)" in proven.out
    export = office / "out.jsonl"
    loadline("ledger", "export", str(export))
    done = subprocess.run([sys.executable, str(TOOL), str(export)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "gone   the content of 1" in done.stdout


def test_content_cut_out_of_an_export_is_not_believed(office: Path, loadline: Terminal) -> None:
    live_through(loadline)
    export = office / "out.jsonl"
    loadline("ledger", "export", str(export))
    lines = [json.loads(line) for line in export.read_text("utf-8").splitlines()]
    cut = [{k: v for k, v in line.items() if n != 1 or k not in {"payload", "salt"}} for n, line in enumerate(lines)]
    spelled = (json.dumps(one, sort_keys=True, separators=(",", ":"), ensure_ascii=False) for one in cut)
    export.write_text("".join(f"{line}\n" for line in spelled), "utf-8")
    done = subprocess.run([sys.executable, str(TOOL), str(export)], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "no erasure names it" in done.stdout


def test_the_keys_are_readable_by_their_owner_alone(office: Path, loadline: Terminal) -> None:
    live_through(loadline)
    keys = office / ".loadline" / "ledger.subjects.db"
    assert keys.stat().st_mode & 0o777 == 0o600
    connection = sqlite3.connect(keys)
    assert connection.execute("SELECT count(*) FROM subject").fetchone()[0] >= 3
    connection.close()
