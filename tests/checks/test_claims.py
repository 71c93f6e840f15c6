"""Whether a number is what was said: precision, hedges, bounds; and when it is wrong rather than unknown."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loadline.checks.claims import Fit, fit_of, judge_claim, wrong_cohorts
from loadline.values.claim import (
    Absent,
    Amount,
    Cell,
    Claim,
    Contradicted,
    Direction,
    Doubt,
    Formula,
    Hedge,
    Judged,
    Members,
    Nearest,
    Quantity,
    Sense,
    Standing,
    Supported,
    Threshold,
    Unit,
    Unverified,
)

A, B = Cell(metric="a"), Cell(metric="b")
LEVEL_A = Sense(formula=Formula.LEVEL, cells=(A,), said="a")
LEVEL_B = Sense(formula=Formula.LEVEL, cells=(B,), said="b")


def quantity(text: str, **more: object) -> Quantity:
    value = Decimal(text)
    exponent = value.as_tuple().exponent
    assert isinstance(exponent, int)
    named: dict[str, object] = {"value": value, "half_step": Decimal(5).scaleb(exponent - 1), **more}
    return Quantity(**named)  # type: ignore[arg-type]  # a test's shorthand


def claim(said: Quantity, *readings: Sense, also: tuple[Sense, ...] = ()) -> Claim:
    return Claim(start=0, end=1, text="x", expects=Amount(quantity=said), readings=readings or (LEVEL_A,), also=also)


@pytest.mark.parametrize(
    ("said", "value", "fit"),
    [
        (quantity("3.5"), "3.549", Fit.YES),
        (quantity("3.5"), "3.551", Fit.NO),
        (quantity("3.50"), "3.549", Fit.NO),
        (quantity("4500", hedge=Hedge.ABOUT), "4590", Fit.YES),
        (quantity("4500", hedge=Hedge.ABOUT), "4700", Fit.VAGUE),
        (quantity("4500", hedge=Hedge.ABOUT), "5400", Fit.NO),
        (quantity("6000", hedge=Hedge.NEARLY), "5800", Fit.YES),
        (quantity("6000", hedge=Hedge.NEARLY), "6100", Fit.VAGUE),
        (quantity("100", threshold=Threshold.ABOVE), "100.1", Fit.YES),
        (quantity("100", threshold=Threshold.ABOVE), "100", Fit.VAGUE),
        (quantity("100", threshold=Threshold.FROM), "100", Fit.YES),
        (quantity("100", threshold=Threshold.BELOW), "120", Fit.NO),
    ],
)
def test_a_number_fits_as_precisely_as_it_was_printed(said: Quantity, value: str, fit: Fit) -> None:
    assert fit_of(said, Decimal(value)) is fit


@settings(max_examples=100)
@given(st.decimals("-1e9", "1e9", places=4), st.integers(0, 3))
def test_what_is_rounded_honestly_always_fits(value: Decimal, places: int) -> None:
    assert fit_of(quantity(f"{round(value, places):.{places}f}"), value) is Fit.YES


def test_one_reading_that_has_another_value_is_contradicted() -> None:
    verdict = judge_claim(claim(quantity("5")), {A: Decimal(7)}, {}, frozenset())
    assert isinstance(verdict, Contradicted)
    assert verdict.value == 7


def test_several_readings_are_ambiguous_unless_all_agree() -> None:
    both = claim(quantity("5"), LEVEL_A, LEVEL_B)
    agree = judge_claim(both, {A: Decimal(5), B: Decimal(5)}, {}, frozenset())
    differ = judge_claim(both, {A: Decimal(5), B: Decimal(7)}, {}, frozenset())
    neither = judge_claim(both, {A: Decimal(6), B: Decimal(7)}, {}, frozenset())
    assert isinstance(agree, Supported)
    for verdict in (differ, neither):
        assert isinstance(verdict, Unverified)
        assert verdict.doubt is Doubt.AMBIGUOUS


def test_a_reading_nobody_takes_first_keeps_a_claim_from_being_contradicted() -> None:
    verdict = judge_claim(claim(quantity("5"), also=(LEVEL_B,)), {A: Decimal(7), B: Decimal(5)}, {}, frozenset())
    assert isinstance(verdict, Unverified)


def test_what_could_not_be_computed_is_neither() -> None:
    hidden = Absent(doubt=Doubt.NOT_PERMITTED, because="a rule forbids it")
    verdict = judge_claim(claim(quantity("5")), {A: hidden}, {}, frozenset())
    assert verdict == Unverified(doubt=Doubt.NOT_PERMITTED, because="a rule forbids it")
    assert isinstance(judge_claim(claim(quantity("5")), {}, {}, frozenset()), Unverified)


def test_percent_and_percentage_points_never_mix() -> None:
    growth = Sense(formula=Formula.GROWTH, cells=(A, B), said="growth")
    points = Sense(formula=Formula.DIFFERENCE, cells=(A, B), said="points")
    cells = {A: Decimal("0.52"), B: Decimal("0.50")}
    said = claim(quantity("2.0", unit=Unit.PERCENT), growth, also=(points,))
    verdict = judge_claim(said, cells, {}, frozenset({"a", "b"}))
    assert isinstance(verdict, Unverified)
    assert verdict.doubt is Doubt.UNIT


def test_a_number_without_its_scale_is_no_contradiction() -> None:
    verdict = judge_claim(claim(quantity("3.52")), {A: Decimal(3516995)}, {}, frozenset())
    assert isinstance(verdict, Unverified)
    assert verdict.doubt is Doubt.UNIT


def test_a_share_of_nothing_has_no_value() -> None:
    share = Sense(formula=Formula.SHARE, cells=(A, B), said="share")
    verdict = judge_claim(claim(quantity("5"), share), {A: Decimal(1), B: Decimal(0)}, {}, frozenset())
    assert isinstance(verdict, Unverified)


def test_places_count_from_both_ends_and_ties_share_one() -> None:
    members = Members(metric="a", by="d.x")
    values = {members: {"p": Decimal(3), "q": Decimal(2), "r": Decimal(2), "s": Decimal(1)}}

    def stands(member: str, place: int, *, is_from_bottom: bool = False) -> bool:
        said = Claim(
            start=0,
            end=1,
            text="x",
            expects=Standing(place=place, is_from_bottom=is_from_bottom),
            readings=(Sense(formula=Formula.RANK, members=members, member=member),),
        )
        return isinstance(judge_claim(said, {}, values, frozenset()), Supported)

    assert stands("p", 1)
    assert stands("q", 2)
    assert stands("r", 2)
    assert stands("s", 1, is_from_bottom=True)
    assert not stands("s", 1)


def test_equal_is_not_more() -> None:
    difference = Sense(formula=Formula.DIFFERENCE, cells=(A, B), said="a against b")
    said = Claim(start=0, end=1, text="x", expects=Direction(is_up=True), readings=(difference,))
    assert isinstance(judge_claim(said, {A: Decimal(2), B: Decimal(1)}, {}, frozenset()), Supported)
    assert isinstance(judge_claim(said, {A: Decimal(1), B: Decimal(1)}, {}, frozenset()), Contradicted)


def test_one_wrong_number_is_no_cohort() -> None:
    near = Nearest(kind="slice", said="region = south", value=Decimal(1), reading=LEVEL_B)
    wrong = Judged(claim=claim(quantity("5")), verdict=Contradicted(reading=LEVEL_A, value=Decimal(7), nearest=(near,)))
    assert wrong_cohorts([wrong]) == ()
    (found,) = wrong_cohorts([wrong, wrong])
    assert found.claims == (0, 1)
