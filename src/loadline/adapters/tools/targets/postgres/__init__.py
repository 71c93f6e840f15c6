"""The settings of a PostgreSQL target in; writes with their exact effect out. The driver is an extra."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from loadline.adapters.warehouses import codes
from loadline.adapters.warehouses.said import fault
from loadline.project import WarehouseSettings
from loadline.values.effect import TargetSettings
from loadline.values.place import Place

if TYPE_CHECKING:
    from loadline.adapters.tools.targets.postgres.setup import Setup
    from loadline.adapters.tools.targets.postgres.target import PostgresTarget
    from loadline.adapters.warehouses.postgres.address import Address


def open_postgres_target(settings: TargetSettings, environment: Mapping[str, str]) -> PostgresTarget:
    """Raises OutsideError when the driver is not installed, or the address is missing or cannot be read."""
    address = _address(settings.url or "", settings.place, environment, f"targets.{settings.name}.url")
    from loadline.adapters.tools.targets.postgres.target import PostgresTarget  # noqa: PLC0415

    return PostgresTarget(address, settings)


def set_up_postgres(url: str, environment: Mapping[str, str], *, schemas: tuple[str, ...], is_applied: bool) -> Setup:
    """What makes a database ready for agents to write to; done, when `is_applied`. `url` is an address or `env:NAME`,
    of somebody who may create roles. Raises OutsideError."""
    address = _address(url, Place(file="--url"), environment, "--url")
    from loadline.adapters.tools.targets.postgres.setup import apply_setup, plan_setup  # noqa: PLC0415

    setup = plan_setup(address, schemas=schemas)
    if is_applied:
        apply_setup(address, setup)
    return setup


def _address(url: str, place: Place, environment: Mapping[str, str], key: str) -> Address:
    try:
        from loadline.adapters.warehouses.postgres.address import read_address  # noqa: PLC0415
    except ImportError as error:  # psycopg raises it too where there is no libpq
        what = "the driver for PostgreSQL, psycopg, is not installed or cannot be loaded"
        raise fault(codes.NO_DRIVER, what, "pip install 'loadline-ai[postgres]'", place=place) from error
    return read_address(WarehouseSettings(kind="postgres", files={}, url=url, place=place), environment, key=key)
