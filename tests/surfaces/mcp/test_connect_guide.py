"""What the guide tells to copy is copied: each configuration is read as its program reads it, and starts a server."""

from __future__ import annotations

import json
import os
import re
import shlex
import sys
from pathlib import Path
from typing import Any

import anyio
import pytest
from mcp.client.client import Client
from mcp.client.stdio import StdioServerParameters, stdio_client

from repository.tree import ROOT

GUIDE = (ROOT / "docs/how-to/connect-an-agent.md").read_text("utf-8")
FENCES = re.findall(r"^```(\w+)\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)
SERVERS = {"Claude Desktop and Cursor": "mcpServers", "VS Code": "servers"}


def configured(key: str) -> list[str]:
    (found,) = (read for kind, text in FENCES if kind == "json" and key in (read := json.loads(text)))
    server = found[key]["loadline"]
    return [server["command"], *server["args"]]


def added() -> list[str]:
    """What Claude Code is told to start."""
    (line,) = (text for kind, text in FENCES if kind == "sh" and text.startswith("claude mcp add loadline "))
    words = shlex.split(line)
    return words[words.index("--") + 1 :]


@pytest.mark.parametrize("program", ["Claude Code", *SERVERS])
def test_a_configuration_of_the_guide_starts_a_server_that_answers(program: str, shop: Path) -> None:
    written = configured(SERVERS[program]) if program in SERVERS else added()
    command, *words = [
        word.replace("/path/to/project", str(shop)).replace("${workspaceFolder}", str(shop)) for word in written
    ]
    assert command == "loadline"
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    server = StdioServerParameters(command=command, args=words, env={**os.environ, "PATH": path})
    said: list[Any] = []

    async def run() -> None:
        with anyio.fail_after(60):
            async with Client(stdio_client(server)) as client:
                said.append(
                    (await client.call_tool("query_metrics", {"metrics": ["booked_revenue"]})).structured_content
                )

    anyio.run(run)
    assert said[0]["status"] == "verified"
    assert program.split(maxsplit=1)[0] in GUIDE
