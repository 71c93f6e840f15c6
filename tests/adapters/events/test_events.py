"""A file, a webhook and a command pass the suite of every receiver; and what only one of them can do."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from loadline.adapters.events.command import CommandEvents
from loadline.adapters.events.file import FileEvents
from loadline.adapters.events.webhook import WebhookEvents
from loadline.errors import OutsideError
from loadline.testing.events_suite import EventsSuite, Received, event


class TestFileEvents(EventsSuite):
    @pytest.fixture
    def path(self, tmp_path: Path) -> Path:
        return tmp_path / "alarms" / "drift.jsonl"

    @pytest.fixture
    def receiver(self, path: Path) -> FileEvents:
        return FileEvents(path)

    @pytest.fixture
    def received(self, path: Path) -> Received:
        def read() -> Mapping[str, Mapping[str, Any]]:
            events = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
            assert len({one["id"] for one in events}) == len(events), "the file holds an event twice"
            return {one["id"]: one for one in events}

        return read

    @pytest.fixture
    def broken(self, tmp_path: Path) -> FileEvents:
        (tmp_path / "taken").write_text("a file, not a folder", "utf-8")
        return FileEvents(tmp_path / "taken" / "drift.jsonl")

    def test_a_line_that_was_torn_by_a_crash_spoils_nothing(self, path: Path) -> None:
        path.parent.mkdir()
        path.write_text('{"id": "drift-0", "sour', "utf-8")
        FileEvents(path).send(event())
        assert json.loads(path.read_text("utf-8").splitlines()[-1]) == event()


class Told(BaseHTTPRequestHandler):
    """Keeps what it is told, by the key a receiver tells repetitions by."""

    kept: dict[str, Any]
    heard: list[str]
    answer = 204

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.heard.append(self.headers["Content-Type"])
        self.kept[self.headers["Idempotency-Key"]] = json.loads(body)
        self.send_response(self.answer)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Silence: a test's output is its own."""


@pytest.fixture
def serve() -> Iterator[Callable[[int], tuple[str, type[Told]]]]:
    servers: list[HTTPServer] = []

    def start(answer: int) -> tuple[str, type[Told]]:
        told = type("Told", (Told,), {"kept": {}, "heard": [], "answer": answer})
        server = HTTPServer(("127.0.0.1", 0), told)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}/hook", told

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


class TestWebhookEvents(EventsSuite):
    @pytest.fixture
    def hook(self, serve: Callable[[int], tuple[str, type[Told]]]) -> tuple[str, type[Told]]:
        return serve(204)

    @pytest.fixture
    def receiver(self, hook: tuple[str, type[Told]]) -> WebhookEvents:
        return WebhookEvents(hook[0])

    @pytest.fixture
    def received(self, hook: tuple[str, type[Told]]) -> Received:
        return lambda: hook[1].kept

    @pytest.fixture
    def broken(self, serve: Callable[[int], tuple[str, type[Told]]]) -> WebhookEvents:
        return WebhookEvents(serve(503)[0])

    def test_it_says_that_it_is_a_cloudevent(self, hook: tuple[str, type[Told]], receiver: WebhookEvents) -> None:
        receiver.send(event())
        assert hook[1].heard == ["application/cloudevents+json"]

    def test_an_address_in_the_environment_is_used_and_never_printed(
        self, hook: tuple[str, type[Told]], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("HOOK", hook[0])
        WebhookEvents("env:HOOK").send(event())
        assert set(hook[1].kept) == {"drift-1"}
        monkeypatch.setenv("HOOK", "http://127.0.0.1:9/secret-path")
        with pytest.raises(OutsideError) as caught:
            WebhookEvents("env:HOOK").send(event())
        assert "secret-path" not in str(caught.value.diagnostics)

    def test_a_variable_that_is_not_set_is_said(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("HOOK", raising=False)
        with pytest.raises(OutsideError, match="env:HOOK"):
            WebhookEvents("env:HOOK").send(event())

    def test_no_other_scheme_is_called(self) -> None:
        with pytest.raises(OutsideError, match="no http"):
            WebhookEvents("file:///etc/passwd").send(event())


class TestCommandEvents(EventsSuite):
    TAKER = "import sys; open('taken.jsonl', 'ab').write(sys.stdin.buffer.read())"

    @pytest.fixture
    def receiver(self, tmp_path: Path) -> CommandEvents:
        return CommandEvents((sys.executable, "-c", self.TAKER), tmp_path)

    @pytest.fixture
    def received(self, tmp_path: Path) -> Received:
        def read() -> Mapping[str, Mapping[str, Any]]:
            text = (tmp_path / "taken.jsonl").read_text("utf-8")
            return {one["id"]: one for one in map(json.loads, text.splitlines())}

        return read

    @pytest.fixture
    def broken(self, tmp_path: Path) -> CommandEvents:
        return CommandEvents((sys.executable, "-c", "raise SystemExit(1)"), tmp_path)

    @pytest.mark.parametrize("command", [("/no/such/program",), (sys.executable, "-c", "import time; time.sleep(9)")])
    def test_a_command_that_is_not_there_or_never_ends_is_said(self, command: tuple[str, ...], tmp_path: Path) -> None:
        with pytest.raises(OutsideError) as caught:
            CommandEvents(command, tmp_path, timeout_seconds=0.2).send(event())
        assert caught.value.retryable
