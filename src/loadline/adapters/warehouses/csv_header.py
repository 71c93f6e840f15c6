"""A text file in, its delimiter and the names in its first row out.

The header alone decides the delimiter: it is the one row that is sure to hold no free text, and a guess from the rows
below could change when they do. Quotes are double quotes, doubled inside (RFC 4180); the text is UTF-8.
"""

from __future__ import annotations

import csv
import gzip
import re
import zlib
from pathlib import Path
from typing import TextIO

from loadline.adapters.warehouses import codes
from loadline.adapters.warehouses.naming import check_header
from loadline.adapters.warehouses.said import fault
from loadline.adapters.warehouses.sources import Source

_DELIMITERS = (",", ";", "\t", "|")
_QUOTED = re.compile(r'"[^"]*"')


def read_csv_header(source: Source, path: Path) -> tuple[str, tuple[str, ...]]:
    """Raises OutsideError when there is no header, a name is missing or repeated, or the file is not UTF-8 text."""
    try:
        with open_text(path) as file:
            line = _QUOTED.sub("", file.readline())
            delimiter = max(_DELIMITERS, key=line.count) if any(d in line for d in _DELIMITERS) else ","
            file.seek(0)
            names = tuple(next(csv.reader(file, delimiter=delimiter, strict=True), ()))
    except UnicodeDecodeError as error:
        what = f"`{source.pattern}` is not UTF-8 text"
        raise fault(codes.NOT_WHAT_IT_SAYS, what, "save it as UTF-8", place=source.place) from error
    except (gzip.BadGzipFile, EOFError, zlib.error, csv.Error) as error:
        what = f"`{source.pattern}` is damaged or not of the kind its name says: {error}"
        mend = "export the file again, or correct its ending"
        raise fault(codes.NOT_WHAT_IT_SAYS, what, mend, place=source.place) from error
    except OSError as error:
        what = f"`{source.pattern}` cannot be read: {error.strerror}"
        raise fault(
            codes.UNREADABLE_FILE, what, "make the file readable to this account", place=source.place
        ) from error
    check_header(names, source)
    return delimiter, names


def open_text(path: Path) -> TextIO:
    if path.suffix.lower() == ".gz":
        return gzip.open(path, "rt", encoding="utf-8-sig", newline="")
    return path.open(encoding="utf-8-sig", newline="")
