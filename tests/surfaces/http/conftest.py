"""The demo company behind a server: in this process, or in one of its own."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import httpx2
import pytest
from starlette.testclient import TestClient

from loadline.app import App, init_project, open_app
from loadline.surfaces.http.server import make_api
from loadline.values.access import DoorRole

LOADLINE = str(Path(sys.executable).with_name("loadline"))


@pytest.fixture(scope="session")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("http") / "company"
    init_project(root, is_demo=True)
    return root


@pytest.fixture(scope="session")
def app(company: Path) -> Iterator[App]:
    with open_app(company) as opened:
        yield opened


@pytest.fixture(scope="session")
def api(app: App) -> Iterator[TestClient]:
    with TestClient(make_api(app), raise_server_exceptions=False) as client:
        yield client


@pytest.fixture(scope="session")
def keys(app: App) -> dict[DoorRole, dict[str, str]]:
    """For each role the headers of a key that has it."""
    made = {role: app.create_key("local", role=role, agent=f"test-{role.value}")[1] for role in DoorRole}
    return {role: {"Authorization": f"Bearer {secret}"} for role, secret in made.items()}


Serving = Callable[..., AbstractContextManager[str]]


@pytest.fixture(scope="session")
def serving() -> Serving:
    """The address of a server in a process of its own, ended by id."""

    @contextmanager
    def served(company: Path, *more: str) -> Iterator[str]:
        with socket.socket() as one:
            one.bind(("127.0.0.1", 0))
            port = one.getsockname()[1]
        command = [LOADLINE, "serve", "--port", str(port), "-C", str(company), *more]
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
            try:
                address = f"http://127.0.0.1:{port}"
                for _ in range(200):
                    try:
                        httpx2.get(f"{address}/healthz")
                        break
                    except httpx2.TransportError:
                        assert process.poll() is None, process.stderr.read() if process.stderr else ""
                        time.sleep(0.1)
                yield address
            finally:
                process.terminate()
                process.wait(30)

    return served
