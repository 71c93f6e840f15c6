"""A project in, tools of LangChain and LangGraph out: `loadline[langchain]`.

from loadline.langchain import open_tools

with open_tools("shop", agent="support-bot", person="ana") as tools:
    agent = create_agent(model, tools)
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from langchain_core.tools import BaseTool, StructuredTool

from loadline.surfaces.frameworks.offered import OfferedTool, opened_tools

_RESERVED = frozenset({"config", "run_manager", "callbacks", "kwargs", "args", "v__args"})


@contextmanager
def open_tools(
    folder: Path | str | None = None,
    *,
    agent: str,
    person: str | None = None,
    audience: str | None = None,
    actions: Collection[str] | None = None,
) -> Iterator[list[BaseTool]]:
    """As `opened_tools` has it; a tool's answer is JSON as text."""
    with opened_tools(folder, agent=agent, person=person, audience=audience, actions=actions) as offered:
        yield [_tool(one) for one in offered]


def _tool(one: OfferedTool) -> BaseTool:
    ours = {_theirs(name): name for name in one.schema.get("properties", {})}
    schema = dict(one.schema)
    schema["properties"] = {_theirs(name): shape for name, shape in schema.get("properties", {}).items()}
    schema["required"] = [_theirs(name) for name in schema.get("required", [])]

    def call(**given: Any) -> str:
        return one.answer({ours.get(name, name): value for name, value in given.items()})

    return StructuredTool.from_function(
        func=call, name=one.name, description=one.description, args_schema=schema, infer_schema=False
    )


def _theirs(name: str) -> str:
    """LangChain takes some names for itself, and an argument of such a name would never arrive."""
    return f"{name}_" if name in _RESERVED else name
