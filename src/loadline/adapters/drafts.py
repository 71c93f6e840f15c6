"""Paths of data in, the warehouse they make out; files of a draft in, written (and never over another) out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

DATA_ENDINGS = (
    ".parquet", ".csv", ".tsv", ".csv.gz", ".tsv.gz", ".xlsx", ".xls", ".xlsb", ".ods", ".jsonl", ".ndjson",
)  # fmt: skip
DATABASE_ENDINGS = (".duckdb", ".ddb", ".db")
TEXT_ENDINGS = (".csv", ".tsv", ".csv.gz", ".tsv.gz", ".xlsx", ".xls", ".xlsb", ".ods", ".jsonl", ".ndjson")


@dataclass(frozen=True, slots=True, kw_only=True)
class DataFound:
    """Data files, sorted, each once; databases; and paths that are neither."""

    files: tuple[Path, ...]
    databases: tuple[Path, ...]
    others: tuple[Path, ...]


def find_data(paths: Iterable[Path]) -> DataFound:
    """A folder stands for the data files in it."""
    files: dict[Path, None] = {}
    databases: dict[Path, None] = {}
    others: dict[Path, None] = {}
    for path in paths:
        inside = sorted(path.iterdir()) if path.is_dir() else [path]
        for one in inside:
            name = one.name.lower()
            if name.endswith(DATA_ENDINGS):
                files[one] = None
            elif name.endswith(DATABASE_ENDINGS):
                databases[one] = None
            elif not path.is_dir():
                others[one] = None
    return DataFound(files=tuple(files), databases=tuple(databases), others=tuple(others))


def stem_of(path: Path) -> str:
    """The name without its ending, `.csv.gz` included."""
    name = path.name
    ending = next((one for one in sorted(DATA_ENDINGS, key=len, reverse=True) if name.lower().endswith(one)), "")
    return name[: len(name) - len(ending)] or name


def seen_from(root: Path, path: Path) -> str:
    """How a project names a file: below its folder relative, elsewhere in full."""
    real, home = path.resolve(), root.resolve()
    return real.relative_to(home).as_posix() if real.is_relative_to(home) else real.as_posix()


def existing_files(root: Path, names: Iterable[str]) -> tuple[str, ...]:
    return tuple(name for name in names if (root / name).exists())


def write_files(root: Path, files: Mapping[str, str]) -> tuple[Path, ...]:
    """Raises FileExistsError before it would touch a file that is there, OSError when one cannot be written."""
    written = []
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
        written.append(path)
    return tuple(written)
