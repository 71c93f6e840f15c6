"""Statements that create views in; the views in the user's own warehouse out. The only door through which a warehouse
is written to, and only when somebody says so on the command line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb

from loadline.adapters.warehouses import codes
from loadline.adapters.warehouses.said import fault
from loadline.project import WarehouseSettings


def create_views(
    settings: WarehouseSettings, root: Path, environment: Mapping[str, str], statements: Sequence[str]
) -> None:
    """Run all of these or none. Raises OutsideError when the warehouse is of files, cannot be reached, or refuses."""
    if settings.kind == "postgres":
        _in_postgres(settings, environment, statements)
        return
    if settings.database is None:
        raise fault(
            codes.NOTHING_TO_CREATE_IN,
            "the warehouse is made of files, in which no view can be",
            "print the statements (without `--create`) and run them where the rows are",
            place=settings.place,
        )
    try:
        with duckdb.connect(str(root / settings.database)) as connection:
            connection.begin()
            for statement in statements:
                connection.execute(statement)
            connection.commit()
    except duckdb.Error as error:
        raise _refused(" ".join(str(error).split())) from error


def _in_postgres(settings: WarehouseSettings, environment: Mapping[str, str], statements: Sequence[str]) -> None:
    try:
        import psycopg  # noqa: PLC0415  (an extra)

        from loadline.adapters.warehouses.postgres import faults  # noqa: PLC0415
        from loadline.adapters.warehouses.postgres.address import read_address  # noqa: PLC0415
    except ImportError as error:
        what = "the driver for PostgreSQL, psycopg, is not installed or cannot be loaded"
        raise fault(codes.NO_DRIVER, what, "pip install 'loadline-ai[postgres]'", place=settings.place) from error
    address = read_address(settings, environment)
    try:
        connection = psycopg.connect(address.conninfo)
    except psycopg.Error as error:
        raise faults.connecting(error, address) from None  # its text may quote the address
    with connection:
        try:
            for statement in statements:
                connection.execute(statement.encode())
        except psycopg.Error as error:
            raise _refused(address.safe(str(error))) from None


def _refused(said: str) -> Exception:
    return fault(
        codes.VIEWS_REFUSED,
        f"the warehouse did not create the views: {said}",
        "write `--replace` where views of these names are there, or use a login that may create views",
    )
