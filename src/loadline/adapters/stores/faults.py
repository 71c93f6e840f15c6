"""What went wrong with a ledger's file in, our errors out: what, why, and how to mend it."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

from loadline.adapters.stores import codes
from loadline.errors import Bug, LoadlineError, OutsideError, TamperError
from loadline.values.diagnostic import Diagnostic

_SHARED_MEMORY_BYTES = 32 * 1024  # what SQLite needs at once for it


def not_a_ledger(path: Path) -> Diagnostic:
    return Diagnostic(
        code=codes.NOT_A_LEDGER,
        what=f"`{path}` is not a ledger",
        why="`store.path` must name a file that `loadline init` made",
        mend="name the ledger's file under `store:` in loadline.yaml",
    )


def no_ledger(path: Path) -> OutsideError:
    return OutsideError(
        Diagnostic(
            code=codes.NO_LEDGER,
            what=f"there is no ledger at `{path}`",
            why="a ledger is made once, by `loadline init`; a lost one is not replaced unseen",
            mend="run `loadline init`, or restore the ledger from a copy if there was one",
        )
    )


def failure(error: sqlite3.Error, path: Path, *, wait_seconds: float) -> LoadlineError:
    """What SQLite's error means to whoever asked."""
    match getattr(error, "sqlite_errorcode", 0) & 0xFF:
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            said = Diagnostic(
                code=codes.LOCKED,
                what=f"another writer holds the ledger `{path}`",
                why=f"one transaction writes at a time; this one waited {wait_seconds:g} s for its turn",
                mend="try again; if it stays so, end the program that keeps the ledger open",
            )
            return OutsideError(said, retryable=True)
        case sqlite3.SQLITE_FULL | sqlite3.SQLITE_IOERR if _is_full(error, path):
            said = Diagnostic(
                code=codes.DISK_FULL,
                what=f"there is no space left to write the ledger `{path}`",
                why="nothing is done before its intent is on disk; nothing was half-written",
                mend="free some space, then try again",
            )
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_PERM | sqlite3.SQLITE_AUTH:
            said = not_writable(path)
        case sqlite3.SQLITE_NOTADB:
            said = not_a_ledger(path)
        case sqlite3.SQLITE_CORRUPT:
            said = Diagnostic(
                code=codes.DAMAGED,
                what=f"the file of the ledger `{path}` is damaged",
                why=f"the database contradicts itself: {error}",
                mend="restore the ledger from a copy, then run `loadline ledger prove`",
            )
            return TamperError(said)
        case sqlite3.SQLITE_CANTOPEN if not path.exists():
            return no_ledger(path)
        case sqlite3.SQLITE_ERROR:  # no such table or column: somebody altered the ledger's tables
            said = Diagnostic(
                code=codes.DAMAGED,
                what=f"the tables of the ledger `{path}` are not as they were made",
                why=f"the database says: {error}",
                mend="restore the ledger from a copy, then run `loadline ledger prove`",
            )
            return TamperError(said)
        case _:
            said = Diagnostic(
                code=codes.DISK_FAILED,
                what=f"the ledger `{path}` cannot be read or written",
                why=f"the disk, or the database on it, says: {error}",
                mend="check that the folder exists, that it is yours, and that the disk is well",
            )
    return OutsideError(said)


def _is_full(error: sqlite3.Error, path: Path) -> bool:
    """SQLite says so, except for its shared-memory file, which a full disk makes an input/output error."""
    if error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_FULL:
        return True
    try:
        return shutil.disk_usage(path.parent).free < _SHARED_MEMORY_BYTES
    except OSError:
        return False


def not_writable(path: Path) -> Diagnostic:
    return Diagnostic(
        code=codes.NOT_WRITABLE,
        what=f"the ledger `{path}` cannot be written",
        why="the file or its folder is read-only for you, and every question is recorded",
        mend=f"chmod u+w '{path.parent}' '{path}'",
    )


def cannot_create(path: Path, error: OSError) -> OutsideError:
    return OutsideError(
        Diagnostic(
            code=codes.NOT_WRITABLE,
            what=f"the ledger `{path}` cannot be made there",
            why=f"the system says: {error.strerror}",
            mend=f"make `{path.parent}` a folder you may write to, or name another path under `store:`",
        )
    )


def no_signer(path: Path) -> Diagnostic:
    return Diagnostic(
        code=codes.NO_KEY,
        what=f"the ledger `{path}` was opened without its signing key",
        why="every checkpoint is signed with the key made by `loadline init`",
        mend="restore `ledger.key` beside the ledger",
    )


def interrupted(path: Path) -> Diagnostic:
    return Diagnostic(
        code=codes.DISK_FAILED,
        what=f"writing the ledger `{path}` was interrupted",
        why="another thread was writing for this one too, and somebody stopped it",
        mend="try again; whether it was recorded the ledger itself will say",
    )


def no_checkpoint(path: Path) -> Diagnostic:
    return Diagnostic(
        code=codes.DAMAGED,
        what=f"the ledger `{path}` has no checkpoint",
        why="every ledger has one from the moment it is made",
        mend="restore the ledger from a copy",
    )


def closed() -> Bug:
    return Bug(
        Diagnostic(
            code=codes.CLOSED,
            what="the ledger was closed",
            why="after `close()` nothing more is recorded",
            mend="open it again",
        )
    )
