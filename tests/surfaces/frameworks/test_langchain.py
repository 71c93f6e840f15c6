"""A LangGraph agent with a model that is a script: what it calls goes the way of everybody's calls."""

from __future__ import annotations

from typing import Any

import pytest

pytest.importorskip("langgraph", reason="the extra `langchain`, and langgraph, are not installed")

from langchain_core.language_models.fake_chat_models import FakeMessagesListChatModel
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, ToolMessage
from langgraph.graph import START, MessagesState, StateGraph
from langgraph.prebuilt import ToolNode, tools_condition

from loadline.errors import RequestError
from loadline.langchain import open_tools
from surfaces.frameworks.desk import ASKED, Desk


def calls(*asked: tuple[str, Any]) -> list[BaseMessage]:
    """One call a turn, then the last word."""
    turns: list[BaseMessage] = [
        AIMessage(content="", tool_calls=[{"name": name, "args": dict(given), "id": f"call-{number}"}])
        for number, (name, given) in enumerate(asked)
    ]
    return [*turns, AIMessage(content="done")]


def test_a_langgraph_agent_asks_and_acts_through_the_gate(desk: Desk) -> None:
    model = FakeMessagesListChatModel(responses=calls(*ASKED))

    def think(state: MessagesState) -> dict[str, list[BaseMessage]]:
        return {"messages": [model.invoke(state["messages"])]}

    with open_tools(desk.project, agent="bot", person="ana") as tools:
        graph = StateGraph(MessagesState)
        graph.add_node("think", think)
        graph.add_node("tools", ToolNode(tools))
        graph.add_edge(START, "think")
        graph.add_conditional_edges("think", tools_condition)
        graph.add_edge("tools", "think")
        said = graph.compile().invoke({"messages": [HumanMessage("Pay them back.")]}, {"recursion_limit": 50})
    desk.holds([str(one.content) for one in said["messages"] if isinstance(one, ToolMessage)])


def test_what_a_model_is_told_of_a_tool_is_what_is_declared(desk: Desk) -> None:
    with open_tools(desk.project, agent="bot", actions=["refund"]) as tools:
        named = {tool.name: tool for tool in tools}
        assert set(named) == {
            "search_metrics", "describe_metric", "query_metrics", "verify_answer", "get_action", "refund",
        }  # fmt: skip
        refund = named["refund"]
        assert refund.description.startswith("Pay an order back.")
        assert refund.args["amount"] == {"type": "number", "maximum": 500}
        assert "done" in refund.invoke({"order_id": 8, "amount": 1, "config_": "as it was given"})
    assert desk.paid() == [(8, "1", "as it was given")]


def test_an_action_that_is_none_is_said_when_the_tools_are_made(desk: Desk) -> None:
    with pytest.raises(RequestError, match="refunds"), open_tools(desk.project, agent="bot", actions=["refunds"]):
        pass
