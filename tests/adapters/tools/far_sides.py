"""Far sides on this machine: an HTTP server that answers as told, and an MCP server as a script."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(slots=True)
class Answer:
    status: int = 200
    body: bytes = b"{}"
    headers: dict[str, str] = field(default_factory=dict)
    wait_seconds: float = 0.0
    is_broken_off: bool = False
    is_dripping: bool = False


@dataclass(slots=True)
class FarSide:
    """`seen` are the requests in their order: method, path, headers, body."""

    url: str
    answers: list[Answer] = field(default_factory=lambda: [Answer()])
    seen: list[tuple[str, str, dict[str, str], Any]] = field(default_factory=list)


@contextmanager
def far_side(*answers: Answer) -> Iterator[FarSide]:
    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            raw = self.rfile.read(length)
            side.seen.append((self.command, self.path, dict(self.headers), json.loads(raw) if raw else None))
            answer = side.answers.pop(0) if len(side.answers) > 1 else side.answers[0]
            time.sleep(answer.wait_seconds)
            if answer.is_broken_off:
                return
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.body) + 50 * answer.is_dripping))
            self.end_headers()
            if answer.is_dripping:
                for _ in range(50):
                    self.wfile.write(b" ")
                    self.wfile.flush()
                    time.sleep(0.05)
            self.wfile.write(answer.body)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer  # noqa: N815 - http.server calls them so

        def log_message(self, *_: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            """A client that goes away is what some tests are about."""

    server = Server(("127.0.0.1", 0), Handler)
    side = FarSide(url=f"http://127.0.0.1:{server.server_address[1]}", answers=list(answers) or [Answer()])
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield side
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


MCP_SERVER = """
import json, sys, time
print("a line that is no message", flush=True)
for line in sys.stdin:
    said = json.loads(line)
    name = said.get("params", {}).get("name")
    given = said.get("params", {}).get("arguments")
    if said["method"] == "initialize":
        answer = {"result": {"protocolVersion": "2025-06-18", "capabilities": {}, "serverInfo": {"name": "x"}}}
    elif said["method"] != "tools/call":
        continue
    elif name == "echo":
        print(json.dumps({"jsonrpc": "2.0", "id": said["id"], "method": "ping"}), flush=True)
        text = json.dumps([given, said["params"]["_meta"]])
        answer = {"result": {"content": [{"type": "text", "text": text}]}}
    elif name == "count":
        answer = {"result": {"structuredContent": {"n": 3}, "content": []}}
    elif name == "fail":
        answer = {"result": {"isError": True, "content": [{"type": "text", "text": "no such ticket"}]}}
    elif name == "die":
        sys.exit(1)
    elif name == "hang":
        time.sleep(60)
    else:
        answer = {"error": {"code": -32602, "message": "unknown tool"}}
    print(json.dumps({"jsonrpc": "2.0", "id": said["id"], **answer}), flush=True)
"""
