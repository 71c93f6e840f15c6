"""A folder in; a Parquet table of 30 columns, twice 1,000,000 rows and 7 planted changes out, the same each time."""

from __future__ import annotations

from pathlib import Path

import duckdb

ROWS = 1_000_000
DAYS = 20  # on each side of the change
MOVED = ("n03_mean", "n07_spread", "n11_missing", "n15_unit", "c02_mix", "c05_new", "c08_missing")


def write(folder: Path) -> Path:
    """20 numbers and 10 categories; from day 20 on seven of them have changed. A day has 50,000 rows."""
    path = folder / "columns.parquet"
    if path.exists():
        return path
    folder.mkdir(parents=True, exist_ok=True)
    columns = [_number(at) for at in range(20)] + [_category(at) for at in range(10)]
    connection = duckdb.connect()
    connection.execute("SET threads = 2")
    per_day = ROWS // DAYS
    connection.execute(
        f"COPY (SELECT DATE '2026-01-01' + CAST(range // {per_day} AS INTEGER) AS day, {', '.join(columns)} "
        f"FROM range({2 * ROWS})) TO '{path}.new' (FORMAT parquet)"
    )
    Path(f"{path}.new").rename(path)
    return path


def names() -> list[str]:
    return [_number_name(at) for at in range(20)] + [_category_name(at) for at in range(10)]


def _number_name(at: int) -> str:
    return next((name for name in MOVED if name.startswith(f"n{at:02d}_")), f"n{at:02d}")


def _category_name(at: int) -> str:
    return next((name for name in MOVED if name.startswith(f"c{at:02d}_")), f"c{at:02d}")


def _uniform(salt: int) -> str:
    """Between 0 and 1, from the row's number alone."""
    return f"((hash(range * 64 + {salt}) % 1000003 + 0.5) / 1000003)"


def _number(at: int) -> str:
    """Normal by Box and Muller for even columns, exponential for odd ones; each day moved a little."""
    name, is_late = _number_name(at), f"range >= {ROWS}"
    a, b = _uniform(2 * at), _uniform(2 * at + 1)
    day = f"(0.01 * (CAST(hash((range // {ROWS // DAYS}) * 97 + {at}) % 7 AS INTEGER) - 3))"
    value = f"sqrt(-2 * ln({a})) * cos(2 * pi() * {b}) + {day}" if at % 2 == 0 else f"-ln({a}) * (1 + {day})"
    if name == "n03_mean":
        value = f"({value}) * CASE WHEN {is_late} THEN 1.1 ELSE 1 END"
    if name == "n07_spread":
        value = f"power({value}, CASE WHEN {is_late} THEN 1.1 ELSE 1 END)"
    if name == "n15_unit":
        value = f"({value}) * CASE WHEN {is_late} AND {b} < 0.01 THEN 1000 ELSE 1 END"
    missing = f"CASE WHEN {is_late} THEN 0.02 ELSE 0.01 END" if name == "n11_missing" else "0.01"
    return f"CASE WHEN {_uniform(40 + at % 20)} < {missing} THEN NULL ELSE {value} END AS {name}"


def _category(at: int) -> str:
    """A few frequent values and a long tail."""
    name, is_late = _category_name(at), f"range >= {ROWS}"
    u = _uniform(61 + at * 131)
    number = f"CAST(floor(power({u}, 2.5) * {5 + 6 * at}) AS INTEGER)"
    value = f"'v' || {number}"
    if name == "c02_mix":
        value = f"CASE WHEN {is_late} AND {_uniform(991)} < 0.03 THEN 'v4' ELSE {value} END"
    if name == "c05_new":
        value = f"CASE WHEN {is_late} AND {_uniform(992)} < 0.002 THEN 'never seen' ELSE {value} END"
    if name == "c08_missing":
        value = f"CASE WHEN {is_late} AND {_uniform(993)} < 0.01 THEN NULL ELSE {value} END"
    return f"{value} AS {name}"
