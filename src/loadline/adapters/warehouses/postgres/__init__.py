"""Warehouse settings in; governed reads from PostgreSQL out. The driver is loaded when a warehouse is opened."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from loadline.adapters.warehouses import codes
from loadline.adapters.warehouses.said import fault
from loadline.project import WarehouseSettings

if TYPE_CHECKING:
    from loadline.adapters.warehouses.postgres.warehouse import PostgresWarehouse


def open_postgres(settings: WarehouseSettings, environment: Mapping[str, str]) -> PostgresWarehouse:
    """Open the warehouse `settings` describe; `env:NAME` is looked up in `environment`.

    Nothing is connected before the first read. Raises OutsideError when the driver is not installed, or the address is
    missing or cannot be read.
    """
    try:
        from loadline.adapters.warehouses.postgres.address import read_address  # noqa: PLC0415  (an extra)
        from loadline.adapters.warehouses.postgres.warehouse import PostgresWarehouse  # noqa: PLC0415
    except ImportError as error:  # psycopg raises it too where there is no libpq
        what = "the driver for PostgreSQL, psycopg, is not installed or cannot be loaded"
        raise fault(codes.NO_DRIVER, what, "pip install 'loadline-ai[postgres]'", place=settings.place) from error
    return PostgresWarehouse(read_address(settings, environment), settings)
