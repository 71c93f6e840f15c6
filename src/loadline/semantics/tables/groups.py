"""The items of a statement about several rows or figures taken together in; their sum, or the end of all, out.

A noun the table does not know (`the two Longbow archers together`) restricts nothing where the statement says how many
there are and the table has as many: a count that is another leaves it unjudged.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from loadline.semantics.claims_places import COMPASS
from loadline.semantics.claims_slices import Doubted
from loadline.semantics.tables.bound import Bound, bind, where
from loadline.semantics.tables.cells import FIGURES_HIGHEST, FIGURES_LOWEST, rows_of
from loadline.semantics.tables.drafts import ZERO, Draft, cell, pair
from loadline.semantics.tables.extremes import summed
from loadline.semantics.tables.forms import tokens_of
from loadline.semantics.tables.grid import Grid
from loadline.semantics.tables.items import Item, Kind
from loadline.semantics.tables.vocabulary import Say
from loadline.values.claim import Amount, Doubt, Formula, Sense, Unit
from loadline.values.query import Filter

Drafted = list[tuple[Item, Draft]]
_POINTS = {adjective: point for point, adjective in COMPASS.items()}
_ARTICLES = frozenset({"the", "these", "those", "all", "our"})
_MOST = 20


def together(items: Sequence[Item], grid: Grid) -> Drafted | None:
    """None where the statement takes nothing together, or compares no figures of a table that is turned round."""
    if grid.corner and (found := _of_figures(items, grid)) is not None:
        return found
    if any(one.say is Say.TOTAL for one in items):
        return _of_rows(items, grid)
    return None


# -- rows


def _of_rows(items: Sequence[Item], grid: Grid) -> Drafted | None:
    """`the two Longbow archers together scored 53 points`."""
    at = next((at for at, one in enumerate(items) if one.text.lower() not in _ARTICLES), None)
    if at is None or not _is_count(items[at]):
        return None
    noun = at + 1
    while noun < len(items) and items[noun].kind is Kind.VALUE:
        noun += 1
    if noun >= len(items) or not _is_noun(items[noun], grid):
        return None
    rest = [one for place, one in enumerate(items) if place not in {at, noun}]
    bound = bind(rest, grid)
    number = items[at].number
    assert number is not None  # noqa: S101 - it was looked for
    if not bound.picks and int(number.value) != grid.count:
        raise Doubted(Doubt.COHORT, f"the table has not {items[at].text} of `{items[noun].text}`")
    for world in bound.worlds():
        if len(rows_of(grid, _either(list(world.values())))) != int(number.value):
            raise Doubted(Doubt.COHORT, f"the table has not {items[at].text} of `{items[noun].text}`")
    found = summed(bound)
    return None if found is None else [(bound.items[one.at], one) for one in found]


def _either(filters: Sequence[Filter]) -> tuple[Filter, ...]:
    return where(list(filters))


def _is_count(item: Item) -> bool:
    number = item.number
    return (
        item.kind is Kind.NUMBER
        and number is not None
        and number.unit is Unit.PLAIN
        and number.value == number.value.to_integral_value()
        and 2 <= number.value <= _MOST
    )


def _is_noun(item: Item, grid: Grid) -> bool:
    """A plural that names no number column: what rows may be called."""
    if item.kind is Kind.COLUMN and any(grid.column(name).is_measure for name in item.columns):
        return False
    is_plural = item.text.lower().endswith("s") and item.text[:1].islower()
    return item.kind in {Kind.UNKNOWN, Kind.NOUN, Kind.COLUMN} and is_plural


# -- figures


def _of_figures(items: Sequence[Item], grid: Grid) -> Drafted | None:
    """A table whose columns are years has figures for rows: what they are together, and which is the largest."""
    corner = next((at for at, one in enumerate(items) if tokens_of(one.text) == tokens_of(grid.corner)), None)
    if corner is None:
        return None
    if any(one.say is Say.TOTAL for one in items):
        return _sum(items, corner, grid)
    if any(one.say in {Say.TOP, Say.BOTTOM} for one in items):
        return _end(items, corner, grid)
    raise Doubted(Doubt.NOT_UNDERSTOOD, f"what is said of `{items[corner].text}` is not understood")


def _sum(items: Sequence[Item], corner: int, grid: Grid) -> Drafted:
    """`the three northern regions together came to 442 in 2024`, `all regions together …`."""
    before = corner - 1
    adjective = items[before].text.lower() if before >= 0 else ""
    if adjective in _POINTS:
        before -= 1
        names = _named(grid, lambda name: _POINTS[adjective] in name.lower().split())
    elif before >= 0 and items[before].say is Say.ALL:
        names = _named(grid, lambda _: True)
    else:
        raise Doubted(Doubt.NOT_UNDERSTOOD, f"it is not clear which `{items[corner].text}` are taken together")
    count = items[before] if before >= 0 and _is_count(items[before]) else None
    if count is not None and count.number is not None and int(count.number.value) != len(names):
        raise Doubted(Doubt.COHORT, f"the table has not {count.text} of them")
    if count is None and items[before].say is not Say.ALL:
        raise Doubted(Doubt.COHORT, "it does not say how many are taken together")
    if any(grid.column(name).measured.is_percent for name in names):
        raise Doubted(Doubt.UNIT, "percent do not add up")
    gone = {corner, corner - 1, before}
    bound = bind([one for at, one in enumerate(items) if at not in gone and one.say is not Say.TOTAL], grid)
    when = _when(bound)
    if len(bound.numbers) != 1 or bound.figures or bound.columns or _odd(bound):
        raise Doubted(Doubt.NOT_UNDERSTOOD, "it is not clear what they came to")
    item = bound.items[bound.numbers[0]]
    assert item.number is not None  # noqa: S101 - a number has one
    if item.number.unit is not Unit.PLAIN or item.scale:
        raise Doubted(Doubt.UNIT, f"`{item.text}` is told in another unit than the table")
    cells = tuple(cell(name, when) for name in names)
    said = f"sum of {', '.join(names)}, {when[0].name} = {when[0].values[0]}"
    sense = Sense(formula=Formula.SUM, cells=cells, said=said)
    return [(item, Draft(at=0, expects=Amount(quantity=item.number), senses=(sense,)))]


def _named(grid: Grid, fits: Callable[[str], bool]) -> list[str]:
    return [one.name for one in grid.columns if one.is_measure and fits(one.name)]


def _when(bound: Bound) -> list[Filter]:
    if len(bound.picks) != 1 or len(bound.picks[0].options) != 1:
        raise Doubted(Doubt.AMBIGUOUS, "it does not say of which one year")
    return list(bound.picks[0].options)


_QUIET = frozenset({Say.BE, Say.OF, Say.AT, Say.TO})


def _odd(bound: Bound) -> bool:
    return bool(bound.says(*(set(Say) - _QUIET)))


def _end(items: Sequence[Item], corner: int, grid: Grid) -> Drafted:
    """`the north sea was the smallest region in 2024`."""
    at = next(at for at, one in enumerate(items) if one.say in {Say.TOP, Say.BOTTOM})
    rest = [one for place, one in enumerate(items) if place not in {at, corner}]
    bound = bind(rest, grid)
    names = [name for place in bound.columns for name in bound.items[place].columns]
    if corner != at + 1 or len(names) != 1 or bound.numbers or bound.figures or _odd(bound):
        raise Doubted(Doubt.NOT_UNDERSTOOD, "it is not clear which is said to be the largest or smallest")
    if not grid.column(names[0]).is_measure:
        raise Doubted(Doubt.NOT_UNDERSTOOD, f"`{names[0]}` has no numbers")
    when = _when(bound)
    is_top = items[at].say is Say.TOP
    row = rows_of(grid, when)
    ends = [one.numbers[row[0]] for one in grid.columns if one.is_measure] if len(row) == 1 else [None]
    known = [one for one in ends if one is not None]
    if len(known) != len(ends) or known.count((max if is_top else min)(known)) > 1:
        raise Doubted(Doubt.AMBIGUOUS, "the table has no one end of all in that year")
    of_all = cell(FIGURES_HIGHEST if is_top else FIGURES_LOWEST, when)
    sense = pair(Formula.DIFFERENCE, cell(names[0], when), of_all)
    return [(items[at], Draft(at=0, expects=ZERO, senses=(sense,)))]
