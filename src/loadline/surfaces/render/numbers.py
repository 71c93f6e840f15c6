"""Values of a result in, the way people write them out. For reading only: JSON carries the exact value."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Any

from loadline.surfaces.render.style import clean

NOTHING = "-"
_WIDE = Context(prec=400)  # wide enough for every number a warehouse returns, a 64-bit float of 309 digits included

Column = dict[str, Any]


def shown(value: object, column: Column) -> str:
    """One value as text: `12.3 %`, `1,234.50 EUR`, `2025-07-01`; `-` for NULL (which is not zero)."""
    match value:
        case None:
            return NOTHING
        case bool():
            return "yes" if value else "no"
        case int() | float() | Decimal():
            return _number(value, column)
        case datetime():
            return value.isoformat(sep=" ")
        case date():
            return value.isoformat()
        case _:
            return clean(str(value)).replace("\n", "\\n")


def _number(value: int | float | Decimal, column: Column) -> str:
    if isinstance(value, float):
        if not math.isfinite(value):
            return str(value)
        value = Decimal(repr(value))
    if isinstance(value, Decimal) and not value.is_finite():
        return str(value)
    if column.get("kind") == "dimension":
        if isinstance(value, int):
            return str(value)
        whole = value.to_integral_value(context=_WIDE)
        return f"{whole if whole == value else value:f}"
    unit = column.get("unit")
    if column.get("format") == "percent":
        return f"{_rounded(Decimal(value).scaleb(2, context=_WIDE), 2):,} %"
    if column.get("format") == "percentage points":
        return f"{_rounded(Decimal(value).scaleb(2, context=_WIDE), 2):,} pp"
    if isinstance(value, int):
        text = f"{value:,}"
    else:
        text = f"{_rounded(value, 2 if unit or abs(value) >= 100 else 4):,}"
    return f"{text} {unit}" if unit else text


def _rounded(value: Decimal, digits: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_EVEN, context=_WIDE)


def table(columns: Sequence[Column], rows: Iterable[Sequence[object]], *, indent: str = "  ") -> list[str]:
    """A plain aligned table; numbers to the right."""
    cells = [[shown(value, column) for value, column in zip(row, columns, strict=True)] for row in rows]
    names = [clean(str(column["name"])) for column in columns]
    widths = [max([len(name), *(len(row[i]) for row in cells)]) for i, name in enumerate(names)]
    right = [column.get("kind") == "metric" for column in columns]

    def line(texts: Sequence[str]) -> str:
        parts = [t.rjust(w) if r else t.ljust(w) for t, w, r in zip(texts, widths, right, strict=True)]
        return (indent + "   ".join(parts)).rstrip()

    return [line(names), line(["─" * width for width in widths]), *(line(row) for row in cells)]
