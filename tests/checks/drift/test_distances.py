"""The three distances people know, against what their definitions give by hand."""

from __future__ import annotations

import math

import pytest

from loadline.checks.drift import BinKind, Bins
from loadline.checks.drift.distances import distances

HALVES = Bins(column="x", kind=BinKind.CATEGORY, top=("a",), knows_all=False)


def test_equal_shares_are_no_distance_apart() -> None:
    found = distances(HALVES, (0.5, 0.5, 0.0), (50, 50, 0))
    assert (found.psi, found.jensen_shannon, found.wasserstein) == (0.0, 0.0, None)


def test_a_stability_index_is_the_sum_of_difference_times_log_ratio() -> None:
    found = distances(HALVES, (0.5, 0.5, 0.0), (75, 25, 0))
    assert found.psi == pytest.approx(0.25 * math.log(1.5) + -0.25 * math.log(0.5), abs=1e-6)


def test_shares_that_never_meet_are_one_bit_apart() -> None:
    assert distances(HALVES, (1.0, 0.0, 0.0), (0, 10, 0)).jensen_shannon == 1.0


def test_moving_all_rows_by_half_the_span_is_a_distance_of_a_half() -> None:
    bins = Bins(column="x", kind=BinKind.NUMBER, edges=(0.0, 1.0, 2.0))
    found = distances(bins, (0.0, 1.0, 0.0, 0.0, 0.0), (0, 0, 10, 0, 0))
    assert found.wasserstein == pytest.approx(0.5)
