"""Agents act and people decide, over HTTP."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from loadline.app import App, open_app
from loadline.flow.reading import Door
from loadline.surfaces.http.server import make_api
from loadline.values.access import DoorRole
from loadline.values.canonical import plain
from surfaces.clerks import count, make_clerks

Headers = dict[str, str]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return make_clerks(tmp_path / "clerks")


@pytest.fixture
def app(root: Path) -> Iterator[App]:
    with open_app(root) as opened:
        yield opened


@pytest.fixture
def api(app: App) -> Iterator[TestClient]:
    with TestClient(make_api(app), raise_server_exceptions=False) as client:
        yield client


def key(app: App, person: str, role: DoorRole, agent: str | None = None) -> Headers:
    return {"Authorization": f"Bearer {app.create_key(person, role=role, agent=agent)[1]}"}


def delete(api: TestClient, headers: Headers, customer: int = 1, **more: Any) -> dict[str, Any]:
    body = {"action": "delete_customer", "arguments": {"customer_id": customer}} | more
    reply = api.post("/v1/act", json=body, headers=headers)
    assert reply.status_code == 200, reply.text
    return dict(reply.json())


def test_what_is_held_is_done_once_after_a_yes_to_exactly_that(api: TestClient, app: App, root: Path) -> None:
    bot, lead = key(app, "ana", DoorRole.AGENT, "bot"), key(app, "carl", DoorRole.APPROVER)
    held = delete(api, bot)
    assert (held["status"], held["agent"], count(root, "customers")) == ("waiting", "bot", 4)
    assert {(one["table"], one["deleted"]) for one in held["effect"]} == {("main.customers", 1), ("main.orders", 2)}
    (waiting,) = api.get("/v1/approvals", headers=lead).json()["runs"]
    assert waiting["run"] == held["run"]
    url = f"/v1/approvals/{held['run']}"
    wrong = api.post(url, json={"decision": "approve", "digest": "sha256:000000"}, headers=lead)
    assert wrong.status_code == 422
    done = api.post(url, json={"decision": "approve", "digest": held["digest"]}, headers=lead)
    assert done.json()["status"] == "done"
    assert (count(root, "customers"), count(root, "orders")) == (3, 3)
    again = api.post(url, json={"decision": "approve"}, headers=lead)
    assert again.status_code == 422
    assert count(root, "customers") == 3
    undone = api.post(f"/v1/actions/{held['run']}/undo", json={}, headers=bot).json()
    assert undone["status"] in {"done", "waiting", "forbidden"}


def test_what_waits_comes_in_pages_newest_first(api: TestClient, app: App) -> None:
    bot, lead = key(app, "ana", DoorRole.AGENT, "bot"), key(app, "carl", DoorRole.APPROVER)
    held = [delete(api, bot, customer)["run"] for customer in (1, 2, 3)]
    told: list[str] = []
    start: int | None = 0
    while start is not None:
        page = api.get("/v1/approvals", params={"start": start, "limit": 2}, headers=lead).json()
        assert page["total"] == 3
        assert len(page["runs"]) <= 2
        told += [one["run"] for one in page["runs"]]
        start = page["next"]
    assert told == held[::-1]
    first = api.get("/v1/actions", params={"limit": 1}, headers=bot).json()
    assert (len(first["actions"]), first["total"]) == (1, len(app.project.actions))
    assert api.get("/v1/actions", params={"limit": 0}, headers=bot).status_code == 422


LEADS_SEE = """  - name: leads-see-orders
    permit: ask
    who: {roles: [lead]}
    on: {columns: ["orders.*"]}
"""


def test_an_approver_is_shown_the_rows_that_rules_let_them_ask_for(root: Path) -> None:
    rules = root / "policies" / "actions.yaml"
    rules.write_text(rules.read_text() + LEADS_SEE)
    with open_app(root) as app, TestClient(make_api(app)) as api:
        lead = key(app, "carl", DoorRole.APPROVER)
        held = delete(api, key(app, "ana", DoorRole.AGENT, "bot"))
        assert "rows" not in held
        shown = api.get(f"/v1/approvals/{held['run']}", headers=lead).json()
        customers, orders = shown["rows"]
        assert (customers["table"], customers["gone"], customers["withheld"]) == (
            "main.customers",
            1,
            ["customer_id", "name"],
        )
        assert customers["rows"] == [{"change": "gone", "before": {}, "after": None, "changed": []}]
        assert [row["before"] for row in orders["rows"]] == [
            {"order_id": number, "customer_id": "1", "status": "open"} for number in ("5", "6")
        ]
        asker = key(app, "ana", DoorRole.APPROVER)
        assert api.get(f"/v1/approvals/{held['run']}", headers=asker).json()["rows"][1]["rows"][0]["before"] == {}
        entry = app.ledger_entry(held["ledger_index"], Door(principal=app.principal("ana")))
        assert entry.payload is not None
        assert "Ahrens" not in json.dumps(plain(entry.payload))


def test_who_asked_may_not_say_yes_and_others_do_not_see_it(api: TestClient, app: App) -> None:
    held = delete(api, key(app, "ana", DoorRole.AGENT))
    own = api.post(
        f"/v1/approvals/{held['run']}", json={"decision": "approve"}, headers=key(app, "ana", DoorRole.APPROVER)
    )
    assert own.status_code == 422
    assert api.get(f"/v1/actions/{held['run']}", headers=key(app, "carl", DoorRole.AGENT)).status_code == 404
    assert api.get(f"/v1/actions/{held['run']}", headers=key(app, "carl", DoorRole.APPROVER)).status_code == 200
    assert api.get("/v1/approvals", headers=key(app, "ana", DoorRole.AGENT)).status_code == 403


def test_a_decision_is_asked_for_without_anything_happening(api: TestClient, app: App, root: Path) -> None:
    bot = key(app, "ana", DoorRole.AGENT)
    body = {"action": "close_order", "arguments": {"order_id": 5}}
    assert api.post("/v1/decide", json=body, headers=bot).json()["status"] == "would"
    forbidden = api.post("/v1/decide", json={"target": "crm", "sql": "DROP TABLE orders"}, headers=bot).json()
    assert forbidden["status"] == "forbidden"
    assert forbidden["reasons"][0]["mend"]
    assert count(root, "orders") == 5
    assert api.post("/v1/act", json=body, headers=bot).json()["status"] == "done"


def test_the_same_request_twice_is_one_act(api: TestClient, app: App) -> None:
    bot = key(app, "ana", DoorRole.AGENT) | {"Idempotency-Key": "a"}
    assert delete(api, bot)["run"] == delete(api, bot)["run"]
    assert len(app.unfinished()) == 1


@pytest.mark.parametrize(
    "body",
    [{}, {"target": "crm"}, {"sql": "SELECT 1"}, {"action": "close_order", "target": "crm", "sql": "SELECT 1"}],
)
def test_half_a_request_is_none(api: TestClient, app: App, body: dict[str, Any]) -> None:
    reply = api.post("/v1/act", json=body, headers=key(app, "ana", DoorRole.AGENT))
    assert reply.status_code == 422
