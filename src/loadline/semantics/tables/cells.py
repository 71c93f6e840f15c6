"""Cells asked of a table in, their values out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import assert_never

from loadline.semantics.tables.grid import Grid, GridColumn
from loadline.values.claim import Absent, Cell, Doubt, Members
from loadline.values.query import Filter, Op

ROWS = "rows"
TOTAL, AVERAGE, HIGHEST, LOWEST, DIFFERENT = "total ", "average ", "highest ", "lowest ", "different "
FIGURES_HIGHEST, FIGURES_LOWEST = "the highest of all figures", "the lowest of all figures"
_HOWS = (TOTAL, AVERAGE, HIGHEST, LOWEST, DIFFERENT)


def grid_values(
    grid: Grid, wanted: Iterable[Cell | Members]
) -> tuple[dict[Cell, Decimal | Absent], dict[Members, Mapping[str, Decimal] | Absent]]:
    """The value of each cell and the members of each dimension, as the table has them."""
    cells: dict[Cell, Decimal | Absent] = {}
    places: dict[Members, Mapping[str, Decimal] | Absent] = {}
    for one in wanted:
        match one:
            case Cell():
                cells[one] = _cell(grid, one)
            case Members():
                places[one] = _members(grid, one)
            case _:
                assert_never(one)
    return cells, places


def rows_of(grid: Grid, where: Iterable[Filter]) -> tuple[int, ...]:
    """The places of the rows that keep every filter, from 0."""
    demands = [(grid.column(one.name), one) for one in where]
    return tuple(at for at in range(grid.count) if all(_keeps(column, at, one) for column, one in demands))


def _cell(grid: Grid, cell: Cell) -> Decimal | Absent:
    rows = rows_of(grid, cell.where)
    if cell.metric == ROWS:
        return Decimal(len(rows))
    if cell.metric in {FIGURES_HIGHEST, FIGURES_LOWEST}:
        figures = [one.numbers[at] for one in grid.columns if one.is_measure for at in rows]
        found = [one for one in figures if one is not None]
        return max(found) if cell.metric == FIGURES_HIGHEST else min(found)
    how = "" if cell.metric in grid.by_name else next(each for each in _HOWS if cell.metric.startswith(each))
    column = grid.column(cell.metric.removeprefix(how))
    if how == DIFFERENT:
        return Decimal(len({column.texts[at] for at in rows if column.texts[at]}))
    known = [column.numbers[at] for at in rows]
    values = [one for one in known if one is not None]
    if not values:
        return Absent(doubt=Doubt.NO_DATA, because="no row of the table fits")
    if how in {TOTAL, AVERAGE}:
        return _summed(grid, cell, column, values, is_whole=len(values) == grid.count)
    if how in {HIGHEST, LOWEST}:
        return max(values) if how == HIGHEST else min(values)
    if len(set(values)) == 1 and len(known) == len(values):
        return values[0]
    return Absent(
        doubt=Doubt.AMBIGUOUS, because=f"{len(values)} rows fit, and the text does not say which or how to add them"
    )


def _summed(grid: Grid, cell: Cell, column: GridColumn, values: list[Decimal], *, is_whole: bool) -> Decimal | Absent:
    total = sum(values, Decimal(0))
    printed = grid.totals.get(column.name)
    if cell.metric.startswith(TOTAL):
        if not cell.where and printed is not None and printed != total:
            return Absent(doubt=Doubt.AMBIGUOUS, because=f"the rows add up to {total}, and the table prints {printed}")
        return total
    if not is_whole and not cell.where:
        return Absent(doubt=Doubt.AMBIGUOUS, because="some rows have no number, and an average may count them or not")
    return total / len(values)


def _members(grid: Grid, members: Members) -> Mapping[str, Decimal] | Absent:
    """Each row with a number, by its place from 0: a row is what takes a place."""
    numbers = grid.column(members.metric).numbers
    found = {str(at): value for at in rows_of(grid, members.where) if (value := numbers[at]) is not None}
    return found or Absent(doubt=Doubt.NO_DATA, because="no row of the table fits")


def _keeps(column: GridColumn, at: int, one: Filter) -> bool:
    match one.op:
        case Op.EQ:
            return column.texts[at] == one.values[0]
        case Op.IN:
            return column.texts[at] in one.values
        case Op.NE:
            return column.texts[at] != one.values[0]
        case Op.NOT_IN:
            return column.texts[at] not in one.values
        case Op.GT | Op.GE | Op.LT | Op.LE:
            return _compares(column.numbers[at] if column.numbers else None, one)
        case _:
            return False


def _compares(value: Decimal | None, one: Filter) -> bool:
    bound = one.values[0]
    if value is None or not isinstance(bound, Decimal):
        return False
    return {Op.GT: value > bound, Op.GE: value >= bound, Op.LT: value < bound, Op.LE: value <= bound}[one.op]
