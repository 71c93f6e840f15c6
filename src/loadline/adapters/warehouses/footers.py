"""Parquet files in; what their footers say of the rows, where that is certain, out. No row is read.

A footer is somebody's summary, so only what it can be held to is passed on: counts of NULLs, and the ends of numbers,
days and instants. Left out are ends of text (writers cut them), of floating-point columns that may hold NaN (no writer
counts it among the ends), of anything that two files hold in different types, and columns that the path itself
overrides (`country=DE/`).
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path

import duckdb

from loadline.adapters.warehouses.naming import literal
from loadline.adapters.warehouses.sources import FileState
from loadline.values.finding import FilePart, Files, RowGroup, Stats

SUFFIX = "#files"
MARK = "loadline_file"
MOST_FILES = 2_000
MOST_STATISTICS = 300_000
_SETTLED_NS = 2_000_000_000  # a file changed this recently may change again without its time stamp showing it
_WHOLE = frozenset({"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT"})
_FLOATING = frozenset({"FLOAT", "DOUBLE"})
_NAIVE = "TIMESTAMP"
_ZONED = "TIMESTAMP WITH TIME ZONE"
_MICROSECONDS = 6
_UNPROVEN = Stats()


def read_files(
    cursor: duckdb.DuckDBPyConnection, states: Sequence[FileState], live: Mapping[str, str], columns: Sequence[str]
) -> Files:
    """`live` maps a column to its engine type. Raises duckdb.Error where a file is no Parquet."""
    said = _groups(cursor, [state.path for state in states], live, columns)
    now = time.time_ns()
    parts = tuple(
        FilePart(name=str(state.path), identity=_identity(state, now), groups=said.get(str(state.path)))
        for state in states
    )
    return Files(suffix=SUFFIX, mark=MARK, parts=parts)


def _identity(state: FileState, now: int) -> str | None:
    if now - state.changed_ns <= _SETTLED_NS:
        return None
    said = f"{state.path}|{state.size}|{state.changed_ns}|{state.inode}"
    return hashlib.sha256(said.encode()).hexdigest()[:32]


def _groups(
    cursor: duckdb.DuckDBPyConnection, paths: Sequence[Path], live: Mapping[str, str], columns: Sequence[str]
) -> dict[str, tuple[RowGroup, ...]]:
    wanted = [name for name in columns if name in live and not _is_overridden(name, paths)]
    if len(paths) > MOST_FILES or (len(paths) > 1 and not _is_one_shape(cursor, paths)):
        return {}
    listed = ", ".join(literal(str(path)) for path in paths)
    names = ", ".join(literal(name) for name in wanted) or "''"
    read = cursor.execute(
        f"SELECT * FROM parquet_metadata([{listed}]) WHERE column_id = 0 OR path_in_schema IN ({names}) "
        f"LIMIT {MOST_STATISTICS + 1}"
    )
    heads = [str(described[0]) for described in read.description or ()]
    rows = [dict(zip(heads, row, strict=True)) for row in read.fetchall()]
    return {} if len(rows) > MOST_STATISTICS else _by_file(rows, wanted, live)


def _is_overridden(name: str, paths: Sequence[Path]) -> bool:
    """A folder called `name=value` gives the column its value, whatever the file holds."""
    return any(part.lower().startswith(f"{name.lower()}=") for path in paths for part in path.parts[:-1])


def _is_one_shape(cursor: duckdb.DuckDBPyConnection, paths: Sequence[Path]) -> bool:
    """Whether every file has the same columns of the same types; else a value is cast, and may leave its ends."""
    listed = ", ".join(literal(str(path)) for path in paths)
    (shapes,) = cursor.execute(
        "SELECT count(DISTINCT shape) FROM (SELECT list((name, type, type_length, repetition_type, num_children, "
        "converted_type, scale, precision, logical_type)::VARCHAR ORDER BY name) AS shape "
        f"FROM parquet_schema([{listed}]) GROUP BY file_name)"
    ).fetchone() or (0,)
    return bool(shapes == 1)


def _by_file(
    rows: Sequence[Mapping[str, object]], wanted: Sequence[str], live: Mapping[str, str]
) -> dict[str, tuple[RowGroup, ...]]:
    groups: dict[tuple[str, int], tuple[int, dict[str, Stats]]] = {}
    for row in rows:
        key = (str(row["file_name"]), int(str(row["row_group_id"])))
        count, stats = groups.setdefault(key, (int(str(row["row_group_num_rows"])), {}))
        name = str(row["path_in_schema"])
        if name in wanted:
            stats[name] = _UNPROVEN if name in stats else _stats(row, count, live[name])
    found: dict[str, list[RowGroup]] = {}
    for (file, _), (count, stats) in sorted(groups.items()):
        found.setdefault(file, []).append(RowGroup(rows=count, columns=stats))
    return {file: tuple(each) for file, each in found.items()}


def _stats(row: Mapping[str, object], rows: int, engine_type: str) -> Stats:
    """`num_values` counts NULLs too; where it is not the number of rows, the column is not one value for each."""
    if row.get("num_values") != rows or "[" in engine_type or "(" in engine_type.removeprefix("DECIMAL("):
        return _UNPROVEN
    counted = row.get("stats_null_count")
    nulls = counted if isinstance(counted, int) and 0 <= counted <= rows else None
    low, high = (_end(row.get(f"stats_{end}_value"), engine_type) for end in ("min", "max"))
    if engine_type in _FLOATING and row.get("stats_nan_count") != 0:
        low = high = None
    if low is None or high is None or not _in_order(low, high):
        low = high = None
    return Stats(nulls=nulls, low=low, high=high)


def _end(text: object, engine_type: str) -> int | Decimal | float | date | datetime | None:
    """What the footer writes, in the type of the column; None for what cannot be held to."""
    if not isinstance(text, str):
        return None
    try:
        if engine_type in _WHOLE:
            return int(text)
        if engine_type.startswith("DECIMAL("):
            return Decimal(text)
        if engine_type in _FLOATING:
            return float(text)
        if engine_type == "DATE":
            return date.fromisoformat(text)
        if engine_type in {_NAIVE, _ZONED} and len(text.partition(".")[2].partition("+")[0]) <= _MICROSECONDS:
            moment = datetime.fromisoformat(text)
            return moment if (moment.tzinfo is not None) == (engine_type == _ZONED) else None
    except (ValueError, InvalidOperation):
        return None  # infinity, a year before 1: the engine knows what to do with them
    return None


def _in_order(low: object, high: object) -> bool:
    return bool(low <= high)  # type: ignore[operator]  # both came from the same branch of `_end`
