"""A bound statement that sets one row or column beside another in; more and less, before and after, up and down, the
first and last of all; the claims out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from loadline.semantics.claims_slices import Doubted
from loadline.semantics.tables.bound import Bound
from loadline.semantics.tables.cells import rows_of
from loadline.semantics.tables.drafts import ZERO, Draft, cell, chosen, draft, pair
from loadline.semantics.tables.forms import header_phrases, tokens_of
from loadline.semantics.tables.grid import GridColumn
from loadline.semantics.tables.items import Kind
from loadline.semantics.tables.picks import Pick, scale_off
from loadline.semantics.tables.vocabulary import HIGHER_IS_BETTER, LOWER_IS_BETTER, Say
from loadline.values.claim import Amount, Cell, Direction, Doubt, Formula, Unit
from loadline.values.query import Filter, Op

MEASURED_BY = {
    "hottest": "temperature", "warmest": "temperature", "coldest": "temperature", "cheapest": "price",
    "most expensive": "price", "most populous": "population",
    "tallest": "height", "shortest": "height", "heaviest": "weight", "lightest": "weight", "taller": "height",
    "shorter": "height", "oldest": "age", "youngest": "age", "older": "age", "younger": "age", "deepest": "depth",
    "deeper": "depth", "shallowest": "depth", "shallower": "depth", "heavier": "weight", "lighter": "weight",
}  # fmt: skip
"""The header that a word of more and less is about, where none is named."""


def compared(bound: Bound) -> list[Draft] | None:
    """`A has more points than B`, `A outperforms B by 3 points`, `A and B won the same number of medals`."""
    than, beats = bound.says(Say.THAN), bound.says(Say.BEATS, Say.LOSES)
    if bound.says(Say.OTHERS):
        return None
    if len(than) + len(beats) == 1:
        return _than(bound, (than or beats)[0])
    if bound.says(Say.SAME) and not than:
        return _same(bound)
    return None


def _than(bound: Bound, at: int) -> list[Draft]:
    is_up, mark = _whither(bound, at)
    measure = measured(bound, (mark,))
    worlds: list[tuple[Cell, Cell]] = []
    if measure is None:
        one, other = _two_columns(bound, at)
        picks = list(bound.picks)
        worlds = [(cell(one, chosen(w, picks)), cell(other, chosen(w, picks))) for w in bound.worlds(picks)]
    else:
        _fit_for(bound, at, bound.grid.column(measure))
        left, right, shared = _sides(bound, at)
        for world in bound.worlds([left, right, *shared]):
            if world[left.at].name != world[right.at].name:
                continue
            both = chosen(world, shared)
            worlds.append((cell(measure, [*both, world[left.at]]), cell(measure, [*both, world[right.at]])))
    if not worlds:
        raise Doubted(Doubt.NOT_UNDERSTOOD, "what is compared is not of one column")
    return _by_how_much(bound, mark, worlds, is_up=is_up)


def _whither(bound: Bound, at: int) -> tuple[bool, int]:
    """Whether the first is said to be the larger, and where that stands."""
    if bound.items[at].say in {Say.BEATS, Say.LOSES}:
        return bound.items[at].say is Say.BEATS, at
    said = [one for one in bound.says(Say.MORE, Say.LESS) if one < at]
    if len(said) != 1 or bound.says(Say.MORE, Say.LESS) != tuple(said):
        raise Doubted(Doubt.NOT_UNDERSTOOD, "it is not clear what is more or less than what")
    return bound.items[said[0]].say is Say.MORE, said[0]


def only_measure(bound: Bound) -> str | None:
    """The one number column that is spoken of; None for two. Raises Doubted for none."""
    measures = bound.measures()
    if len(measures) == 1:
        return measures[0]
    if not measures:
        raise Doubted(Doubt.INVENTED, "it names no number column of the table")
    return None


def measured(bound: Bound, words: Sequence[int]) -> str | None:
    """The number column that is spoken of, or the one that a word is about: `older` is of ages."""
    if not bound.measures():
        found = [name for at in words for name in measured_by(bound, bound.items[at].text.lower())]
        if len(found) == 1:
            return found[0]
    return only_measure(bound)


def measured_by(bound: Bound, word: str) -> list[str]:
    return [
        one.name
        for one in bound.grid.columns
        if word in MEASURED_BY
        and one.is_measure
        and any(MEASURED_BY[word] in phrase for phrase in header_phrases(one.name))
    ]


def _fit_for(bound: Bound, at: int, column: GridColumn) -> None:
    """Who outperforms has more of what is good to have: which of the two a column is, its name must say."""
    word = bound.items[at].text.lower()
    if bound.items[at].say in {Say.BEATS, Say.LOSES} and not word.startswith(("exceed", "surpass")):
        better(column)


def better(column: GridColumn) -> None:
    """Raises Doubted where nobody can say that more is better."""
    names = set(tokens_of(column.name))
    if names & LOWER_IS_BETTER or not names & HIGHER_IS_BETTER:
        raise Doubted(Doubt.AMBIGUOUS, f"the table does not say whether more of `{column.name}` is better")


def _two_columns(bound: Bound, at: int) -> tuple[str, str]:
    """`more gold than silver`."""
    found = [(place, name) for place in bound.columns for name in bound.items[place].columns]
    measures = [(place, name) for place, name in found if bound.grid.column(name).is_measure]
    left, right = [n for place, n in measures if place < at], [n for place, n in measures if place > at]
    if len(left) != 1 or len(right) != 1 or bound.figures or bound.items[at].say is not Say.THAN:
        raise Doubted(Doubt.AMBIGUOUS, "several number columns are named")
    one, other = (bound.grid.column(name).measured for name in (left[0], right[0]))
    if (one.scale, one.currency, one.is_percent) != (other.scale, other.currency, other.is_percent):
        raise Doubted(Doubt.UNIT, "the two columns are not told in the same unit")
    return left[0], right[0]


def _sides(bound: Bound, at: int) -> tuple[Pick, Pick, list[Pick]]:
    """The demand on either side that is of the same column, and those that hold for both."""
    left, right = [one for one in bound.picks if one.at < at], [one for one in bound.picks if one.at > at]
    pairs = [(one, other) for one in left for other in right if one.columns & other.columns]
    if len(pairs) != 1:
        raise Doubted(Doubt.NOT_UNDERSTOOD, "it is not clear what is compared with what")
    one, other = pairs[0]
    shared = [each for each in bound.picks if each not in (one, other)]
    if any(each.columns & one.columns for each in shared):
        raise Doubted(Doubt.AMBIGUOUS, "more than two are compared")
    return one, other, shared


def _by_how_much(bound: Bound, at: int, worlds: Sequence[tuple[Cell, Cell]], *, is_up: bool) -> list[Draft]:
    if bound.figures or len(bound.numbers) > 1:
        raise Doubted(Doubt.NOT_UNDERSTOOD, "it is not clear what its numbers are of")
    measure = worlds[0][0].metric
    bound.settle(measure, worlds[0][1].metric)
    if not bound.numbers:
        senses = tuple(pair(Formula.DIFFERENCE, one, other) for one, other in worlds)
        return [Draft(at=at, expects=Direction(is_up=is_up), senses=tuple(dict.fromkeys(senses)))]
    expects, formula = _gap(bound, bound.numbers[0], measure, is_up=is_up)
    turned = formula is Formula.DIFFERENCE and not is_up
    senses = tuple(pair(formula, *((other, one) if turned else (one, other))) for one, other in worlds)
    return [Draft(at=bound.numbers[0], expects=expects, senses=tuple(dict.fromkeys(senses)))]


def _gap(bound: Bound, at: int, measure: str, *, is_up: bool) -> tuple[Amount, Formula]:
    """What is expected of the number of a difference or change, in the column's own unit."""
    quantity = bound.items[at].number
    assert quantity is not None  # noqa: S101 - a number has one
    column = bound.grid.column(measure)
    match quantity.unit:
        case Unit.PERCENT if column.measured.is_percent:
            raise Doubted(Doubt.UNIT, "percent of what is told in percent may mean points")
        case Unit.PERCENT:
            signed = quantity if is_up else replace(quantity, value=-quantity.value)
            if not is_up and (quantity.threshold.value != "="):
                raise Doubted(Doubt.NOT_UNDERSTOOD, "a bound on a fall is not understood")
            return Amount(quantity=signed), Formula.GROWTH
        case Unit.TIMES:
            raise Doubted(Doubt.NOT_UNDERSTOOD, "so many times as much is not understood here")
        case Unit.MONEY if column.measured.currency is None and _has_money(bound):
            raise Doubted(Doubt.UNIT, f"`{measure}` is not told in money")
        case Unit.POINTS if not column.measured.is_percent:
            raise Doubted(Doubt.UNIT, f"`{measure}` is not told in percent")
        case Unit.PLAIN | Unit.MONEY | Unit.MEASURE | Unit.POINTS:
            scale = scale_off(bound.items[at], column)
            if bound.items[at].scale and not scale and quantity.unit is not Unit.MONEY:
                raise Doubted(Doubt.UNIT, f"`{measure}` is not told in thousands or millions")
            value, half = quantity.value.scaleb(-scale), quantity.half_step.scaleb(-scale)
            return Amount(quantity=replace(quantity, value=value, half_step=half, unit=Unit.PLAIN, of=None)), (
                Formula.DIFFERENCE
            )
    raise Doubted(Doubt.UNIT, "its unit is not understood")


def _has_money(bound: Bound) -> bool:
    return any(one.measured.currency is not None for one in bound.grid.columns)


def _same(bound: Bound) -> list[Draft]:
    measure = only_measure(bound)
    groups = [(a, b) for a in bound.picks for b in bound.picks if a.at < b.at and a.columns & b.columns]
    if measure is None or len(groups) != 1 or bound.numbers or bound.figures:
        raise Doubted(Doubt.NOT_UNDERSTOOD, "it is not clear what is the same")
    one, other = groups[0]
    shared = [each for each in bound.picks if each not in (one, other)]
    bound.settle(measure)
    return [
        draft(
            bound.says(Say.SAME)[0],
            ZERO,
            bound.worlds(),
            lambda world: pair(
                Formula.DIFFERENCE,
                cell(measure, [*chosen(world, shared), world[one.at]]),
                cell(measure, [*chosen(world, shared), world[other.at]]),
            ),
        )
    ]


# -- before and after


def ordered(bound: Bound) -> list[Draft] | None:
    """`A was released before B`."""
    says = bound.says(Say.BEFORE, Say.AFTER)
    says = tuple(at for at in says if not (at + 1 < len(bound.items) and bound.items[at + 1].kind is Kind.DAY))
    if len(says) != 1 or bound.numbers or bound.figures:
        return None
    at = says[0]
    left, right, shared = _sides(bound, at)
    column = dated(bound)
    bound.settle(column.name)
    senses = []
    for world in bound.worlds([left, right, *shared]):
        both = chosen(world, shared)
        one, other = (cell(column.name, [*both, world[side.at]]) for side in (left, right))
        found = [{column.numbers[row] for row in rows_of(bound.grid, each.where)} for each in (one, other)]
        if any(len(each) != 1 or None in each for each in found):
            raise Doubted(Doubt.AMBIGUOUS, f"`{column.name}` has no one full date of each")
        if found[0] == found[1]:
            raise Doubted(Doubt.AMBIGUOUS, f"`{column.name}` is the same of both")
        senses.append(pair(Formula.DIFFERENCE, one, other))
    is_up = bound.items[at].say is Say.AFTER
    return [Draft(at=at, expects=Direction(is_up=is_up), senses=tuple(dict.fromkeys(senses)))]


def dated(bound: Bound) -> GridColumn:
    """The column of dates or years that is named, or the only one."""
    columns = [one for one in bound.grid.columns if one.days or one.is_years]
    named = [one for one in columns if any(one.name in bound.items[at].columns for at in bound.columns)]
    found = named or columns
    if len(found) != 1:
        raise Doubted(Doubt.AMBIGUOUS, "no one column says when")
    return found[0]


# -- up and down


def moved(bound: Bound) -> list[Draft] | None:
    """`revenue rose 8% from 2018 to 2019`, `increased by 47 in 2021`."""
    says = bound.says(Say.UP, Say.DOWN)
    if not says:
        return None
    measure = only_measure(bound)
    if len(says) > 1 or measure is None or bound.figures or len(bound.numbers) > 1:
        raise Doubted(Doubt.NOT_UNDERSTOOD, "it is not clear what went from what to what")
    at = says[0]
    if bound.numbers and not _tells_change(bound, bound.numbers[0]):
        raise Doubted(Doubt.NOT_UNDERSTOOD, "its number may be a level or a change")
    _nothing_else(bound)
    worlds = [(cell(measure, [last]), cell(measure, [first])) for last, first in ends_of(bound)]
    is_up = bound.items[at].say is Say.UP
    return _by_how_much(bound, at, worlds, is_up=is_up)


def _nothing_else(bound: Bound) -> None:
    odd = bound.says(Say.ALL, Say.NONE, Say.THAN, Say.TOP, Say.BOTTOM, Say.EARLIEST, Say.LATEST, Say.TOTAL, Say.AVERAGE)
    if odd:
        raise Doubted(Doubt.NOT_UNDERSTOOD, f"`{bound.items[odd[0]].text}` is not understood here")


def _tells_change(bound: Bound, at: int) -> bool:
    before = bound.items[at - 1].say if at else None
    after = bound.items[at + 1].say if at + 1 < len(bound.items) else None
    return before in {Say.BY, Say.UP, Say.DOWN} or after in {Say.UP, Say.DOWN}


def ends_of(bound: Bound) -> list[tuple[Filter, Filter]]:
    """The later and the earlier end, of each way to take them."""
    picks = bound.picks
    if len(picks) == 2 and picks[0].columns & picks[1].columns:
        first, last = picks
        joined = bound.items[last.at - 1].say
        opened = bound.items[first.at - 1].say if first.at else None
        if (opened, joined) not in {(Say.FROM, Say.TO), (Say.BETWEEN, Say.AND)}:
            raise Doubted(Doubt.NOT_UNDERSTOOD, "it is not clear from what to what it went")
        return [(world[last.at], world[first.at]) for world in bound.worlds()]
    if len(picks) == 1 and len(picks[0].options) == 1:
        return [(picks[0].options[0], _year_before(bound, picks[0].options[0]))]
    raise Doubted(Doubt.NOT_UNDERSTOOD, "it is not clear from what to what it went")


def _year_before(bound: Bound, one: Filter) -> Filter:
    column = bound.grid.column(one.name)
    rows = rows_of(bound.grid, [one])
    if column.is_years and len(rows) == 1:
        own = column.numbers[rows[0]]
        before = [at for at, year in enumerate(column.numbers) if own is not None and year == own - 1]
        if len(before) == 1:
            return Filter(name=column.name, op=Op.EQ, values=(column.texts[before[0]],))
    raise Doubted(Doubt.AMBIGUOUS, "it does not say against what it changed")
