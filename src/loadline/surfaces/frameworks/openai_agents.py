"""A project in, tools of the OpenAI Agents SDK out: `loadline[openai-agents]`.

from loadline.openai_agents import open_tools

with open_tools("shop", agent="support-bot", person="ana") as tools:
    agent = Agent(name="Support", tools=tools)
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from agents import FunctionTool, Tool

from loadline.surfaces.frameworks.offered import OfferedTool, opened_tools


@contextmanager
def open_tools(
    folder: Path | str | None = None,
    *,
    agent: str,
    person: str | None = None,
    audience: str | None = None,
    actions: Collection[str] | None = None,
) -> Iterator[list[Tool]]:
    """As `opened_tools` has it; a tool's answer is JSON as text."""
    with opened_tools(folder, agent=agent, person=person, audience=audience, actions=actions) as offered:
        yield [_tool(one) for one in offered]


def _tool(one: OfferedTool) -> FunctionTool:
    async def invoke(_: Any, given: str) -> str:
        try:
            read = json.loads(given or "{}")
        except ValueError:
            read = None
        if not isinstance(read, dict):
            return json.dumps({"status": "refused", "reasons": [{"what": "the arguments are no JSON object"}]})
        return await asyncio.to_thread(one.answer, read)

    return FunctionTool(
        name=one.name,
        description=one.description,
        params_json_schema=dict(one.schema),
        on_invoke_tool=invoke,
        strict_json_schema=False,  # in its strict form every argument is required; ours may be left out
    )
