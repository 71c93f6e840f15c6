"""Drafts in, durable entries under a signed checkpoint out: the ledger in one SQLite file.

Entries, tree nodes and the checkpoint that covers them are written in one transaction, so there is no moment at which
the ledger on disk does not prove. The file is in WAL mode with `synchronous=FULL`: a commit that returned survives
the process and the power. Several processes may append; each takes the write lock and looks where the others got to.
"""

from __future__ import annotations

import os
import secrets
import sqlite3
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import Any

from loadline.adapters.stores import codes
from loadline.adapters.stores.database import SCHEMA, check_format, connect, is_unfinished, mark_format
from loadline.adapters.stores.faults import (
    cannot_create,
    closed,
    failure,
    interrupted,
    no_checkpoint,
    no_ledger,
    no_signer,
    not_writable,
)
from loadline.adapters.stores.turns import Turns
from loadline.adapters.stores.vault import Vault, vault_path
from loadline.errors import Bug, LoadlineError, OutsideError, TamperError
from loadline.ledger import (
    EMPTY_ROOT,
    SALT_BYTES,
    Draft,
    Entry,
    Frontier,
    Node,
    Prepared,
    SignedCheckpoint,
    Signer,
    Verifier,
    check_head,
    leaf_hash,
    no_such_entry,
    node_missing,
    node_order,
    open_checkpoint,
    open_entry,
    prepare,
    read_frontier,
    read_personal_key,
    seal,
    sign_checkpoint,
)
from loadline.values.diagnostic import Diagnostic

WAIT_SECONDS = 10.0
PREFIX_CHARACTERS = 6
_PAGE_ROWS = 500  # entries read at once; no statement stays open between pages, so the write-ahead log can be emptied
_MOST_AT_ONCE = 4096
_POLL_SECONDS = 0.001
# Cast, because whoever may write the file may write a number or a text where bytes belong.
_ENTRY_COLUMNS = "idx, CAST(leaf AS BLOB), CAST(salt AS BLOB), CAST(payload AS BLOB)"
_CHECKPOINT_COLUMNS = "size, CAST(root AS BLOB), CAST(note AS BLOB)"
_HIGHEST = 2**63 - 1  # what an SQLite integer can hold


@dataclass(frozen=True, slots=True, kw_only=True)
class _Group:
    """What is recorded together, and only while each key's newest entry is still the one named."""

    prepared: Sequence[Prepared]
    heads: Mapping[tuple[str, ...], int | None] = field(default_factory=dict)  # by all that a key may be written as


def create_store(path: Path, *, signer: Signer, verifier: Verifier, wait_seconds: float = WAIT_SECONDS) -> SqliteStore:
    """Make a new ledger with a signed checkpoint of size 0. Raises OutsideError when there is one already."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise cannot_create(path, error) from error
    try:
        connection = connect(path, wait_seconds=wait_seconds)
        try:
            _create(connection, path, signer)
        finally:
            connection.close()
    except sqlite3.Error as error:
        raise failure(error, path, wait_seconds=wait_seconds) from error
    return open_store(path, verifier=verifier, signer=signer, wait_seconds=wait_seconds)


def open_store(
    path: Path, *, verifier: Verifier, signer: Signer | None = None, wait_seconds: float = WAIT_SECONDS
) -> SqliteStore:
    """Open a ledger and check its newest checkpoint. Without `signer` it can be read, not continued.

    Raises OutsideError when it cannot be opened, TamperError when its head does not prove.
    """
    if signer is not None and (signer.name, signer.key_id) != (verifier.name, verifier.key_id):
        raise OutsideError(
            Diagnostic(
                code=codes.WRONG_KEY,
                what=f"the signing key is `{signer.name}`, the verification key `{verifier.name}`, and they do not fit",
                why="the two halves of a ledger's key are made together",
                mend="restore both key files from the same copy",
            )
        )
    if not path.is_file():
        raise no_ledger(path)
    store = SqliteStore(path, verifier=verifier, signer=signer, wait_seconds=wait_seconds)
    try:
        store.check_head()
        if store.may_append and store.vault.unfinished():
            from loadline.adapters.stores.forgetting import finish_forgetting  # noqa: PLC0415 - rarely, and it builds on this

            finish_forgetting(store)
    except BaseException:
        store.close()
        raise
    return store


class SqliteStore:
    """The `Store` port over one file. Made by `create_store` and `open_store`; safe to use from many threads."""

    def __init__(self, path: Path, *, verifier: Verifier, signer: Signer | None, wait_seconds: float) -> None:
        self._path = path
        self._verifier = verifier
        self._signer = signer
        self._wait_seconds = wait_seconds
        self._process = os.getpid()
        self._is_writable = os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)
        self._reading = threading.Lock()
        self._reader: sqlite3.Connection | None = None
        self._is_closed = False
        self._writer: sqlite3.Connection | None = None  # only who has the turn touches it, and `_head`
        self._head = Frontier()
        self._turns: Turns[_Group, tuple[Entry, ...] | None] = Turns(self._write, most=_MOST_AT_ONCE)
        self.vault = Vault(vault_path(path), wait_seconds=wait_seconds)

    @property
    def path(self) -> Path:
        return self._path

    @property
    def may_append(self) -> bool:
        return self._signer is not None and self._is_writable

    # reading

    def read_entry(self, index: int) -> Entry:
        is_possible = 0 <= index <= _HIGHEST
        sql = f"SELECT {_ENTRY_COLUMNS} FROM entry WHERE idx = ?"
        rows = self._read(sql, (index,)) if is_possible else []
        if not rows:
            raise no_such_entry(index, self._read_size())
        return self._entries(rows)[0]

    def read_entries(self, start: int = 0, stop: int | None = None) -> Iterator[Entry]:
        end = self._read_size()
        end = end if stop is None else min(stop, end)
        sql = f"SELECT {_ENTRY_COLUMNS} FROM entry WHERE idx >= ? AND idx < ? ORDER BY idx LIMIT ?"
        at = max(start, 0)
        while rows := self._read(sql, (at, end, _PAGE_ROWS)):
            yield from self._entries(rows)
            at = rows[-1][0] + 1

    def find_entries(self, key: str, *, limit: int = 100) -> tuple[Entry, ...]:
        try:
            key.encode()
        except UnicodeEncodeError:
            return ()  # nothing recorded can carry it
        head = f"SELECT {_ENTRY_COLUMNS} FROM entry WHERE idx IN (SELECT idx FROM entry_key WHERE "
        tail = ") ORDER BY idx DESC LIMIT ?"
        names = self._names(key)
        rows = self._read(f"{head}key IN ({', '.join('?' * len(names))}){tail}", (*names, limit))
        if not rows and len(key) >= PREFIX_CHARACTERS and names == (key,):
            rows = self._read(f"{head}key >= ? AND key < ?{tail}", (key, key + "\U0010ffff", limit))
        return tuple(self._entries(rows))

    def _names(self, key: str) -> tuple[str, ...]:
        """What an entry that carries `key` may carry in the file: a key that names a person stands there as a
        pseudonym, and in entries of older versions plainly."""
        read = read_personal_key(key)
        if read is None:
            return (key,)
        pseudonym = self.vault.pseudonym(key)
        return (f"{read[1]}:{read[0]}", *((pseudonym,) if pseudonym else ()))

    def _entries(self, rows: Sequence[Any]) -> list[Entry]:
        self.vault.refresh()
        return [_entry(row, self.vault) for row in rows]

    def read_checkpoint(self, size: int | None = None) -> SignedCheckpoint | None:
        if size is not None and not 0 <= size <= _HIGHEST:
            return None
        wanted, values = ("WHERE size = ?", (size,)) if size is not None else ("ORDER BY size DESC LIMIT 1", ())
        rows = self._read(f"SELECT {_CHECKPOINT_COLUMNS} FROM checkpoint {wanted}", values)
        return self._checkpoint(rows[0]) if rows else None

    def read_checkpoints(self) -> Iterator[SignedCheckpoint]:
        at = -1
        sql = f"SELECT {_CHECKPOINT_COLUMNS} FROM checkpoint WHERE size > ? ORDER BY size LIMIT ?"
        while rows := self._read(sql, (at, _PAGE_ROWS)):
            for row in rows:
                yield self._checkpoint(row)
            at = rows[-1][0]

    def read_node(self, level: int, position: int) -> bytes:
        rows = self._read("SELECT CAST(hash AS BLOB) FROM node WHERE id = ?", (node_order(level, position),))
        if not rows:
            raise node_missing(level, position)
        return bytes(rows[0][0] or b"")

    def check_head(self) -> None:
        """The newest checkpoint against the stored tree: one signature and O(log n) hashes."""
        try:
            with self._reading:
                connection = self._open_reader()
                connection.execute("BEGIN")  # one snapshot, so that a concurrent append is seen whole or not at all
                try:
                    self._read_head(connection)
                finally:
                    connection.execute("COMMIT")
        except sqlite3.Error as error:
            raise self._failure(error) from error

    def _read(self, sql: str, values: tuple[object, ...]) -> list[Any]:
        try:
            with self._reading:
                return self._open_reader().execute(sql, values).fetchall()
        except sqlite3.Error as error:
            raise self._failure(error) from error

    def _read_size(self) -> int:
        ((highest,),) = self._read("SELECT max(idx) FROM entry", ())
        return 0 if highest is None else int(highest) + 1

    def _open_reader(self) -> sqlite3.Connection:
        self._check_usable()
        if self._reader is None:
            reader = connect(self._path, wait_seconds=self._wait_seconds, is_read_only=not self._is_writable)
            try:
                check_format(reader, self._path)
            except BaseException:
                reader.close()
                raise
            self._reader = reader
        return self._reader

    # writing

    def append(self, drafts: Sequence[Draft]) -> tuple[Entry, ...]:
        return self.append_if(drafts, {}) or ()

    def append_if(self, drafts: Sequence[Draft], heads: Mapping[str, int | None]) -> tuple[Entry, ...] | None:
        self._check_usable()
        if self._signer is None:
            raise OutsideError(no_signer(self._path))
        if not self._is_writable:
            raise OutsideError(not_writable(self._path))
        prepared = [prepare(self._named(draft), secrets.token_bytes(SALT_BYTES), self.vault) for draft in drafts]
        if not prepared:
            return ()
        heads_named = {self._names(key): head for key, head in heads.items()}
        try:
            entries, failed = self._turns.share(_Group(prepared=prepared, heads=heads_named))
        except RuntimeError as error:
            raise closed() from error
        match failed:  # everyone in the turn gets the same error, so each raises an exception of its own
            case None:
                return entries
            case sqlite3.Error():
                raise self._failure(failed) from failed
            case InterruptedError():
                raise OutsideError(interrupted(self._path), retryable=True) from failed
            case TamperError():
                raise TamperError(*failed.diagnostics) from failed
            case OutsideError():
                raise OutsideError(*failed.diagnostics, retryable=failed.retryable) from failed
            case _:
                raise failed

    def _named(self, draft: Draft) -> Draft:
        """With pseudonyms in place of the keys that name people."""
        if not any(read_personal_key(key) for key in draft.keys):
            return draft
        keys = (self.vault.pseudonym(key, is_made=True) if read_personal_key(key) else key for key in draft.keys)
        return replace(draft, keys=tuple(key for key in keys if key is not None))

    def close(self) -> None:
        """Finish what is waiting and let go of the file. May be called twice."""
        self._is_closed = True
        if os.getpid() != self._process:
            return  # the file belongs to the parent process
        self._turns.close()
        with self._reading:
            for connection in (self._writer, self._reader):
                if connection is not None:
                    connection.close()
            self._writer = self._reader = None
        self.vault.close()

    def __enter__(self) -> SqliteStore:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _write(self, batch: Sequence[_Group]) -> list[tuple[Entry, ...] | None]:
        """One transaction for all that is waiting. `Turns` never runs it twice at once."""
        if self._writer is None:
            self._writer = connect(self._path, wait_seconds=0)  # `_begin` does the waiting
            is_new = True
        else:
            is_new = False
        try:
            self._begin(self._writer)
            if is_new:
                mark_format(self._writer)
            frontier = self._look_where_others_got(self._writer)
            frontier, results = self._insert(self._writer, frontier, batch)
            self._writer.execute("COMMIT")
        except BaseException:
            self._let_go_of_writer()
            raise
        self._head = frontier
        return results

    def _insert(
        self, connection: sqlite3.Connection, frontier: Frontier, batch: Sequence[_Group]
    ) -> tuple[Frontier, list[tuple[Entry, ...] | None]]:
        results: list[tuple[Entry, ...] | None] = []
        rows, nodes, keys = [], list[Node](), dict[tuple[str, int], None]()
        first_node = node_order(0, frontier.size)
        newest: dict[str, int] = {}  # of the keys written in this very transaction
        for group in batch:
            if any(_newest(connection, names, newest) != head for names, head in group.heads.items()):
                results.append(None)
                continue
            sealed = []
            for prepared in group.prepared:
                entry = seal(prepared, frontier.size)
                frontier, full = frontier.append(leaf_hash(entry.leaf))
                rows.append((entry.index, entry.leaf, entry.salt, prepared.payload))
                newest.update(dict.fromkeys((entry.run, *entry.keys), entry.index))
                keys.update(dict.fromkeys((key, entry.index) for key in (entry.run, *entry.keys)))
                nodes += full
                sealed.append(entry)
            results.append(tuple(sealed))
        if not rows:
            return frontier, results
        assert self._signer is not None  # noqa: S101 - `append` turned everyone else away
        checkpoint = sign_checkpoint(self._signer, size=frontier.size, root=frontier.root)
        connection.executemany("INSERT INTO entry VALUES (?, ?, ?, ?)", rows)
        connection.executemany("INSERT INTO entry_key VALUES (?, ?)", keys)
        connection.executemany("INSERT INTO node VALUES (?, ?)", enumerate((n.hash for n in nodes), first_node))
        _insert_checkpoint(connection, checkpoint)
        return frontier, results

    def _begin(self, connection: sqlite3.Connection) -> None:
        """Take the write lock. Asks often instead of leaving it to SQLite, whose naps grow to 100 ms: with several
        busy processes that would let one of them starve."""
        deadline = time.monotonic() + self._wait_seconds
        while True:
            try:
                connection.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                    raise
                time.sleep(_POLL_SECONDS)
            else:
                return

    def _look_where_others_got(self, connection: sqlite3.Connection) -> Frontier:
        """The tree as it is now that the lock is ours. Another process may have grown it: then its head is checked,
        so that nothing is ever signed on top of a ledger that does not prove."""
        row = connection.execute(f"SELECT {_CHECKPOINT_COLUMNS} FROM checkpoint ORDER BY size DESC LIMIT 1").fetchone()
        head = self._head
        if row is not None and head.size and (row[0], row[1]) == (head.size, head.root):
            return head
        return self._read_head(connection)

    def _read_head(self, connection: sqlite3.Connection) -> Frontier:
        row = connection.execute(f"SELECT {_CHECKPOINT_COLUMNS} FROM checkpoint ORDER BY size DESC LIMIT 1").fetchone()
        (highest,) = connection.execute("SELECT max(idx) FROM entry").fetchone()
        if row is None:
            raise TamperError(no_checkpoint(self._path))
        checkpoint = open_checkpoint(_text(row[2]), self._verifier)

        def read_node(level: int, position: int) -> bytes:
            found = connection.execute(
                "SELECT CAST(hash AS BLOB) FROM node WHERE id = ?", (node_order(level, position),)
            ).fetchone()
            if found is None:
                raise node_missing(level, position)
            return bytes(found[0] or b"")

        entries = 0 if highest is None else int(highest) + 1
        if entries == checkpoint.size:
            frontier = read_frontier(checkpoint.size, read_node)
        else:
            frontier = Frontier()
        check_head(frontier, checkpoint, entries=entries)
        return frontier

    def _let_go_of_writer(self) -> None:
        """After any failure start over with a fresh connection: what was begun is rolled back by closing."""
        writer, self._writer, self._head = self._writer, None, Frontier()
        if writer is not None:
            with suppress(sqlite3.Error):
                writer.rollback()
            with suppress(sqlite3.Error):
                writer.close()

    def _checkpoint(self, row: tuple[int, bytes | None, bytes | None]) -> SignedCheckpoint:
        return SignedCheckpoint(origin=self._verifier.name, size=row[0], root=row[1] or b"", note=_text(row[2]))

    def _check_usable(self) -> None:
        if self._is_closed:
            raise closed()
        if os.getpid() != self._process:
            raise Bug(
                Diagnostic(
                    code=codes.FORKED,
                    what="the ledger was opened before this process was forked",
                    why="a database connection must not cross a fork",
                    mend="open the ledger in each worker",
                )
            )

    def _failure(self, error: sqlite3.Error) -> LoadlineError:
        return failure(error, self._path, wait_seconds=self._wait_seconds)


def _create(connection: sqlite3.Connection, path: Path, signer: Signer) -> None:
    if not is_unfinished(connection):
        check_format(connection, path)
        raise OutsideError(
            Diagnostic(
                code=codes.LEDGER_EXISTS,
                what=f"there is a ledger at `{path}` already",
                why="a ledger is never overwritten: what it proves would be gone",
                mend="use it as it is, or name another path under `store:`",
            )
        )
    (mode,) = connection.execute("PRAGMA journal_mode = WAL").fetchone()
    if mode != "wal":
        raise OutsideError(not_writable(path))
    connection.execute("BEGIN IMMEDIATE")
    if not is_unfinished(connection):  # another process was faster
        connection.execute("ROLLBACK")
        _create(connection, path, signer)
        return
    for statement in SCHEMA:
        connection.execute(statement)
    _insert_checkpoint(connection, sign_checkpoint(signer, size=0, root=EMPTY_ROOT))
    connection.execute("COMMIT")


def _newest(connection: sqlite3.Connection, names: tuple[str, ...], written: Mapping[str, int]) -> int | None:
    """The index of the newest entry that carries one of `names`, those being written included."""
    found = [written[name] for name in names if name in written]
    for name in () if found else names:
        (index,) = connection.execute("SELECT max(idx) FROM entry_key WHERE key = ?", (name,)).fetchone()
        found += [] if index is None else [int(index)]
    return max(found, default=None)


def _insert_checkpoint(connection: sqlite3.Connection, checkpoint: SignedCheckpoint) -> None:
    connection.execute("INSERT INTO checkpoint VALUES (?, ?, ?)", (checkpoint.size, checkpoint.root, checkpoint.note))


def _entry(row: tuple[int, bytes | None, bytes | None, bytes | None], vault: Vault) -> Entry:
    index, leaf, salt, payload = row
    return open_entry(index=index, leaf=leaf or b"", salt=salt or b"", payload=payload or b"", seals=vault)


def _text(note: bytes | None) -> str:
    return (note or b"").decode(errors="replace")
