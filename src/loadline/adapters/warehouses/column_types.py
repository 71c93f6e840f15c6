"""What a contract promises of a column, or what its texts look like, in; an exact engine type out.

Text is never guessed into a type that loses something: a column is a number only if every value is one and none has
a leading zero, a date only if every value is written year-month-day, and digits after the point stay exact.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from loadline.values.contract import Column

_DECIMAL = re.compile(r"^(?:decimal|numeric|number)\s*\(\s*(\d+)\s*(?:,\s*(\d+)\s*)?\)$", re.IGNORECASE)
_FLOATS = frozenset({"double", "double precision", "float", "float4", "float8", "float64", "real", "binary_double"})
_BY_LOGICAL_TYPE = {
    "string": "VARCHAR",
    "integer": "BIGINT",
    "boolean": "BOOLEAN",
    "date": "DATE",
    "time": "TIME",
    "object": "VARCHAR",
    "array": "VARCHAR",
}

_WHOLE = r"[+-]?(0|[1-9][0-9]{0,17})"
_PLAIN = r"[+-]?(0|[1-9][0-9]*)(\.[0-9]+)?"
_SCIENTIFIC = r"[+-]?(0|[1-9][0-9]*)(\.[0-9]*)?([eE][+-]?[0-9]+)?"
_DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_CLOCK = r"[ T][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,6})?)?"
_OFFSET = r" ?(Z|[+-][0-9]{2}(:?[0-9]{2})?)"


def promised_type(column: Column) -> str | None:
    """The type a contract settles, or None where the texts themselves must say (a number without a physical type)."""
    if column.logical_type == "timestamp":
        return "TIMESTAMPTZ" if column.is_zoned else "TIMESTAMP"
    if column.logical_type != "number":
        return _BY_LOGICAL_TYPE.get(column.logical_type, "VARCHAR")
    physical = (column.physical_type or "").strip().lower()
    if physical in _FLOATS:
        return "DOUBLE"
    if match := _DECIMAL.match(physical):
        width, scale = int(match[1]), int(match[2] or 0)
        return f"DECIMAL({width},{scale})" if 0 < width <= 38 and scale <= width else None
    return None


def looks_sql(name: str) -> str:
    """SQL aggregates, in the order `looked_type` reads them, over the text column `name` (already quoted)."""

    def every(pattern: str, cast: str | None = None, *, finite: bool = False) -> str:
        also = f" AND TRY_CAST({name} AS {cast}) IS NOT NULL" if cast else ""
        also += f" AND isfinite(TRY_CAST({name} AS {cast}))" if finite else ""
        every = f"BOOL_AND(regexp_full_match({name}, '{pattern}'){also}) FILTER (WHERE {name} IS NOT NULL)"
        return f"COALESCE({every}, FALSE)"

    return ", ".join(
        (
            every(_WHOLE),
            every(_PLAIN),
            f"COALESCE(MAX(LENGTH(LTRIM(SPLIT_PART({name}, '.', 1), '+-'))), 0)",
            f"COALESCE(MAX(LENGTH(SPLIT_PART({name}, '.', 2))), 0)",
            every(_SCIENTIFIC, "DOUBLE", finite=True),
            every("(?i)true|false"),
            every(_DAY, "DATE"),
            every(_DAY + _CLOCK, "TIMESTAMP"),
            every(_DAY + _CLOCK + _OFFSET, "TIMESTAMPTZ"),
        )
    )


LOOKS = 9


def looked_type(looks: Sequence[object]) -> str:
    """The narrowest type every text of a column fits without loss; text when in doubt."""
    is_whole, is_plain, digits, decimals, is_number, is_boolean, is_day, is_moment, is_zoned = looks
    if is_whole:
        return "BIGINT"
    if is_plain and isinstance(digits, int) and isinstance(decimals, int) and digits + decimals <= 38:
        return f"DECIMAL({18 if digits + decimals <= 18 else 38},{decimals})"
    by_look = (("DOUBLE", is_number), ("BOOLEAN", is_boolean), ("DATE", is_day), ("TIMESTAMP", is_moment))
    for engine_type, fits in (*by_look, ("TIMESTAMPTZ", is_zoned)):
        if fits:
            return engine_type
    return "VARCHAR"
