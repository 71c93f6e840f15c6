"""Warehouse settings in; the relations they name, and the very files that may be read, out."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from stat import S_ISREG

from loadline.adapters.warehouses import codes
from loadline.adapters.warehouses.said import diagnostic, fault
from loadline.errors import OutsideError
from loadline.project import WarehouseSettings
from loadline.values.diagnostic import Diagnostic
from loadline.values.place import Place

_REMOTE = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]+:(//|/?[^\\/])")
_GLOB = re.compile(r"[*?\[]")


class FileKind(StrEnum):
    PARQUET = "parquet"
    CSV = "csv"
    SHEET = "sheet"
    JSON_LINES = "json lines"
    DATABASE = "database"


_KINDS = {
    ".parquet": FileKind.PARQUET,
    ".csv": FileKind.CSV,
    ".tsv": FileKind.CSV,
    ".csv.gz": FileKind.CSV,
    ".tsv.gz": FileKind.CSV,
    ".xlsx": FileKind.SHEET,
    ".xls": FileKind.SHEET,
    ".xlsb": FileKind.SHEET,
    ".ods": FileKind.SHEET,
    ".jsonl": FileKind.JSON_LINES,
    ".ndjson": FileKind.JSON_LINES,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where the rows of one relation (or, without one, a whole database) lie. `pattern` is as the user wrote it."""

    relation: str
    kind: FileKind
    pattern: str
    sheet: str | None = None
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class FileState:
    """What tells a changed file from an unchanged one without reading it."""

    path: Path
    size: int
    changed_ns: int
    inode: int


def read_sources(settings: WarehouseSettings) -> tuple[Source, ...]:
    """The sources `settings` name, by their words alone. Raises OutsideError with everything that is wrong."""
    wrong: list[Diagnostic] = []
    sources: dict[str, Source] = {}
    for relation, written in settings.files.items():
        if said := _relation_fault(relation, sources, settings.place):
            wrong.append(said)
            continue
        pattern, _, sheet = written.partition("#")
        kind = _KINDS.get(_ending(pattern))
        if said := _pattern_fault(pattern, settings.place):
            wrong.append(said)
        elif kind is None:
            what = f"`{written}` is of no kind that can be read"
            mend = "use one of " + ", ".join(f"`{ending}`" for ending in _KINDS)
            wrong.append(diagnostic(codes.UNKNOWN_FILE_KIND, what, mend, place=settings.place))
        else:
            source = Source(relation=relation, kind=kind, pattern=pattern, sheet=sheet or None, place=settings.place)
            sources[relation.lower()] = source
    if settings.database is not None:
        if said := _pattern_fault(settings.database, settings.place):
            wrong.append(said)
        else:
            database = Source(
                relation="", kind=FileKind.DATABASE, pattern=settings.database, sheet=None, place=settings.place
            )
            sources[""] = database
    if wrong:
        raise OutsideError(*wrong)
    return tuple(sources.values())


def find_files(source: Source, root: Path) -> tuple[FileState, ...]:
    """The files of `source` as they are now, links followed, in the order of their names.

    Raises OutsideError when there is none, or one lies outside the project without being named absolutely.
    """
    is_absolute = os.path.isabs(source.pattern)  # noqa: PTH117 - as above
    has_glob = _GLOB.search(source.pattern) is not None and source.kind is not FileKind.DATABASE
    # A name that really exists is that file, whatever characters are in it.
    if has_glob and not os.path.lexists(root / source.pattern):
        base, pattern = (
            (Path(Path(source.pattern).anchor), source.pattern[1:]) if is_absolute else (root, source.pattern)
        )
        paths = sorted(path for path in base.glob(pattern) if path.is_file())
    else:
        paths = [_joined(root, source.pattern)]
    if not paths:
        what = f"no file matches `{source.pattern}`"
        raise fault(codes.NO_SUCH_FILE, what, "correct the pattern under `warehouse.files`", place=source.place)
    fenced = None if is_absolute else root
    return tuple(_state(path, source, fenced) for path in paths)


@lru_cache(maxsize=4_096)
def _joined(root: Path, pattern: str) -> Path:
    return root / pattern


_Mark = tuple[int, int, int, int, int]
_known: dict[tuple[Path, Path | None], tuple[_Mark, FileState]] = {}
_MOST_KNOWN = 100_000


def _state(path: Path, source: Source, fenced: Path | None) -> FileState:
    """A file that was looked at before and is still the very same, there and under its real name, is not looked at
    again: every question asks eight times. `fenced` is the folder it must lie in, if it must."""
    key = (path, fenced)
    known = _known.get(key)
    if known is not None and known[0] == _mark(path) == _mark(known[1].path):
        return known[1]
    before = _mark(path)
    found = _looked_at(path, source, None if fenced is None else os.path.realpath(fenced))
    if before is not None and before == _mark(path) == _mark(found.path):
        if len(_known) >= _MOST_KNOWN:
            _known.clear()
        _known[key] = (before, found)
    return found


def _mark(path: Path) -> _Mark | None:
    """Whatever may change in a file, or of who may read it, changes it. None where it cannot be told."""
    try:
        stat = os.stat(path)  # noqa: PTH116 - it costs half of what `path.stat()` does
    except (OSError, ValueError):
        return None
    return (stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns)


def _looked_at(path: Path, source: Source, fence: str | None) -> FileState:
    try:
        real = Path(os.path.realpath(path, strict=True))
        stat = real.stat()
    except FileNotFoundError as error:
        what = f"`{source.pattern}` is not there"
        raise fault(codes.NO_SUCH_FILE, what, _missing_mend(path, source), place=source.place) from error
    except (OSError, RuntimeError) as error:
        what = f"`{source.pattern}` cannot be opened: {getattr(error, 'strerror', None) or error}"
        mend = "make the file readable to this account"
        raise fault(codes.UNREADABLE_FILE, what, mend, place=source.place) from error
    if fence is not None and not real.is_relative_to(fence):
        what = f"`{source.pattern}` leads to `{real}`, outside the project"
        raise fault(codes.OUTSIDE_PROJECT, what, f"write the absolute path `{real}`", place=source.place)
    if not S_ISREG(stat.st_mode):
        what = f"`{source.pattern}` is not a file"
        mend = f"name a file, or a pattern such as `{source.pattern.rstrip('/')}/*.parquet`"
        raise fault(codes.UNREADABLE_FILE, what, mend, place=source.place)
    if not os.access(real, os.R_OK):
        what = f"`{source.pattern}` cannot be opened: permission denied"
        raise fault(codes.UNREADABLE_FILE, what, "make the file readable to this account", place=source.place)
    return FileState(path=real, size=stat.st_size, changed_ns=stat.st_mtime_ns, inode=stat.st_ino)


def shown(path: Path, source: Source) -> str:
    """A file of `source` as a user would write it: the settings' own words, or for a pattern the file in its folder."""
    if path.name == Path(source.pattern).name or not _GLOB.search(source.pattern):
        return source.pattern
    parent = Path(source.pattern).parent
    return path.name if _GLOB.search(str(parent)) else str(parent / path.name)


def _missing_mend(path: Path, source: Source) -> str:
    from difflib import get_close_matches  # noqa: PLC0415  (only on the way to an error)

    try:
        beside = [entry.name for entry in path.parent.iterdir()]
    except OSError:
        return f"create the folder `{path.parent.name}`, or correct the path under `warehouse:`"
    if close := get_close_matches(path.name, beside, n=1):
        return f"write `{Path(source.pattern).parent / close[0]}`"
    return "put the file there, or correct the path under `warehouse:`"


def _relation_fault(relation: str, taken: dict[str, Source], place: Place) -> Diagnostic | None:
    parts = relation.split(".")
    if len(parts) > 2 or not all(part.strip() for part in parts) or "\x00" in relation:
        what = f"`{relation}` is not the name of a relation"
        return diagnostic(codes.BAD_RELATION_NAME, what, "write `schema.table`, such as `sales.orders`", place=place)
    if relation.lower() in taken:
        what = f"`{relation}` and `{taken[relation.lower()].relation}` are the same relation"
        return diagnostic(codes.BAD_RELATION_NAME, what, f"give `{relation}` another name", place=place)
    return None


def _pattern_fault(pattern: str, place: Place) -> Diagnostic | None:
    if _REMOTE.match(pattern) and not re.match(r"^[A-Za-z]:[\\/]", pattern):
        what = f"`{pattern}` is at a network address"
        return diagnostic(codes.REMOTE_ADDRESS, what, "copy the file into the project and name its path", place=place)
    if not pattern.strip() or "\x00" in pattern:
        return diagnostic(codes.NO_SUCH_FILE, f"`{pattern!r}` is not a path", "name a file", place=place)
    if ".." in Path(pattern).parts and not Path(pattern).is_absolute():
        what = f"`{pattern}` climbs out of its folder"
        mend = "write an absolute path, or a path inside the project without `..`"
        return diagnostic(codes.OUTSIDE_PROJECT, what, mend, place=place)
    return None


def _ending(pattern: str) -> str:
    suffixes = [suffix.lower() for suffix in Path(pattern).suffixes]
    return "".join(suffixes[-2:]) if suffixes[-1:] == [".gz"] else "".join(suffixes[-1:])
