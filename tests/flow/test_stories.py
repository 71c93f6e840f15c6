"""What the ledger tells of one question, for each way it can end."""

from __future__ import annotations

import pytest

from flow.worlds import ANA, DOWN, FULL, PERMIT_ALL, Outside, ToldStore, ask, world
from loadline.errors import OutsideError
from loadline.flow.run import run
from loadline.values.receipt import AnswerStatus
from loadline.values.rule import Rule

QUESTION = "What is our revenue?"


def told(store: ToldStore) -> list[tuple[str, str | None]]:
    return [(str(entry.kind), entry.payload.get("status")) for entry in store.read_entries()]


def end(outside: Outside, *, rules: tuple[Rule, ...] = (PERMIT_ALL,), words: str = QUESTION) -> ToldStore:
    at_hand, store = world(outside, rules)
    run(at_hand, ask(words))
    return store


def test_an_answer_is_an_intent_and_its_outcome() -> None:
    store = end(Outside())
    assert told(store) == [("intent", None), ("outcome", "verified")]
    intent, outcome = store.read_entries()
    assert intent.run == outcome.run
    assert intent.payload["sql"] == outcome.payload["sql"]


def test_a_question_nobody_may_ask_is_one_decision() -> None:
    outside = Outside()
    store = end(outside, rules=())
    assert told(store) == [("decision", "refused")]
    assert outside.ran() == []


def test_a_question_that_means_two_things_is_one_decision() -> None:
    at_hand, store = world(Outside())
    answer = run(at_hand, ask("How are we doing?", type(ANA)(name="bo", roles=())))
    assert answer.receipt.status is AnswerStatus.CLARIFY
    assert answer.receipt.options
    assert told(store) == [("decision", "clarify")]


@pytest.mark.parametrize(
    ("outside", "kinds"),
    [
        (Outside(fails_at_run=True), [("intent", None), ("outcome", "failed")]),
        (Outside(fails_at_version=True), [("outcome", "failed")]),
    ],
)
def test_a_warehouse_that_fails_is_told_and_raised(outside: Outside, kinds: list[tuple[str, str | None]]) -> None:
    at_hand, store = world(outside)
    with pytest.raises(OutsideError) as caught:
        run(at_hand, ask(QUESTION))
    assert caught.value is DOWN
    assert told(store) == kinds
    last = list(store.read_entries())[-1]
    assert last.payload["reasons"] == [{"code": "WAR999", "what": "the warehouse is down"}]


def test_an_interruption_stops_the_warehouse_and_is_told() -> None:
    outside = Outside(is_interrupted=True)
    at_hand, store = world(outside)
    with pytest.raises(KeyboardInterrupt):
        run(at_hand, ask(QUESTION))
    assert ("cancel", "") in outside.events
    assert told(store) == [("intent", None), ("outcome", "interrupted")]


def test_nothing_runs_when_its_intent_cannot_be_recorded() -> None:
    outside = Outside(fails_at_append=0)
    at_hand, store = world(outside)
    with pytest.raises(OutsideError) as caught:
        run(at_hand, ask(QUESTION))
    assert caught.value is FULL
    assert outside.ran() == []
    assert told(store) == []


def test_rows_that_cannot_be_recorded_are_not_handed_out() -> None:
    outside = Outside(fails_at_append=1)
    at_hand, store = world(outside)
    with pytest.raises(OutsideError) as caught:
        run(at_hand, ask(QUESTION))
    assert caught.value is FULL
    assert told(store) == [("intent", None)]
