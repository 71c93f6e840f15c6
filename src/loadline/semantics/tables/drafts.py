"""What a statement claims, before its place in the text: what it expects, and one sense for each way to take it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from loadline.semantics.tables.bound import Bound, World, where
from loadline.semantics.tables.cells import ROWS
from loadline.semantics.tables.picks import Pick
from loadline.semantics.words import phrase_filter
from loadline.values.claim import Amount, Cell, Expectation, Formula, Quantity, Sense, Threshold, Unit
from loadline.values.query import Filter

ZERO = Amount(quantity=Quantity(value=Decimal(0), half_step=Decimal(0)))
SOME = Amount(quantity=Quantity(value=Decimal(1), half_step=Decimal(0), threshold=Threshold.FROM))


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """`at` is the place of the item that the claim is marked on."""

    at: int
    expects: Expectation
    senses: tuple[Sense, ...]


def draft(at: int, expects: Expectation, worlds: Sequence[World], make: Callable[[World], Sense]) -> Draft:
    return Draft(at=at, expects=expects, senses=tuple(dict.fromkeys(make(world) for world in worlds)))


def level(cell: Cell) -> Sense:
    return Sense(formula=Formula.LEVEL, cells=(cell,), said=told(cell))


def pair(formula: Formula, one: Cell, other: Cell) -> Sense:
    mark = {Formula.DIFFERENCE: "less", Formula.GROWTH: "against", Formula.SHARE: "of", Formula.RATIO: "per"}[formula]
    return Sense(formula=formula, cells=(one, other), said=f"{told(one)} {mark} {told(other)}")


def told(cell: Cell) -> str:
    return ", ".join([cell.metric, *map(phrase_filter, cell.where)])


def cell(metric: str, filters: Sequence[Filter]) -> Cell:
    return Cell(metric=metric, where=where(filters))


def rows(filters: Sequence[Filter]) -> Cell:
    return cell(ROWS, filters)


def chosen(world: World, picks: Sequence[Pick]) -> list[Filter]:
    return [world[one.at] for one in picks]


def percent(bound: Threshold) -> Amount:
    return Amount(quantity=Quantity(value=Decimal(50), half_step=Decimal(0), unit=Unit.PERCENT, threshold=bound))


def mark(bound: Bound) -> int:
    """The item to mark where none is better than another: the first that is of the table."""
    return min([one.at for one in bound.picks] + [one.at for one in bound.figures] + list(bound.columns), default=0)
