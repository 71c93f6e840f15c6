"""A folder and a seed in, a whole invented company in that folder out: its data, and the project that explains it.

The project's files are the ones under `template/`, as they stand; the data is made by DuckDB in a second or two. All of
it appears at once or not at all: it is written beside the target and moved there when complete.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

import duckdb

from loadline.demo import codes
from loadline.demo.planted import Planted, count_planted
from loadline.demo.sheet import workbook
from loadline.demo.tables import FILES, DataFile, make_tables
from loadline.errors import OutsideError
from loadline.values.diagnostic import Diagnostic

_PLANTED_MARK = "<!-- planted -->\n"
_ROWS_MARK = "<!-- rows -->\n"
_IGNORED = ".loadline/\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """`rows` per relation, in the order of the warehouse; `planted` is what is wrong in them on purpose."""

    root: Path
    rows: Mapping[str, int]
    planted: tuple[Planted, ...]


def write_company(target: Path, *, seed: int = 7) -> Written:
    """Write the demo company into `target`, which must not exist or be empty. Equal seeds give equal contents.

    Raises OutsideError: DEM001 when something is there already, DEM002 when the disk refuses.
    """
    try:
        if target.exists() and (not target.is_dir() or any(target.iterdir())):
            raise OutsideError(_not_empty(target))
        target.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
        try:
            written = _write(draft, seed)
            draft.chmod(0o755)  # `mkdtemp` makes a private folder; this is to be one like any other
            draft.replace(target)
        except BaseException:
            shutil.rmtree(draft, ignore_errors=True)
            raise
    except (OSError, duckdb.IOException) as fault:
        raise OutsideError(_not_writable(target, fault)) from fault
    return Written(root=target, rows=written.rows, planted=written.planted)


def _write(root: Path, seed: int) -> Written:
    (root / "data").mkdir()
    with duckdb.connect() as connection:
        make_tables(connection, seed=seed)
        rows = {file.relation: _write_file(connection, file, root / file.path) for file in FILES}
        planted = count_planted(connection)
    _copy_tree(resources.files("loadline.demo") / "template", root)
    readme = root / "README.md"
    text = readme.read_text(encoding="utf-8")
    text = text.replace(_ROWS_MARK, _rows_table(rows)).replace(_PLANTED_MARK, _planted_table(planted))
    readme.write_text(text, encoding="utf-8")
    listed = json.dumps([asdict(defect) for defect in planted], indent=2)
    (root / "planted.json").write_text(listed + "\n", encoding="utf-8")
    (root / ".gitignore").write_text(_IGNORED, encoding="utf-8")
    return Written(root=root, rows=rows, planted=planted)


def _write_file(connection: duckdb.DuckDBPyConnection, file: DataFile, path: Path) -> int:
    ordered = f"{file.select} ORDER BY {file.order_by}"
    if path.suffix == ".xlsx":
        result = connection.execute(ordered)
        header = [str(column[0]) for column in result.description or ()]
        rows = result.fetchall()
        path.write_bytes(workbook(path.stem, header, rows))
        return len(rows)
    options = "FORMAT csv, HEADER" if path.suffix == ".csv" else "FORMAT parquet, COMPRESSION zstd"
    place = str(path).replace("'", "''")
    written: int = connection.execute(f"COPY ({ordered}) TO '{place}' ({options})").fetchall()[0][0]
    return written


def _copy_tree(source: Traversable, target: Path) -> None:
    for item in source.iterdir():
        if item.is_dir():
            (target / item.name).mkdir(exist_ok=True)
            _copy_tree(item, target / item.name)
        else:
            (target / item.name).write_bytes(item.read_bytes())


def _rows_table(rows: Mapping[str, int]) -> str:
    total = sum(rows.values())
    lines = [(f"`{relation}`", f"{count:,}") for relation, count in rows.items()]
    return _markdown(("relation", "rows"), [*lines, ("together", f"{total:,}")])


def _planted_table(planted: Sequence[Planted]) -> str:
    return _markdown(
        ("flaw", "where", "rows", "what"),
        [(p.name, f"`{p.relation}.{p.column}`", f"{p.rows:,}", p.what) for p in planted],
    )


def _markdown(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    rule = ["---:" if name == "rows" else "---" for name in header]
    return "".join("| " + " | ".join(row) + " |\n" for row in (header, rule, *rows))


def _not_empty(target: Path) -> Diagnostic:
    return Diagnostic(
        code=codes.NOT_EMPTY,
        what=f"`{target}` holds something already",
        why=codes.CODES[codes.NOT_EMPTY].why,
        mend=f"name a folder that does not exist yet, such as `{target / 'quaywind'}`"
        if target.is_dir()
        else f"name a folder that does not exist yet, such as `{target.with_name('quaywind')}`",
    )


def _not_writable(target: Path, fault: Exception) -> Diagnostic:
    reason = fault.strerror if isinstance(fault, OSError) and fault.strerror else str(fault).splitlines()[0]
    return Diagnostic(
        code=codes.NOT_WRITABLE,
        what=f"the demo company cannot be written to `{target}`: {reason}",
        why=codes.CODES[codes.NOT_WRITABLE].why,
        mend="name a folder you may write to, on a disk with 10 MB of room",
    )
