"""The command of an MCP server in, the same server behind the gate out, over stdin and stdout.

What it lists is passed on as it is. A call of one of its tools is an act: resolved, judged and recorded before the
server hears of it. A tool that no action declares is never called.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from functools import partial
from pathlib import PurePath
from typing import Any

import anyio
import anyio.to_thread
import mcp_types as types
from anyio.from_thread import BlockingPortal
from mcp.client.client import Client
from mcp.server.lowlevel.server import Server as Face
from mcp.server.mcpserver.exceptions import ToolError
from mcp.server.stdio import stdio_server

from loadline.app import App
from loadline.errors import LoadlineError
from loadline.flow.acting import codes
from loadline.flow.reading import Door
from loadline.surfaces import told
from loadline.surfaces.mcp.behind import HEARD, Heard, Server, ToolBehind, definition_of
from loadline.surfaces.mcp.child import child_streams
from loadline.surfaces.mcp.server import WhoCalls
from loadline.values.access import May
from loadline.values.acting import ActReceipt, ActStatus
from loadline.values.action import DeclaredAction, McpMeans
from loadline.values.diagnostic import Diagnostic
from loadline.values.sent import asked_arguments, secrets_of
from loadline.values.tool_definition import ToolDefinition

LOOK = "loadline_get_action"
_NAME_MOST = 200
_STANDS = frozenset({ActStatus.WAITING, ActStatus.APPROVED, ActStatus.PERFORMING})
_LOOK = types.Tool(
    name=LOOK,
    title="Look at a call that was held",
    description="What became of a call of one of these tools that was not answered at once: whether it waits for a "
    "person, was done (with its result), or was refused, and why.",
    input_schema={
        "type": "object",
        "properties": {"run": {"type": "string", "description": "The `run` that the call gave."}},
        "required": ["run"],
    },
    annotations=types.ToolAnnotations(read_only_hint=True, destructive_hint=False, idempotent_hint=True),
)


def run_guard(
    app: App, who: WhoCalls, command: Sequence[str], environment: Mapping[str, str], *, is_all_listed: bool = False
) -> None:
    """Until the agent is gone. `environment` is the guarded server's alone. `is_all_listed`: tools that nothing
    declares, or that changed, are listed, too; none of them is called.

    Raises RequestError where two actions are one tool, OSError where the command cannot be started, MCPError where what
    it starts does not greet."""
    declared = app.actions_of_server(command)
    try:
        anyio.run(_run, app, who, declared, tuple(command), dict(environment), is_all_listed)
    except BaseExceptionGroup as group:
        raise first_of(group) from None


def first_of(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """What went wrong: tasks that ended because of it are in groups around it."""
    one = group.exceptions[0]
    return first_of(one) if isinstance(one, BaseExceptionGroup) else one


async def _run(
    app: App,
    who: WhoCalls,
    declared: Mapping[str, tuple[DeclaredAction, McpMeans]],
    command: tuple[str, ...],
    environment: dict[str, str],
    is_all_listed: bool,
) -> None:
    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(Client(child_streams(command, environment)))
        portal = await stack.enter_async_context(BlockingPortal())
        server = Server(session=client.session, portal=portal, secrets=secrets_of(environment))
        for action, means in declared.values():
            app.stand_in(action.name, partial(ToolBehind, server, action, means))
        gate = Gate(app, who, declared, server, command, is_all_listed=is_all_listed)
        face = make_face(client, gate, name=f"loadline guard: {gate.server_name}")
        async with stdio_server() as (read, write):
            await face.run(read, write, face.create_initialization_options())


class Gate:
    """A call of a tool in, the server's answer out, or why it was not called."""

    def __init__(
        self,
        app: App,
        who: WhoCalls,
        declared: Mapping[str, tuple[DeclaredAction, McpMeans]],
        server: Server,
        command: Sequence[str],
        *,
        is_all_listed: bool,
    ) -> None:
        self._app = app
        self._who = who
        self._declared = declared
        self._server = server
        self._is_all_listed = is_all_listed
        self._command = tuple(command)
        self.server_name = PurePath(command[0]).name

    def shows(self, tool: types.Tool) -> bool:
        """Whether the agent hears of it. What is not accepted may say anything, also to whoever reads it."""
        if self._is_all_listed:
            return tool.name != LOOK
        found = self._declared.get(tool.name)
        return found is not None and tool.name != LOOK and definition_of(tool).digest == found[1].definition

    def call(self, tool: str, given: Mapping[str, object], heard: Heard) -> types.CallToolResult:
        found = self._declared.get(tool)
        principal = self._who(May.PROPOSE)
        if found is None:
            # It is asked for all the same, under a name that nothing can be declared by: a "no" is recorded, too.
            receipt = self._app.act(f"mcp:{self.server_name}.{tool[:_NAME_MOST]}", given, principal=principal)
            return _withheld(receipt, more=self._how_to_declare(tool))
        action, means = found
        arguments = asked_arguments(given, action.arguments)
        earlier = self._app.act_already_asked(action.name, arguments, principal=principal)
        if earlier is not None:
            return _withheld(earlier)
        if not self._server.has_ended and (wrong := not_accepted(action, means, self._server.definition(tool))):
            return _withheld(self._app.refuse(action.name, wrong, principal=principal))
        token = HEARD.set(heard)
        try:
            receipt = self._app.act(action.name, arguments, principal=principal)
        finally:
            HEARD.reset(token)
        if receipt.status is not ActStatus.DONE:
            return _withheld(receipt, heard.result)
        return _with_receipt(heard.result or _from_receipt(receipt), receipt)

    def look(self, arguments: Mapping[str, object]) -> types.CallToolResult:
        run = str(arguments.get("run", ""))
        receipt = self._app.act_status_for(run, door=Door(principal=self._who(May.READ), decides=False))
        return types.CallToolResult(content=[_text(_said(receipt))], structured_content=told.act(receipt))

    def _how_to_declare(self, tool: str) -> str:
        command = shlex.join(self._command)
        return (
            f"No action of the project is the tool `{tool}` of this server, and what is not declared is forbidden. A "
            f"person declares it in actions/*.yaml, as `loadline mcp tools -- {command}` writes it, and permits it in "
            "policies/*.yaml."
        )


def not_accepted(action: DeclaredAction, means: McpMeans, now: ToolDefinition | None) -> Diagnostic | None:
    """Why a tool is not called as it is now; None where it is what a person accepted."""
    at = f"`{action.name}` ({action.place.file}:{action.place.line})"
    if now is not None and now.digest == means.definition:
        return None
    if now is None:
        what, mend = f"the server lists no tool `{means.tool}`", f"correct, or delete, {at}"
    elif means.definition is None:
        what = f"nobody accepted yet what the server says of `{means.tool}`"
        mend = f"a person looks at it with `loadline mcp tools`, and adds its `definition` to {at}"
    else:
        what = f"the server now says something else of `{means.tool}` than what was accepted"
        mend = f"a person looks at it with `loadline mcp tools`, and corrects the `definition` of {at}"
    why = codes.CODES[codes.NOT_ACCEPTED].why
    return Diagnostic(code=codes.NOT_ACCEPTED, what=what, why=why, mend=mend)


def make_face(client: Client, gate: Gate, *, name: str) -> Face[Any]:
    """The server that the agent sees: what the guarded one can do, and a tool to look at what was held."""
    session, can = client.session, client.server_capabilities

    async def list_tools(_: Any, params: types.PaginatedRequestParams | None) -> types.ListToolsResult:
        if can.tools is None:
            return types.ListToolsResult(tools=[_LOOK])
        listed = await session.list_tools(params=_page(params))
        shown = [tool for tool in listed.tools if gate.shows(tool)]
        return listed.model_copy(update={"tools": shown if listed.next_cursor else [*shown, _LOOK]})

    async def call_tool(_: Any, params: types.CallToolRequestParams) -> types.CallToolResult:
        given = params.arguments or {}
        try:
            if params.name == LOOK:
                return await anyio.to_thread.run_sync(gate.look, given)
            return await _called(gate, params.name, given)
        except LoadlineError as error:
            return types.CallToolResult(content=[_text(_mendable(error))], is_error=True)
        except ToolError as error:
            return types.CallToolResult(content=[_text(str(error))], is_error=True)

    face: Face[Any] = Face(
        name=name,
        title=client.server_info.title if client.server_info else None,
        version=client.server_info.version if client.server_info else "",
        instructions=client.instructions,
        on_list_tools=list_tools,
        on_call_tool=call_tool,
    )
    _pass_on(face, client, can)
    return face


async def _called(gate: Gate, tool: str, given: Mapping[str, object]) -> types.CallToolResult:
    """An agent that waits no longer ends the call; what became of it is recorded all the same."""
    heard = Heard()

    async def until_cancelled() -> None:
        try:
            await anyio.sleep_forever()
        finally:
            heard.cancel()

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(until_cancelled)
        try:
            result = await anyio.to_thread.run_sync(gate.call, tool, given, heard)
        finally:
            tasks.cancel_scope.cancel()
    return result


def _pass_on(face: Face[Any], client: Client, can: types.ServerCapabilities) -> None:
    """What only lists and reads goes through as it is, where the guarded server has it."""
    session = client.session

    async def resources(_: Any, params: types.PaginatedRequestParams | None) -> types.ListResourcesResult:
        return await session.list_resources(params=_page(params))

    async def templates(_: Any, params: types.PaginatedRequestParams | None) -> types.ListResourceTemplatesResult:
        return await session.list_resource_templates(params=_page(params))

    async def resource(_: Any, params: types.ReadResourceRequestParams) -> types.ReadResourceResult:
        return await session.read_resource(params.uri)

    async def prompts(_: Any, params: types.PaginatedRequestParams | None) -> types.ListPromptsResult:
        return await session.list_prompts(params=_page(params))

    async def prompt(_: Any, params: types.GetPromptRequestParams) -> types.GetPromptResult:
        return await session.get_prompt(params.name, params.arguments)

    if can.resources is not None:
        face.add_request_handler("resources/list", types.PaginatedRequestParams, resources)
        face.add_request_handler("resources/templates/list", types.PaginatedRequestParams, templates)
        face.add_request_handler("resources/read", types.ReadResourceRequestParams, resource)
    if can.prompts is not None:
        face.add_request_handler("prompts/list", types.PaginatedRequestParams, prompts)
        face.add_request_handler("prompts/get", types.GetPromptRequestParams, prompt)


def _page(params: types.PaginatedRequestParams | None) -> types.PaginatedRequestParams | None:
    return types.PaginatedRequestParams(cursor=params.cursor) if params is not None and params.cursor else None


def _with_receipt(result: types.CallToolResult, receipt: ActReceipt) -> types.CallToolResult:
    meta = {**(result.meta or {}), "loadline/run": receipt.run, "loadline/ledger_index": receipt.ledger_index}
    return result.model_copy(update={"meta": meta})


def _from_receipt(receipt: ActReceipt) -> types.CallToolResult:
    """What the same request came to before: it is not done again, so the server is not asked again."""
    result = told.act(receipt)["result"]
    structured = result if isinstance(result, dict) else None
    return types.CallToolResult(content=[_text(str(result))], structured_content=structured)


def _withheld(
    receipt: ActReceipt, heard: types.CallToolResult | None = None, *, more: str = ""
) -> types.CallToolResult:
    """An error to the agent, because what it asked for was not done: with the reasons and how each is mended."""
    said = [_text(_said(receipt))]
    if more:
        said.append(_text(more))
    if heard is not None:
        said.extend(one for one in heard.content if isinstance(one, types.TextContent))
    content: list[Any] = list(said)
    return _with_receipt(
        types.CallToolResult(content=content, structured_content=told.act(receipt), is_error=True), receipt
    )


def _said(receipt: ActReceipt) -> str:
    lines = [f"{receipt.status.value}: {receipt.action}, run {receipt.run}"]
    if receipt.status in _STANDS:
        until = f", until {receipt.expires_at.isoformat(timespec='minutes')}" if receipt.expires_at else ""
        who = " and ".join(f"{one.count} with the role `{one.role}`" for one in receipt.approvals)
        lines.append(
            f"It was not done yet: it waits for {who or 'its turn'}{until}. Do not call the tool again; look with "
            f"`{LOOK}` and this run. Once approved, exactly this call is done, once."
        )
    lines += [f"{one.code}: {one.what}\nwhy: {one.why}\nmend: {one.mend}" for one in receipt.reasons]
    return "\n".join(lines)


def _mendable(error: LoadlineError) -> str:
    return "\n".join(f"{one.code}: {one.what}\nwhy: {one.why}\nmend: {one.mend}" for one in error.diagnostics)


def _text(text: str) -> types.TextContent:
    return types.TextContent(type="text", text=text)
