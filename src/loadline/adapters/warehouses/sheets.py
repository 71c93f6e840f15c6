"""A workbook's sheet in; a table in DuckDB's memory out."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path

import duckdb
from python_calamine import CalamineError, CalamineWorkbook, PasswordError, WorksheetNotFound

from loadline.adapters.warehouses import codes
from loadline.adapters.warehouses.column_types import promised_type
from loadline.adapters.warehouses.exact import exact_sql
from loadline.adapters.warehouses.naming import check_header, identifier
from loadline.adapters.warehouses.said import fault, nearest
from loadline.adapters.warehouses.sources import Source
from loadline.values.contract import Column

Cell = int | float | str | bool | time | date | datetime | timedelta
_CHUNK_ROWS = 5_000


def fill_from_sheet(
    cursor: duckdb.DuckDBPyConnection,
    table: str,
    source: Source,
    files: Sequence[Path],
    columns: Mapping[str, Column],
) -> None:
    """Read the sheet (of every file, which must agree in columns) into `table`, an already quoted name."""
    header: tuple[str, ...] | None = None
    rows: list[list[Cell]] = []
    for path in files:
        names, body = _read_sheet(path, source)
        if header is not None and names != header:
            what = f"`{path.name}` has other columns than `{files[0].name}`"
            raise fault(codes.UNLIKE_FILES, what, "list it as another relation", place=source.place)
        header = names
        rows.extend(body)
    by_lower = {name.lower(): column for name, column in columns.items()}
    types = []
    for position, name in enumerate(header or ()):
        promised = by_lower.get(name.lower())
        types.append((promised and promised_type(promised)) or _type_of(row[position] for row in rows))
    _create(cursor, table, source.relation, dict(zip(header or (), types, strict=True)), rows)


def _create(
    cursor: duckdb.DuckDBPyConnection,
    table: str,
    relation: str,
    types: Mapping[str, str],
    rows: Sequence[Sequence[Cell]],
) -> None:
    declared = ", ".join(f"{identifier(name)} {engine_type}" for name, engine_type in types.items())
    cursor.execute(f"CREATE OR REPLACE TABLE {table} ({declared})")
    cells = ", ".join(exact_sql(f"cells[{i}]", relation, n, t) for i, (n, t) in enumerate(types.items(), start=1))
    insert = f"INSERT INTO {table} SELECT {cells} FROM (SELECT UNNEST(from_json(?, '[[\"VARCHAR\"]]')) AS cells)"
    for start in range(0, len(rows), _CHUNK_ROWS):
        chunk = [[_text(cell) for cell in row] for row in rows[start : start + _CHUNK_ROWS]]
        cursor.execute(insert, [json.dumps(chunk)])


def _read_sheet(path: Path, source: Source) -> tuple[tuple[str, ...], list[list[Cell]]]:
    try:
        workbook = CalamineWorkbook.from_path(str(path))
        wanted = source.sheet or (workbook.sheet_names[0] if workbook.sheet_names else "")
        rows = workbook.get_sheet_by_name(wanted).to_python(skip_empty_area=True)
    except WorksheetNotFound as error:
        what = f"`{source.pattern}` has no sheet `{wanted}`"
        raise fault(
            codes.NO_SUCH_SHEET, what, nearest(wanted, workbook.sheet_names, "add the sheet"), place=source.place
        ) from error
    except (CalamineError, PasswordError, OSError, ValueError) as error:
        what = f"`{source.pattern}` is damaged, protected, or no workbook: {error}"
        mend = "save it again as .xlsx without a password, or export the sheet as CSV"
        raise fault(codes.NOT_WHAT_IT_SAYS, what, mend, place=source.place) from error
    rows = [row for row in rows if any(cell != "" for cell in row)]
    names = tuple(_text(cell) or "" for cell in rows[0]) if rows else ()
    check_header(names, source)
    return names, rows[1:]


def _type_of(cells: Iterable[Cell]) -> str:
    """One type all cells of a column share; text when they differ. A sheet's numbers are floats: whole ones are
    integers, others keep the digits they are shown with."""
    kinds = {_kind(cell) for cell in cells if cell != ""}
    if kinds <= {"BIGINT"} and kinds:
        return "BIGINT"
    if kinds <= {"BIGINT", "DOUBLE"} and kinds:
        return "DOUBLE"
    if kinds <= {"DATE", "TIMESTAMP"} and kinds:
        return "TIMESTAMP" if "TIMESTAMP" in kinds else "DATE"
    return kinds.pop() if len(kinds) == 1 else "VARCHAR"


def _kind(cell: Cell) -> str:
    match cell:
        case bool():
            return "BOOLEAN"
        case int():
            return "BIGINT"
        case float():
            return "BIGINT" if cell.is_integer() and abs(cell) < 2**53 else "DOUBLE"
        case datetime():
            return "TIMESTAMP"
        case date():
            return "DATE"
        case time():
            return "TIME"
        case _:
            return "VARCHAR"


def _text(cell: Cell) -> str | None:
    """The text a person reads in the cell, which every type is then cast from; an empty cell is NULL."""
    match cell:
        case "":
            return None
        case bool():
            return "true" if cell else "false"
        case float():
            return str(int(cell)) if cell.is_integer() and abs(cell) < 2**53 else format(Decimal(repr(cell)), "f")
        case datetime() | date() | time():
            return cell.isoformat()
        case timedelta():
            return str(cell)
        case _:
            return str(cell)
