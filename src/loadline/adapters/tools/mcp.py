"""A tool of an MCP server in, one `tools/call` over its standard input and output; what is known of it out.

JSON-RPC 2.0, one message a line, as the stdio transport of the Model Context Protocol has it
(https://modelcontextprotocol.io/specification). The server is started for the call and ended after it, by its id.
"""

from __future__ import annotations

import json
import queue
import subprocess
import threading
import time
from collections.abc import Mapping
from typing import IO, Any

from loadline.adapters.tools.said import missing
from loadline.values.action import Argument, McpMeans
from loadline.values.sent import kept, secrets_of, sent_arguments, without_secrets
from loadline.values.tool_definition import read_definition
from loadline.values.tool_reply import Done, NotDone, ToolReply, Unclear

PROTOCOL = "2025-06-18"
MOST_PAGES = 100
LARGEST_LINE = 5_000_000
_NOT_BEGUN = frozenset({-32700, -32600, -32601, -32602})  # JSON-RPC: not parsed, no request, no such method, bad params
_END_SECONDS = 2.0


class McpTool:
    """The `Tool` port over an MCP server. The server gets the environment of the gate, which the agent has not."""

    def __init__(
        self, means: McpMeans, environment: Mapping[str, str], declared: Mapping[str, Argument] | None = None
    ) -> None:
        self._means = means
        self._declared = declared or {}
        self._environment = environment
        self._lock = threading.Lock()
        self._server: subprocess.Popen[bytes] | None = None

    def call(self, arguments: Mapping[str, object], *, key: str, timeout_seconds: float) -> ToolReply:
        server = self._start()
        with self._lock:
            self._server = server
        talk = _Talk(server, deadline=time.monotonic() + timeout_seconds)
        try:
            return self._talk(talk, arguments, key)
        finally:
            with self._lock:
                self._server = None
            _end(server)

    def cancel(self) -> None:
        with self._lock:
            server = self._server
        if server is not None:
            server.kill()

    def close(self) -> None:
        self.cancel()

    def _talk(self, talk: _Talk, arguments: Mapping[str, object], key: str) -> ToolReply:
        tool = f"`{self._means.tool}`"
        client = {"name": "loadline", "version": "1"}
        greeted = talk.ask("initialize", {"protocolVersion": PROTOCOL, "capabilities": {}, "clientInfo": client})
        if greeted is None or "error" in greeted:
            return NotDone(why=f"the MCP server of {tool} did not greet", may_pass=True)
        talk.say({"jsonrpc": "2.0", "method": "notifications/initialized"})
        if self._means.definition is not None and not _is_accepted(talk, self._means):
            return NotDone(why=f"the MCP server now says of {tool} something else than was accepted; nothing was sent")
        given = sent_arguments(arguments, self._declared)
        said = {"name": self._means.tool, "arguments": given, "_meta": {"loadline/act": key}}
        answer = talk.ask("tools/call", said)
        if answer is None:
            return Unclear(why=f"the MCP tool {tool} gave no answer")
        if (error := answer.get("error")) is not None:
            why = f"the MCP server answered {tool} with error {error.get('code')}: {str(error.get('message'))[:200]}"
            return NotDone(why=why) if error.get("code") in _NOT_BEGUN else Unclear(why=why)
        result = answer.get("result")
        if not isinstance(result, dict):
            return Unclear(why=f"the MCP tool {tool} answered without a result")
        result = without_secrets(result, secrets_of(self._environment))
        if result.get("isError"):
            return Unclear(why=f"the MCP tool {tool} failed: {_text(result)[:200]}")
        return Done(result=kept(result.get("structuredContent") or _text(result)))

    def _start(self) -> subprocess.Popen[bytes]:
        try:
            return subprocess.Popen(  # noqa: S603 - the command is declared in the project
                list(self._means.command),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=dict(self._environment),
            )
        except OSError as error:
            what = f"the MCP server `{self._means.command[0]}` cannot be started ({error.strerror})"
            raise missing(what, "name a command that is installed where loadline runs") from error


class _Talk:
    """One conversation, which ends at `deadline`. A line that is no message, and a request of the server's, is passed
    over: only the answer to what was asked counts."""

    def __init__(self, server: subprocess.Popen[bytes], *, deadline: float) -> None:
        assert server.stdin is not None  # noqa: S101 - it was started with pipes
        assert server.stdout is not None  # noqa: S101 - it was started with pipes
        self._to: IO[bytes] = server.stdin
        self._deadline = deadline
        self._lines: queue.Queue[bytes] = queue.Queue()
        self._number = 0
        threading.Thread(target=self._read, args=(server.stdout,), daemon=True, name="loadline-mcp").start()

    def _read(self, stream: IO[bytes]) -> None:
        """Until the server ends, which closes its side of the pipe."""
        with stream:
            while line := stream.readline(LARGEST_LINE):
                self._lines.put(line)
        self._lines.put(b"")

    def say(self, message: Mapping[str, Any]) -> bool:
        try:
            self._to.write(json.dumps(message).encode() + b"\n")
            self._to.flush()
        except OSError:
            return False
        return True

    def ask(self, method: str, params: Mapping[str, Any]) -> dict[str, Any] | None:
        """None when no answer came in time."""
        self._number += 1
        if not self.say({"jsonrpc": "2.0", "id": self._number, "method": method, "params": params}):
            return None
        while (left := self._deadline - time.monotonic()) > 0:
            try:
                line = self._lines.get(timeout=left)
            except queue.Empty:
                return None
            if not line:
                return None
            try:
                message = json.loads(line)
            except ValueError:
                continue
            if isinstance(message, dict) and message.get("id") == self._number and "method" not in message:
                return message
        return None


def _is_accepted(talk: _Talk, means: McpMeans) -> bool:
    """Whether the server says of the tool what was accepted. It may list its tools on several pages."""
    cursor: dict[str, Any] = {}
    for _ in range(MOST_PAGES):
        answer = talk.ask("tools/list", cursor)
        listed = answer.get("result") if answer is not None else None
        if not isinstance(listed, dict):
            return False
        for one in listed.get("tools") or ():
            if isinstance(one, dict) and one.get("name") == means.tool:
                return read_definition(one).digest == means.definition
        if not isinstance(listed.get("nextCursor"), str):
            return False
        cursor = {"cursor": listed["nextCursor"]}
    return False


def _text(result: Mapping[str, Any]) -> str:
    parts = [part for part in result.get("content") or () if isinstance(part, dict)]
    return "\n".join(str(part["text"]) for part in parts if part.get("type") == "text" and "text" in part)


def _end(server: subprocess.Popen[bytes]) -> None:
    """Its input is closed, as the protocol has it; a server that stays is ended."""
    if server.stdin is not None:
        try:
            server.stdin.close()
        except OSError:  # what could not be flushed was meant for a server that is gone
            server.kill()
    try:
        server.wait(_END_SECONDS)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()
