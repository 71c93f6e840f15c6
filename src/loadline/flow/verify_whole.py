"""Readings of a claim and the values of their cells in; the values it may be judged by, out.

A number of a period that the data begin or end in is right by itself, and no base of a change: half a year beside a
whole one is no growth.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal

from loadline.checks.whole import extent_needs, is_cut
from loadline.flow.verify_cells import Asker, Facts
from loadline.semantics.compared import times_of
from loadline.values.claim import Absent, Cell, Doubt, Formula, Sense
from loadline.values.finding import Evidence, Need

_CHANGES = frozenset({Formula.DIFFERENCE, Formula.GROWTH, Formula.RATIO, Formula.LEAST_STEP, Formula.MOST_STEP})


def whole_cells(asker: Asker, readings: Iterable[Sense], facts: Facts) -> Mapping[Cell, Decimal | Absent]:
    """Raises OutsideError when the warehouse fails."""
    changed = {
        cell
        for one in readings
        if one.formula in _CHANGES and len({each.during for each in one.cells}) > 1
        for cell in one.cells
    }
    for cell in changed:
        if cell not in facts.is_cut:
            facts.is_cut[cell] = _is_cut(asker, cell)
    cut = {cell: _absent(cell) for cell in changed if facts.is_cut[cell] and isinstance(facts.cells.get(cell), Decimal)}
    return {**facts.cells, **cut} if cut else facts.cells


def _absent(cell: Cell) -> Absent:
    period = cell.during.text if cell.during else ""
    return Absent(doubt=Doubt.NO_DATA, because=f"the data do not hold {period} whole, so nothing changed from or to it")


def _is_cut(asker: Asker, cell: Cell) -> bool:
    world, during = asker.world, cell.during
    times = times_of(world.linked, cell.metric)
    if during is None or during.start is None or during.end is None or not times:
        return False
    version = world.warehouse.read_version(sorted({relation for relation, _ in times}))
    needs: tuple[Need, ...] = extent_needs(times, world.warehouse.dialect)
    found: Mapping[Need, Evidence] = world.fetcher.fetch(needs, version=version)
    return is_cut((_day(during.start), _day(during.end)), found.values(), world.project.model.calendar.timezone)


def _day(value: date) -> date:
    return value.date() if isinstance(value, datetime) else value
