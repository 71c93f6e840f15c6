"""The settings of a DuckDB target in; writes with their exact effect out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from loadline.adapters.tools.targets.files import existing
from loadline.values.effect import TargetSettings

if TYPE_CHECKING:
    from loadline.adapters.tools.targets.duckdb.target import DuckdbTarget


def open_duckdb_target(settings: TargetSettings, root: Path) -> DuckdbTarget:
    """Raises OutsideError when there is no such file."""
    from loadline.adapters.tools.targets.duckdb.target import DuckdbTarget  # noqa: PLC0415

    return DuckdbTarget(existing(settings, root), settings)
