"""What is usually tried against a server, tried; and nothing passes."""

from __future__ import annotations

import json
import socket
import subprocess
import threading
import time
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest
from starlette.testclient import TestClient

from loadline.app import App
from loadline.surfaces.http.limits import BODY_SECONDS, MOST_BYTES
from loadline.surfaces.http.server import make_api
from loadline.surfaces.rates import Failures
from loadline.values.access import DoorRole
from surfaces.http.conftest import LOADLINE, Serving

Keys = dict[DoorRole, dict[str, str]]
TRAVERSALS = (
    "../../etc/passwd",
    "..%2f..%2fetc%2fpasswd",
    "%2e%2e/%2e%2e/etc/passwd",
    "....//etc/passwd",
    "/etc/passwd",
)


@pytest.mark.parametrize("path", TRAVERSALS)
@pytest.mark.parametrize("below", ["/", "/v1/", "/v1/receipts/", "/v1/metrics/"])
def test_no_path_leads_to_a_file(api: TestClient, keys: Keys, below: str, path: str) -> None:
    reply = api.get(below + path, headers=keys[DoorRole.ADMIN])
    assert reply.status_code in {404, 422}
    assert "root:" not in reply.text


def test_a_header_cannot_be_smuggled_through_a_value(api: TestClient, keys: Keys) -> None:
    for value in ("x\r\nSet-Cookie: a=b", "x%0d%0aSet-Cookie:%20a=b"):
        reply = api.get("/v1/metrics", params={"text": value}, headers=keys[DoorRole.VIEWER])
        assert "set-cookie" not in reply.headers


def test_markup_in_a_question_comes_back_as_data(api: TestClient, keys: Keys) -> None:
    reply = api.post("/v1/ask", json={"question": "<script>alert(1)</script>"}, headers=keys[DoorRole.AGENT])
    assert reply.headers["content-type"] == "application/json"
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in reply.headers["content-security-policy"]


def test_an_oversized_body_is_refused_before_it_is_read(api: TestClient, keys: Keys) -> None:
    mine = keys[DoorRole.AGENT]
    declared = api.post("/v1/verify", content=b"x" * (MOST_BYTES + 1), headers=mine)
    chunked = api.post("/v1/verify", content=iter([b"x" * 100_000] * 12), headers=mine)
    for reply in (declared, chunked):
        assert (reply.status_code, reply.json()["title"]) == (413, "too large")


def test_wrong_keys_shut_the_door_for_a_while() -> None:
    now = [0.0]
    failures = Failures(most=3, seconds=60, now=lambda: now[0])
    for _ in range(3):
        assert not failures.is_shut("a")
        failures.note("a")
    assert failures.is_shut("a")
    assert not failures.is_shut("b")
    now[0] = 61.0
    assert not failures.is_shut("a")


def test_no_secret_is_in_what_is_said_or_kept(api: TestClient, app: App, capfd: pytest.CaptureFixture[str]) -> None:
    key, secret = app.create_key("local", role=DoorRole.AGENT)
    said = api.get("/v1/me", headers={"Authorization": f"Bearer {secret}x"}).text
    said += api.post(
        "/v1/ask", json={"metrics": ["booked_revenue"]}, headers={"Authorization": f"Bearer {secret}"}
    ).text
    said += str(app.keys()) + str(capfd.readouterr())
    said += "".join(str(entry.payload) for entry in app._open_reader().read_entries())
    assert key.id in str(app.keys())
    assert secret not in said
    assert secret.rpartition("_")[2] not in said


def test_a_server_in_the_open_needs_keys(company: Path, tmp_path: Path) -> None:
    for more in (["--host", "0.0.0.0", "--no-keys"], ["--host", "::", "--no-keys"]):  # noqa: S104
        done = subprocess.run(
            [LOADLINE, "serve", "-C", str(company), *more], capture_output=True, text=True, check=False
        )
        assert done.returncode == 2
        assert "loopback" in done.stderr
    subprocess.run([LOADLINE, "init", str(tmp_path / "new")], check=True, capture_output=True)
    done = subprocess.run([LOADLINE, "serve", "-C", str(tmp_path / "new")], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "nobody has a key yet" in done.stderr


def test_a_request_that_comes_slowly_is_let_go(company: Path, serving: Serving) -> None:
    with serving(company, "--no-keys") as address:
        where = urlsplit(address)
        to, patience = (where.hostname, where.port), BODY_SECONDS + 10
        with (
            socket.create_connection(to, timeout=patience) as silent,
            socket.create_connection(to, timeout=patience) as headless,
            socket.create_connection(to, timeout=patience) as slow,
        ):
            headless.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n")
            head = "POST /v1/ask HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
            head += "Content-Length: 100\r\n\r\n"
            slow.sendall(head.encode() + b"{")
            began = time.monotonic()
            said = slow.recv(4096).decode()
            assert " 408 " in said.splitlines()[0]
            assert time.monotonic() - began < BODY_SECONDS + 5
            assert silent.recv(10) == headless.recv(10) == b""
        assert httpx2.get(f"{address}/healthz").status_code == 200


def test_a_stop_lets_open_answers_end_and_records_them(company: Path, serving: Serving, app: App) -> None:
    """SIGTERM comes while questions are being answered: each open one is answered, and each intent has its end."""
    statuses: list[int] = []

    def ask(address: str, day: int) -> None:
        body = {"metrics": ["booked_revenue"], "by": ["customers.name"], "during": f"2025-03-{day:02}"}
        try:
            statuses.append(httpx2.post(f"{address}/v1/ask", json=body, timeout=30).status_code)
        except httpx2.TransportError:
            statuses.append(0)  # it came after the stop

    with serving(company, "--no-keys") as address:
        threads = [threading.Thread(target=ask, args=(address, day)) for day in range(1, 13)]
        for thread in threads:
            thread.start()
        while not statuses:  # the first has its answer, others are being worked on
            time.sleep(0.01)
    for thread in threads:
        thread.join(30)
    assert set(statuses) <= {200, 0}
    assert 200 in statuses
    kinds: dict[str, set[str]] = {}
    for entry in app._open_reader().read_entries():
        kinds.setdefault(entry.run, set()).add(str(entry.kind))
    assert all("outcome" in found or "intent" not in found for found in kinds.values())


def test_another_name_for_this_machine_opens_nothing(app: App) -> None:
    """A page of theirs may point a name of theirs at 127.0.0.1, and then be of the same origin."""
    with TestClient(make_api(app, open_as=app.principal()), base_url="http://rebound.example:8080") as theirs:
        assert theirs.get("/").status_code == 403
        assert theirs.get("/v1/me").status_code == 403
    with TestClient(make_api(app, open_as=app.principal()), base_url="http://127.0.0.1:8080") as ours:
        assert ours.get("/v1/me").status_code == 200


def test_json_that_is_too_deep_is_a_problem_and_no_crash(api: TestClient, keys: Keys) -> None:
    deep = "[" * 50_000 + "]" * 50_000
    body = json.dumps({"metrics": []})[:-1] + f', "by": {deep}}}'
    reply = api.post("/v1/ask", content=body, headers=keys[DoorRole.AGENT] | {"Content-Type": "application/json"})
    assert reply.status_code in {400, 422}
