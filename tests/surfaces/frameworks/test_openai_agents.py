"""An agent of the OpenAI Agents SDK with a model that is a script, and no network."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

pytest.importorskip("agents", reason="the extra `openai-agents` is not installed")

from agents import Agent, Model, ModelResponse, RunConfig, Runner, Usage
from agents.items import ToolCallOutputItem
from openai.types.responses import ResponseFunctionToolCall, ResponseOutputMessage, ResponseOutputText

from loadline.openai_agents import open_tools
from surfaces.frameworks.desk import ASKED, Desk


class Script(Model):
    """One call a turn, then the last word."""

    def __init__(self) -> None:
        self.turn = 0

    async def get_response(self, *_: Any, **__: Any) -> ModelResponse:
        self.turn += 1
        output: Any
        if self.turn <= len(ASKED):
            name, given = ASKED[self.turn - 1]
            output = ResponseFunctionToolCall(
                call_id=f"call-{self.turn}", name=name, arguments=json.dumps(given), type="function_call"
            )
        else:
            said = ResponseOutputText(text="done", type="output_text", annotations=[])
            output = ResponseOutputMessage(id="m", content=[said], role="assistant", status="completed", type="message")
        return ModelResponse(output=[output], usage=Usage(), response_id=None)

    def stream_response(self, *_: Any, **__: Any) -> AsyncIterator[Any]:
        raise NotImplementedError


def test_an_agent_asks_and_acts_through_the_gate(desk: Desk) -> None:
    with open_tools(desk.project, agent="bot", person="ana") as tools:
        agent = Agent(name="Support", model=Script(), tools=tools)
        run = Runner.run(agent, "Pay them back.", max_turns=30, run_config=RunConfig(tracing_disabled=True))
        said = asyncio.run(run)
    assert said.final_output == "done"
    desk.holds([str(one.output) for one in said.new_items if isinstance(one, ToolCallOutputItem)])


@pytest.mark.parametrize("given", ["[1]", "{", "3"])
def test_arguments_that_are_no_object_are_refused(desk: Desk, given: str) -> None:
    with open_tools(desk.project, agent="bot") as tools:
        invoke: Any = tools[-2]
        said = json.loads(asyncio.run(invoke.on_invoke_tool(None, given)))
    assert said["status"] == "refused"
    assert desk.paid() == []
