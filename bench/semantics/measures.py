"""Times, and rows that should be equal: medians, turns, and what two answers differ in."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal
from statistics import median

Row = tuple[object, ...]


def p95(taken: Sequence[float]) -> float:
    return sorted(taken)[len(taken) * 95 // 100]


def cpu_us(work: Callable[[], object], before: Callable[[], object] = lambda: None, *, times: int) -> list[float]:
    """CPU microseconds of each repetition; `before` is not counted."""
    taken = []
    for _ in range(times):
        before()
        began = time.process_time_ns()
        work()
        taken.append((time.process_time_ns() - began) / 1000)
    return taken


def in_turn(works: dict[str, Callable[[], object]], *, turns: int, most_seconds: float) -> dict[str, list[float]]:
    """CPU milliseconds of each. All take one turn after the other, every second turn the other way round, so that
    whatever else the machine does falls on all. The first turn warms up. Who is so slow that the turns would take more
    than `most_seconds` takes part in three."""
    taken: dict[str, list[float]] = {name: [] for name in works}
    warm = {name: _cpu_ms(work) for name, work in works.items()}
    slow = {name for name, ms in warm.items() if ms * turns > most_seconds * 1000}
    for turn in range(turns):
        for name in list(works)[:: 1 if turn % 2 else -1]:
            if name not in slow or turn < 3:
                taken[name].append(_cpu_ms(works[name]))
    return taken


def _cpu_ms(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return (time.process_time() - began) * 1000


def ratio(these: Sequence[float], those: Sequence[float]) -> float:
    """How many times as long these took: the median over the turns both took part in."""
    return median(one / other for one, other in zip(these, those, strict=False))


# -- equal answers


def difference(expected: Sequence[Row], found: Sequence[Row], *, dimensions: int) -> str | None:
    """What differs, or None. The order of rows does not count; exact numbers must be equal, and where one side is a
    floating-point number, to nine digits."""
    if len(expected) != len(found):
        return f"{len(found):,} rows instead of {len(expected):,}"
    ours, theirs = (sorted(map(_plain, rows), key=lambda row: _key(row, dimensions)) for rows in (expected, found))
    for one, other in zip(ours, theirs, strict=True):
        if len(one) != len(other) or not all(map(_is_equal, one, other)):
            return f"{_shown(other)} instead of {_shown(one)}"
    return None


def _plain(row: Row) -> Row:
    return tuple(_plain_cell(cell) for cell in row)


def _plain_cell(cell: object) -> object:
    if isinstance(cell, datetime):
        day = cell.replace(tzinfo=None)
        return day.date() if day == datetime(day.year, day.month, day.day) else day  # noqa: DTZ001 - a naive midnight
    return Decimal(cell) if isinstance(cell, int) and not isinstance(cell, bool) else cell


def _key(row: Row, dimensions: int) -> tuple[tuple[bool, str], ...]:
    return tuple((cell is None, str(cell)) for cell in row[:dimensions])


def _is_equal(one: object, other: object) -> bool:
    if isinstance(one, float) or isinstance(other, float):
        if not isinstance(one, float | Decimal) or not isinstance(other, float | Decimal):
            return False
        return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-12)
    return type(one) is type(other) and one == other


def _shown(row: Row) -> str:
    return "(" + ", ".join(cell.isoformat() if isinstance(cell, date) else str(cell) for cell in row) + ")"
