"""Whose content is to go in; keys destroyed, plain content taken out, and an erasure on record, out.

The order makes a `kill -9` harmless. Destroying the keys and noting what is still to be done is one transaction beside
the ledger: before it nothing is forgotten, after it everything sealed is. What is still to be done (the record, and
the content of entries that were never sealed) can be done again from that note, and is, by whoever opens the ledger
next.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from loadline.adapters.stores.database import connect
from loadline.adapters.stores.faults import failure
from loadline.adapters.stores.sqlite import WAIT_SECONDS, SqliteStore
from loadline.adapters.stores.vault import Scope
from loadline.ledger import Draft, Kind
from loadline.ledger.sealed import ranges_of

ERASURES = "erasures"
"""What every erasure is found by."""
_AT_ONCE = 500
_OPEN = ("what", "subject", "classes", "because", "keys", "removed")
_NAP_SECONDS = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgotten:
    """`keys` were destroyed, and `removed` entries that were never sealed have lost their content. `subject` is the
    name under which the ledger speaks of who was forgotten; it says nothing. `index` is the erasure's entry."""

    run: str
    keys: int
    removed: int
    subject: str | None
    index: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """Who says so, why, and which entries that were never sealed are to lose their content."""

    run: str
    by: str
    because: str
    at: datetime
    rows: Sequence[int] = ()


def forget(store: SqliteStore, scope: Scope, order: Order) -> Forgotten:
    """Raises OutsideError where the ledger cannot be written, or somebody else keeps it open too long; then what was
    begun is finished when it is next opened."""
    vault = store.vault
    token = vault.token(scope.subject) if scope.subject is not None else None
    said = {
        "by": order.by,
        "at": order.at.isoformat(),
        "because": order.because,
        "subject": token,
        "classes": {group.value: day for group, day in (scope.before or {}).items()},
        "keys": vault.count_keys(scope),
        "removed": ranges_of(order.rows),
    }
    vault.begin_forgetting(order.run, scope, said)
    return _finish(store, order.run, said)


def finish_forgetting(store: SqliteStore) -> tuple[Forgotten, ...]:
    """What a process that was killed left."""
    return tuple(_finish(store, run, said) for run, said in store.vault.unfinished())


def _finish(store: SqliteStore, run: str, said: Mapping[str, Any]) -> Forgotten:
    payload = {"what": "erased" if said["classes"] == {} else "expired", **said}
    at = datetime.fromisoformat(payload.pop("at"))
    subjects = (str(said["by"]),) if said["by"] else ()
    draft = Draft(kind=Kind.ERASURE, run=run, at=at, payload=payload, keys=(ERASURES,), subjects=subjects, open=_OPEN)
    entries = store.append_if([draft], {run: None}) or store.find_entries(run, limit=1)
    indexes = [index for first, last in said["removed"] for index in range(first, last + 1)]
    take_out(store, indexes)
    store.vault.end_forgetting(run)
    return Forgotten(
        run=run, keys=int(said["keys"]), removed=len(indexes), subject=said["subject"], index=entries[0].index
    )


def take_out(store: SqliteStore, indexes: Sequence[int]) -> None:
    """Overwrite payload and salt of these entries, and leave no byte of them in the file or its log."""
    if not indexes:
        return
    try:
        with closing(connect(store.path, wait_seconds=WAIT_SECONDS)) as connection:
            connection.execute("PRAGMA secure_delete = ON")
            connection.execute("BEGIN IMMEDIATE")
            for part in _parts(indexes):
                marks = ", ".join("?" * len(part))
                connection.execute(f"UPDATE entry SET salt = x'', payload = x'' WHERE idx IN ({marks})", part)
            connection.execute("COMMIT")
            connection.execute("VACUUM")  # pages that were split before may hold the same bytes once more
            _empty_log(connection)
    except sqlite3.Error as error:
        raise failure(error, store.path, wait_seconds=WAIT_SECONDS) from error


def _empty_log(connection: sqlite3.Connection) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while True:
        (is_busy, *_) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if not is_busy:
            return
        if time.monotonic() > deadline:
            busy = sqlite3.OperationalError("a reader keeps the write-ahead log")
            busy.sqlite_errorcode = sqlite3.SQLITE_BUSY
            raise busy
        time.sleep(_NAP_SECONDS)


def _parts(indexes: Sequence[int]) -> Iterable[Sequence[int]]:
    return (indexes[start : start + _AT_ONCE] for start in range(0, len(indexes), _AT_ONCE))
