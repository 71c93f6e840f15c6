"""A folder in, the smallest complete project out."""

from __future__ import annotations

from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path


def write_starter(target: Path) -> tuple[Path, ...]:
    """Write the starter project into `target` (made when absent); return the files written. Raises OSError."""
    return tuple(_copy(files(__package__) / "files", target))


def _copy(source: Traversable, target: Path) -> list[Path]:
    written: list[Path] = []
    target.mkdir(parents=True, exist_ok=True)
    for item in sorted(source.iterdir(), key=lambda entry: entry.name):
        if item.is_dir():
            written += _copy(item, target / item.name)
        else:
            # Packaging tools overlook files that begin with a dot.
            path = target / (".gitignore" if item.name == "gitignore" else item.name)
            path.write_bytes(item.read_bytes())
            written.append(path)
    return written
