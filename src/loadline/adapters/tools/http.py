"""A declared HTTP call in, one request and what is known of its outcome out; with the standard library alone.

Redirects are not followed, proxies of the environment are not used, and the whole try, however slowly its answer drips,
ends when its time is over. What a reply means is conservative: only what says so was certainly not done.
"""

from __future__ import annotations

import http.client
import json
import socket
import threading
import time
from collections.abc import Mapping
from dataclasses import replace
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlencode, urlsplit

from loadline.adapters.tools.said import missing
from loadline.project.binding import fill, fill_in
from loadline.values.action import Argument, HttpMeans
from loadline.values.sent import sent_arguments
from loadline.values.tool_reply import Done, NotDone, ToolReply, Unclear

LARGEST_REPLY = 200_000
_REFERENCE = "env:"
_TOO_MANY = 429
_UNAVAILABLE = 503


class HttpTool:
    """The `Tool` port over HTTP.

    INVARIANT I10: the gate holds the credential. Variables of the environment are looked up at each call, and what they
    hold is in no reply, no message and no receipt."""

    def __init__(
        self,
        means: HttpMeans,
        environment: Mapping[str, str],
        declared: Mapping[str, Argument] | None = None,
        *,
        is_idempotent: bool,
    ) -> None:
        self._means = means
        self._declared = declared or {}
        self._environment = environment
        self._is_idempotent = is_idempotent
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self._is_cancelled = False
        self._is_late = False

    def call(self, arguments: Mapping[str, object], *, key: str, timeout_seconds: float) -> ToolReply:
        url = urlsplit(self._address())
        kind = http.client.HTTPSConnection if url.scheme == "https" else http.client.HTTPConnection
        connection = kind(url.hostname or "", url.port, timeout=timeout_seconds)
        with self._lock:
            self._socket, self._is_cancelled, self._is_late = None, False, False
        over = threading.Timer(timeout_seconds, self._give_up)
        over.daemon = True
        over.start()
        try:
            return self._timely(self._try(connection, self._path(url.path, arguments), arguments, key), timeout_seconds)
        finally:
            over.cancel()
            with self._lock:
                self._socket = None
            connection.close()

    def cancel(self) -> None:
        with self._lock:
            self._is_cancelled = True
        self._end()

    def close(self) -> None:
        self.cancel()

    def _give_up(self) -> None:
        with self._lock:
            self._is_late = self._socket is not None
        self._end()

    def _timely(self, reply: ToolReply, seconds: float) -> ToolReply:
        """An answer that we did not wait for is told so: how its connection broke off is our own doing."""
        match reply:
            case Unclear() if self._is_late and not self._is_cancelled:
                where = f"`{self._means.method} {self._means.url}`"
                return replace(reply, why=f"{where} did not answer to its end within {seconds:g} seconds")
        return reply

    def _end(self) -> None:
        """Wake whoever reads from it. (The connection lets go of its socket before the answer is read to its end.)"""
        with self._lock:
            held = self._socket
        if held is not None:
            try:
                held.shutdown(socket.SHUT_RDWR)
            except OSError:  # it is closed already, which is what was wanted
                return

    def _try(
        self, connection: http.client.HTTPConnection, path: str, arguments: Mapping[str, object], key: str
    ) -> ToolReply:
        where = f"`{self._means.method} {self._means.url}`"
        headers = {name: self._found(value) for name, value in self._means.headers.items()}
        body = None
        if self._means.body is not None:
            sent = sent_arguments(arguments, self._declared)
            body = json.dumps(fill_in(self._means.body, arguments, sent), allow_nan=False).encode()
            headers.setdefault("Content-Type", "application/json")
        if self._is_idempotent:
            headers.setdefault("Idempotency-Key", key)
        try:
            connection.connect()
        except OSError as error:
            return NotDone(why=f"{where} could not be reached ({_named(error)})", may_pass=True)
        with self._lock:
            self._socket = connection.sock
            if self._is_cancelled:
                return NotDone(why=f"{where} was stopped before anything was sent")
        try:
            connection.request(self._means.method, path, body=body, headers=headers)
            reply = connection.getresponse()
            raw = reply.read(LARGEST_REPLY + 1)
        except TimeoutError:
            self._is_late = True
            return Unclear(why=f"{where} gave no answer")
        except (OSError, http.client.HTTPException) as error:
            why = "was stopped" if self._is_cancelled else f"gave no answer ({_named(error)})"
            return Unclear(why=f"{where} {why}")
        return _understood(where, reply, raw)

    def _address(self) -> str:
        """As declared, with its variable looked up. Arguments come in later, into the path alone: none of them can
        change where it goes."""
        url = self._means.url
        if not url.startswith(_REFERENCE):
            return url
        name, slash, rest = url.partition("/")
        return self._found(name).rstrip("/") + slash + rest

    def _path(self, path: str, arguments: Mapping[str, object]) -> str:
        filled = fill(path or "/", arguments, is_path=True)
        query = {name: fill(value, arguments) for name, value in self._means.query.items()}
        return f"{filled}?{urlencode(query)}" if query else filled

    def _found(self, text: str) -> str:
        """A text, or what the variable it names holds. Raises OutsideError when there is none."""
        if not text.startswith(_REFERENCE):
            return text
        name = text.removeprefix(_REFERENCE)
        if not self._environment.get(name):
            raise missing(f"the variable `{name}` is not set", f"export {name}=… where loadline runs")
        return self._environment[name]


def _understood(where: str, reply: http.client.HTTPResponse, raw: bytes) -> ToolReply:
    status = reply.status
    after = _retry_after(reply.headers.get("Retry-After"))
    why = f"{where} answered {status} {reply.reason}".rstrip()
    if reply.length and len(raw) <= LARGEST_REPLY:  # bytes that were promised and never came
        return Unclear(why=f"{why}, and its answer broke off")
    if 200 <= status < 300:
        if len(raw) > LARGEST_REPLY:
            return Done(result={"note": f"the reply is longer than {LARGEST_REPLY:,} bytes and was not kept"})
        return Done(result=_result(raw))
    if status == _TOO_MANY or (status == _UNAVAILABLE and after is not None):
        return NotDone(why=why, may_pass=True, after_seconds=after)
    if 300 <= status < 400:
        return NotDone(why=f"{why}, and redirects are not followed")
    if 400 <= status < 500 and status != 408:
        return NotDone(why=why)
    return Unclear(why=why, after_seconds=after)


def _result(raw: bytes) -> Any:
    """JSON where it is JSON, text where it is text; numbers with a point as their digits, so that they stay exact."""
    try:
        return json.loads(raw, parse_float=str) if raw.strip() else None
    except (ValueError, RecursionError):
        return raw.decode(errors="replace")


def _retry_after(said: str | None) -> float | None:
    """Seconds, from seconds or a date (RFC 9110, 10.2.3); None for what is neither."""
    if said is None:
        return None
    if said.strip().isdecimal():
        return float(said)
    try:
        return max(0.0, parsedate_to_datetime(said).timestamp() - time.time())
    except (TypeError, ValueError):
        return None


def _named(error: Exception) -> str:
    return (error.strerror or type(error).__name__) if isinstance(error, OSError) else type(error).__name__
