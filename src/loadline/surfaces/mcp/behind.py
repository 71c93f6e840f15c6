"""A tool of a guarded server as a `Tool`: one call over the conversation that the guard holds with it, from any thread.

The gate calls it, never the agent. What the server answered is kept as it came, for whoever asked.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from concurrent.futures import CancelledError, Future
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, cast

import mcp_types as types
from anyio.from_thread import BlockingPortal
from mcp.client.session import ClientSession
from mcp.shared.exceptions import MCPError

from loadline.values.action import DeclaredAction, McpMeans
from loadline.values.rule import EffectClass
from loadline.values.sent import kept, sent_arguments, without_secrets
from loadline.values.tool_definition import ToolDefinition, read_definition
from loadline.values.tool_reply import Done, NotDone, ToolReply, Unclear

_NOT_BEGUN = frozenset({types.PARSE_ERROR, types.INVALID_REQUEST, types.METHOD_NOT_FOUND, types.INVALID_PARAMS})
_LIST_SECONDS = 10.0
_MOST_PAGES = 100
_ENDED = "the MCP server ended"


@dataclass(slots=True)
class Heard:
    """What the server answered to the call that one request led to, and how that call is stopped."""

    result: types.CallToolResult | None = None
    tool: ToolBehind | None = None
    is_cancelled: bool = False

    def cancel(self) -> None:
        """The agent waits for it no longer."""
        self.is_cancelled = True
        if self.tool is not None:
            self.tool.cancel()


HEARD: ContextVar[Heard | None] = ContextVar("heard", default=None)
"""Where the answer is kept for the request that is carried out just now, in its own thread."""


@dataclass(slots=True)
class Server:
    """The conversation with the guarded server, in an event loop of its own thread. Once it has ended it stays so."""

    session: ClientSession
    portal: BlockingPortal
    secrets: frozenset[str] = frozenset()
    has_ended: bool = False

    def definition(self, tool: str) -> ToolDefinition | None:
        """What the server says of a tool just now; None where it does not list it, or does not answer. From any thread
        but that of the event loop."""
        asked = self.portal.start_task_soon(definitions_of, self.session)
        try:
            listed = asked.result(_LIST_SECONDS)
        except Exception:  # noqa: BLE001 - whatever it answers instead of a list: nothing is accepted then
            asked.cancel()
            return None
        return next((one for one in listed if one.name == tool), None)

    def ask(self, tool: str, arguments: dict[str, Any], key: str) -> Future[types.CallToolResult]:
        meta = cast("types.RequestParamsMeta", {"loadline/act": key})

        async def call() -> types.CallToolResult:
            return await self.session.call_tool(tool, arguments, meta=meta)

        return self.portal.start_task_soon(call)


class ToolBehind:
    """The `Tool` port, for one call. `is_read`: the action is declared to change nothing, so a failure of it did
    nothing."""

    def __init__(self, server: Server, action: DeclaredAction, means: McpMeans) -> None:
        self._server = server
        self._tool = means.tool
        self._accepted = means.definition
        self._declared = action.arguments
        self._is_read = action.effect is EffectClass.READ
        self._lock = threading.Lock()
        self._asked: Future[types.CallToolResult] | None = None
        self._is_cancelled = False

    def call(self, arguments: Mapping[str, object], *, key: str, timeout_seconds: float) -> ToolReply:
        if self._server.has_ended:
            return NotDone(why=f"{_ENDED}, and nothing was sent; start the guard again")
        definition = self._server.definition(self._tool)
        if definition is None or definition.digest != self._accepted:
            return NotDone(why=f"the MCP server no longer says of `{self._tool}` what was accepted; nothing was sent")
        heard = HEARD.get()
        if heard is not None:
            heard.tool = self
            if heard.is_cancelled:
                self.cancel()
        with self._lock:
            if self._is_cancelled:
                return NotDone(why="it was stopped before it was sent")
            asked = self._asked = self._server.ask(self._tool, sent_arguments(arguments, self._declared), key)
        try:
            result = asked.result(timeout_seconds)
        except TimeoutError:
            asked.cancel()
            return self._unclear(f"gave no answer within {timeout_seconds:g} seconds")
        except CancelledError:
            return self._unclear("was not waited for any longer")
        except MCPError as error:
            return self._error(error)
        except Exception as error:  # noqa: BLE001 - whatever the server answered that the protocol does not know
            return self._unclear(f"answered what is no result ({type(error).__name__})")
        result = _without_secrets(result, self._server.secrets)
        if heard is not None:
            heard.result = result
        if result.is_error:
            return self._unclear(f"failed: {text_of(result)[:200]}")
        return Done(result=kept(text_of(result) if result.structured_content is None else result.structured_content))

    def cancel(self) -> None:
        with self._lock:
            self._is_cancelled = True
            asked = self._asked
        if asked is not None:
            asked.cancel()

    def close(self) -> None:
        self.cancel()

    def _error(self, error: MCPError) -> ToolReply:
        if error.code == types.CONNECTION_CLOSED:
            self._server.has_ended = True
            return self._unclear(f"gave no answer: {_ENDED}")
        why = f"the MCP server answered `{self._tool}` with error {error.code}: {error.message[:200]}"
        return NotDone(why=why) if error.code in _NOT_BEGUN or self._is_read else Unclear(why=why)

    def _unclear(self, what: str) -> ToolReply:
        why = f"the MCP tool `{self._tool}` {what}"
        return NotDone(why=why) if self._is_read else Unclear(why=why)


async def definitions_of(session: ClientSession) -> list[ToolDefinition]:
    """All that the server lists just now, page by page. Raises MCPError where it answers with an error."""
    found: list[ToolDefinition] = []
    cursor: str | None = None
    for _ in range(_MOST_PAGES):
        page = await session.list_tools(params=types.PaginatedRequestParams(cursor=cursor) if cursor else None)
        found += [definition_of(tool) for tool in page.tools]
        cursor = page.next_cursor
        if not cursor:
            break
    return found


def definition_of(tool: types.Tool) -> ToolDefinition:
    return read_definition(tool.model_dump(mode="json", by_alias=True, exclude_unset=True))


def _without_secrets(result: types.CallToolResult, secrets: frozenset[str]) -> types.CallToolResult:
    told = result.model_dump(mode="json", by_alias=True, exclude_none=True)
    clean = without_secrets(told, secrets)
    return result if clean == told else types.CallToolResult.model_validate(clean)


def text_of(result: types.CallToolResult) -> str:
    return "\n".join(one.text for one in result.content if isinstance(one, types.TextContent))
