"""Each thing the checks say, on each engine: run where the engine runs here, and read where it does not.

The SQL of the others stands in `dialects/`, one file for each, and was reviewed against their documentation; `UPDATE=1`
writes those files anew.
"""

from __future__ import annotations

import os
from contextlib import closing
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from checks.live.engines import Engine, Values, on_duckdb, on_postgres, on_sqlite
from checks.live.primitives_table import CELLS, OTHER, OTHERS, ROWS, SHAPE, Cell
from checks.live.test_promises import shape_key
from loadline.checks.data.primitives import DIALECTS, NotSpoken

FOLDER = Path(__file__).parent / "dialects"
READ = ("snowflake", "bigquery", "databricks", "trino", "clickhouse")
NEVER = {
    "sqlite": {
        "a pattern found anywhere",
        "a pattern between its ends",
        "a dot is no line break",
        "the day of an instant",
        "the hour of an instant",
    }
}


def tables() -> dict[Any, Values]:
    rows = [(*row[:-1], _instant(row[-1])) for row in ROWS]
    return {shape_key(SHAPE): rows, shape_key(OTHER): OTHERS}


def _instant(clock: object) -> datetime | None:
    """On the last evening of January, in UTC."""
    return datetime.fromisoformat(f"2026-01-31T{clock}:00").replace(tzinfo=UTC) if clock else None


def check(engine: Engine, cell: Cell) -> None:
    dialect = DIALECTS[engine.dialect]
    if cell.name in NEVER.get(engine.dialect, ()):
        with pytest.raises(NotSpoken):
            cell.sql(dialect)
        return
    _, rows = engine.run(cell.sql(dialect))
    assert like(rows[0][0], cell.gives) == cell.gives


def like(found: object, wanted: object) -> object:
    """What an engine hands over, in the type of what is wanted; a day may come as a midnight, a date as text."""
    match wanted:
        case datetime():
            return datetime.fromisoformat(str(found)).replace(tzinfo=None)
        case date():
            return date.fromisoformat(str(found)[:10])
        case int():
            return round(Decimal(str(found)), 3)
        case _:
            return found


@pytest.mark.parametrize("cell", CELLS, ids=lambda cell: cell.name)
def test_duckdb_says_it(cell: Cell) -> None:
    check(on_duckdb(tables()), cell)


@pytest.mark.parametrize("cell", CELLS, ids=lambda cell: cell.name)
def test_sqlite_says_it(cell: Cell) -> None:
    check(on_sqlite(tables()), cell)


def test_postgresql_says_it(postgres_url: str) -> None:
    from psycopg import connect

    with closing(connect(postgres_url)) as connection:
        engine = on_postgres(connection, tables())
        for cell in CELLS:
            check(engine, cell)


@pytest.mark.parametrize("name", READ)
def test_the_others_say_what_was_reviewed(name: str) -> None:
    said = "".join(f"-- {cell.name}\n{cell.sql(DIALECTS[name])}\n\n" for cell in CELLS)
    path = FOLDER / f"{name}.sql"
    if os.environ.get("UPDATE"):
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(said.encode())
    assert said == path.read_bytes().decode()


def test_at_least_twenty_things_are_said() -> None:
    assert len(CELLS) >= 20
    assert len({cell.name for cell in CELLS}) == len(CELLS)
