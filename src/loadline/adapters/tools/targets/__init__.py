"""The settings of a target in; a database that agents may write to, out. Its driver is loaded when it is opened."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from loadline.adapters.tools.targets.codes import CODES, UNKNOWN_KIND
from loadline.adapters.tools.targets.said import outside
from loadline.values.effect import TargetSettings

if TYPE_CHECKING:
    from loadline.flow.ports import Target

__all__ = ["CODES", "open_target"]


def open_target(settings: TargetSettings, root: Path, environment: Mapping[str, str]) -> Target:
    """Open what `settings` name; `env:NAME` is looked up in `environment`, a path is seen from the folder `root`.

    A PostgreSQL is not connected to before the first write. Raises OutsideError when the driver is not installed, an
    address is missing or cannot be read, or a file is not there.
    """
    match settings.kind:
        case "postgres":
            from loadline.adapters.tools.targets.postgres import open_postgres_target  # noqa: PLC0415  (an extra)

            return open_postgres_target(settings, environment)
        case "sqlite":
            from loadline.adapters.tools.targets.sqlite import open_sqlite_target  # noqa: PLC0415

            return open_sqlite_target(settings, root)
        case "duckdb":
            from loadline.adapters.tools.targets.duckdb import open_duckdb_target  # noqa: PLC0415

            return open_duckdb_target(settings, root)
        case kind:
            what = f"the target `{settings.name}` is of kind `{kind}`, which is not known"
            raise outside(UNKNOWN_KIND, what, "kind: postgres", place=settings.place)
