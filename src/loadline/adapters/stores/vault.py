"""What is said of people in, ciphertext out; and back, as long as their keys are there. The keys lie beside the ledger.

Each subject has a key for each class of entries and each day, so that a person can be forgotten, and what is old. The
file is small, is no part of the ledger, and is meant to be left out of the ledger's backups: what was destroyed here
must not come back from one. It is kept with `secure_delete` and without a write-ahead log, so that no byte of a key
stays in it.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
import sqlite3
import threading
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from loadline.adapters.stores.faults import failure
from loadline.ledger import Draft, Envelope
from loadline.ledger.sealed import EntryClass, class_of, day_of, read_personal_key

APPLICATION_ID = 0x4C4F4B45  # "LOKE"
KEY_BYTES = 32
_NONCE_BYTES = 12
_MOST_CACHED = 4096
_CONTEXT = b"loadline-sealed/1"
_SCHEMA = (
    "CREATE TABLE subject (name TEXT PRIMARY KEY, token TEXT NOT NULL, secret BLOB NOT NULL) WITHOUT ROWID",
    "CREATE TABLE content_key (id TEXT PRIMARY KEY, subject TEXT, class TEXT, day TEXT, key BLOB) WITHOUT ROWID",
    "CREATE UNIQUE INDEX content_key_of ON content_key (subject, class, day)",
    "CREATE TABLE forgetting (id TEXT PRIMARY KEY, said TEXT NOT NULL) WITHOUT ROWID",
    f"PRAGMA application_id = {APPLICATION_ID}",
)


def vault_path(ledger: Path) -> Path:
    return ledger.with_name(f"{ledger.stem}.subjects.db")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Whose keys are destroyed: those of `subject`, or those of the classes in `before`, each up to its day, which is
    not included."""

    subject: str | None = None
    before: Mapping[EntryClass, str] | None = None


class Vault:
    """Implements `loadline.ledger.Seals` over one SQLite file, made when something is first sealed. Safe to use from
    many threads and processes: what another has destroyed is noticed before the next use."""

    def __init__(self, path: Path, *, wait_seconds: float) -> None:
        self._path = path
        self._wait_seconds = wait_seconds
        self._lock = threading.RLock()
        self._connection: sqlite3.Connection | None = None
        self._seen: int | None = None
        self._ids: dict[tuple[str, str, str], str] = {}
        self._keys: dict[str, bytes] = {}
        self._secrets: dict[str, bytes] = {}
        self._ciphers: dict[tuple[str, ...], AESGCM] = {}

    # sealing

    def seal(self, draft: Draft, text: bytes) -> Envelope:
        group, day = class_of(draft.kind, draft.payload).value, day_of(draft.at)
        with self._held():
            connection = self._open()
            subjects = sorted(set(draft.subjects))
            ids = tuple(self._id(connection, one, group, day) for one in subjects)
            cipher = self._cipher(ids)
        assert cipher is not None  # noqa: S101 - the keys were just made or read
        nonce = secrets.token_bytes(_NONCE_BYTES)
        sealed = nonce + cipher.encrypt(nonce, zlib.compress(text, 1), _CONTEXT)
        return Envelope(keys=ids, open={}, sealed=sealed)

    def unseal(self, envelope: Envelope) -> bytes | None:
        with self._held():
            cipher = self._cipher(envelope.keys)
        if cipher is None:
            return None
        nonce, text = envelope.sealed[:_NONCE_BYTES], envelope.sealed[_NONCE_BYTES:]
        try:
            return zlib.decompress(cipher.decrypt(nonce, text, _CONTEXT))
        except (InvalidTag, zlib.error, ValueError):
            return None

    def pseudonym(self, key: str, *, is_made: bool = False) -> str | None:
        """What stands in the ledger for a key that names a person; None where nothing is known of them."""
        read = read_personal_key(key)
        assert read is not None  # noqa: S101 - nobody else asks
        subject, what = read
        with self._held():
            connection = self._open() if is_made else self._open_if_there()
            if connection is None:
                return None
            secret = self._secret(connection, subject, is_made=is_made)
        if secret is None:
            return None
        return f"~{hmac.new(secret, what.encode(), hashlib.sha256).hexdigest()[:32]}"

    def refresh(self) -> None:
        """Notice what other processes destroyed or made. Called once before a reading."""
        with self._held():
            self._open_if_there()

    # forgetting

    def token(self, subject: str) -> str | None:
        """A name for the subject that says nothing; None for somebody of whom nothing is known."""
        with self._held():
            connection = self._open_if_there()
            if connection is None:
                return None
            row = connection.execute("SELECT token FROM subject WHERE name = ?", (subject,)).fetchone()
        return str(row[0]) if row else None

    def begin_forgetting(self, identity: str, scope: Scope, said: Mapping[str, Any]) -> int:
        """Destroy the keys and note what is still to be done, in one transaction; return how many there were."""
        with self._held():
            connection = self._open()
            with _transaction(connection):
                count = 0
                if scope.subject is not None:
                    gone = connection.execute("DELETE FROM content_key WHERE subject = ?", (scope.subject,))
                    count += gone.rowcount
                    connection.execute("DELETE FROM subject WHERE name = ?", (scope.subject,))
                for group, day in (scope.before or {}).items():
                    sql = "DELETE FROM content_key WHERE class = ? AND day < ?"
                    count += connection.execute(sql, (group.value, day)).rowcount
                connection.execute("INSERT OR REPLACE INTO forgetting VALUES (?, ?)", (identity, json.dumps(said)))
            self._forget_cache()
        return count

    def count_keys(self, scope: Scope) -> int:
        with self._held():
            connection = self._open_if_there()
            if connection is None:
                return 0
            if scope.subject is not None:
                sql = "SELECT count(*) FROM content_key WHERE subject = ?"
                return int(connection.execute(sql, (scope.subject,)).fetchone()[0])
            sql = "SELECT count(*) FROM content_key WHERE class = ? AND day < ?"
            before = (scope.before or {}).items()
            return sum(int(connection.execute(sql, (g.value, day)).fetchone()[0]) for g, day in before)

    def unfinished(self) -> Sequence[tuple[str, Mapping[str, Any]]]:
        """What was begun and not finished, by a process that ended in the middle."""
        with self._held():
            connection = self._open_if_there()
            rows = connection.execute("SELECT id, said FROM forgetting ORDER BY id").fetchall() if connection else []
        return [(str(identity), json.loads(said)) for identity, said in rows]

    def end_forgetting(self, identity: str) -> None:
        with self._held():
            connection = self._open()
            with _transaction(connection):
                connection.execute("DELETE FROM forgetting WHERE id = ?", (identity,))
            connection.execute("VACUUM")

    def close(self) -> None:
        with self._held():
            if self._connection is not None:
                self._connection.close()
                self._connection = None
            self._forget_cache()

    # the file

    @contextmanager
    def _held(self) -> Iterator[None]:
        with self._lock:
            try:
                yield
            except sqlite3.Error as error:
                raise failure(error, self._path, wait_seconds=self._wait_seconds) from error

    def _open(self) -> sqlite3.Connection:
        """Made where it is not there yet."""
        if self._connection is None:
            os.close(os.open(self._path, os.O_CREAT | os.O_RDWR, 0o600))
            self._connection = self._connected(is_made=True)
            assert self._connection is not None  # noqa: S101 - it was made
        return self._noticed(self._connection)

    def _open_if_there(self) -> sqlite3.Connection | None:
        if self._connection is None and self._path.exists():
            self._connection = self._connected(is_made=False)
        return None if self._connection is None else self._noticed(self._connection)

    def _connected(self, *, is_made: bool) -> sqlite3.Connection | None:
        """None where another process is just making it, or ended before it had: nothing is in it yet."""
        # Read-only only where it must be: what a killed process left half-written is rolled back by whoever opens it.
        mode = "rw" if os.access(self._path, os.W_OK) and os.access(self._path.parent, os.W_OK) else "ro"
        connection = sqlite3.connect(
            f"file:{quote(str(self._path.absolute()))}?mode={mode}",
            uri=True,
            timeout=self._wait_seconds,
            isolation_level=None,
            check_same_thread=False,
        )
        is_fit = False
        try:
            for setting in ("secure_delete = ON", "synchronous = EXTRA", "fullfsync = ON", "trusted_schema = OFF"):
                connection.execute(f"PRAGMA {setting}")
            if is_made:
                _create(connection)
            is_fit = is_made or _has_tables(connection)
        finally:
            if not is_fit:
                connection.close()
        return connection if is_fit else None

    def _noticed(self, connection: sqlite3.Connection) -> sqlite3.Connection:
        (seen,) = connection.execute("PRAGMA data_version").fetchone()
        if seen != self._seen:
            self._forget_cache()
            self._seen = seen
        return connection

    def _forget_cache(self) -> None:
        for cache in (self._ids, self._keys, self._secrets, self._ciphers):
            cache.clear()

    def _id(self, connection: sqlite3.Connection, subject: str, group: str, day: str) -> str:
        wanted = (subject, group, day)
        if wanted not in self._ids:
            if len(self._ids) >= _MOST_CACHED:
                self._forget_cache()
            sql = "SELECT id, key FROM content_key WHERE subject = ? AND class = ? AND day = ?"
            row = connection.execute(sql, wanted).fetchone()
            if row is None:
                made = (secrets.token_hex(8), *wanted, secrets.token_bytes(KEY_BYTES))
                with _transaction(connection):
                    connection.execute("INSERT OR IGNORE INTO content_key VALUES (?, ?, ?, ?, ?)", made)
                    self._make_subject(connection, subject)
                row = connection.execute(sql, wanted).fetchone()
            self._ids[wanted], self._keys[str(row[0])] = str(row[0]), bytes(row[1])
        return self._ids[wanted]

    def _cipher(self, ids: tuple[str, ...]) -> AESGCM | None:
        """The keys of all subjects together: whoever lacks one has none."""
        if ids not in self._ciphers:
            keys = [self._key(identity) for identity in ids]
            if not keys or any(key is None for key in keys):
                return None
            if len(self._ciphers) >= _MOST_CACHED:
                self._ciphers.clear()
            whole = b"".join(key for key in keys if key is not None)
            self._ciphers[ids] = AESGCM(hmac.new(_CONTEXT, whole, hashlib.sha256).digest())
        return self._ciphers[ids]

    def _key(self, identity: str) -> bytes | None:
        if identity not in self._keys:
            connection = self._connection or self._open_if_there()
            sql = "SELECT key FROM content_key WHERE id = ?"
            row = connection.execute(sql, (identity,)).fetchone() if connection else None
            if row is None:
                return None
            self._keys[identity] = bytes(row[0])
        return self._keys[identity]

    def _secret(self, connection: sqlite3.Connection, subject: str, *, is_made: bool) -> bytes | None:
        if subject not in self._secrets:
            sql = "SELECT secret FROM subject WHERE name = ?"
            row = connection.execute(sql, (subject,)).fetchone()
            if row is None and is_made:
                with _transaction(connection):
                    self._make_subject(connection, subject)
                row = connection.execute(sql, (subject,)).fetchone()
            if row is None:
                return None
            self._secrets[subject] = bytes(row[0])
        return self._secrets[subject]

    @staticmethod
    def _make_subject(connection: sqlite3.Connection, subject: str) -> None:
        made = (subject, f"subject-{secrets.token_hex(8)}", secrets.token_bytes(KEY_BYTES))
        connection.execute("INSERT OR IGNORE INTO subject VALUES (?, ?, ?)", made)


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All or nothing; takes the write lock at once."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        with suppress(sqlite3.Error):
            connection.execute("ROLLBACK")
        raise


def _has_tables(connection: sqlite3.Connection) -> bool:
    return bool(connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0])


def _create(connection: sqlite3.Connection) -> None:
    if _has_tables(connection):
        return
    with _transaction(connection):
        for statement in () if _has_tables(connection) else _SCHEMA:  # another process may have been faster
            connection.execute(statement)
