"""The settings of a SQLite target in; writes with their exact effect out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from loadline.adapters.tools.targets.files import existing
from loadline.values.effect import TargetSettings

if TYPE_CHECKING:
    from loadline.adapters.tools.targets.sqlite.target import SqliteTarget


def open_sqlite_target(settings: TargetSettings, root: Path) -> SqliteTarget:
    """Raises OutsideError when there is no such file, or it cannot be written."""
    from loadline.adapters.tools.targets.sqlite.target import SqliteTarget  # noqa: PLC0415

    return SqliteTarget(existing(settings, root), settings)
