"""A folder in, what came of reading it out: the one place where a room meets the disk."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, field
from pathlib import Path

from loadline.project import codes
from loadline.project.faults import Faults
from loadline.project.reading import (
    CEDAR,
    FOLDERS,
    LARGEST_BYTES,
    MANIFEST,
    SUFFIXES,
    Reading,
    kind_of_file,
    misspelled_folder,
    read,
    too_large,
)
from loadline.project.wording import quoted
from loadline.values.place import Place

DEEPEST_FOLDER = 20
MOST_FILES = 20_000

_Identity = tuple[int, int]  # device and inode


def read_folder(path: Path) -> Reading:
    """Read the project in the folder `path`. Nothing is raised: what cannot be read is among the diagnostics."""
    shelf = _Shelf()
    if path.is_dir():
        shelf.collect(path)
    else:
        folder = f"`{_shown(str(path))}`"
        shelf.faults.add(
            codes.NO_PROJECT,
            None,
            f"{folder} is not a folder" if os.path.lexists(path) else f"there is no folder {folder}",
            why=f"a project is a folder with a {quoted(MANIFEST)} in it",
            mend="name the folder of a project, or start one with `loadline init`",
        )
    return read(shelf.files, path, already=shelf.faults.found())


def read_files(path: Path) -> dict[str, bytes]:
    """The texts of the project's files by their paths below `path`; what cannot be read is missing."""
    shelf = _Shelf()
    shelf.collect(path)
    return shelf.files


@dataclass(slots=True, kw_only=True)
class _Shelf:
    """The files collected so far, and what could not be."""

    files: dict[str, bytes] = field(default_factory=dict)
    faults: Faults = field(default_factory=Faults)

    def collect(self, root: Path) -> None:
        for name in (MANIFEST, MANIFEST.replace(".yaml", ".yml")):
            if MANIFEST not in self.files and os.path.lexists(root / name):
                self._take(root / name, name)
        for folder in FOLDERS:
            if (root / folder).is_dir():
                self._walk(root / folder, folder, ())
            elif os.path.lexists(root / folder):
                self._unreadable(folder, "it is not a folder", "put a folder in its place, or remove it")
        self._warn_of_misspelled(root)

    def _walk(self, folder: Path, name: str, above: tuple[_Identity, ...]) -> None:
        try:
            seen = folder.stat()
            inside = sorted(path.name for path in folder.iterdir())
        except OSError as error:
            self._unreadable(name, f"the folder cannot be read: {_reason(error)}", f"`chmod u+rx {_shown(name)}`")
            return
        identity = (seen.st_dev, seen.st_ino)
        if identity in above or len(above) >= DEEPEST_FOLDER:
            self._unreadable(name, "the folder leads back into itself, or too deep", "remove the link, or move it up")
            return
        for found in inside:
            if found.startswith("."):
                continue
            if (folder / found).is_dir():
                self._walk(folder / found, f"{name}/{found}", (*above, identity))
            elif Path(found).suffix in SUFFIXES or kind_of_file(f"{name}/{found}") == CEDAR:
                self._take(folder / found, f"{name}/{found}")

    def _take(self, path: Path, name: str) -> None:
        shown = _shown(name)
        try:
            seen = path.stat()
            if not stat.S_ISREG(seen.st_mode):  # reading a pipe would wait for ever
                self._unreadable(name, "it is not a file", "put a file in its place, or remove it")
            elif seen.st_size > LARGEST_BYTES:
                too_large(shown, seen.st_size, self.faults)
            elif len(self.files) >= MOST_FILES:
                self._unreadable(name, f"the project has more than {MOST_FILES:,} files", "move what is none of it")
            else:
                self.files[shown] = path.read_bytes()
        except OSError as error:
            self._unreadable(name, f"the file cannot be read: {_reason(error)}", f"`chmod u+r {shown}`")

    def _unreadable(self, name: str, what: str, mend: str) -> None:
        self.faults.add(
            codes.UNREADABLE,
            Place(file=_shown(name)),
            what,
            why="a project is read whole or not at all: what is skipped could hold the rule that forbids",
            mend=mend,
        )

    def _warn_of_misspelled(self, root: Path) -> None:
        names = _folders_in(root)
        for name in names:
            meant = misspelled_folder(name)
            if meant is None or meant in names or not _has_yaml(root / name):
                continue
            self.faults.warn(
                codes.UNREAD_FOLDER,
                Place(file=_shown(name)),
                f"the folder {quoted(_shown(name))} is not read",
                why=f"definitions are read from {', '.join(f'{folder}/' for folder in FOLDERS)}",
                mend=f"rename it to {quoted(meant)}",
            )


def _folders_in(root: Path) -> list[str]:
    try:
        return sorted(path.name for path in root.iterdir() if not path.name.startswith(".") and path.is_dir())
    except OSError:  # a folder that can be entered and not listed: nothing misspelled can be seen
        return []


def _has_yaml(folder: Path) -> bool:
    try:
        return any(path.suffix in SUFFIXES for path in folder.iterdir())
    except OSError:  # not ours to read
        return False


def _reason(error: OSError) -> str:
    words = error.strerror or str(error)
    return words[:1].lower() + words[1:]


def _shown(name: str) -> str:
    """A file name that can be printed: bytes that are not UTF-8 are spelled out."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
