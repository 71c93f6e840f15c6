"""A `Store` in memory, a signer without cryptography, and the suite that every store must pass."""

from __future__ import annotations

import hashlib
import itertools
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence

from loadline.errors import Bug
from loadline.ledger import (
    EMPTY_ROOT,
    Draft,
    Entry,
    Frontier,
    SignedCheckpoint,
    Signer,
    leaf_hash,
    no_such_entry,
    node_missing,
    prepare,
    seal,
    sign_checkpoint,
)
from loadline.ledger.note import PublicKey
from loadline.values.diagnostic import Diagnostic

PREFIX_CHARACTERS = 6
_TEST_SIGNATURE = 0xFF  # C2SP signed-note: not one of the assigned types


class FakeSigner:
    """Signer and verifier in one: a keyed hash instead of a signature. Proves nothing to a stranger."""

    def __init__(self, name: str = "test.example/ledger") -> None:
        public = PublicKey(name=name, algorithm=_TEST_SIGNATURE, key=hashlib.sha256(name.encode()).digest())
        self.name = name
        self.key_id = public.key_id
        self.vkey = str(public)

    def sign(self, text: bytes) -> bytes:
        return hashlib.sha512(self.vkey.encode() + text).digest()

    def verify(self, text: bytes, signature: bytes) -> bool:
        return signature == self.sign(text)


class MemoryStore:
    """The `Store` port in memory. Equal drafts give equal ledgers: its salts are counted, not drawn."""

    def __init__(self, *, signer: Signer | None = None, new_salt: Callable[[], bytes] | None = None) -> None:
        counter = itertools.count()
        self._signer = signer or FakeSigner()
        self._new_salt = new_salt or (lambda: hashlib.sha256(str(next(counter)).encode()).digest())
        self._lock = threading.Lock()
        self._entries: list[Entry] = []
        self._nodes: dict[tuple[int, int], bytes] = {}
        self._frontier = Frontier()
        self._checkpoints = {0: sign_checkpoint(self._signer, size=0, root=EMPTY_ROOT)}
        self._is_closed = False

    def append(self, drafts: Sequence[Draft]) -> tuple[Entry, ...]:
        return self.append_if(drafts, {}) or ()

    def append_if(self, drafts: Sequence[Draft], heads: Mapping[str, int | None]) -> tuple[Entry, ...] | None:
        prepared = [prepare(draft, self._new_salt()) for draft in drafts]
        with self._lock:
            self._check_open()
            if any(self._newest(key) != head for key, head in heads.items()):
                return None
            frontier, entries = self._frontier, []
            for one in prepared:
                entries.append(seal(one, frontier.size))
                frontier, nodes = frontier.append(leaf_hash(entries[-1].leaf))
                self._nodes |= {(node.level, node.position): node.hash for node in nodes}
            if entries:
                checkpoint = sign_checkpoint(self._signer, size=frontier.size, root=frontier.root)
                self._checkpoints[frontier.size] = checkpoint
            self._entries += entries
            self._frontier = frontier
        return tuple(entries)

    def _newest(self, key: str) -> int | None:
        return next((e.index for e in self._entries[::-1] if key in (e.run, *e.keys)), None)

    def read_entry(self, index: int) -> Entry:
        self._check_open()
        if not 0 <= index < len(self._entries):
            raise no_such_entry(index, len(self._entries))
        return self._entries[index]

    def read_entries(self, start: int = 0, stop: int | None = None) -> Iterator[Entry]:
        self._check_open()
        end = len(self._entries)
        for index in range(max(start, 0), end if stop is None else min(stop, end)):
            yield self._entries[index]

    def find_entries(self, key: str, *, limit: int = 100) -> tuple[Entry, ...]:
        self._check_open()
        newest = self._entries[::-1]
        found = [e for e in newest if key in (e.run, *e.keys)]
        if not found and len(key) >= PREFIX_CHARACTERS:
            found = [e for e in newest if any(name.startswith(key) for name in (e.run, *e.keys))]
        return tuple(found[:limit])

    def read_checkpoint(self, size: int | None = None) -> SignedCheckpoint | None:
        self._check_open()
        return self._checkpoints.get(max(self._checkpoints) if size is None else size)

    def read_checkpoints(self) -> Iterator[SignedCheckpoint]:
        self._check_open()
        yield from list(self._checkpoints.values())

    def read_node(self, level: int, position: int) -> bytes:
        self._check_open()
        try:
            return self._nodes[level, position]
        except KeyError:
            raise node_missing(level, position) from None

    def close(self) -> None:
        self._is_closed = True

    def _check_open(self) -> None:
        if self._is_closed:
            raise Bug(
                Diagnostic(
                    code="STO010",
                    what="the ledger was closed",
                    why="after `close()` nothing more is recorded",
                    mend="open it again",
                )
            )
