"""Claims and the governed numbers behind them in, verdicts out.

Nothing is supported because its number occurs somewhere: a claim is right when what it means has that value, within
half a unit of its last printed digit. It is wrong only when it can mean one thing and that has another value.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from enum import Enum
from itertools import pairwise
from typing import assert_never

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
    Verdict,
    WrongCohort,
)

HEDGED = Decimal("0.03")
NEARLY = Decimal("0.06")
ROUNDED = Decimal("0.005")
VAGUE = Decimal("0.15")
MOST_NEAREST = 3
_ORDER = ("slice", "period", "measure", "definition")

Cells = Mapping[Cell, Decimal | Absent]
Places = Mapping[Members, Mapping[str, Decimal] | Absent]


class Fit(Enum):
    """`VAGUE`: neither right nor wrong, since the text is hedged or rounded too coarsely."""

    YES = "yes"
    VAGUE = "vague"
    NO = "no"


def judge_claim(claim: Claim, cells: Cells, places: Places, percents: frozenset[str]) -> Verdict:
    """`percents` are the metrics whose values are fractions and told in percent."""
    if claim.doubt is not None:
        return Unverified(doubt=claim.doubt, because=claim.because)
    seen = [(one, value_of(one, cells, places, percents)) for one in claim.readings]
    fits = [(one, value, _fit(claim, value)) for one, value in seen if isinstance(value, Decimal)]
    absent = [value for _, value in seen if isinstance(value, Absent)]
    right = [(one, value) for one, value, fit in fits if fit is Fit.YES]
    if right and len(right) == len(seen):
        return Supported(reading=right[0][0], value=right[0][1])
    if right and claim.is_any:
        return Supported(reading=right[0][0], value=right[0][1])
    if len(seen) > 1:
        return _ambiguous(claim, [one for one, _ in right])
    if absent:
        return Unverified(doubt=absent[0].doubt, because=absent[0].because)
    ((reading, value, fit),) = fits
    if fit is Fit.VAGUE:
        return Unverified(doubt=Doubt.TOO_VAGUE, because=f"`{claim.text}` is too round to tell from {_shown(value)}")
    reading = _turned(reading, cells)
    return _wrong(claim, reading, value, [(one, value_of(one, cells, places, percents)) for one in claim.also])


def _wrong(claim: Claim, reading: Sense, value: Decimal, others: Sequence[tuple[Sense, Decimal | Absent]]) -> Verdict:
    """Contradicted, unless something else the words may mean is right, or could not be looked at."""
    for other, seen in others:
        if isinstance(seen, Decimal) and _fit(claim, seen) is Fit.YES and other.formula is not reading.formula:
            told = "percentage points" if other.formula is Formula.DIFFERENCE else "percent"
            return Unverified(doubt=Doubt.UNIT, because=f"right in {told}, which the text does not say")
        if isinstance(seen, Decimal) and _fit(claim, seen) is not Fit.NO and other.formula is reading.formula:
            return Unverified(doubt=Doubt.AMBIGUOUS, because=f"right if it means {other.said}, wrong as {reading.said}")
    if claim.is_timeless:
        return Unverified(doubt=Doubt.AMBIGUOUS, because="no period is named")
    if isinstance(claim.expects, Amount) and _is_unscaled(claim.expects.quantity, value):
        return Unverified(
            doubt=Doubt.UNIT, because=f"right in thousands or millions, and the text prints `{claim.text}`"
        )
    match claim.expects:
        case Amount(quantity=Quantity(is_doubtful=True)):
            return Unverified(doubt=Doubt.AMBIGUOUS, because=f"`{claim.text}` can be read as two numbers")
        case Amount() | Direction() | Standing():
            return Contradicted(reading=reading, value=value)
        case _:
            assert_never(claim.expects)


def _is_unscaled(quantity: Quantity, value: Decimal) -> bool:
    """`3.52` for three and a half million: the scale stands somewhere else, or nowhere."""
    if quantity.unit not in {Unit.PLAIN, Unit.MONEY}:
        return False
    return any(abs(value - quantity.value * scale) <= quantity.half_step * scale for scale in (10**3, 10**6, 10**9))


def _ambiguous(claim: Claim, right: Sequence[Sense]) -> Unverified:
    said = [one.said for one in claim.readings]
    shown = "; or ".join(said[:3]) + (f"; or {len(said) - 3} more" if len(said) > 3 else "")
    if right:
        return Unverified(doubt=Doubt.AMBIGUOUS, because=f"right only if it means {right[0].said}; it may mean {shown}")
    return Unverified(doubt=Doubt.AMBIGUOUS, because=f"it may mean {shown}")


# -- what a reading comes to


def value_of(reading: Sense, cells: Cells, places: Places, percents: frozenset[str]) -> Decimal | Absent:
    """The governed number in the unit of the claim: percent as 12.3, a place as 1, 2, …"""
    if reading.members is not None:
        return _place(reading, places)
    numbers: list[Decimal] = []
    for cell in reading.cells:
        found = cells.get(cell, Absent(doubt=Doubt.NO_DATA, because="it was not computed"))
        if isinstance(found, Absent):
            return found
        numbers.append(found)
    is_percent = reading.cells[0].metric in percents
    match reading.formula:
        case Formula.LEVEL:
            return numbers[0] * (100 if is_percent else 1)
        case Formula.SUM:
            return sum(numbers, Decimal(0)) * (100 if is_percent else 1)
        case Formula.DIFFERENCE:
            return (numbers[0] - numbers[1]) * (100 if is_percent else 1)
        case Formula.GROWTH:
            return _divided(numbers[0] - numbers[1], abs(numbers[1]), 100)
        case Formula.SHARE:
            return _divided(numbers[0], numbers[1], 100)
        case Formula.RATIO:
            return _divided(numbers[0], numbers[1], 1)
        case Formula.LEAST_STEP | Formula.MOST_STEP:
            return _steps(reading.formula, numbers)[0] * (100 if is_percent else 1)
        case Formula.COUNT | Formula.RANK:
            return Absent(doubt=Doubt.NOT_UNDERSTOOD, because="it names no members")
        case _:
            assert_never(reading.formula)


def _steps(formula: Formula, numbers: Sequence[Decimal]) -> tuple[Decimal, int]:
    """The least (or greatest) step, and which number it leads to."""
    found = [(later - earlier, at) for at, (earlier, later) in enumerate(pairwise(numbers), 1)]
    return min(found) if formula is Formula.LEAST_STEP else max(found)


def _turned(reading: Sense, cells: Cells) -> Sense:
    """A series says where it went the other way."""
    numbers = [found for cell in reading.cells if isinstance(found := cells.get(cell), Decimal)]
    if reading.formula not in {Formula.LEAST_STEP, Formula.MOST_STEP} or len(numbers) != len(reading.cells):
        return reading
    during = reading.cells[_steps(reading.formula, numbers)[1]].during
    return replace(reading, said=f"{reading.said} (to {during.text})" if during else reading.said)


def _divided(top: Decimal, bottom: Decimal, scale: int) -> Decimal | Absent:
    if bottom == 0:
        return Absent(doubt=Doubt.NO_DATA, because="what it is compared with is zero")
    return scale * top / bottom


def _place(reading: Sense, places: Places) -> Decimal | Absent:
    """1 for the largest. Members that tie share a place, and none is better than the other."""
    assert reading.members is not None  # noqa: S101 - the caller looked
    found = places.get(reading.members, Absent(doubt=Doubt.NO_DATA, because="it was not computed"))
    if isinstance(found, Absent):
        return found
    if reading.formula is Formula.COUNT:
        return Decimal(len(found))
    if reading.member is None or reading.member not in found:
        return Absent(doubt=Doubt.NO_DATA, because=f"there is no `{reading.member}` in that period")
    own = found[reading.member]
    # as the place from above, and, behind the point, how many there are: a place from below needs both
    above = sum(value > own for value in found.values())
    return Decimal(above + 1) + Decimal(len(found)).scaleb(-6)


# -- whether it is what was said


def _fit(claim: Claim, value: Decimal | Absent) -> Fit:
    if isinstance(value, Absent):
        return Fit.NO
    match claim.expects:
        case Amount(quantity=Quantity(threshold=bound), is_up=bool(is_up)) if bound is not Threshold.EXACT and (
            value == 0 or (value > 0) != is_up
        ):
            return Fit.NO
        case Amount(quantity=quantity, is_signless=is_signless):
            return fit_of(quantity, abs(value) if is_signless else value)
        case Direction(is_up=is_up):
            return Fit.YES if (value > 0) == is_up and value != 0 else Fit.NO
        case Standing(place=place, is_from_bottom=is_from_bottom):
            above, count = int(value), int((value % 1).scaleb(6))
            at = count - above + 1 if is_from_bottom else above
            return Fit.YES if at == place else Fit.NO
        case _:
            assert_never(claim.expects)


def fit_of(quantity: Quantity, value: Decimal) -> Fit:
    """Half a unit of the last printed digit; a hedge widens to 3 % at most, and up to 15 % nobody can say."""
    said, half = quantity.value, quantity.half_step
    apart = abs(value - said)
    if quantity.threshold is not Threshold.EXACT:
        if _keeps(quantity.threshold, value, said):
            return Fit.YES
        return Fit.VAGUE if apart <= min(half, ROUNDED * abs(said)) else Fit.NO
    if quantity.hedge is Hedge.NEARLY:
        below = said - value if said >= 0 else value - said
        if -half <= below <= NEARLY * abs(said):
            return Fit.YES
        return Fit.VAGUE if apart <= VAGUE * abs(said) else Fit.NO
    if quantity.hedge is Hedge.ABOUT:
        if apart <= max(half, min(_last_digit(quantity), HEDGED * abs(said))):
            return Fit.YES
        return Fit.VAGUE if apart <= VAGUE * abs(said) else Fit.NO
    return Fit.YES if apart <= half else Fit.NO


def _keeps(bound: Threshold, value: Decimal, said: Decimal) -> bool:
    match bound:
        case Threshold.ABOVE:
            return value > said
        case Threshold.FROM:
            return value >= said
        case Threshold.BELOW:
            return value < said
        case Threshold.UP_TO:
            return value <= said
        case Threshold.EXACT:
            return value == said
        case _:
            assert_never(bound)


def _last_digit(quantity: Quantity) -> Decimal:
    """One unit of the last digit that is not zero: 100 for 4,500."""
    if quantity.value == 0:
        return 2 * quantity.half_step
    _, digits, exponent = quantity.value.normalize().as_tuple()
    return max(Decimal(1).scaleb(int(exponent)), 2 * quantity.half_step) if digits else 2 * quantity.half_step


def _shown(value: Decimal) -> str:
    return f"{value.quantize(Decimal('0.01')):,}" if abs(value) < 10**15 else str(value)


# -- where a wrong number comes from


def with_nearest(
    judged: Judged, others: Iterable[tuple[str, str, Sense]], cells: Cells, percents: frozenset[str]
) -> Judged:
    """A contradicted claim with what does have its number: (kind, words, reading) each, the nearest first. A number of
    a single digit fits too much to say anything."""
    claim, verdict = judged.claim, judged.verdict
    if not isinstance(verdict, Contradicted) or not isinstance(claim.expects, Amount):
        return judged
    quantity = claim.expects.quantity
    if len(quantity.value.normalize().as_tuple().digits) < 2 or quantity.threshold is not Threshold.EXACT:
        return judged
    found = []
    for kind, said, reading in others:
        value = value_of(reading, cells, {}, percents)
        if (
            isinstance(value, Decimal)
            and fit_of(quantity, abs(value) if claim.expects.is_signless else value) is Fit.YES
        ):
            found.append(Nearest(kind=kind, said=said, value=value, reading=reading))
    found.sort(key=lambda one: (_ORDER.index(one.kind), abs(one.value - quantity.value)))
    named = Contradicted(reading=verdict.reading, value=verdict.value, nearest=tuple(found[:MOST_NEAREST]))
    return Judged(claim=claim, verdict=named)


def wrong_cohorts(judged: Sequence[Judged]) -> tuple[WrongCohort, ...]:
    """Two wrong numbers or more that are right of the same other slice or period are one mistake."""
    groups: dict[tuple[str, str], list[int]] = {}
    for number, one in enumerate(judged):
        if isinstance(one.verdict, Contradicted):
            for near in one.verdict.nearest:
                if near.kind in {"slice", "period"}:
                    group = groups.setdefault((near.kind, near.said), [])
                    group += [number] if number not in group else []
    taken: set[int] = set()
    found = []
    for (_, said), numbers in sorted(groups.items(), key=lambda item: -len(item[1])):
        rest = [number for number in numbers if number not in taken]
        if len(rest) >= 2:
            taken.update(rest)
            found.append(WrongCohort(claims=tuple(rest), said=said))
    return tuple(found)
