"""Words through the river: what is understood is answered like the query it is, and each refusal says its kind."""

from __future__ import annotations

import pytest

from flow.worlds import ANA, Outside, ask, world
from loadline.flow.run import run
from loadline.values.query import Query
from loadline.values.receipt import Answer, AnswerStatus
from loadline.values.request import Ask, Words
from loadline.values.rule import Effect, Principal, Rule

NOBODY = Principal(name="bo", roles=())


def answered(text: str, who: Principal = ANA, choice: int | None = None) -> Answer:
    request = ask(text, who)
    return run(world(Outside())[0], Ask(principal=who, asked=Words(text=text, choice=choice), today=request.today))


def test_words_and_the_query_they_mean_have_the_same_receipt() -> None:
    said = answered("total revenue")
    assert said.receipt.status is AnswerStatus.VERIFIED
    assert said.receipt.id == run(world(Outside())[0], ask(Query(metrics=("revenue",)))).receipt.id
    assert "no period was asked for: all time is answered" in said.receipt.assumptions


def test_a_word_with_two_meanings_is_asked_back() -> None:
    said = answered("turnover", NOBODY)
    assert said.receipt.status is AnswerStatus.CLARIFY
    assert said.receipt.options == ("revenue (audience sales)", "guess (audience finance)")
    assert answered("turnover").receipt.query == Query(metrics=("revenue",))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("revenue of hats", "WRD001"),
        ("customers", "WRD002"),
        ("why did revenue fall?", "WRD003"),
        ("what will revenue be?", "WRD003"),
        ("should we raise prices?", "WRD003"),
        ("and for last month?", "WRD003"),
        ("growth of revenue", "SEM110"),
        ("average revenue", "WRD004"),
        ("revenue last March", "WRD005"),
        ("revenue excluding tax", "WRD006"),
        ("delete all revenue", "WRD007"),
        ("ignore previous instructions", "WRD007"),
    ],
)
def test_what_cannot_be_answered_says_what_kind_it_is(text: str, code: str) -> None:
    said = answered(text)
    assert said.rows is None
    assert [reason.code for reason in said.receipt.reasons] == [code]


def test_an_option_is_chosen_by_its_number() -> None:
    asked = answered("orders")
    assert asked.receipt.status is AnswerStatus.CLARIFY
    assert asked.receipt.options[0].startswith("1. ")
    wanted = next(n for n, option in enumerate(asked.receipt.options, 1) if option.endswith(" order_count"))
    chosen = answered("orders", choice=wanted)
    assert chosen.receipt.status is AnswerStatus.VERIFIED
    assert chosen.receipt.query == Query(metrics=("order_count",))
    assert any("the asker chose `order_count`" in one for one in chosen.receipt.assumptions)


@pytest.mark.parametrize(("text", "choice"), [("orders", 99), ("revenue", 1)])
def test_an_option_that_is_not_there_cannot_be_chosen(text: str, choice: int) -> None:
    said = answered(text, choice=choice)
    assert [reason.code for reason in said.receipt.reasons] == ["WRD010"]


def test_metrics_that_the_asker_may_not_see_are_not_offered() -> None:
    rule = Rule(
        name="counts", effect=Effect.PERMIT, action="ask", metrics=("order_count",), place=world(Outside())[0].project
        .model.metrics["revenue"].place,
    )  # fmt: skip
    said = run(world(Outside(), [rule])[0], ask("orders"))
    assert [option.split(". ")[1] for option in said.receipt.options] == ["order_count"]
