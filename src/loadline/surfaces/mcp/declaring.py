"""What an MCP server lists in, actions that a person may declare out: as YAML, with what cannot be declared said.

A server's words are shown as they are, but for signs that a terminal or a reader would not show; what it says of its
own tools is never taken for true: each is drafted as `effect: call`, whatever its hints.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import anyio
from mcp.client.client import Client

from loadline.surfaces.mcp.behind import definitions_of
from loadline.surfaces.mcp.child import child_streams
from loadline.surfaces.mcp.guarding import first_of
from loadline.values.action import DeclaredAction, McpMeans
from loadline.values.tool_definition import ToolDefinition

_TYPES = {"string": "text", "integer": "integer", "number": "number", "boolean": "boolean"}
_NAME = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Drafted:
    """`is_changed`: what a person accepted is no longer what the server says, or is not there any more."""

    text: str
    is_changed: bool


def fetch_definitions(command: Sequence[str], environment: Mapping[str, str]) -> list[ToolDefinition]:
    """Start the server, list its tools, end it. Raises OSError where it cannot be started, MCPError where it does not
    greet."""

    async def listed() -> list[ToolDefinition]:
        async with Client(child_streams(command, environment)) as client:
            return await definitions_of(client.session) if client.server_capabilities.tools is not None else []

    try:
        return anyio.run(listed)
    except BaseExceptionGroup as group:
        raise first_of(group) from None


def declare(
    command: Sequence[str],
    listed: Sequence[ToolDefinition],
    declared: Mapping[str, tuple[DeclaredAction, McpMeans]],
) -> Drafted:
    """New tools as actions; of those that are declared, in comments, whether they are still what was accepted."""
    lines: list[str] = []
    is_changed = False
    for one in listed:
        if one.name in declared:
            said, is_other = _standing(one, *declared[one.name])
            lines += said
            is_changed |= is_other
    for tool in sorted(set(declared) - {one.name for one in listed}):
        lines.append(f"# gone: the server lists no tool {_text(tool)} any more, which `{declared[tool][0].name}` calls")
        is_changed = True
    fresh = [one for one in listed if one.name not in declared]
    if fresh:
        lines += ["actions:", *(line for one in fresh for line in _drafted(command, one))]
    return Drafted(text="".join(f"{line}\n" for line in lines), is_changed=is_changed)


def _standing(now: ToolDefinition, action: DeclaredAction, means: McpMeans) -> tuple[list[str], bool]:
    where = f"`{action.name}` ({action.place.file}:{action.place.line})"
    if means.definition == now.digest:
        return [f"# accepted: {_text(now.name)} as {where}"], False
    word = "not accepted yet" if means.definition is None else "CHANGED since it was accepted"
    said = [f"# {word}: {_text(now.name)}, declared as {where}. It says now:"]
    said += [f"#   {line}" for line in (_text(now.description), f"takes {_json(now.input_schema)}")]
    return [*said, f"#   to accept it, write in its `mcp:`   definition: {now.digest}"], means.definition is not None


def _drafted(command: Sequence[str], tool: ToolDefinition) -> list[str]:
    arguments, left_out = _arguments(tool)
    words = ", ".join(_text(part) for part in command)
    lines = [f"  {_name(tool.name, 'tool')}:"]
    if tool.description or tool.title:
        lines.append(f"    description: {_text(tool.description or tool.title)}")
    lines += [
        "    mcp:",
        f"      command: [{words}]",
        f"      tool: {_text(tool.name)}",
        f"      definition: {tool.digest}",
    ]
    if arguments:
        lines.append("    arguments:")
        lines += [f"      {name}: {_json(argument)}" for name, argument in arguments.items()]
    lines += [f"    # {_text(name)} cannot be declared and is never sent: {why}" for name, why in left_out.items()]
    return [*lines, "    effect: call"]


def _arguments(tool: ToolDefinition) -> tuple[dict[str, dict[str, Any]], dict[str, str]]:
    schema = tool.input_schema
    required = schema.get("required")
    found: dict[str, dict[str, Any]] = {}
    left_out: dict[str, str] = {}
    properties = schema.get("properties")
    for called, said in properties.items() if isinstance(properties, Mapping) else ():
        shape = said if isinstance(said, Mapping) else {}
        name = _name(called, "argument")
        if name in found:
            left_out[called] = f"it would be `{name}`, as another is"
            continue
        argument = _argument(shape)
        if name != called:
            argument["as"] = called
        if not isinstance(required, list) or called not in required:
            argument["optional"] = True
        if shape.get("description"):
            argument["description"] = str(shape["description"])
        found[name] = argument
    return found, left_out


def _argument(shape: Mapping[str, Any]) -> dict[str, Any]:
    """Its type, and what the schema says of its values where a declaration can say it, too. What is of several types is
    JSON, which is any."""
    kinds = [one for one in _kinds(shape) if one != "null"]
    kind = _TYPES.get(kinds[0], "json") if len(kinds) == 1 else "json"
    found: dict[str, Any] = {"type": kind}
    allowed = shape.get("enum")
    if kind == "text" and isinstance(allowed, list) and allowed and all(isinstance(one, str) for one in allowed):
        found["allowed"] = allowed
    if kind in {"integer", "number"}:
        found |= {key: shape[key] for key in ("minimum", "maximum") if _is_number(shape.get(key))}
    return found


def _kinds(shape: Mapping[str, Any]) -> list[str]:
    said = shape.get("type")
    if isinstance(said, list):
        return [str(one) for one in said]
    either = shape.get("anyOf")
    if said is None and isinstance(either, list):
        return [kind for one in either if isinstance(one, Mapping) for kind in _kinds(one) or ["any"]]
    return [str(said)] if isinstance(said, str) else []


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _name(called: str, otherwise: str) -> str:
    """As a project names things: `closeTicket` is `close_ticket`."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", called)
    name = re.sub(r"[^a-z0-9]+", "_", words.lower()).strip("_")
    return name if _NAME.fullmatch(name) else f"{otherwise}_{name}".rstrip("_")


def _text(text: str) -> str:
    """In double quotes, as JSON and YAML both read it; what is not printable as its number."""
    return '"' + "".join(map(_sign, text)) + '"'


def _sign(sign: str) -> str:
    if sign in {'"', "\\"}:
        return f"\\{sign}"
    if sign.isprintable():
        return sign
    number = ord(sign)
    return f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"


def _json(value: object) -> str:
    match value:
        case str():
            return _text(value)
        case Mapping():
            return "{" + ", ".join(f"{_text(str(key))}: {_json(item)}" for key, item in value.items()) + "}"
        case list() | tuple():
            return "[" + ", ".join(map(_json, value)) + "]"
        case _:
            return json.dumps(value)
