"""The valid project of the broken inputs, as files and as a folder, for tests to change one thing in."""

from __future__ import annotations

from pathlib import Path

from loadline.project import Project, Reading, read
from loadline.values.diagnostic import Diagnostic

BASE = Path(__file__).parents[1] / "broken" / "_base"
FILES = {path.relative_to(BASE).as_posix(): path.read_bytes() for path in BASE.rglob("*") if path.is_file()}


def reading(**changes: str) -> Reading:
    """The base with files changed or added: `context__more="…"` is `context/more.yaml`."""
    changed = {f"{name.replace('__', '/')}.yaml": text.encode() for name, text in changes.items()}
    return read(FILES | changed, BASE)


def project(**changes: str) -> Project:
    return reading(**changes).accept()


def said(**changes: str) -> list[tuple[str, int, int]]:
    """Code, line and column of everything that is said."""
    return [placed(one) for one in reading(**changes).diagnostics]


def placed(one: Diagnostic) -> tuple[str, int, int]:
    return (one.code, one.place.line, one.place.column) if one.place else (one.code, 0, 0)


def base(file: str, *edits: tuple[str, str]) -> str:
    """A file of the base with each text replaced by another, once."""
    text = FILES[file].decode()
    for old, new in edits:
        assert old in text, f"{old!r} is not in {file}"
        text = text.replace(old, new, 1)
    return text


def written(folder: Path) -> Path:
    """The base, written below `folder`."""
    for name, content in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder
