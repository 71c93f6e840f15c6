"""Words in, the query that was verified for them out; what is not understood is never guessed."""

from __future__ import annotations

from datetime import date

import pytest

from flow.worlds import ANA, QUESTIONS, TODAY, Outside, ask, project, world
from loadline.errors import RequestError
from loadline.flow import codes, codes_words
from loadline.flow.understand import as_query, understand, window
from loadline.values.query import Query
from loadline.values.rule import Principal

NOBODY = Principal(name="bo", roles=())


def test_a_query_passes_as_it_is() -> None:
    query = Query(metrics=("revenue",))
    assert understand(world(Outside())[0], ask(query)).query is query


@pytest.mark.parametrize("words", ["What is our revenue?", "  what IS our\n revenue ", "What is our revenue?!"])
def test_verified_words_mean_what_was_verified(words: str) -> None:
    assert understand(world(Outside())[0], ask(words)).query == Query(metrics=("revenue",))


@pytest.mark.parametrize(("audience", "metric"), [("sales", "revenue"), ("finance", "guess")])
def test_an_audience_decides_between_two_meanings(audience: str, metric: str) -> None:
    principal = Principal(name="bo", roles=(), audience=audience)
    assert understand(world(Outside())[0], ask("How are we doing?", principal)).query.metrics == (metric,)


def test_two_meanings_and_no_audience_are_asked_back() -> None:
    with pytest.raises(RequestError) as caught:
        understand(world(Outside())[0], ask("How are we doing?", NOBODY))
    assert caught.value.options == ("audience finance", "audience sales")
    assert caught.value.diagnostics[0].code == codes.WHOSE_WORDS
    assert caught.value.diagnostics[0].mend == "add `--audience finance` or add `--audience sales`"


@pytest.mark.parametrize("words", ["our revenue in hats", "profit", "", "?", "What is our revenue? And profit?"])
def test_words_that_only_look_alike_are_not_answered(words: str) -> None:
    with pytest.raises(RequestError) as caught:
        understand(world(Outside())[0], ask(words))
    assert caught.value.diagnostics[0].code == codes_words.NOT_UNDERSTOOD
    assert caught.value.options == ()


def test_the_nearest_wording_is_offered() -> None:
    with pytest.raises(RequestError) as caught:
        understand(world(Outside())[0], ask("What is our revenues worth?"))
    assert "`What is our revenue?`" in caught.value.diagnostics[0].mend


def test_another_audiences_words_are_not_offered() -> None:
    with pytest.raises(RequestError) as caught:
        understand(world(Outside())[0], ask("How are we doing", Principal(name="bo", roles=(), audience="legal")))
    assert caught.value.diagnostics[0].code == codes_words.NO_NUMBER
    assert "How are we doing" not in caught.value.diagnostics[0].mend


def test_a_time_that_cannot_be_read_is_said() -> None:
    with pytest.raises(RequestError) as caught:
        understand(world(Outside())[0], ask("What was revenue when?", ANA))
    assert caught.value.diagnostics[0].code == codes.UNREAD_TIME
    assert "`blue moon`" in caught.value.diagnostics[0].what


def test_a_relative_time_is_counted_from_the_day_it_is_asked() -> None:
    found = [window(project([]), "last month", day) for day in (TODAY, date(2027, 1, 1))]
    assert [(item.start, item.end) for item in found] == [
        (date(2026, 10, 1), date(2026, 11, 1)),
        (date(2026, 12, 1), date(2027, 1, 1)),
    ]


def test_a_verified_question_is_the_query_it_stands_for() -> None:
    assert as_query(project([]), QUESTIONS[0], TODAY) == Query(metrics=("revenue",))
