"""A folder in, the project in it out; and where the parts of a project lie."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from loadline import project as project_room
from loadline.errors import OutsideError, ProjectError
from loadline.flow import codes
from loadline.project import Project
from loadline.values.diagnostic import Diagnostic, Severity

LOCAL = "local"
MANIFEST = "loadline.yaml"
PARTS = "parts.db"
"""What parts of tables said, beside the ledger."""
REPLIES = "replies.db"
"""What was replied to requests that may be sent again, beside the ledger."""


def find_root(folder: Path | None) -> Path:
    """The project's folder: the one given, else the nearest from here upwards that holds `loadline.yaml`."""
    if folder is not None:
        return folder
    here = Path.cwd()
    return next((place for place in (here, *here.parents) if (place / MANIFEST).is_file()), here)


def read_project(root: Path) -> Project:
    reading = project_room.read_folder(root)
    if reading.project is None:
        raise ProjectError(*(d for d in reading.diagnostics if d.severity is Severity.ERROR))
    return reading.project


def makers() -> str:
    """This program and the driver that counts for it, with their versions: numbers made by others are not taken."""
    from importlib.metadata import PackageNotFoundError, version

    said = []
    for name in ("loadline-ai", "duckdb"):
        try:
            said.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            said.append(f"{name} of no version")
    return ", ".join(said)


def key_path(root: Path, store: str) -> Path:
    return (root / store).parent / "signing.key"


def origin(project_name: str) -> str:
    """What checkpoints are signed as: the project, not the machine."""
    return f"loadline/{project_name}"


def count(number: int, what: str) -> str:
    return f"{number} {what}" + ("" if number == 1 else "s")


def cannot_write(error: OSError, target: Path) -> OutsideError:
    return OutsideError(
        Diagnostic(
            code=codes.CANNOT_WRITE,
            what=f"`{error.filename or target}` could not be written: {error.strerror or error}",
            why="a project is a folder of files",
            mend="choose a folder you may write to, with room on its disk",
        )
    )


def pointed(root: Path, diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """The same, each with the line it points into: rooms that read no files know the place alone."""
    lines: dict[str, list[str]] = {}
    pointed = []
    for said in diagnostics:
        place = said.place
        if place is not None and said.excerpt is None:
            if place.file not in lines:
                try:
                    lines[place.file] = (root / place.file).read_text("utf-8-sig").splitlines()
                except (OSError, UnicodeDecodeError):
                    lines[place.file] = []
            if place.line <= len(lines[place.file]):
                said = replace(said, excerpt=lines[place.file][place.line - 1])  # noqa: PLW2901
        pointed.append(said)
    return tuple(pointed)
