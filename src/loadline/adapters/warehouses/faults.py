"""DuckDB's error in, ours out: what went wrong in the user's words, why, and how to mend it."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence
from pathlib import Path

import duckdb

from loadline.adapters.warehouses import codes
from loadline.adapters.warehouses.said import fault, missing_relation
from loadline.errors import OutsideError
from loadline.values.place import Place

_OFFSET_IN_CLOCK = re.compile(r":[0-9]{2}([.][0-9]+)? ?(Z|[+-][0-9]{2}(:?[0-9]{2})?)$")
_MISSING_TABLE = re.compile(r'Table with name "?(?P<name>[^"\n]+?)"? does not exist')
_MISSING_COLUMN = re.compile(
    r'(?:Referenced column "(?P<a>[^"]+)" (?:was )?not found|does not have a column named "(?P<b>[^"]+)")'
)
_CSV_LINE = re.compile(r"CSV Error on Line: (?P<line>\d+)")
_CSV_COLUMN = re.compile(r'Error when converting column "(?P<column>[^"]+)"\. (?P<what>[^\n]+)')
_CSV_FILE = re.compile(r"^\s*file = (?P<file>.+)$", re.MULTILINE)
_QUOTED_PATH = re.compile(r"""["'](?P<path>[^"'\n]+\.\w{2,7})["']""")


def translate(
    error: duckdb.Error,
    *,
    relations: Callable[[], Sequence[str]] = tuple,
    missing_column: Callable[[str], OutsideError] | None = None,
    subject: str = "a data file",
    root: Path | None = None,
    place: Place | None = None,
) -> OutsideError:
    """What DuckDB raised, as ours. `relations` and `missing_column` are asked only when their names would help;
    `subject` is the file meant when the engine names none, and paths are said as seen from `root`."""
    text = str(error) if root is None else str(error).replace(f"{root}{os.sep}", "")
    brief = _brief(text)
    if found := _resource_fault(error, text, place):
        return found
    if match := _MISSING_TABLE.search(text):
        return missing_relation(match["name"], relations(), place)
    if missing_column is not None and (match := _MISSING_COLUMN.search(text)):
        return missing_column(match["a"] or match["b"])
    if isinstance(error, duckdb.PermissionException) or "read-only mode" in text or "has been locked" in text:
        return fault(
            codes.NOT_A_READ, f"the query reaches outside the warehouse: {brief}", "read only listed relations"
        )
    if found := _file_fault(error, text, subject, place):
        return found
    return fault(codes.REFUSED_BY_ENGINE, f"the warehouse refused the query: {brief}", _REFUSED_MEND, place=place)


_REFUSED_MEND = "compare the expression with the column types that `loadline check` reads from the warehouse"


def _resource_fault(error: duckdb.Error, text: str, place: Place | None) -> OutsideError | None:
    lowered = text.lower()
    if "set lock on file" in lowered or "file is already open in" in lowered or "being used by another" in lowered:
        holder = re.search(r"held in (.+?\(PID \d+\))", text)
        who = f" by {holder[1]}" if holder else ""
        mend = "close the program that writes to it, or point `warehouse.database` at a copy"
        return fault(codes.LOCKED_DATABASE, f"the database is locked{who}", mend, place=place, retryable=True)
    if "no space left" in lowered or "max_temp_directory_size" in lowered or "disk full" in lowered:
        mend = "free some disk, set TMPDIR to a folder on a larger one, or ask for fewer groups"
        return fault(codes.OUT_OF_DISK, "the query ran out of room for temporary files", mend, retryable=True)
    if isinstance(error, duckdb.OutOfMemoryException):
        mend = "ask for fewer groups or a shorter window, or run where there is more memory"
        return fault(codes.OUT_OF_MEMORY, "the query ran out of memory", mend, retryable=True)
    if isinstance(error, duckdb.InterruptException):
        return fault(codes.CANCELLED, "the query was cancelled", "run it again", retryable=True)
    return None


def unfit_fault(at: str, column: str, engine_type: str, value: str, place: Place | None) -> OutsideError:
    """`at` says file and line; `value` of `column` is not, or not exactly, an `engine_type`."""
    written = " ".join(value.split())
    written = written[:60] + (" …" if len(written) > 60 else "")
    said = _PROMISED.get(engine_type, engine_type)
    mend = f"correct the value, or the type of `{column}` in its contract"
    if engine_type == "TIMESTAMP" and _OFFSET_IN_CLOCK.search(value):
        what = f"{at}, column `{column}`: `{written}` has a time zone offset, and is promised without a time zone"
        mend = "give its contract `logicalTypeOptions: {timezone: true}`, or export the clock time alone"
        return fault(codes.UNFIT_VALUE, what, mend, place=place)
    return fault(codes.UNFIT_VALUE, f"{at}, column `{column}`: `{written}` is not exactly {said}", mend, place=place)


_PROMISED = {
    "BIGINT": "a whole number of 64 bits (`integer`)",
    "DOUBLE": "a number",
    "BOOLEAN": "true or false",
    "DATE": "a day, year-month-day",
    "TIME": "a time of day in microseconds",
    "TIMESTAMP": "a day and time in microseconds",
    "TIMESTAMPTZ": "an instant in microseconds",
}


def _file_fault(error: duckdb.Error, text: str, subject: str, place: Place | None) -> OutsideError | None:
    path = _CSV_FILE.search(text) or _QUOTED_PATH.search(text)
    name = path[1].strip() if path else subject
    if match := _CSV_COLUMN.search(text):
        line = _CSV_LINE.search(text)
        at = f" in line {line['line']}" if line else ""
        what = f"`{name}`{at}, column `{match['column']}`: {_lower(match['what'])}"
        return fault(codes.UNFIT_VALUE, what, f"correct the value, or the type of `{match['column']}` in its contract")
    if "No files found" in text or "No such file" in text or ("does not exist" in text and "database" in text):
        return fault(codes.NO_SUCH_FILE, f"`{name}` is not there", "correct the path under `warehouse:`", place=place)
    if "schema mismatch" in text or "could not be found in file" in text:
        what = f"the files of one relation differ: {_brief(text)}"
        return fault(codes.UNLIKE_FILES, what, "list files of other columns as another relation", place=place)
    if any(sign in text for sign in _DAMAGE):
        what = f"`{name}` is damaged or not of the kind its name says: {_brief(text)}"
        return fault(codes.NOT_WHAT_IT_SAYS, what, "export the file again, or correct its ending", place=place)
    if isinstance(error, duckdb.ConversionException):
        what = f"a value does not fit its type: {_brief(text)}"
        return fault(codes.UNFIT_VALUE, what, "correct the value, or the type in its contract", place=place)
    if isinstance(error, duckdb.IOException):
        what = f"`{name}` cannot be read: {_brief(text)}"
        return fault(codes.UNREADABLE_FILE, what, "make the file readable to this account", place=place)
    return None


_DAMAGE = (
    "No magic bytes",
    "Footer length error",
    "too small to be a Parquet",
    "Failed to read file",
    "Snappy",
    "ZSTD",
    "Malformed JSON",
    "CSV Error",
    "CSV Parser",
    "not utf-8",
    "Invalid unicode",
    "not a valid DuckDB",
    "Corrupt",
    "corrupt",
    "checksum",
    "Checksum",
    "TProtocolException",
    "Parquet",
    "GZIP",
    "serializ",
)


def _brief(text: str) -> str:
    """The engine's words on one line, without its kind of error, its arrows and its advice."""
    head = re.split(r"\n\s*\n|\nLINE \d+:|\nPossible |\n\s*file = ", text, maxsplit=1)[0]
    head = re.sub(r"^(?:[A-Za-z]+ )+Error: ", "", " ".join(head.split()))
    return _lower(head[:300].rstrip(" ."))


def _lower(text: str) -> str:
    """A clause does not start with a capital, unless its first word is a name such as `CSV`."""
    return text[:1].lower() + text[1:] if text[1:2].islower() else text
