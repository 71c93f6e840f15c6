"""Replies to requests that carry an idempotency key: the same request again gets the same reply, and is done once."""

from __future__ import annotations

import sqlite3
import threading
from datetime import datetime, timedelta
from pathlib import Path

from loadline.values.reply import InProgress, OtherRequest, Replied, Reply

KEPT = timedelta(hours=24)
FORGOTTEN = Reply(
    status=410,
    body=b'{"type":"about:blank","title":"forgotten","status":410,'
    b'"detail":"this request was done, and its reply has been forgotten"}',
)
"""What a request gets that is sent again after somebody was forgotten: it is not done twice."""

_TABLE = """
CREATE TABLE IF NOT EXISTS replies (
  caller TEXT NOT NULL, name TEXT NOT NULL, request TEXT NOT NULL, at TEXT NOT NULL, status INTEGER, body BLOB,
  PRIMARY KEY (caller, name)
) WITHOUT ROWID
"""


class SqliteReplies:
    """One file, shared by every process that serves the project. Safe to call from several threads."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.Lock()
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=10)
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute(_TABLE)

    def claim(self, caller: str, name: str, request: str, now: datetime) -> Replied | InProgress | OtherRequest | None:
        """None where this request is to be done now: nobody else is told so until `keep` or `release`. `request` is the
        digest of all that was asked. One whose server died while doing it stays in progress for as long as it is kept:
        whether it was done is not known, so it is not done again."""
        with self._lock:
            self._connection.execute("DELETE FROM replies WHERE at < ?", [(now - KEPT).isoformat()])
            done = self._connection.execute(
                "INSERT OR IGNORE INTO replies (caller, name, request, at) VALUES (?, ?, ?, ?)",
                [caller, name, request, now.isoformat()],
            )
            if done.rowcount:
                return None
            known, status, body = self._connection.execute(
                "SELECT request, status, body FROM replies WHERE caller = ? AND name = ?", [caller, name]
            ).fetchone()
        if known != request:
            return OtherRequest()
        return InProgress() if status is None else Replied(reply=Reply(status=status, body=body))

    def keep(self, caller: str, name: str, reply: Reply) -> None:
        with self._lock:
            self._connection.execute(
                "UPDATE replies SET status = ?, body = ? WHERE caller = ? AND name = ?",
                [reply.status, reply.body, caller, name],
            )

    def release(self, caller: str, name: str) -> None:
        """It was not done: it may be tried again."""
        with self._lock:
            self._connection.execute(
                "DELETE FROM replies WHERE caller = ? AND name = ? AND status IS NULL", [caller, name]
            )

    def forget(self) -> None:
        """Let go of what was replied, to whomever, and leave no byte of it in the file; what was done stays done."""
        with self._lock:
            self._connection.execute("PRAGMA secure_delete = ON")
            self._connection.execute(
                "UPDATE replies SET status = ?, body = ? WHERE status IS NOT NULL", [FORGOTTEN.status, FORGOTTEN.body]
            )
            self._connection.execute("VACUUM")
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        self._connection.close()
