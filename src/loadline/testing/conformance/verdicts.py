"""Expected and delivered rows in, what came of each case out."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any, Protocol

from loadline.values.query import Query

RELATIVE = 1e-9
ABSOLUTE = 1e-9


class Asking(Protocol):
    """An opened project. `ask` raises RequestError for a question that is refused, or an answer that is withheld."""

    def ask(self, query: Query) -> list[tuple[object, ...]]: ...

    def close(self) -> None: ...


Open = Callable[[Path], Asking]
"""Opens the project in a folder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """`result` is passed, failed or refused; `detail` says what differs, or why there is no answer."""

    id: str
    result: str
    detail: str = ""


def report(verdicts: Sequence[Verdict]) -> dict[str, Any]:
    return {
        **{result: sum(v.result == result for v in verdicts) for result in ("passed", "failed", "refused")},
        "cases": [{"id": v.id, "result": v.result, "detail": v.detail} for v in verdicts],
    }


def compared(
    expected: Sequence[Sequence[object]], got: Sequence[Sequence[object]], *, is_ordered: bool = False
) -> str | None:
    """What differs, or None. Rows are a multiset unless their order is asked for."""
    if len(expected) != len(got):
        return f"{len(expected)} rows are expected, {len(got)} delivered{_first_odd(expected, got)}"
    want, have = [list(map(plain, row)) for row in expected], [list(map(plain, row)) for row in got]
    if not is_ordered:
        want.sort(key=_sort_key)
        have.sort(key=_sort_key)
    for here, there in zip(want, have, strict=True):
        if len(here) != len(there) or not all(map(_equal, here, there)):
            return f"{here} is expected, {there} delivered"
    return None


def _first_odd(expected: Sequence[Sequence[object]], got: Sequence[Sequence[object]]) -> str:
    want = {repr(_sort_key(list(map(plain, row)))) for row in expected}
    have = {repr(_sort_key(list(map(plain, row)))) for row in got}
    missing = sorted(want - have)[:2]
    extra = sorted(have - want)[:2]
    return f"; missing {', '.join(missing)}; not expected {', '.join(extra)}"


def plain(value: object) -> object:
    """Dates and timestamps as one kind of text, numbers as one kind of number."""
    match value:
        case bool() | None:
            return value
        case datetime():
            return value.replace(tzinfo=None).isoformat(" ")
        case date():
            return datetime.combine(value, time()).isoformat(" ")
        case Decimal() | int() | float():
            return float(value)
        case str() if len(value) >= 19 and value[4:5] == "-" and value[10:11] in {" ", "T"}:
            try:
                return datetime.fromisoformat(value).isoformat(" ")
            except ValueError:
                return value
        case _:
            return value


def _equal(here: object, there: object) -> bool:
    if isinstance(here, float) and isinstance(there, float):
        return math.isclose(here, there, rel_tol=RELATIVE, abs_tol=ABSOLUTE) or (math.isnan(here) and math.isnan(there))
    return type(here) is type(there) and here == there


def _sort_key(row: Sequence[object]) -> tuple[tuple[str, Any], ...]:
    """Texts before numbers; a number by its first nine digits, so that a rounding error does not move a row."""
    texts = tuple(("text", str(value)) for value in row if not isinstance(value, float))
    numbers = tuple(("number", float(f"{value:.9g}")) for value in row if isinstance(value, float))
    return (*texts, *numbers)
