"""A wrong reading in, its neighbours out: slices, periods and definitions its number may come from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from loadline.semantics.claims_lexicon import Lexicon
from loadline.semantics.claims_times import dated, shifted
from loadline.semantics.words import phrase_filter
from loadline.values.claim import Cell, Formula, Sense
from loadline.values.query import Filter, Op, Window

MOST_MEMBERS = 60
SMALL = 6
MOST_FIELDS = 4
MOST_METRICS = 16
PERIODS_BACK = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """`kind`: slice, period, definition or measure; `said`: what is different, in words."""

    kind: str
    said: str
    reading: Sense


def variants_of(reading: Sense, lexicon: Lexicon) -> tuple[Variant, ...]:
    """Nearest first: the same metric on another slice, in another period; then another metric of the same unit."""
    if reading.formula not in {Formula.LEVEL, Formula.GROWTH, Formula.SHARE, Formula.DIFFERENCE} or not reading.cells:
        return ()
    found = [
        *_slices(reading, lexicon),
        *_periods(reading),
        *_measures(reading, lexicon),
        *_definitions(reading, lexicon),
    ]
    return tuple(
        one for one in found if one.reading.cells != reading.cells or one.reading.formula is not reading.formula
    )


def _slices(reading: Sense, lexicon: Lexicon) -> Iterator[Variant]:
    head = reading.cells[0]
    fixed = [one for one in head.where if one.op is Op.EQ]
    for one in fixed:
        for member in lexicon.members.get(one.name, ())[:MOST_MEMBERS]:
            if (member,) != one.values:
                other = Filter(name=one.name, op=Op.EQ, values=(member,))
                yield Variant(kind="slice", said=phrase_filter(other), reading=_swapped(reading, one, other))
        if reading.formula is not Formula.SHARE:
            yield Variant(kind="slice", said=f"all of {one.name}", reading=_swapped(reading, one, None))
    if fixed:
        return
    fields = [
        name
        for name, members in lexicon.members.items()
        if 2 <= len(members) <= SMALL and not lexicon.is_role(name) and lexicon.reaches(head.metric, name)
    ]
    for name in fields[:MOST_FIELDS]:
        for member in lexicon.members[name]:
            other = Filter(name=name, op=Op.EQ, values=(member,))
            yield Variant(kind="slice", said=phrase_filter(other), reading=_swapped(reading, None, other))


def _swapped(reading: Sense, old: Filter | None, new: Filter | None) -> Sense:
    cells = []
    for number, cell in enumerate(reading.cells):
        is_touched = old in cell.where if old else (number == 0 or reading.formula is not Formula.SHARE)
        where = [one for one in cell.where if one != old]
        if new is not None and is_touched:
            where.append(new)
        cells.append(replace(cell, where=tuple(sorted(where, key=lambda one: one.name))))
    return _said(replace(reading, cells=tuple(cells)))


def _periods(reading: Sense) -> Iterator[Variant]:
    window = reading.cells[0].during
    if window is None or window.start is None or window.end is None:
        return
    moves: list[Window | None] = []
    back: Window | None = window
    for _ in range(PERIODS_BACK):
        back = shifted(back, "", by_year=False) if back else None
        moves.append(back)
    moves.append(shifted(window, "", by_year=True))
    if reading.formula in {Formula.GROWTH, Formula.DIFFERENCE}:
        for base in (moves[0], moves[-1]):
            if base is not None:
                other = replace(reading, cells=(reading.cells[0], replace(reading.cells[1], during=dated(base))))
                yield Variant(kind="period", said=f"against {dated(base).text}", reading=_said(other))
        return
    for moved in moves:
        if moved is not None:
            cells = tuple(replace(cell, during=dated(moved)) for cell in reading.cells)
            yield Variant(kind="period", said=dated(moved).text, reading=_said(replace(reading, cells=cells)))


def _measures(reading: Sense, lexicon: Lexicon) -> Iterator[Variant]:
    """Percent taken for percentage points, and the other way round."""
    if not lexicon.traits[reading.cells[0].metric].is_percent:
        return
    if reading.formula is Formula.GROWTH:
        yield Variant(kind="measure", said="in percentage points", reading=replace(reading, formula=Formula.DIFFERENCE))
    elif reading.formula is Formula.DIFFERENCE:
        yield Variant(kind="measure", said="in percent", reading=replace(reading, formula=Formula.GROWTH))


def _definitions(reading: Sense, lexicon: Lexicon) -> Iterator[Variant]:
    own = lexicon.traits[reading.cells[0].metric]
    alike = [
        one
        for one in lexicon.traits.values()
        if one.name != own.name
        and one.is_approved
        and (one.unit, one.is_percent, one.has_time) == (own.unit, own.is_percent, own.has_time)
        and all(lexicon.reaches(one.name, each.name) for each in reading.cells[0].where)
    ]
    for one in alike[:MOST_METRICS]:
        cells = tuple(replace(cell, metric=one.name) for cell in reading.cells)
        if any(cell.metric != own.name for cell in reading.cells):
            return
        yield Variant(kind="definition", said=one.name, reading=_said(replace(reading, cells=cells)))


def _said(reading: Sense) -> Sense:
    head: Cell = reading.cells[0]
    parts = [head.metric, *map(phrase_filter, head.where), dated(head.during).text if head.during else "over all time"]
    if reading.formula in {Formula.GROWTH, Formula.DIFFERENCE} and reading.cells[1].during is not None:
        parts.append(f"against {dated(reading.cells[1].during).text}")
    return replace(reading, said=", ".join(parts))
