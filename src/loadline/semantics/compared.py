"""Metrics asked for in; of each change among them, its two periods and the columns that date its rows, out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from loadline.semantics.linked import Change, Linked, LinkedMetric
from loadline.semantics.nodes import Col, Measure
from loadline.semantics.scanning import back
from loadline.semantics.shapes import Shift
from loadline.values.plan import Compared
from loadline.values.query import Query, Window


def compared(linked: Linked, meant: Query, asked: Sequence[LinkedMetric]) -> tuple[Compared, ...]:
    """One for each metric, however many ways its change is told. Of periods of the project's own nobody here knows how
    long they are, so no columns are named that could tell whether they are whole."""
    is_own = any(by.own_grain is not None for by in meant.by)
    found: dict[tuple[str, str], Compared] = {}
    for one in asked:
        match one.relation:
            case Change(ago=ago, shift=shift):
                told = _of_own(meant, one) if is_own else _compared(linked, meant, one, shift)
                found.setdefault((one.parts[0], ago), told)
            case _:
                pass
    return tuple(found.values())


def times_of(linked: Linked, metric: str) -> tuple[tuple[str, str], ...]:
    """The columns that date a metric's rows, by relation; none where one is made of more than a column."""
    found = tuple(dict.fromkeys(_times(linked, linked.metrics[metric].measures)))
    return () if None in found else tuple(time for time in found if time is not None)


def _compared(linked: Linked, meant: Query, one: LinkedMetric, shift: Shift) -> Compared:
    return Compared(
        metric=one.parts[0],
        now=_ends(meant.during),
        then=_ends(back(meant.during, (shift,))),
        grain=next((by.grain for by in meant.by if by.grain is not None), None),
        times=times_of(linked, one.parts[0]),
        is_zero_if_absent=any(measure.is_count and not measure.is_null_if_absent for measure in one.measures),
    )


def _of_own(meant: Query, one: LinkedMetric) -> Compared:
    return Compared(metric=one.parts[0], now=_ends(meant.during), then=(None, None))


def _ends(window: Window | None) -> tuple[date | None, date | None]:
    return (window.start, window.end) if window is not None else (None, None)


def _times(linked: Linked, measures: Sequence[Measure]) -> Iterator[tuple[str, str] | None]:
    """None for a time that is made of more than a column of the fact itself."""
    for measure in measures:
        match measure.time:
            case Col(path=(), dataset=dataset, column=column, physical=physical):
                yield linked.model.datasets[dataset].source, physical or column
            case _:
                yield None
