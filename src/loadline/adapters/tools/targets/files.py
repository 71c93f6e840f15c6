"""The settings of a target that is a file in; its path out."""

from __future__ import annotations

from pathlib import Path

from loadline.adapters.tools.targets.codes import NO_SUCH_FILE
from loadline.adapters.tools.targets.said import outside
from loadline.values.effect import TargetSettings


def existing(settings: TargetSettings, root: Path) -> Path:
    """Raises OutsideError when it is not there: a target is never made by writing to it."""
    path = root / (settings.path or "")
    if not path.is_file():
        what = f"there is no database `{settings.path or ''}` for the target `{settings.name}`"
        raise outside(
            NO_SUCH_FILE, what, "correct `database`; it is seen from the folder of loadline.yaml", place=settings.place
        )
    return path
