"""What parts of tables said when they were last looked at in, and out again: a cache beside the ledger.

It is only ever a short cut. A file that is missing, broken, locked or not writable costs time and nothing else: then
everything is read anew. Deleting it is always safe.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

_SCHEMA = "CREATE TABLE IF NOT EXISTS said (tbl TEXT, key TEXT, row TEXT, PRIMARY KEY (tbl, key)) WITHOUT ROWID"
_WAIT_SECONDS = 1.0
_MAKERS: Mapping[str, Callable[[str], object]] = {
    "decimal": Decimal,
    "float": float,
    "instant": datetime.fromisoformat,
    "day": date.fromisoformat,
}
Values = tuple[object, ...]


class SqlitePartStates:
    """Implements `loadline.flow.ports.PartStates` with one file, which holds numbers and ends of columns, no rows."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read_states(self, table: str) -> Mapping[str, Values]:
        found: dict[str, Values] = {}
        if not self._path.exists():
            return found
        with suppress(sqlite3.Error, ValueError, KeyError, ArithmeticError), self._open() as connection:
            for key, row in connection.execute("SELECT key, row FROM said WHERE tbl = ?", (table,)):
                written = json.loads(row)
                if isinstance(written, list):
                    found[key] = tuple(map(_read, written))
        return found

    def write_states(self, table: str, new: Mapping[str, Values], gone: Iterable[str]) -> None:
        rows = list(_rows(table, new))
        try:
            self._path.touch(mode=0o600)
            with self._open() as connection, connection:
                connection.executemany("DELETE FROM said WHERE tbl = ? AND key = ?", [(table, key) for key in gone])
                connection.executemany("INSERT OR REPLACE INTO said VALUES (?, ?, ?)", rows)
        except (sqlite3.OperationalError, OSError):
            pass  # locked, or a folder that cannot be written
        except sqlite3.DatabaseError:
            self._path.unlink(missing_ok=True)  # broken: the next look fills a new one

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self._path, timeout=_WAIT_SECONDS)) as connection:
            connection.execute("PRAGMA trusted_schema = OFF")
            connection.execute(_SCHEMA)
            yield connection


def _rows(table: str, new: Mapping[str, Values]) -> Iterator[tuple[str, str, str]]:
    for key, values in new.items():
        with suppress(TypeError):  # a type of which no text is read back as the same value
            yield table, key, json.dumps(list(map(_written, values)))


def _written(value: object) -> object:
    """Values that JSON has no type for are written with the name of theirs. Raises TypeError for any other."""
    match value:
        case None | bool() | int() | str():
            return value
        case float():
            return {"float": repr(value)}
        case Decimal():
            return {"decimal": str(value)}
        case datetime():
            return {"instant": value.isoformat()}
        case date():
            return {"day": value.isoformat()}
        case _:
            raise TypeError(type(value).__name__)


def _read(written: object) -> object:
    if not isinstance(written, dict):
        return written
    ((name, text),) = written.items()
    return _MAKERS[name](text)
