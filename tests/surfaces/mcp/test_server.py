"""The SDK's own client against a real server process, over stdin and stdout and over HTTP."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import anyio
import httpx2
import pytest
from mcp.client.client import Client
from mcp.client.stdio import StdioServerParameters, stdio_client
from mcp.client.streamable_http import streamable_http_client

from loadline.app import init_project, open_app
from loadline.values.access import DoorRole
from surfaces.clerks import count, make_clerks
from surfaces.issuer import issuing

LOADLINE = str(Path(sys.executable).with_name("loadline"))
SNAPSHOT = Path(__file__).parent / "tools.json"
Work = Callable[[Client], Awaitable[None]]


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("mcp") / "company"
    init_project(root, is_demo=True)
    return root


def over_stdio(company: Path, work: Work, *more: str, **env: str) -> None:
    server = StdioServerParameters(
        command=LOADLINE,
        args=["mcp", "serve", "-C", str(company), *more],
        env={**os.environ, **env},
    )

    async def talk() -> None:
        async with Client(stdio_client(server)) as client:
            await work(client)

    anyio.run(talk)


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextmanager
def served(company: Path, *more: str) -> Iterator[str]:
    """The address of a server of its own process, ended by id."""
    port = free_port()
    command = [LOADLINE, "mcp", "serve", "--http", "--port", str(port), "-C", str(company), *more]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr is not None
            for line in process.stderr:
                if line.startswith("listening"):
                    break
            wait_for(port)
            yield f"http://127.0.0.1:{port}/mcp"
        finally:
            process.terminate()
            process.wait(20)


def wait_for(port: int) -> None:
    for _ in range(200):
        with socket.socket() as one:
            one.settimeout(0.2)
            if one.connect_ex(("127.0.0.1", port)) == 0:
                return
        anyio.run(anyio.sleep, 0.05)
    raise AssertionError("nobody listens")


def over_http(address: str, work: Work, *, token: str | None = None) -> None:
    async def talk() -> None:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        async with (
            httpx2.AsyncClient(headers=headers, timeout=30) as http,
            Client(streamable_http_client(address, http_client=http)) as client,
        ):
            await work(client)

    anyio.run(talk)


async def call(client: Client, tool: str, **arguments: Any) -> dict[str, Any]:
    result = await client.call_tool(tool, arguments)
    assert not result.is_error, result.content
    assert isinstance(result.structured_content, dict)
    return result.structured_content


async def refused(client: Client, tool: str, **arguments: Any) -> str:
    result = await client.call_tool(tool, arguments)
    assert result.is_error
    return str(result.content[0].text)  # type: ignore[union-attr]


async def the_main_job(client: Client) -> None:
    """Find a metric, read what it means, ask, check what was written, read the receipt."""
    found = await call(client, "search_metrics", text="booked revenue")
    assert found["metrics"][0]["name"] == "booked_revenue"
    whole = await call(client, "describe_metric", name="bookings")
    assert whole["name"] == "booked_revenue"
    assert whole["attributes"]["where"] == "orders.status <> 'cancelled'"
    assert "customers.region" in [one["name"] for one in whole["dimensions"]]
    answer = await call(
        client, "query_metrics", metrics=["booked_revenue"], by=["customers.region"], during="2025-Q3", rows=1
    )
    assert answer["status"] == "verified"
    assert answer["dates"] == {
        "text": "2025-Q3",
        "first": "2025-07-01",
        "last": "2025-09-30",
        "date_fields": ["orders.ordered_at"],
    }
    assert (len(answer["rows"]), answer["truncated"], answer["next"]) == (1, True, 1)
    rest = await call(
        client, "query_metrics", metrics=["booked_revenue"], by=["customers.region"], during="2025-Q3", start=1
    )
    assert rest["receipt"] == answer["receipt"]
    assert rest["next"] is None
    said = f"In the third quarter of 2025, booked revenue in the north was {answer['rows'][0][1]} EUR."
    checked = await call(client, "verify_answer", text=said)
    assert (checked["is_clean"], checked["counts"]["supported"]) == (True, 1)
    receipt = await call(client, "get_receipt", receipt=answer["receipt"])
    assert receipt["receipt"]["ledger_index"] is not None
    values = await call(client, "list_dimension_values", dimension="customers.region", contains="or")
    assert values["rows"] == [["north"]]


async def receipt_names_the_agent(client: Client) -> None:
    answer = await call(client, "query_metrics", metrics=["booked_revenue"], during="2025-Q2")
    receipt = await call(client, "get_receipt", receipt=answer["receipt"])
    assert (receipt["receipt"]["asked_by"], receipt["receipt"]["agent"]) == ("local", "helper-bot")


def test_the_main_job_over_stdio(company: Path) -> None:
    over_stdio(company, the_main_job)


def test_the_main_job_over_http_with_a_key(company: Path) -> None:
    with open_app(company) as app:
        _, secret = app.create_key("local", role=DoorRole.AGENT, agent="helper-bot")
    with served(company) as address:
        over_http(address, the_main_job, token=secret)
        over_http(address, receipt_names_the_agent, token=secret)


def test_nobody_calls_over_http_without_a_key(company: Path) -> None:
    with open_app(company) as app:
        key, secret = app.create_key("local", role=DoorRole.AGENT)
        assert app.revoke_key(key.id) is not None
    with served(company) as address:
        asked = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
        accept = {"Accept": "application/json, text/event-stream"}
        for headers in (
            accept,
            accept | {"Authorization": "Bearer ll_00000000_wrong"},
            accept | {"Authorization": f"Bearer {secret}"},
        ):
            reply = httpx2.post(address, json=asked, headers=headers)
            assert reply.status_code == 401
            assert "resource_metadata" in reply.headers["WWW-Authenticate"]


def test_an_open_server_is_for_loopback_alone(company: Path) -> None:
    command = [LOADLINE, "mcp", "serve", "--http", "--host", "0.0.0.0", "--no-keys"]  # noqa: S104
    done = subprocess.run([*command, "-C", str(company)], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert "loopback" in done.stderr


def test_a_key_in_the_environment_says_whose_calls_they_are(company: Path) -> None:
    with open_app(company) as app:
        _, secret = app.create_key("local", role=DoorRole.AGENT, agent="stdio-bot")

    async def ask(client: Client) -> None:
        answer = await call(client, "query_metrics", metrics=["booked_revenue"], during="2025-Q3")
        receipt = await call(client, "get_receipt", receipt=answer["receipt"])
        assert receipt["receipt"]["agent"] == "stdio-bot"

    over_stdio(company, ask, LOADLINE_KEY=secret)


def test_what_goes_wrong_says_how_to_mend_it(company: Path) -> None:
    async def wrong(client: Client) -> None:
        assert "mend: name one of" in await refused(client, "describe_metric", name="revenu")
        assert "`question` was given" in await refused(
            client, "query_metrics", metrics=["booked_revenue"], question="How many?"
        )
        misnamed = await refused(client, "query_metrics", metrics=["booked_revenue"], filters=["orders.status = open"])
        assert "filters" in misnamed  # left out, it would have been answered over everything
        assert "dataset" in await refused(client, "data_status", dataset=["orders"])
        assert "no day" in await refused(client, "query_metrics", metrics=["booked_revenue"], today="soon")
        assert "RUN004" in await refused(client, "get_receipt", receipt="rcpt-00000000000000000000")
        asked_back = await call(client, "query_metrics", metrics=["revenue"])
        assert asked_back["status"] == "clarify"
        assert asked_back["options"]
        unknown = await call(client, "query_metrics", metrics=["nothing_of_the_kind"])
        assert unknown["status"] == "refused"
        assert unknown["reasons"][0]["mend"]
        assert unknown["receipt"]

    over_stdio(company, wrong)


def test_the_contract_of_the_tools_is_what_clients_were_told(company: Path) -> None:
    """A change of names, inputs or outputs breaks agents: it is made on purpose, with LOADLINE_SNAPSHOT=1 once."""
    seen: list[dict[str, Any]] = []

    async def look(client: Client) -> None:
        seen.extend(tool.model_dump(mode="json", exclude_none=True) for tool in (await client.list_tools()).tools)
        catalog = await client.read_resource("loadline://catalog")
        assert "booked_revenue" in str(catalog.contents[0].text)  # type: ignore[union-attr]

    over_stdio(company, look)
    if os.environ.get("LOADLINE_SNAPSHOT"):
        SNAPSHOT.write_text(json.dumps(seen, indent=1, sort_keys=True) + "\n")
    assert seen == json.loads(SNAPSHOT.read_text())
    assert all(tool["annotations"]["read_only_hint"] for tool in seen if not tool["name"].startswith("propose"))


def test_an_action_is_proposed_looked_at_and_never_done_without_its_yes(tmp_path: Path) -> None:
    root = make_clerks(tmp_path / "clerks")

    async def propose(client: Client) -> None:
        listed = await client.read_resource("loadline://actions")
        assert "delete_customer" in str(listed.contents[0].text)  # type: ignore[union-attr]
        done = await call(client, "propose_action", action="close_order", arguments={"order_id": 5})
        assert (done["status"], done["effect"][0]["updated"]) == ("done", 1)
        held = await call(client, "propose_action", action="delete_customer", arguments={"customer_id": 1})
        assert held["status"] == "waiting"
        assert (await call(client, "get_action", run=held["run"]))["status"] == "waiting"
        wrong = await call(client, "propose_action", action="drop_everything")
        assert wrong["status"] == "refused"
        assert wrong["reasons"][0]["mend"]

    over_stdio(root, propose, "--as", "ana", "--agent", "bot")
    assert count(root, "customers") == 4


def test_a_server_that_only_reads_has_no_tool_that_acts(company: Path) -> None:
    async def look(client: Client) -> None:
        names = {tool.name for tool in (await client.list_tools()).tools}
        assert {"query_metrics", "verify_answer"} <= names
        assert not names & {"propose_action", "get_action"}

    over_stdio(company, look, "--read-only")


def test_a_key_opens_the_tools_of_its_role(company: Path) -> None:
    with open_app(company) as app:
        _, secret = app.create_key("local", role=DoorRole.VIEWER)

    async def look(client: Client) -> None:
        assert (await call(client, "search_metrics", text="revenue"))["total"] > 0
        assert "does not open" in await refused(client, "query_metrics", metrics=["booked_revenue"])
        assert "does not open" in await refused(client, "propose_action", action="x")

    over_stdio(company, look, LOADLINE_KEY=secret)


def test_a_token_of_the_trusted_issuer_opens_as_an_oauth_resource_server(company: Path, tmp_path: Path) -> None:
    """The server says where to get a token, takes a good one, refuses one for another resource, and counts calls."""
    root = tmp_path / "company"
    shutil.copytree(company, root)
    resource = "https://loadline.example.com/mcp"
    with issuing() as issuer:
        manifest = root / "loadline.yaml"
        doors = f"""doors:
  oidc:
    issuer: {issuer.address}
    audience: {resource}
    people: {{u-17: local}}
    roles: {{ask: agent}}
"""
        manifest.write_text(manifest.read_text("utf-8") + doors, "utf-8")
        with served(root, "--url", resource, "--calls-per-minute", "40") as address:
            nobody = httpx2.post(address, json={})
            assert nobody.status_code == 401
            metadata = f"{resource.removesuffix('/mcp')}/.well-known/oauth-protected-resource/mcp"
            assert f'resource_metadata="{metadata}"' in nobody.headers["www-authenticate"]
            where = address.removesuffix("/mcp") + "/.well-known/oauth-protected-resource/mcp"
            said = httpx2.get(where).json()
            assert said["resource"] == resource
            assert [one.rstrip("/") for one in said["authorization_servers"]] == [issuer.address]
            for wrong in (issuer.token(), issuer.token(aud=resource, exp=1), issuer.token(aud=resource, sub="other")):
                refusal = httpx2.post(address, json={}, headers={"Authorization": f"Bearer {wrong}"})
                assert refusal.status_code == 401
            good = issuer.token(aud=resource)
            over_http(address, the_main_job, token=good)
            over_http(address, receipt_names_the_assistant, token=good)
            headers = {"Authorization": f"Bearer {issuer.token(aud=resource, jti='new')}"}
            replies = [httpx2.post(address, json={}, headers=headers) for _ in range(41)]
            last = replies[-1]
            assert last.status_code == 429
            assert 1 <= int(last.headers["retry-after"]) <= 2


async def receipt_names_the_assistant(client: Client) -> None:
    answer = await call(client, "query_metrics", metrics=["booked_revenue"])
    receipt = await call(client, "get_receipt", receipt=answer["receipt"], whole=True)
    assert "the-assistant" in json.dumps(receipt)
