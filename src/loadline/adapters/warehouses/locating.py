"""A value that does not fit and the files it may stand in, in; the file and line, out.

Read only on the way to an error.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from loadline.adapters.warehouses.csv_header import open_text, read_csv_header
from loadline.adapters.warehouses.sources import FileKind, Source


def locate(source: Source, files: Sequence[Path], column: str, value: str) -> tuple[Path, int] | None:
    """The first line whose cell of `column` is `value`; None when it is not found, or the file has no lines."""
    for path in files:
        with suppress(OSError, ValueError, csv.Error):
            for line, cell in _cells(source, path, column):
                if cell == value:
                    return path, line
    return None


def _cells(source: Source, path: Path, column: str) -> Iterator[tuple[int, str]]:
    if source.kind is FileKind.CSV:
        delimiter, names = read_csv_header(source, path)
        position = names.index(column)
        with open_text(path) as file:
            rows = csv.reader(file, delimiter=delimiter)
            next(rows)
            before = rows.line_num
            for row in rows:
                if position < len(row):
                    yield before + 1, row[position]
                before = rows.line_num
    elif source.kind is FileKind.JSON_LINES:
        with open_text(path) as file:
            for line, text in enumerate(file, start=1):
                cell = json.loads(text).get(column) if text.strip() else None
                if cell is not None:
                    yield line, cell if isinstance(cell, str) else json.dumps(cell)
