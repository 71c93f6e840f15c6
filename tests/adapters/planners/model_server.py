"""A server on the loopback that speaks both wire formats, says what it is told to, and keeps what it was asked."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BufferedIOBase
from typing import Any


@dataclass
class Model:
    """`says` is the text of its reply; `raw` a whole reply in its place."""

    says: str = "{}"
    raw: bytes | None = None
    status: int = 200
    delay_seconds: float = 0.0
    is_endless: bool = False
    drips: str = ""  # `head` or `body`: a letter now and then, and never an end
    sent: dict[str, str] = field(default_factory=dict)  # headers of the reply
    asked: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    url: str = ""


def drip(out: BufferedIOBase, where: str) -> None:
    out.write(b"HTTP/1.0 200 OK\r\n" + (b"X-Slow: " if where == "head" else b"\r\n"))
    for _ in range(200):
        out.write(b" ")
        out.flush()
        time.sleep(0.02)


@contextmanager
def serving(model: Model) -> Iterator[Model]:
    class Speaker(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            model.asked.append(json.loads(body))
            model.headers.append({key.lower(): value for key, value in self.headers.items()})
            model.paths.append(self.path)
            time.sleep(model.delay_seconds)
            try:
                self._reply()
            except OSError:  # whoever asked has gone
                return

        def _reply(self) -> None:
            reply = model.raw if model.raw is not None else self._said()
            if model.drips:
                drip(self.wfile, model.drips)
            self.send_response(model.status)
            for name, value in model.sent.items():
                self.send_header(name, value)
            if model.is_endless:
                self.end_headers()
                while True:
                    self.wfile.write(b" " * 65_536)
            self.send_header("Content-Length", str(len(reply)))
            self.end_headers()
            self.wfile.write(reply)

        def _said(self) -> bytes:
            if self.path.endswith("/messages"):
                return json.dumps({"content": [{"type": "text", "text": model.says}]}).encode()
            return json.dumps({"choices": [{"message": {"role": "assistant", "content": model.says}}]}).encode()

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Speaker)
    model.url = f"http://127.0.0.1:{server.server_address[1]}/v1"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield model
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
