"""Engine types in; how to select each column so that it can be fetched, and how to turn it into a plain value, out.

Most types need nothing. TIMESTAMP WITH TIME ZONE is fetched as UTC digits and made aware here, because the client
would ask for a time zone package that is not among our dependencies.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from uuid import UUID

from loadline.adapters.warehouses.naming import identifier
from loadline.values.outcome import Batch

_ZONED = "TIMESTAMP WITH TIME ZONE"

Convert = Callable[[object], object]


def fetchable_sql(sql: str, types: Sequence[str]) -> str:
    """`sql`, wrapped where a column has to be cast to be fetched. Order of rows and columns stays."""
    if not any(_ZONED in engine_type for engine_type in types):
        return sql
    names = [identifier(f"c{i}") for i in range(len(types))]
    selected = ", ".join(_fetchable(name, engine_type) for name, engine_type in zip(names, types, strict=True))
    return f"SELECT {selected} FROM (\n{sql}\n) AS fetched({', '.join(names)})"


def _fetchable(name: str, engine_type: str) -> str:
    if engine_type == _ZONED:
        return f"timezone('UTC', {name})"
    return f"CAST({name} AS VARCHAR)" if _ZONED in engine_type else name  # an instant inside a list: as text


def converter(types: Sequence[str]) -> Callable[[Batch], Batch]:
    """What to do with each batch of rows of these types; nothing at all for most."""
    converts = [_convert(engine_type) for engine_type in types]
    if not any(converts):
        return lambda batch: batch

    def convert(batch: Batch) -> Batch:
        return [
            tuple(value if c is None or value is None else c(value) for c, value in zip(converts, row, strict=True))
            for row in batch
        ]

    return convert


def _convert(engine_type: str) -> Convert | None:
    if engine_type == _ZONED:
        return _aware
    if engine_type == "UUID":
        return str
    if engine_type.endswith("]") or ("(" in engine_type and not engine_type.startswith(("DECIMAL", "ENUM"))):
        return _frozen
    return None


def _aware(value: object) -> object:
    # Before year 1 and after 9999 Python has no datetime; the client hands over text, and text it stays.
    return value.replace(tzinfo=UTC) if isinstance(value, datetime) else value


def _frozen(value: object) -> object:
    """Lists become tuples, inner UUIDs text; structs and maps stay mappings."""
    match value:
        case list() | tuple():
            return tuple(_frozen(item) for item in value)
        case dict():
            return {key: _frozen(item) for key, item in value.items()}
        case UUID():
            return str(value)
        case _:
            return value
