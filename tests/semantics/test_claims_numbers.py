"""Numbers in prose: what each is, how precise, and what only looks like one."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loadline.semantics.claims_numbers import numbers_in
from loadline.values.claim import Hedge, Quantity, Threshold, Unit


def one(text: str) -> Quantity:
    (found,) = numbers_in(text)
    return found.quantity


@pytest.mark.parametrize(
    ("text", "value", "half", "unit", "of"),
    [
        ("EUR 3.5m", "3500000", "50000", Unit.MONEY, "EUR"),
        ("€1.2bn", "1200000000", "50000000", Unit.MONEY, "EUR"),
        ("3,400 thousand euros", "3400000", "500", Unit.MONEY, "EUR"),
        ("4,5 Mio. EUR", "4500000", "50000", Unit.MONEY, "EUR"),
        ("€3.516.995,08", "3516995.08", "0.005", Unit.MONEY, "EUR"),
        ("1 234 567", "1234567", "0.5", Unit.PLAIN, None),
        ("1'234'567", "1234567", "0.5", Unit.PLAIN, None),
        ("$4 million", "4000000", "500000", Unit.MONEY, "USD"),
        ("-3.4%", "-3.4", "0.05", Unit.PERCENT, None),
        ("2.3 percentage points", "2.3", "0.05", Unit.POINTS, None),
        ("2.3 pp", "2.3", "0.05", Unit.POINTS, None),
        ("15 bps", "0.15", "0.005", Unit.POINTS, None),
        ("26.8 percent", "26.8", "0.05", Unit.PERCENT, None),
        ("2.1x", "2.1", "0.05", Unit.TIMES, None),
        ("32.2 days", "32.2", "0.05", Unit.MEASURE, "days"),
        ("three years", "3", "0.5", Unit.MEASURE, "years"),
        ("4 quarters", "4", "0.5", Unit.MEASURE, "quarters"),
        ("twenty-four", "24", "0.5", Unit.PLAIN, None),
        ("three hundred and five", "305", "0.5", Unit.PLAIN, None),
        ("twelve thousand", "12000", "0.5", Unit.PLAIN, None),
        ("half of orders", "50", "0.5", Unit.PERCENT, None),
        ("one in five", "20", "0.5", Unit.PERCENT, None),
    ],
)
def test_a_number_is_read_with_its_unit_and_precision(
    text: str, value: str, half: str, unit: Unit, of: str | None
) -> None:
    found = one(text)
    assert (found.value, found.half_step, found.unit, found.of) == (Decimal(value), Decimal(half), unit, of)


@pytest.mark.parametrize(
    ("text", "threshold", "hedge"),
    [
        ("more than 20", Threshold.ABOVE, Hedge.NONE),
        ("at least 4,000", Threshold.FROM, Hedge.NONE),
        ("no fewer than 4,000", Threshold.FROM, Hedge.NONE),
        ("fewer than 300", Threshold.BELOW, Hedge.NONE),
        ("up to 300", Threshold.UP_TO, Hedge.NONE),
        ("500+", Threshold.ABOVE, Hedge.NONE),
        ("about 300", Threshold.EXACT, Hedge.ABOUT),
        ("~300", Threshold.EXACT, Hedge.ABOUT),
        ("nearly 300", Threshold.EXACT, Hedge.NEARLY),
        ("300", Threshold.EXACT, Hedge.NONE),
    ],
)
def test_bounds_and_hedges_are_heard(text: str, threshold: Threshold, hedge: Hedge) -> None:
    found = one(text)
    assert (found.threshold, found.hedge) == (threshold, hedge)


@pytest.mark.parametrize(
    "text",
    [
        "call +49 40 5551234", "see section 4.2", "Figure 3 shows", "version 3.14", "v1.2.3", "Q3", "H1", "FY26",
        "on 2026-03-01", "at 12:30", "the 12th time", "order 4711", "INV-2041", "https://x.example/2026/99", "#12",
        "team5@a.example", "one of them",
    ],
)  # fmt: skip
def test_what_only_looks_like_a_number_is_left(text: str) -> None:
    assert numbers_in(text) == ()


def test_a_dot_that_can_be_read_in_two_ways_makes_a_number_doubtful() -> None:
    assert one("1.234").is_doubtful
    assert not one("1.234,56").is_doubtful
    assert not one("1.234.567").is_doubtful
    assert not one("1.23").is_doubtful


@settings(max_examples=60)
@given(st.integers(0, 10**12), st.integers(0, 3))
def test_what_is_printed_is_what_is_read(digits: int, places: int) -> None:
    value = Decimal(digits).scaleb(-places)
    found = one(f"EUR {value:,.{places}f}")
    assert found.value == value
    assert found.half_step == Decimal(5).scaleb(-places - 1)
