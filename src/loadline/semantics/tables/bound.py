"""The items of a statement in; what it demands of rows, what it says of columns, and what is left over, out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import product

from loadline.semantics.claims_slices import Doubted
from loadline.semantics.tables.forms import tokens_of
from loadline.semantics.tables.grid import Grid, GridColumn
from loadline.semantics.tables.items import Item, Kind
from loadline.semantics.tables.picks import Pick, core, dated, in_column, of_number, ordered, picked, unscored, valued
from loadline.semantics.tables.vocabulary import CONTAINERS, SOFT, TIMID, Say
from loadline.values.claim import Doubt, Quantity, Unit
from loadline.values.query import Filter

MOST_WORLDS = 8
_ARTICLES = frozenset({"the", "this", "that", "entire", "whole"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A number and the column it is of, in the unit of that column."""

    at: int
    item: Item
    column: str
    quantity: Quantity


World = Mapping[int, Filter]
"""One way to take the demands: the filter of each pick, by its place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    items: tuple[Item, ...]
    grid: Grid
    picks: tuple[Pick, ...]
    figures: tuple[Figure, ...]
    numbers: tuple[int, ...]  # places of numbers that are of no column
    columns: tuple[int, ...]  # places of headers that belong to no number

    def says(self, *kinds: Say) -> tuple[int, ...]:
        return tuple(at for at, one in enumerate(self.items) if one.kind is Kind.SAY and one.say in kinds)

    def measures(self) -> tuple[str, ...]:
        """The number columns named, of numbers or not."""
        found = [name for at in self.columns for name in self.items[at].columns if self.grid.column(name).is_measure]
        return tuple(dict.fromkeys([*found, *(one.column for one in self.figures)]))

    def before(self, at: int) -> int | None:
        return core(self.items, at, -1)

    def after(self, at: int) -> int | None:
        return core(self.items, at, 1)

    def worlds(
        self, picks: Sequence[Pick] | None = None, *, is_counting: bool = False
    ) -> tuple[dict[int, Filter], ...]:
        """Every way to take the demands. Where rows are counted, cells that only hold the words count in one more."""
        chosen = self.picks if picks is None else picks
        found = [_world(chosen, filters) for filters in product(*(one.options for one in chosen))]
        apart = [one for one in found if len({each.name for each in one.values()}) == len(one)]
        found = apart or found  # two values of one column stand in no row
        if is_counting and any(one.wide != one.options for one in chosen):
            found += [_world(chosen, filters) for filters in product(*(one.wide for one in chosen))]
        if len(found) > MOST_WORLDS:
            raise Doubted(Doubt.AMBIGUOUS, "its words stand in too many columns")
        return tuple(found)

    def settle(self, *used: str) -> None:
        """Doubted where a header is named that nothing of the statement is about."""
        known = {name for one in self.picks for name in one.columns} | set(used)
        for at in self.columns:
            item = self.items[at]
            if item.is_noun or set(item.columns) & known or tokens_of(item.text)[-1] in TIMID:
                continue
            if all(_is_key(self.grid, name) for name in item.columns):
                continue
            raise Doubted(Doubt.NOT_UNDERSTOOD, f"it is not clear what is said of `{item.text}`")


def _is_key(grid: Grid, name: str) -> bool:
    """The first column of names is what rows are called by: `the station with …`."""
    first = next((one for one in grid.columns if not one.numbers), None)
    return first is not None and first.name == name and first.is_distinct and len(tokens_of(name)) == 1


def _world(picks: Sequence[Pick], filters: Sequence[Filter]) -> dict[int, Filter]:
    return {one.at: each for one, each in zip(picks, filters, strict=True)}


def where(filters: Iterator[Filter] | Sequence[Filter]) -> tuple[Filter, ...]:
    return tuple(sorted(dict.fromkeys(filters), key=lambda one: (one.name, str(one.op), tuple(map(str, one.values)))))


# -- from items


def bind(items: Sequence[Item], grid: Grid) -> Bound:
    """Raises Doubted for a word that is not known, or a number in a unit that its column is not in."""
    read = _plainer(items, grid)
    unknown = next((one for one in read if one.kind is Kind.UNKNOWN), None)
    if unknown is not None:
        raise Doubted(Doubt.NOT_UNDERSTOOD, f"nothing is known of `{unknown.text}`")
    pairs = _pairs(read, grid)
    picks, figures = [], []
    for at, one in enumerate(read):
        column = pairs.get(at)
        if one.kind is Kind.NUMBER and column is not None and one.number is not None:
            quantity = in_column(one, column)
            if column.is_label:
                picks.append(picked(at, one, [of_number(column, quantity)]))
            else:
                figures.append(Figure(at=at, item=one, column=column.name, quantity=quantity))
        elif one.kind is Kind.DAY and one.day is not None:
            picks.append(picked(at, one, dated(at, read, grid)))
        elif one.kind is Kind.ORDINAL:
            picks += ordered(at, read, grid)
        elif one.kind is Kind.SCORE:
            picks.append(picked(at, one, [unscored(at, read, grid)]))
        elif one.kind is Kind.VALUE:
            picks.append(valued(at, read))
    taken = set(_owners(read, pairs))
    own = {one.at for one in picks}
    return Bound(
        items=tuple(read),
        grid=grid,
        picks=tuple(picks),
        figures=tuple(figures),
        numbers=tuple(at for at, one in enumerate(read) if one.kind is Kind.NUMBER and at not in pairs),
        columns=tuple(at for at, one in enumerate(read) if one.columns and at not in taken and at not in own),
    )


def _plainer(items: Sequence[Item], grid: Grid) -> list[Item]:
    """Words whose part depends on their neighbours settled: `total`, `number of`, `medals`, `no points`."""
    found = [_of_degree(at, items, grid) for at in range(len(items))]
    measures = [
        one for one in items if any(grid.column(name).is_measure and name.lower() != "total" for name in one.columns)
    ]
    for at, one in enumerate(found):
        low, after = one.text.lower(), found[at + 1] if at + 1 < len(found) else None
        before = found[at - 1] if at else None
        if low == "number" and after is not None and after.say is Say.OF:
            found[at] = replace(one, kind=Kind.FILL, columns=())
        elif low in {"total", "totals"} and one.columns and measures:
            found[at] = replace(one, kind=Kind.SAY, say=Say.TOTAL, columns=(), texts=())
        elif one.say is Say.TOTAL and not measures and (total := _total(grid)):
            found[at] = replace(one, kind=Kind.COLUMN, say=None, columns=(total,))
        elif one.say is Say.NONE and after is not None and any(grid.column(n).is_measure for n in after.columns):
            zero = Quantity(value=Decimal(0), half_step=Decimal(0))
            found[at] = replace(one, kind=Kind.NUMBER, say=None, number=zero)
        elif one.say is Say.ALL and low == "all" and before is not None and before.text.lower() in {"among", "of"}:
            found[at] = replace(one, kind=Kind.FILL, say=None)
        elif one.kind is Kind.UNKNOWN and low in CONTAINERS and before is not None and before.text.lower() in _ARTICLES:
            found[at] = replace(one, kind=Kind.FILL)
        elif one.kind is Kind.UNKNOWN and tokens_of(one.text) and tokens_of(one.text)[0] in SOFT:
            is_behind = before is not None and (
                any(grid.column(name).is_measure for name in before.columns)
                or (
                    before.kind is Kind.NUMBER
                    and (_is_last_total(items, grid) or _is_gap(items, at) or _is_crowd(items, at))
                )
                or (before.say in {Say.MORE, Say.LESS, Say.TOP, Say.BOTTOM} and _is_last_total(items, grid))
            )
            found[at] = replace(one, kind=Kind.FILL) if is_behind else one
    return found


def _of_degree(at: int, items: Sequence[Item], grid: Grid) -> Item:
    """`as many as`, `three years older`, `the oldest` where there are ages, `refunded` under a header `Refunds`."""
    one, low = items[at], items[at].text.lower()
    before = items[at - 1].text.lower() if at else ""
    after = items[at + 1].text.lower() if at + 1 < len(items) else ""
    if low in _DEGREES and one.kind is Kind.UNKNOWN and before == "as":
        return replace(one, kind=Kind.FILL)
    number = items[at + 1].number if at + 1 < len(items) else None
    if low == "won" and number is not None and number.unit is Unit.MONEY:
        return replace(one, kind=Kind.FILL, say=None, columns=())
    if low == "oldest" and _has_ages(grid):
        return replace(one, say=Say.TOP)
    if low in {"year", "years"} and after in {"older", "younger"}:
        return replace(one, kind=Kind.FILL, columns=(), is_noun=False)
    if one.kind is Kind.UNKNOWN and low.endswith("ed") and (names := _called(grid, low)):
        return replace(one, kind=Kind.COLUMN, columns=names)
    return one


_DEGREES = frozenset({"many", "much", "high", "low", "large", "small", "big"})


def _has_ages(grid: Grid) -> bool:
    return any(one.is_measure and "age" in tokens_of(one.name) for one in grid.columns)


def _called(grid: Grid, participle: str) -> tuple[str, ...]:
    """`refunded` under a header `Refunds`."""
    stems = {participle.removesuffix("ed"), participle.removesuffix("d")}
    found = [one.name for one in grid.columns if one.is_measure and len(tokens_of(one.name)) == 1]
    named = [name for name in found if tokens_of(name)[0] in stems]
    return tuple(named) if len(named) == 1 else ()


def _total(grid: Grid) -> str | None:
    return next((one.name for one in grid.columns if one.name.lower() in {"total", "totals"} and one.is_measure), None)


def _is_last_total(items: Sequence[Item], grid: Grid) -> bool:
    """`23 medals in total` of a table with a column of totals."""
    return _total(grid) is not None and any(
        one.say is Say.TOTAL or one.text.lower() in {"total", "totals"} for one in items
    )


def _is_gap(items: Sequence[Item], at: int) -> bool:
    """`by 3.5 points`, where something is said to outdo something."""
    return tokens_of(items[at].text)[0] == "point" and any(one.say in {Say.BEATS, Say.LOSES} for one in items)


def _is_crowd(items: Sequence[Item], at: int) -> bool:
    """`a crowd of 17,721 people`."""
    crowds = {"crowd", "attendance"}
    return tokens_of(items[at].text)[0] in {"person", "spectator", "fan"} and any(
        set(tokens_of(one.text)) & crowds for one in items if one.columns
    )


# -- numbers


def _pairs(items: Sequence[Item], grid: Grid) -> dict[int, GridColumn]:
    """The column that each number is of."""
    found: dict[int, GridColumn] = {}
    for at, one in enumerate(items):
        if _is_multiple(one):
            continue
        if one.kind is Kind.NUMBER and (column := _beside(at, items, grid)) is not None:
            found[at] = column
    measures = {name for one in items for name in one.columns if grid.column(name).is_measure}
    free = [
        at
        for at, one in enumerate(items)
        if one.kind is Kind.NUMBER
        and not _is_multiple(one)
        and at not in found
        and not _counts(at, items)
        and not _differs(at, items)
    ]
    if len(measures) == 2 and len(free) == 1 and _is_out_of(free[0], items):
        others = [name for name in measures if name not in {column.name for column in found.values()}]
        if len(others) == 1:
            found[free[0]] = grid.column(others[0])
    if len(measures) == 1 and len(free) == 1 and not any(name in measures for name in (c.name for c in found.values())):
        found[free[0]] = grid.column(next(iter(measures)))
    return found


def _is_multiple(item: Item) -> bool:
    """`twice`, `three times as many`: of no column."""
    return item.number is not None and item.number.unit is Unit.TIMES


def _is_out_of(at: int, items: Sequence[Item]) -> bool:
    """The 24 of `24 out of 480 orders were refunded`."""
    behind = items[at + 1 : at + 4]
    said = [one.text.lower() for one in behind[:2]]
    return said == ["out", "of"] and len(behind) == 3 and behind[2].kind is Kind.NUMBER


def _beside(at: int, items: Sequence[Item], grid: Grid) -> GridColumn | None:
    if at and items[at - 1].say in {Say.BY, Say.UP, Say.DOWN}:
        return None
    after, before = core(items, at, 1), core(items, at, -1)
    if after is not None and items[after].say in {Say.MORE, Say.LESS}:
        return None
    if (priced := _priced(items[at], grid)) is not None:
        return priced
    nexts = _only(items[after], grid) if after is not None else None
    unit = items[at + 1] if at + 1 < len(items) else None
    if unit is not None and unit.kind is Kind.UNIT and (told := _in_unit(unit, grid)) is not None:
        return told
    if nexts is not None and nexts.is_label and not nexts.days and items[at + 1].say is Say.BE:
        return nexts  # `5 is the rank of …`
    last = _only(items[before], grid) if before is not None else None
    if nexts is not None and nexts.is_measure:
        return nexts
    if last is not None and (last.is_measure or (last.is_label and not last.days)):
        return last
    return None


def _priced(item: Item, grid: Grid) -> GridColumn | None:
    """The one column that is told in money, of `$40,000`."""
    found = [one for one in grid.columns if one.is_measure and one.measured.currency is not None]
    is_money = item.number is not None and item.number.unit is Unit.MONEY
    return found[0] if is_money and len(found) == 1 else None


def _in_unit(unit: Item, grid: Grid) -> GridColumn | None:
    """The one column that is told in km2."""
    found = [one for one in grid.columns if one.is_measure and unit.text.lower() in one.measured.words]
    return found[0] if len(found) == 1 else None


def _only(item: Item, grid: Grid) -> GridColumn | None:
    found = [grid.column(name) for name in item.columns]
    return found[0] if len(found) == 1 else None


def _counts(at: int, items: Sequence[Item]) -> bool:
    after = core(items, at, 1)
    return (
        "time" in items[at].text
        or (at + 1 < len(items) and items[at + 1].text in {"time", "times"})
        or (after is not None and (items[after].is_noun or bool(items[after].columns)))
    )


def _differs(at: int, items: Sequence[Item]) -> bool:
    """It says by how much: `22 more points`, `by 3.5`, `grew 8 %`."""
    after, before = core(items, at, 1), core(items, at, -1)
    gap = {Say.MORE, Say.LESS}
    if after is not None and items[after].say in gap:
        return True
    return before is not None and items[before].say in {Say.BY, Say.UP, Say.DOWN}


def _owners(items: Sequence[Item], pairs: Mapping[int, GridColumn]) -> Iterator[int]:
    """The places of the headers that numbers are of."""
    for at, column in pairs.items():
        near = sorted((abs(other - at), other) for other, one in enumerate(items) if column.name in one.columns)
        yield from [other for _, other in near]
