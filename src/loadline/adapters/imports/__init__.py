"""Texts of another tool's files from the disk, and the files an import makes onto it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from loadline.errors import OutsideError, RequestError
from loadline.project.importing import codes
from loadline.values.diagnostic import Diagnostic

SUFFIXES = frozenset({".yaml", ".yml", ".json"})
LARGEST_BYTES = 50_000_000
MOST_FILES = 20_000
_SKIPPED = frozenset({"target", "dbt_packages", "dbt_modules", "node_modules", "logs"})


def read_texts(source: Path) -> dict[str, str]:
    """The file `source`, or every YAML file below the folder: name to text. Folders that tools fill (dbt's `target`)
    and hidden ones are passed over. Raises RequestError when there is nothing to read, OutsideError when a disk fails.
    """
    if not source.exists():
        raise _unreadable(source, "there is no such file or folder", "name the file or folder to import")
    paths = [source] if source.is_file() else sorted(_below(source))
    texts: dict[str, str] = {}
    for path in paths[:MOST_FILES]:
        try:
            if path.stat().st_size > LARGEST_BYTES:
                raise _unreadable(path, f"it has more than {LARGEST_BYTES:,} bytes", "import its parts one by one")
            texts[str(path.relative_to(source) if path != source else path.name)] = path.read_text("utf-8-sig")
        except UnicodeDecodeError:
            raise _unreadable(path, "it is not UTF-8", "save it as UTF-8") from None
        except OSError as error:
            raise OutsideError(_said(codes.UNREADABLE, path, error.strerror or str(error), "let it be read")) from error
    return texts


def _below(folder: Path) -> list[Path]:
    found: list[Path] = []
    for path in sorted(folder.iterdir()):
        if path.name.startswith(".") or path.is_symlink():
            continue
        if path.is_dir():
            found += _below(path) if path.name not in _SKIPPED else []
        elif path.suffix in SUFFIXES - {".json"}:
            found.append(path)
    return found


def write_files(target: Path, files: Mapping[str, str]) -> tuple[Path, ...]:
    """Raises RequestError when one is there already, OSError when one cannot be written; then none is."""
    for name in files:
        if (target / name).exists():
            raise RequestError(
                Diagnostic(
                    code=codes.IN_THE_WAY,
                    what=f"`{target / name}` is there already",
                    why=codes.CODES[codes.IN_THE_WAY].why,
                    mend="import into another folder with `--into`, or move the file away first",
                )
            )
    written = []
    for name, text in files.items():
        path = target / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        written.append(path)
    return tuple(written)


def _unreadable(path: Path, why: str, mend: str) -> RequestError:
    return RequestError(_said(codes.UNREADABLE, path, why, mend))


def _said(code: str, path: Path, what: str, mend: str) -> Diagnostic:
    return Diagnostic(code=code, what=f"`{path}` cannot be read: {what}", why=codes.CODES[code].why, mend=mend)
