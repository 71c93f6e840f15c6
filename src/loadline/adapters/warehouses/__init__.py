"""Warehouses: one SELECT in, rows out. `duckdb.py` opens local files and DuckDB databases."""

from loadline.adapters.warehouses.codes import CODES

__all__ = ["CODES"]
