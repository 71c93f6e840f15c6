"""Quality estimated from confidence: never falling, right where the past was, silent where nothing was learned."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loadline.checks.drift import calibrate, estimate

counts = st.lists(st.integers(0, 50), min_size=2, max_size=8)


def test_shares_that_rise_with_confidence_are_kept() -> None:
    assert calibrate((1, 5, 9, 2), (9, 5, 1, 2)) == (0.1, 0.5, 0.9, 0.5)


def test_neighbours_that_fall_are_pooled() -> None:
    assert calibrate((6, 4, 9, 0), (4, 6, 1, 0)) == (0.5, 0.5, 0.9, None)


def test_less_confident_answers_are_expected_to_be_worse() -> None:
    learned = calibrate((10, 50, 90, 0), (90, 50, 10, 0))
    assert estimate(learned, (10, 10, 80, 0)) == pytest.approx(0.78)
    assert estimate(learned, (80, 10, 10, 0)) == pytest.approx(0.22)


def test_rows_of_which_nothing_was_learned_are_not_guessed() -> None:
    learned = calibrate((1, 9, 0), (9, 1, 0))
    assert estimate(learned, (5, 5, 1)) is None
    assert estimate(learned, (0, 0, 0)) is None


@settings(max_examples=60)
@given(st.data())
def test_what_is_learned_never_falls_and_gives_back_the_past(data: st.DataObject) -> None:
    good = data.draw(counts)
    bad = data.draw(st.lists(st.integers(0, 50), min_size=len(good), max_size=len(good)))
    learned = calibrate((*good, 0), (*bad, 0))
    rising = [share for share in learned[:-1] if share is not None]
    assert len(rising) == len(good)
    assert rising == sorted(rising)
    whole = [a + b for a, b in zip(good, bad, strict=True)]
    if sum(whole):
        assert estimate(learned, (*whole, 0)) == pytest.approx(sum(good) / sum(whole))
