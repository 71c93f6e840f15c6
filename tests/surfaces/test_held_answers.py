"""An answer that is held, through every door: asked at one, approved in another process, given at a third."""

from __future__ import annotations

import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import anyio
import pytest
from mcp.client.client import Client
from mcp.client.stdio import StdioServerParameters, stdio_client
from starlette.testclient import TestClient

from flow.test_data_states import shop as data_shop
from loadline.app import App, open_app
from loadline.surfaces.http.server import make_api
from loadline.values.access import DoorRole
from surfaces.terminal import Terminal, child, edit, refused_with

RULES = "data: [{name: books, state: amber, then: hold, ask: sales-ops, because: the books close}]\n"
ASKED = {"metrics": ["revenue"]}


@pytest.fixture
def held_shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    data_shop(tmp_path, "warning", RULES).close()
    edit(tmp_path / "loadline.yaml", "people:", "people:\n  carl: {roles: [sales-ops]}\n  dora: {roles: [analyst]}")
    with (tmp_path / "loadline.yaml").open("a", encoding="utf-8") as manifest:
        manifest.write("notices: {file: told.jsonl}\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def asked(loadline: Terminal, *more: str) -> Any:
    said = loadline("ask", "--metric", "revenue", "--as", "ana", "--format", "json", *more)
    return said.json() | {"exit": said.code}


def test_asked_here_approved_there_and_given_once(held_shop: Path, loadline: Terminal) -> None:
    waits = loadline("ask", "--metric", "revenue", "--as", "ana")
    assert waits.code == 4
    assert "rule `books` holds it for sales-ops" in " ".join(waits.out.split())
    run = asked(loadline)["receipt"]["approval"]
    assert run in waits.out
    assert run in (held_shop / "told.jsonl").read_text("utf-8")
    assert "revenue" not in (held_shop / "told.jsonl").read_text("utf-8"), "a notice says no more than that"
    listed = child("approvals", "list", "--as", "carl", cwd=held_shop).out
    assert "waiting  answer  metrics revenue, question revenue" in listed
    assert "waits for   1 with the role `sales-ops`" in listed
    assert child("approvals", "list", "--as", "dora", cwd=held_shop).out == "nothing waits\n"
    refused_with(child("approvals", "approve", run, "--as", "dora", cwd=held_shop), "ACT112", 2)
    approved = child("approvals", "approve", run, "--as", "carl", cwd=held_shop)
    assert approved.code == 0, approved.err
    assert "`ana` asks again" in approved.out
    given = asked(loadline)
    assert (given["exit"], given["receipt"]["approval"]) == (0, run)
    told = " ".join(loadline("receipt", given["receipt"]["id"], "--as", "ana").out.split())
    assert f"`carl` released it, as approval `{run}`" in told
    shown = loadline("approvals", "show", run, "--as", "ana").out
    assert shown.startswith("done  answer")
    assert given["receipt"]["id"] in shown
    assert asked(loadline)["exit"] == 4, "it was given once"
    assert loadline("ledger", "prove").code == 0


def test_a_no_at_the_command_line_is_told(held_shop: Path, loadline: Terminal) -> None:
    run = asked(loadline)["receipt"]["approval"]
    assert child("approvals", "reject", run, "--as", "carl", "--because", "it ran twice", cwd=held_shop).code == 0
    said = loadline("ask", "--metric", "revenue", "--as", "ana")
    assert said.code == 1
    assert "`carl` said no: it ran twice" in " ".join(said.out.split())


def key(app: App, person: str, role: DoorRole, agent: str | None = None) -> dict[str, str]:
    return {"Authorization": f"Bearer {app.create_key(person, role=role, agent=agent)[1]}"}


def test_over_http_and_in_the_console(held_shop: Path) -> None:
    with open_app(held_shop) as app, TestClient(make_api(app)) as api:
        bot, carl = key(app, "ana", DoorRole.AGENT, "bot"), key(app, "carl", DoorRole.APPROVER)
        held = api.post("/v1/ask", json=ASKED, headers=bot).json()
        assert (held["status"], held["reasons"][0]["code"]) == ("refused", "RGT201")
        run = held["approval"]
        assert api.get(f"/v1/actions/{run}", headers=bot).json()["status"] == "waiting"
        assert api.get(f"/v1/actions/{run}", headers=key(app, "dora", DoorRole.AGENT)).status_code == 404
        (one,) = api.get("/v1/approvals", headers=carl).json()["runs"]
        assert (one["run"], one["agent"], one["arguments"]["metrics"]) == (run, "bot", "revenue")
        secret = carl["Authorization"].partition(" ")[2]
        with TestClient(make_api(app), follow_redirects=False) as browser:
            browser.post("/login", data={"key": secret}, headers={"Sec-Fetch-Site": "same-origin"})
            page = browser.get(f"/approvals/{run}")
        assert page.status_code == 200
        assert "holds it for sales-ops" in page.text
        body = {"decision": "approve", "digest": one["digest"]}
        assert api.post(f"/v1/approvals/{run}", json=body, headers=carl).json()["status"] == "approved"
        assert (
            api.post("/v1/ask", json=ASKED, headers=key(app, "ana", DoorRole.AGENT, "else")).json()["status"]
            == "refused"
        )
        given = api.post("/v1/ask", json=ASKED, headers=bot).json()
        assert (given["status"], given["rows"], given["approval"]) == ("unverified", [[150.0]], run)


def test_an_agent_over_mcp_waits_and_is_given_it(held_shop: Path) -> None:
    server = StdioServerParameters(
        command=str(Path(sys.executable).with_name("loadline")),
        args=["mcp", "serve", "-C", str(held_shop), "--as", "ana"],
        env={**os.environ},
    )

    async def told(client: Client, tool: str, **given: Any) -> dict[str, Any]:
        result = await client.call_tool(tool, given)
        assert isinstance(result.structured_content, dict), result.content
        return result.structured_content

    async def talk() -> None:
        async with Client(stdio_client(server)) as client:
            held = await told(client, "query_metrics", **ASKED)
            run = held["approval"]
            assert (await told(client, "get_action", run=run))["status"] == "waiting"
            done = await anyio.to_thread.run_sync(
                lambda: child("approvals", "approve", run, "--as", "carl", cwd=held_shop)
            )
            assert done.code == 0, done.err
            given = await told(client, "query_metrics", **ASKED)
            assert (given["status"], given["approval"]) == ("unverified", run)

    work: Callable[[], Awaitable[None]] = talk
    anyio.run(work)
