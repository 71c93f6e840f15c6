"""Definitions are shown to those who may ask about them, and nobody else learns that they exist."""

from __future__ import annotations

import pytest

from flow.worlds import ANA, HERE, PERMIT_ALL, Outside, world
from loadline.errors import RequestError
from loadline.flow import codes
from loadline.flow.showing import describe, may_read, search
from loadline.values.rule import Effect, Rule

ONLY_REVENUE = Rule(name="revenue", effect=Effect.PERMIT, action="ask", metrics=("revenue",), place=HERE)
NO_REGIONS = Rule(name="no-regions", effect=Effect.FORBID, action="ask", columns=("customers.region",), place=HERE)


def test_only_what_may_be_asked_for_is_listed() -> None:
    everyone, _ = world(Outside(), (PERMIT_ALL,))
    some, _ = world(Outside(), (ONLY_REVENUE,))
    nobody, _ = world(Outside(), ())
    assert {"revenue"} < {card.name for card in search(everyone, ANA)}
    assert [card.name for card in search(some, ANA)] == ["revenue"]
    assert search(nobody, ANA) == ()


def test_what_may_not_be_asked_for_is_described_like_what_does_not_exist() -> None:
    some, _ = world(Outside(), (ONLY_REVENUE,))
    hidden = next(name for name in some.linked.metrics if name != "revenue")
    for name in (hidden, "nothing_at_all"):
        with pytest.raises(RequestError) as caught:
            describe(some, ANA, name)
        (said,) = caught.value.diagnostics
        assert said.code == codes.NO_SUCH_METRIC
        assert said.mend == "name one of `revenue`"
        assert hidden not in said.mend


def test_a_dimension_is_listed_where_the_question_would_be_answered() -> None:
    everyone, _ = world(Outside(), (PERMIT_ALL,))
    some, _ = world(Outside(), (PERMIT_ALL, NO_REGIONS))
    assert "customers.region" in [one.name for one in describe(everyone, ANA, "revenue").dimensions]
    assert "customers.region" not in [one.name for one in describe(some, ANA, "revenue").dimensions]


@pytest.mark.parametrize("text", ["revenue", "REVENUE", "revenu", " Revenue? "])
def test_a_metric_is_found_by_words_near_its_name(text: str) -> None:
    everyone, _ = world(Outside(), (PERMIT_ALL,))
    assert search(everyone, ANA, text)[0].name == "revenue"


def test_no_metric_is_found_by_a_word_that_fits_none() -> None:
    everyone, _ = world(Outside(), (PERMIT_ALL,))
    assert search(everyone, ANA, "revenue zebra") == ()


def test_a_receipt_is_read_by_its_asker_and_by_those_who_may_ask_the_same_of_all_rows() -> None:
    some, _ = world(Outside(), (ONLY_REVENUE,))
    theirs = {"asked_by": "ben", "row_filters": [], "metrics": [{"name": "revenue", "is_asked": True}]}
    assert may_read(some, ANA, theirs)
    assert not may_read(some, ANA, theirs | {"row_filters": ["region = north"]})
    assert not may_read(some, ANA, theirs | {"metrics": [{"name": "salaries", "is_asked": True}]})
    assert not may_read(some, ANA, theirs | {"metrics": []})
    assert may_read(some, ANA, theirs | {"asked_by": ANA.name, "metrics": []})
