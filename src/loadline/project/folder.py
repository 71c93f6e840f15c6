"""A folder in, what `read` makes of its files out: the one place where the core meets the disk."""

from __future__ import annotations

import os
from pathlib import Path

from loadline.project import codes
from loadline.project.faults import Faults
from loadline.project.reading import ENDINGS, FOLDERS, LARGEST_BYTES, MANIFEST, Reading, read_into
from loadline.project.wording import quoted
from loadline.values.place import Place

DEEPEST = 8
MOST_FILES = 5_000


def read_folder(root: Path) -> Reading:
    """Read the project in `root`. Nothing is raised: a folder or file that cannot be read is said to be so."""
    faults = Faults()
    files: dict[str, bytes] = {}
    try:
        entries = sorted(os.scandir(root), key=lambda entry: entry.name)
    except OSError as error:
        what = "there is no folder" if isinstance(error, FileNotFoundError) else "the system will not list the folder"
        _unreadable(
            faults, None, f"{what} {quoted(root)}: {error.strerror}", "name a project's folder with `-C FOLDER`"
        )
        return Reading(project=None, diagnostics=faults.diagnostics())
    for entry in entries:
        if entry.name == MANIFEST:
            _read(Path(entry.path), MANIFEST, files, faults)
        elif entry.is_dir() and not entry.name.startswith("."):
            is_read = entry.name in FOLDERS
            _walk(Path(entry.path), entry.name, files, faults, depth=DEEPEST if is_read else 1, is_read=is_read)
    return read_into(files, root, faults)


def _walk(folder: Path, name: str, files: dict[str, bytes], faults: Faults, depth: int, is_read: bool) -> None:
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        if is_read:
            _unreadable(faults, name, f"{name}/ cannot be listed: {error.strerror}", f"chmod 755 {name}")
        return
    for entry in entries:
        path = f"{name}/{entry.name}"
        if entry.is_dir():
            if depth <= 1 and is_read:
                _unreadable(
                    faults, path, f"{path}/ lies more than {DEEPEST} folders deep", "move it up, or unlink a loop"
                )
            elif is_read:
                _walk(Path(entry.path), path, files, faults, depth - 1, is_read)
        elif entry.name.endswith(ENDINGS) and not entry.name.startswith("."):
            if is_read and len(files) < MOST_FILES:
                _read(Path(entry.path), path, files, faults)
            elif not is_read:
                files.setdefault(path, b"")  # known by its name alone: it may be a misspelled folder


def _read(path: Path, name: str, files: dict[str, bytes], faults: Faults) -> None:
    try:
        with path.open("rb") as file:
            files[name] = file.read(LARGEST_BYTES + 1)
    except OSError as error:
        _unreadable(faults, name, f"{name} cannot be read: {error.strerror}", f"chmod 644 {name}")


def _unreadable(faults: Faults, name: str | None, what: str, mend: str) -> None:
    place = Place(file=name) if name else None
    faults.add(codes.UNREADABLE, place, what, why=codes.CODES[codes.UNREADABLE].why, mend=mend)
