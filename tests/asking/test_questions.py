"""The committed questions on the demo company: none is answered wrongly, and nearly all that can be answered are."""

from __future__ import annotations

from collections import Counter

import pytest

from asking.judged import Judged, cases, judged
from loadline.app import App


@pytest.fixture(scope="session")
def every(app: App) -> list[Judged]:
    return list(judged(app))


def test_the_set_is_large_and_a_third_of_it_is_not_to_be_answered() -> None:
    lines = [line for _, line in cases()]
    assert len(lines) >= 200
    assert len({tuple(line) for line in lines}) == len(lines)
    assert sum(line[1] == "no" for line in lines) * 3 >= len(lines)


def test_no_question_is_answered_wrongly(every: list[Judged]) -> None:
    assert [(one.question, one.came_to, one.expected) for one in every if one.verdict == "wrong"] == []


@pytest.mark.parametrize("half", ["development", "held_out", "later", "fresh", "made_of", "changes"])
def test_nine_of_ten_answerable_questions_are_answered_or_usefully_asked_back(half: str, every: list[Judged]) -> None:
    mine = [one for one in every if one.half == half and one.expected != "no"]
    counts = Counter(one.verdict for one in mine)
    missed = [(one.question, one.came_to) for one in mine if one.verdict == "missed"]
    assert counts["answered"] + counts["clarified"] >= 0.9 * len(mine), missed
