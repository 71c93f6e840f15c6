"""A path in, an SQLite connection to a ledger in a format we know out."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from urllib.parse import quote

from loadline.adapters.stores import codes
from loadline.adapters.stores.faults import not_a_ledger
from loadline.errors import OutsideError
from loadline.values.diagnostic import Diagnostic

APPLICATION_ID = 0x4C4F4144  # "LOAD", in the header of the file
FORMAT = 2  # 1 knew neither sealed payloads nor content that was taken out, and is read and continued

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
    if application == APPLICATION_ID and 1 <= version <= FORMAT:
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


def mark_format(connection: sqlite3.Connection) -> None:
    """In a transaction: from now on an older version must not read it for something else."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version == 1:
        connection.execute(f"PRAGMA user_version = {FORMAT}")


def is_unfinished(connection: sqlite3.Connection) -> bool:
    """Whether this is an empty database: what an interrupted creation leaves."""
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    return bool(application == 0 and tables == 0)
