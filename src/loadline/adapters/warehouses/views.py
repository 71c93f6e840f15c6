"""A source and its files in; a relation of the same name in DuckDB out. Parquet, CSV and JSON lines are read lazily
by a view; a sheet is read once into memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb

from loadline.adapters.warehouses import codes
from loadline.adapters.warehouses.column_types import LOOKS, looked_type, looks_sql, promised_type
from loadline.adapters.warehouses.csv_header import read_csv_header
from loadline.adapters.warehouses.exact import exact_columns
from loadline.adapters.warehouses.footers import MARK, SUFFIX
from loadline.adapters.warehouses.json_numbers import check_json_numbers
from loadline.adapters.warehouses.line_endings import check_line_endings
from loadline.adapters.warehouses.naming import identifier, literal, quoted
from loadline.adapters.warehouses.said import fault
from loadline.adapters.warehouses.sheets import fill_from_sheet
from loadline.adapters.warehouses.sources import FileKind, Source, shown
from loadline.values.contract import Column, ContractTable

DATABASE = "_loadline_database"  # the catalog an attached database file gets


def create_relation(
    cursor: duckdb.DuckDBPyConnection, source: Source, files: Sequence[Path], table: ContractTable | None
) -> None:
    """Make `source.relation` exist. Raises duckdb.Error or OutsideError when the files are not what they should be."""
    columns = table.columns if table is not None else {}
    schema, _, _ = source.relation.rpartition(".")
    if schema:
        cursor.execute(f"CREATE SCHEMA IF NOT EXISTS {identifier(schema)}")
    match source.kind:
        case FileKind.SHEET:
            fill_from_sheet(cursor, quoted(source.relation), source, files, columns)
            return
        case FileKind.PARQUET:
            query = f"SELECT * FROM {_read_parquet(files)}"
        case FileKind.CSV:
            query = _csv_query(cursor, source, files, columns)
        case FileKind.JSON_LINES:
            query = _json_query(cursor, source, files, columns)
        case FileKind.DATABASE:
            query = f"SELECT * FROM {DATABASE}.{quoted(source.relation)}"
    cursor.execute(f"CREATE OR REPLACE VIEW {quoted(source.relation)} AS {query}")


def create_by_file(cursor: duckdb.DuckDBPyConnection, source: Source, files: Sequence[Path]) -> None:
    """The rows of Parquet files, each with the path of its file. Raises duckdb.Error."""
    query = f"SELECT * FROM {_read_parquet(files, f', filename={literal(MARK)}')}"
    cursor.execute(f"CREATE OR REPLACE VIEW {quoted(source.relation + SUFFIX)} AS {query}")


def _read_parquet(files: Sequence[Path], more: str = "") -> str:
    """Few writers count NaN, which is greater than every number and stands in no footer: without the option, rows that
    hold it are passed over."""
    return f"read_parquet([{_paths(files)}], can_have_nan=true{more})"


def _paths(files: Sequence[Path]) -> str:
    return ", ".join(literal(str(path)) for path in files)


def _csv_query(
    cursor: duckdb.DuckDBPyConnection, source: Source, files: Sequence[Path], columns: Mapping[str, Column]
) -> str:
    """Columns by header, types by contract, the rest by looking at every value. The header decides the delimiter."""
    delimiter, names = read_csv_header(source, files[0])
    for other in files[1:]:
        if (found := read_csv_header(source, other)) != (delimiter, names):
            what = f"`{other.name}` has columns {_listed(found[1])}, `{files[0].name}` has {_listed(names)}"
            mend = "list files of other columns as another relation"
            raise fault(codes.UNLIKE_FILES, what, mend, place=source.place)
    for path in files:
        check_line_endings(source, path, shown(path, source), delimiter)
    as_text = _read_csv(files, delimiter, dict.fromkeys(names, "VARCHAR"))
    types = _types(cursor, as_text, names, columns)
    return f"SELECT {exact_columns(source.relation, types)} FROM {as_text}"


def _types(
    cursor: duckdb.DuckDBPyConnection, as_text: str, names: Sequence[str], columns: Mapping[str, Column]
) -> dict[str, str]:
    by_lower = {name.lower(): column for name, column in columns.items()}
    types = {name: promised_type(by_lower[name.lower()]) if name.lower() in by_lower else None for name in names}
    open_names = [name for name, engine_type in types.items() if engine_type is None]
    looks: Sequence[object] = ()
    if open_names:
        looks = (
            cursor.execute(
                f"SELECT {', '.join(looks_sql(identifier(n)) for n in open_names)} FROM {as_text}"
            ).fetchone()
            or ()
        )
    looked = {name: looked_type(looks[i * LOOKS : (i + 1) * LOOKS]) for i, name in enumerate(open_names)}
    return {name: engine_type or looked[name] for name, engine_type in types.items()}


def _read_csv(files: Sequence[Path], delimiter: str, types: Mapping[str, str]) -> str:
    columns = ", ".join(f"{literal(name)}: {literal(engine_type)}" for name, engine_type in types.items())
    return (
        f"read_csv([{_paths(files)}], auto_detect=false, header=true, delim={literal(delimiter)}, quote='\"', "
        f"escape='\"', columns={{{columns}}})"
    )


def _json_query(
    cursor: duckdb.DuckDBPyConnection, source: Source, files: Sequence[Path], columns: Mapping[str, Column]
) -> str:
    """Every value as text first: the same rule then types JSON lines and CSV, so `"007"` stays a string."""
    read = f"read_json([{_paths(files)}], format='newline_delimited'"
    described = cursor.execute(f"DESCRIBE SELECT * FROM {read}, sample_size=-1, auto_detect=true)").fetchall()
    found = {str(row[0]): str(row[1]) for row in described}
    as_text = _read_json(read, dict.fromkeys(found, "VARCHAR"))
    types = _types(cursor, as_text, tuple(found), columns)
    nested = {name: engine_type for name, engine_type in found.items() if "(" in engine_type or "[" in engine_type}
    exact = [name for name, t in types.items() if t.startswith(("BIGINT", "DECIMAL")) and name not in nested]
    for path in files:
        check_json_numbers(source, path, shown(path, source), exact)
    selected = exact_columns(source.relation, types | dict.fromkeys(nested, "VARCHAR"))
    return f"SELECT {selected} FROM {_read_json(read, dict.fromkeys(found, 'VARCHAR') | nested)}"


def _read_json(read: str, types: Mapping[str, str]) -> str:
    return f"{read}, columns={{{', '.join(f'{literal(name)}: {literal(t)}' for name, t in types.items())}}})"


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names[:8]) + (" …" if len(names) > 8 else "")
