"""A planner in the river: it only puts together what was said, is checked like a stranger, and is asked once."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from flow.worlds import ANA, Outside, ToldStore, ask, world
from loadline.adapters.planners import CallablePlanner
from loadline.errors import RequestError
from loadline.flow.planning import read_plan
from loadline.flow.ports import Offer
from loadline.flow.run import run
from loadline.flow.world import World
from loadline.ledger import Kind
from loadline.values.query import Query
from loadline.values.receipt import Answer
from loadline.values.rule import Effect, Rule


class Told:
    """A planner that says what it is told to, and counts how often it was asked."""

    def __init__(self, reply: object) -> None:
        self.reply, self.offers = reply, list[Offer]()

    def __call__(self, offer: Offer) -> object:
        self.offers.append(offer)
        return self.reply


def planned(reply: object, rules: list[Rule] | None = None) -> tuple[World, ToldStore, Told]:
    told = Told(reply)
    at_hand, store = world(Outside(), *([rules] if rules else []))
    return replace(at_hand, planner=CallablePlanner(told, name="told"), planner_seconds=5.0), store, told


def codes_of(answer: Answer) -> list[str]:
    return [reason.code for reason in answer.receipt.reasons]


PUT = "in revenue order count"  # the grammar cannot read it; every word is a name


def test_what_the_grammar_reads_never_reaches_the_planner() -> None:
    at_hand, _, told = planned({"metrics": ["order_count"]})
    assert run(at_hand, ask("revenue")).receipt.query == Query(metrics=("revenue",))
    assert told.offers == []


@pytest.mark.parametrize(
    "text", ["why did revenue fall", "delete revenue", "revenue excluding tax", "revenue last March"]
)
def test_causes_orders_and_own_definitions_never_reach_it(text: str) -> None:
    at_hand, _, told = planned({"metrics": ["revenue"]})
    assert run(at_hand, ask(text)).rows is None
    assert told.offers == []


def test_its_query_is_used_when_every_word_is_in_it_and_asked_for_once() -> None:
    at_hand, store, told = planned({"metrics": ["revenue", "order_count"]})
    first, second = (run(at_hand, ask(PUT)) for _ in range(2))
    assert first.receipt.query == Query(metrics=("revenue", "order_count"))
    assert first.receipt.id == second.receipt.id
    assert len(told.offers) == 1
    (entry,) = store.entries_of(Kind.PLAN)
    assert (entry.payload["planner"], entry.payload["question"]) == ("told", PUT)
    assert any("told" in one for one in first.receipt.assumptions)


@pytest.mark.parametrize(
    ("text", "reply"),
    [
        ("in revenue of hats", {"metrics": ["revenue"]}),
        (PUT, {"metrics": ["revenue"]}),
        (PUT, {"metrics": ["revenue", "order_count", "ticket_count"]}),
        (PUT, {"metrics": ["revenue", "order_count"], "limit": 3}),
        (PUT, {"metrics": ["revenue", "order_count"], "by": ["customers.region"]}),
        (PUT, {"metrics": ["revenue", "order_count"], "where": ["customers.region = north"]}),
    ],
)
def test_a_word_left_out_or_a_part_made_up_is_refused(text: str, reply: object) -> None:
    at_hand, _, _ = planned(reply)
    answer = run(at_hand, ask(text))
    assert answer.rows is None
    assert codes_of(answer) == ["WRD009"]


@pytest.mark.parametrize(
    "reply",
    [
        None, [], "revenue", {}, {"metrics": "revenue"}, {"metrics": [1]}, {"metrics": ["revenue"], "sql": "drop"},
        {"metrics": ["revenue"], "limit": -1}, {"metrics": ["revenue"], "limit": True}, {"metrics": ["x" * 999]},
        {"metrics": ["revenue"] * 99}, {"metrics": ["revenue"], "during": 3}, {"metrics": ["rev\nenue"]},
    ],
)  # fmt: skip
def test_what_is_no_query_stops_at_the_door(reply: Any) -> None:
    with pytest.raises(RequestError) as caught:
        read_plan(reply)
    assert caught.value.diagnostics[0].code == "WRD008"
    at_hand, store, _ = planned(reply)
    assert codes_of(run(at_hand, ask(PUT))) == ["WRD008"]
    assert store.entries_of(Kind.PLAN) == []


def test_it_is_told_only_what_its_asker_may_see() -> None:
    at_hand, _, told = planned(
        {"metrics": ["order_count"]},
        [Rule(name="r", effect=Effect.PERMIT, action="ask", metrics=("order_count",), place=_place())],
    )
    run(at_hand, ask(PUT))
    (offer,) = told.offers
    assert [name for name, _ in offer.metrics] == ["order_count"]
    assert not any("salary" in name for name in offer.dimensions)


def test_policy_judges_its_query_like_any_other() -> None:
    at_hand, _, _ = planned(
        {"metrics": ["revenue", "order_count"]},
        [Rule(name="r", effect=Effect.PERMIT, action="ask", metrics=("order_count",), place=_place())],
    )
    assert codes_of(run(at_hand, ask(PUT, ANA))) == ["POL001"]


def test_a_bad_reply_is_not_kept_and_the_next_one_may_be_better() -> None:
    at_hand, store, told = planned({"metrics": ["revenue"]})
    assert codes_of(run(at_hand, ask(PUT))) == ["WRD009"]
    assert store.entries_of(Kind.PLAN) == []
    told.reply = {"metrics": ["revenue", "order_count"]}
    assert run(at_hand, ask(PUT)).receipt.query == Query(metrics=("revenue", "order_count"))


def _place() -> Any:
    return world(Outside())[0].project.model.metrics["revenue"].place
