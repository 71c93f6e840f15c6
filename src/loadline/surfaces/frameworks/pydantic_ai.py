"""A project in, tools of pydantic-ai out: `loadline[pydantic-ai]`.

from loadline.pydantic_ai import open_tools

with open_tools("shop", agent="support-bot", person="ana") as tools:
    agent = Agent(model, tools=tools)
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pydantic_ai import Tool

from loadline.surfaces.frameworks.offered import OfferedTool, opened_tools


@contextmanager
def open_tools(
    folder: Path | str | None = None,
    *,
    agent: str,
    person: str | None = None,
    audience: str | None = None,
    actions: Collection[str] | None = None,
) -> Iterator[list[Tool[Any]]]:
    """As `opened_tools` has it; a tool's answer is JSON as text."""
    with opened_tools(folder, agent=agent, person=person, audience=audience, actions=actions) as offered:
        yield [_tool(one) for one in offered]


def _tool(one: OfferedTool) -> Tool[Any]:
    def call(**given: Any) -> str:
        return one.answer(given)

    return Tool.from_schema(call, name=one.name, description=one.description, json_schema=dict(one.schema))
