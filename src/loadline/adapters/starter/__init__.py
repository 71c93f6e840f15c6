"""A folder in, the smallest complete project out."""

from __future__ import annotations

import re
import unicodedata
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

_NAME = b"first-project"


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
            content = item.read_bytes()
            if item.name == "loadline.yaml":
                content = content.replace(_NAME, name_of(target).encode())
            path.write_bytes(content)
            written.append(path)
    return written


def name_of(target: Path) -> str:
    """The folder's name, as far as a project may be named so: the ledger's origin is made of it."""
    plain = unicodedata.normalize("NFKD", target.resolve().name).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9_.@-]+", "-", plain).strip("-_.@") or _NAME.decode()
