"""An agent of pydantic-ai with a model that is a script."""

from __future__ import annotations

import asyncio

import pytest

pytest.importorskip("pydantic_ai", reason="the extra `pydantic-ai` is not installed")

from pydantic_ai import Agent, ModelMessage, ModelResponse, TextPart, ToolCallPart, ToolReturnPart, UsageLimits
from pydantic_ai.models.function import AgentInfo, FunctionModel
from pydantic_ai.models.test import TestModel

from loadline.pydantic_ai import open_tools
from surfaces.frameworks.desk import ASKED, Desk

TestModel.__test__ = False  # its name begins like a test's


def script(messages: list[ModelMessage], _: AgentInfo) -> ModelResponse:
    """One call a turn, then the last word."""
    turn = sum(isinstance(message, ModelResponse) for message in messages)
    if turn == len(ASKED):
        return ModelResponse(parts=[TextPart("done")])
    name, given = ASKED[turn]
    return ModelResponse(parts=[ToolCallPart(name, dict(given))])


def test_an_agent_asks_and_acts_through_the_gate(desk: Desk) -> None:
    with open_tools(desk.project, agent="bot", person="ana") as tools:
        agent = Agent(FunctionModel(script), tools=tools)
        said = asyncio.run(
            agent.run("Pay them back.", usage_limits=UsageLimits(request_limit=30))
        )  # run_sync leaves a loop open
    assert said.output == "done"
    parts = [part for message in said.all_messages() for part in message.parts if isinstance(part, ToolReturnPart)]
    desk.holds([str(part.content) for part in parts])


def test_a_model_that_calls_every_tool_with_what_fits_its_schema_does_nothing_unpermitted(desk: Desk) -> None:
    with open_tools(desk.project, agent="stranger") as tools:
        said = asyncio.run(Agent(TestModel(), tools=tools).run("Do all you can."))
    assert "forbidden" in said.output
    assert desk.paid() == []
