"""What SQLite says, said so that it can be mended."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from loadline.adapters.stores.faults import failure
from loadline.errors import LoadlineError, OutsideError, TamperError


@pytest.mark.parametrize(
    ("number", "code", "kind", "retryable"),
    [
        (sqlite3.SQLITE_BUSY, "STO005", OutsideError, True),
        (sqlite3.SQLITE_BUSY_SNAPSHOT, "STO005", OutsideError, True),
        (sqlite3.SQLITE_LOCKED, "STO005", OutsideError, True),
        (sqlite3.SQLITE_FULL, "STO006", OutsideError, False),
        (sqlite3.SQLITE_READONLY, "STO007", OutsideError, False),
        (sqlite3.SQLITE_READONLY_DBMOVED, "STO007", OutsideError, False),
        (sqlite3.SQLITE_NOTADB, "STO003", OutsideError, False),
        (sqlite3.SQLITE_CORRUPT, "STO008", TamperError, False),
        (sqlite3.SQLITE_ERROR, "STO008", TamperError, False),
        (sqlite3.SQLITE_CANTOPEN, "STO001", OutsideError, False),
        (sqlite3.SQLITE_IOERR_FSYNC, "STO009", OutsideError, False),
        (sqlite3.SQLITE_NOMEM, "STO009", OutsideError, False),
    ],
)
def test_every_kind_of_trouble_has_its_code(number: int, code: str, kind: type[LoadlineError], retryable: bool) -> None:
    error = sqlite3.OperationalError("as SQLite puts it")
    error.sqlite_errorcode = number
    said = failure(error, Path("absent/ledger.db"), wait_seconds=10)
    assert type(said) is kind
    (diagnostic,) = said.diagnostics
    assert diagnostic.code == code
    assert "absent/ledger.db" in diagnostic.what
    assert diagnostic.why
    assert diagnostic.mend
    assert getattr(said, "retryable", False) is retryable


def test_a_file_that_is_there_and_cannot_be_opened_is_not_called_missing(tmp_path: Path) -> None:
    error = sqlite3.OperationalError("unable to open database file")
    error.sqlite_errorcode = sqlite3.SQLITE_CANTOPEN
    assert failure(error, tmp_path, wait_seconds=10).diagnostics[0].code == "STO009"
