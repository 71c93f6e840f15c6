"""A path in, an SQLite connection to a ledger out; and what SQLite says in, our errors out."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from urllib.parse import quote

from loadline.adapters.stores import codes
from loadline.errors import LoadlineError, OutsideError, TamperError
from loadline.values.diagnostic import Diagnostic

APPLICATION_ID = 0x4C4F4144  # "LOAD", in the header of the file
FORMAT = 1

# Rows are only ever added, each table at its end, so a commit writes few pages. `node` holds the tree's full nodes in
# the order they became full (`loadline.ledger.node_order`).
SCHEMA = (
    "CREATE TABLE entry (idx INTEGER PRIMARY KEY, leaf BLOB NOT NULL, salt BLOB NOT NULL, payload BLOB NOT NULL)",
    "CREATE TABLE node (id INTEGER PRIMARY KEY, hash BLOB NOT NULL)",
    "CREATE TABLE checkpoint (size INTEGER PRIMARY KEY, root BLOB NOT NULL, note TEXT NOT NULL)",
    "CREATE TABLE entry_key (key TEXT NOT NULL, idx INTEGER NOT NULL, PRIMARY KEY (key, idx)) WITHOUT ROWID",
    f"PRAGMA application_id = {APPLICATION_ID}",
    f"PRAGMA user_version = {FORMAT}",
)


def connect(path: Path, *, wait_seconds: float, is_read_only: bool = False) -> sqlite3.Connection:
    """A connection whose commits are on disk when they return. Transactions are begun by hand."""
    mode = "ro" if is_read_only else "rw"
    if is_read_only and not os.access(path.parent, os.W_OK) and not path.with_name(f"{path.name}-wal").exists():
        mode = "ro&immutable=1"  # SQLite would want to create its lock file, and nobody can write here anyway
    connection = sqlite3.connect(
        f"file:{quote(str(path.absolute()))}?mode={mode}",
        uri=True,
        timeout=wait_seconds,
        isolation_level=None,
        check_same_thread=False,
    )
    try:
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA fullfsync = ON")  # on macOS fsync alone does not reach the disk
        connection.execute("PRAGMA trusted_schema = OFF")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def check_format(connection: sqlite3.Connection, path: Path) -> None:
    """Raises OutsideError unless this is a ledger this version can read."""
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if application == APPLICATION_ID and version == FORMAT:
        return
    if application == APPLICATION_ID and version > FORMAT:
        raise OutsideError(
            Diagnostic(
                code=codes.NEWER_FORMAT,
                what=f"the ledger `{path}` has format {version}",
                why=f"this version of loadline knows format {FORMAT}",
                mend="pip install --upgrade loadline-ai",
            )
        )
    if is_unfinished(connection):
        raise OutsideError(
            Diagnostic(
                code=codes.NO_LEDGER,
                what=f"the ledger `{path}` was begun and never finished",
                why="making it was interrupted before anything was recorded",
                mend="run `loadline init` again: it finishes the ledger",
            )
        )
    raise OutsideError(not_a_ledger(path))


def is_unfinished(connection: sqlite3.Connection) -> bool:
    """Whether this is an empty database: what an interrupted creation leaves."""
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    return bool(application == 0 and tables == 0)


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
        case sqlite3.SQLITE_FULL:
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


def not_writable(path: Path) -> Diagnostic:
    return Diagnostic(
        code=codes.NOT_WRITABLE,
        what=f"the ledger `{path}` cannot be written",
        why="the file or its folder is read-only for you, and every question is recorded",
        mend=f"chmod u+w '{path.parent}' '{path}'",
    )
