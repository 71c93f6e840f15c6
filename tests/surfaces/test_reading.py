"""Who may read what the ledger says: role by entry, and through every door."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anyio
import pytest
from mcp.client.client import Client
from starlette.testclient import TestClient

from loadline.app import App, open_app
from loadline.flow.reading import OTHERS, Door
from loadline.ledger import Kind
from loadline.surfaces.http.server import make_api
from loadline.surfaces.mcp.server import make_server
from loadline.values.access import DoorRole
from loadline.values.feedback import Opinion
from loadline.values.rule import Principal
from surfaces.clerks import make_clerks
from surfaces.terminal import Terminal, edit, refused_with

PEOPLE = "people:\n  ben: {roles: [clerk]}\n  guest: {roles: []}\n  ida: {roles: [auditor]}\n  sue: {roles: [steward]}"
ANAS, BENS = "marigold", "tamarind"  # words that nothing else says


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """What was recorded: the index of the entries about somebody, by whose they are, and two runs and a receipt."""

    root: Path
    owned: Mapping[int, str]
    held: str
    done: str
    receipt: str
    bens_receipt: str


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    root = make_clerks(tmp_path_factory.mktemp("reading") / "office")
    edit(root / "loadline.yaml", "people:", PEOPLE)
    owned: dict[int, str] = {}
    with open_app(root) as app:
        ana, ben = app.principal("ana"), app.principal("ben")
        first = app.ask(ANAS, principal=ana)
        second = app.ask(BENS, principal=ben)
        done = app.act("close_order", {"order_id": 5}, principal=app.on_behalf("ana", agent="bot"))
        held = app.act("delete_customer", {"customer_id": 2}, principal=app.on_behalf("ben", agent="bot"))
        app.feedback(first.receipt.id, Opinion.WRONG_SLICE, principal=ana, note=ANAS)
        for entry in app._open_reader().read_entries():
            said = json.dumps(entry.payload)
            whose = [name for name in ("ana", "ben") if f'"{name}"' in said and entry.kind is not Kind.PROJECT]
            if entry.kind is not Kind.PROJECT:
                owned[entry.index] = "+".join(whose)
    return Office(
        root=root,
        owned=owned,
        held=held.run,
        done=done.run,
        receipt=first.receipt.id,
        bens_receipt=second.receipt.id,
    )


@pytest.fixture
def app(office: Office) -> Iterator[App]:
    with open_app(office.root) as opened:
        yield opened


def agent(app: App, person: str, name: str) -> Principal:
    return app.on_behalf(person, agent=name)


def readable(app: App, who: Principal) -> set[int]:
    told = app.ledger_page(Door(principal=who), limit=1_000)
    shown = {one.index: app.ledger_entry(one.index, Door(principal=who)) for one in told}
    for one in told:
        assert one.is_masked is (shown[one.index].payload is None), one
        assert not one.is_masked or (one.says, shown[one.index].why) == (OTHERS, OTHERS)
    return {one.index for one in told if not one.is_masked}


def test_each_reads_their_own_and_auditors_everything(app: App, office: Office) -> None:
    everything = {one.index for one in app.ledger_page(None, limit=1_000)}
    mine = {name: {n for n, whose in office.owned.items() if whose == name} for name in ("ana", "ben")}
    assert len(mine["ana"]) >= 4
    assert len(mine["ben"]) >= 2
    assert readable(app, app.principal("ida")) == readable(app, app.principal("sue")) == everything
    assert readable(app, app.principal("ana")) == mine["ana"]
    assert readable(app, app.principal("ben")) == mine["ben"]
    assert readable(app, app.principal("guest")) == set()


def test_an_agent_reads_what_it_did_itself_for_whom_it_works(app: App, office: Office) -> None:
    done = {one.index for one in app.ledger_page(None, limit=1_000) if one.run == office.done}
    assert readable(app, agent(app, "ana", "bot")) == done
    assert readable(app, agent(app, "ana", "other-bot")) == set()
    assert readable(app, agent(app, "ida", "bot")) == set()  # an auditor's agent audits nothing


def test_who_may_say_yes_sees_what_waits_and_others_do_not(app: App, office: Office) -> None:
    def sees(person: str, run: str) -> bool:
        door = Door(principal=app.principal(person))
        is_listed = run in {one.run for one in app.unfinished(door)}
        try:
            found = app.act_status_for(run, door=door).run == run
        except Exception:  # noqa: BLE001 - whichever way it is refused
            found = False
        assert found or not is_listed
        return found

    assert [name for name in ("ana", "ben", "carl", "guest", "ida", "sue") if sees(name, office.held)] == [
        "ben", "carl", "ida", "sue",
    ]  # fmt: skip
    assert [name for name in ("ana", "ben", "carl", "guest", "ida", "sue") if sees(name, office.done)] == [
        "ana", "ida", "sue",
    ]  # fmt: skip


def test_what_others_said_of_an_answer_is_theirs(app: App, office: Office) -> None:
    def said(person: str) -> list[str]:
        return [one.by for one in app.feedback_on(office.receipt, door=Door(principal=app.principal(person)))]

    assert [said(person) for person in ("ana", "ben", "ida", "guest")] == [["ana"], [], ["ana"], []]
    assert [one.by for one in app.feedback_on(office.receipt, door=None)] == ["ana"]


def test_the_roles_that_read_everything_are_the_projects_to_choose(office: Office) -> None:
    manifest = office.root / "loadline.yaml"
    before = manifest.read_text("utf-8")
    manifest.write_text(before + "\nledger: {readers: [lead]}\n", "utf-8")
    try:
        with open_app(office.root) as app:
            assert len(readable(app, app.principal("carl"))) == len(app.ledger_page(None, limit=1_000))
            assert readable(app, app.principal("ida")) == set()
    finally:
        manifest.write_text(before, "utf-8")


# -- the doors


def test_the_command_line_shows_as_much_as_who_is_named_may_read(
    office: Office, loadline: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(office.root)
    for who, words in (("ana", ANAS), ("ben", BENS), ("guest", ""), ("ida", ANAS + BENS), (None, ANAS + BENS)):
        named = ("--as", who) if who else ()
        listed = loadline("ledger", "list", "--limit", "1000", *named)
        whole = [loadline("ledger", "show", str(index), *named) for index in office.owned]
        out = listed.out + "".join(one.out for one in whole)
        for word in (ANAS, BENS):
            assert (word in out) is (word in words), (who, word)
        assert {one.code for one in whole} <= {0, 1}
    refused_with(loadline("receipt", office.bens_receipt, "--as", "ana"), "RUN004", 2)
    assert loadline("receipt", office.receipt, "--as", "ana").code == 0
    assert loadline("receipt", office.bens_receipt, "--as", "ida").code == 0
    refused_with(loadline("receipt", office.receipt, office.bens_receipt, "--as", "ana"), "RUN004", 2)
    refused_with(loadline("act", "status", office.held, "--as", "ana"), "ACT110", 2)
    refused_with(loadline("approvals", "show", office.held, "--as", "ana"), "ACT110", 2)
    assert loadline("approvals", "list", "--as", "ana").out == "nothing waits\n"
    assert office.held in loadline("approvals", "list", "--as", "carl", "--format", "json").out


def test_http_shows_as_much_as_the_caller_may_read(app: App, office: Office) -> None:
    def key(person: str, role: DoorRole, name: str | None = None) -> dict[str, str]:
        return {"Authorization": f"Bearer {app.create_key(person, role=role, agent=name)[1]}"}

    with TestClient(make_api(app), raise_server_exceptions=False) as api:

        def status(path: str, headers: dict[str, str]) -> int:
            return int(api.get(path, headers=headers).status_code)

        held, bens = f"/v1/actions/{office.held}", f"/v1/receipts/{office.bens_receipt}"
        for headers, seen in (
            (key("ben", DoorRole.ANALYST), 200),
            (key("ana", DoorRole.ANALYST), 404),
            (key("ana", DoorRole.APPROVER), 404),  # the door opens, and no rule names a role of hers
            (key("ida", DoorRole.VIEWER), 200),
            (key("ida", DoorRole.AGENT, "bot"), 404),
            (key("guest", DoorRole.STEWARD), 200),
            (key("guest", DoorRole.STEWARD, "bot"), 404),
        ):
            assert [status(held, headers), status(bens, headers)] == [seen, seen], headers
        assert status(held, key("carl", DoorRole.APPROVER)) == 200
        assert status(bens, key("carl", DoorRole.APPROVER)) == 404
        waiting = api.get("/v1/approvals", headers=key("ana", DoorRole.APPROVER)).json()["runs"]
        assert waiting == []
        assert len(api.get("/v1/approvals", headers=key("carl", DoorRole.APPROVER)).json()["runs"]) == 1
        proof = api.get("/v1/ledger/proofs/3", headers=key("guest", DoorRole.VIEWER)).text
        assert ANAS not in proof
        assert '"ana"' not in proof.replace("\\", "")


def test_the_console_shows_as_much_as_who_signed_in_may_read(app: App, office: Office) -> None:
    for person, role, words in (
        ("ana", DoorRole.VIEWER, ANAS),
        ("guest", DoorRole.VIEWER, ""),
        ("guest", DoorRole.STEWARD, ANAS + BENS),
        ("ida", DoorRole.VIEWER, ANAS + BENS),
    ):
        with TestClient(make_api(app), raise_server_exceptions=False) as pages:
            secret = app.create_key(person, role=role)[1]
            same = {"Sec-Fetch-Site": "same-origin"}
            signed = pages.post("/login", data={"key": secret}, headers=same, follow_redirects=True)
            assert signed.status_code == 200, signed.text[:300]
            seen = "".join(pages.get(path).text for path in ("/ledger", "/", "/approvals"))
            for receipt in (office.receipt, office.bens_receipt):
                seen += pages.get(f"/receipts/{receipt}").text
            for word in (ANAS, BENS):
                assert (word in seen) is (word in words), (person, role, word)
            assert OTHERS in seen or words == ANAS + BENS


def test_an_agent_over_mcp_reads_its_own_alone(app: App, office: Office) -> None:
    async def asked(principal: Principal) -> list[bool]:
        async with Client(make_server(app, lambda _: principal)) as client:
            calls: list[tuple[str, dict[str, Any]]] = [
                ("get_action", {"run": office.done}),
                ("get_action", {"run": office.held}),
                ("get_receipt", {"receipt": office.receipt}),
                ("get_receipt", {"receipt": office.bens_receipt}),
            ]
            return [not (await client.call_tool(name, arguments)).is_error for name, arguments in calls]

    assert anyio.run(asked, agent(app, "ana", "bot")) == [True, False, False, False]
    assert anyio.run(asked, agent(app, "ben", "bot")) == [False, True, False, False]
    assert anyio.run(asked, app.principal("ana")) == [True, False, True, False]
    assert anyio.run(asked, agent(app, "ida", "bot")) == [False, False, False, False]
