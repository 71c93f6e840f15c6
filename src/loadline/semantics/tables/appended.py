"""A statement that goes on behind a comma in (`…, three more than Bob`), two statements, each whole in itself, out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from loadline.semantics.claims_slices import Doubted
from loadline.semantics.tables.grid import Grid
from loadline.semantics.tables.items import Item, Kind
from loadline.semantics.tables.vocabulary import Say
from loadline.values.claim import Doubt, Unit

Parts = tuple[list[Item], list[Item]]


def appended(items: Sequence[Item], grid: Grid) -> Parts | None:
    """None where nothing is appended. Raises Doubted where it is, and it is not clear to what."""
    commas = [at for at, one in enumerate(items) if one.text == ","]
    if len(commas) != 1:
        return None
    first, rest = list(items[: commas[0]]), [one for one in items[commas[0] + 1 :] if one.kind is not Kind.SIGN]
    if not rest:
        return None
    if _is_more(rest):
        return first, _more(first, rest, grid)
    if _is_multiple(rest):
        names = any(grid.column(name).is_measure for one in rest for name in one.columns)
        counted = [] if names else [_measure(first, rest[0], grid)]
        return first, [_subject(first), rest[0], *counted, *rest[1:]]
    if (len(rest) > 2 and rest[0].say in {Say.UP, Say.DOWN}) or _is_adverb(rest):
        return first, _from(first, rest, grid)
    return None


def _is_more(rest: Sequence[Item]) -> bool:
    """`three more than Bob`, `17 points fewer than Bob`."""
    says = [one.say for one in rest]
    is_head = rest[0].kind is Kind.NUMBER and any(one in {Say.MORE, Say.LESS} for one in says[1:3])
    return is_head and Say.THAN in says and (rest[0].number is None or rest[0].number.unit is not Unit.TIMES)


def _more(first: Sequence[Item], rest: Sequence[Item], grid: Grid) -> list[Item]:
    """With the one it is said of, and what is counted, where it is not said again."""
    more = next(at for at, one in enumerate(rest) if one.say in {Say.MORE, Say.LESS})
    if any(grid.column(name).is_measure for one in rest for name in one.columns):
        return [_subject(first), *rest]
    return [_subject(first), *rest[: more + 1], _measure(first, rest[0], grid), *rest[more + 1 :]]


def _measure(first: Sequence[Item], number: Item, grid: Grid) -> Item:
    """What is counted, as the first part names it; of money, the one column that is told in it."""
    priced = [one.name for one in grid.columns if one.is_measure and one.measured.currency is not None]
    if number.number is not None and number.number.unit is Unit.MONEY and len(priced) == 1:
        return replace(number, kind=Kind.COLUMN, number=None, scale=0, columns=(priced[0],))
    measures = [one for one in first if any(grid.column(name).is_measure for name in one.columns)]
    if len(measures) != 1:
        raise Doubted(Doubt.AMBIGUOUS, f"it is not clear what `{number.text}` is of")
    return measures[0]


def _is_multiple(rest: Sequence[Item]) -> bool:
    number = rest[0].number
    return rest[0].kind is Kind.NUMBER and number is not None and number.unit is Unit.TIMES


def _is_adverb(rest: Sequence[Item]) -> bool:
    """`up from 214 in 2023`."""
    return len(rest) > 2 and rest[0].text.lower() in {"up", "down"} and rest[1].say is Say.FROM


def _from(first: Sequence[Item], rest: Sequence[Item], grid: Grid) -> list[Item]:
    """What it was before is a statement of its own, and has to be less where it is said to be `up`."""
    numbers = [[one for one in part if one.kind is Kind.NUMBER] for part in (first, rest)]
    figures = [one for one in first if any(grid.column(name).is_measure for name in one.columns)]
    if rest[1].say is not Say.FROM or len(numbers[0]) != 1 or len(numbers[1]) != 1 or len(figures) != 1:
        raise Doubted(Doubt.NOT_UNDERSTOOD, "it is not clear from what to what it went")
    now, before = (found[0].number for found in numbers)
    is_up = rest[0].say is Say.UP or rest[0].text.lower() == "up"
    if now is None or before is None or now.unit is not before.unit or (now.value > before.value) is not is_up:
        raise Doubted(Doubt.NOT_UNDERSTOOD, f"`{rest[0].text}` does not fit its numbers")
    if any(later <= earlier for earlier in _years(rest) for later in _years(first)):
        raise Doubted(Doubt.NOT_UNDERSTOOD, "what it came from is not before what it is")
    return [figures[0], *(one for one in first if one.kind is Kind.VALUE), *rest[2:]]


def _years(items: Sequence[Item]) -> list[int]:
    return [one.day.year for one in items if one.day is not None and one.day.year is not None]


def _subject(first: Sequence[Item]) -> Item:
    named = [one for one in first if one.kind is Kind.VALUE]
    if len(named) != 1:
        raise Doubted(Doubt.AMBIGUOUS, "it is not clear whom the rest is said of")
    return named[0]
