"""Files in, one version out: equal as long as their bytes are. Digests are kept: an unchanged file is read once."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from loadline.adapters.warehouses import codes
from loadline.adapters.warehouses.said import fault
from loadline.adapters.warehouses.sources import FileState

HASHED_BYTES = 256 * 1024 * 1024  # beyond this, reading everything for a version costs more than the answer
_SETTLED_NS = 2_000_000_000  # a file changed this recently may change again without its time stamp showing it
_REMEMBERED = 10_000


class Versions:
    """Content digests by (path, size, change time, inode), kept in memory and in the JSON file `memory`."""

    def __init__(self, memory: Path, *, hashed_bytes: int = HASHED_BYTES) -> None:
        self._memory = memory
        self._hashed_bytes = hashed_bytes
        self._digests: dict[str, str] | None = None
        self._lock = threading.Lock()

    def version(self, files: Mapping[str, Sequence[FileState]]) -> str:
        """`sha256:` over (relation, contents), or `stat:` over sizes and change times when that is too much to read."""
        every = {state.path: state for states in files.values() for state in states}
        if sum(state.size for state in every.values()) > self._hashed_bytes:
            stats = [
                [relation, [[state.size, state.changed_ns, state.inode] for state in states]]
                for relation, states in sorted(files.items())
            ]
            return "stat:" + _digest(stats)
        digests = self._content_digests(tuple(every.values()))
        return "sha256:" + _digest([[r, [digests[state.path] for state in files[r]]] for r in sorted(files)])

    def _content_digests(self, states: Sequence[FileState]) -> dict[Path, str]:
        with self._lock:
            known = self._digests = self._read_memory() if self._digests is None else self._digests
            found: dict[Path, str] = {}
            is_new = False
            for state in states:
                key = f"{state.path}|{state.size}|{state.changed_ns}|{state.inode}"
                digest = known.get(key)
                if digest is None:
                    digest = _read_digest(state)
                    if time.time_ns() - state.changed_ns > _SETTLED_NS:
                        known[key] = digest
                        is_new = True
                found[state.path] = digest
            if is_new:
                self._write_memory(known)
            return found

    def _read_memory(self) -> dict[str, str]:
        """What was remembered; nothing when there is no memory or it is not ours (it is only ever a short cut)."""
        try:
            read = json.loads(self._memory.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        if not isinstance(read, dict):
            return {}
        return {str(key): digest for key, digest in read.items() if isinstance(digest, str) and len(digest) == 64}

    def _write_memory(self, digests: Mapping[str, str]) -> None:
        """Whole or not at all; a folder that cannot be written costs speed, nothing else."""
        kept = dict(list(digests.items())[-_REMEMBERED:])
        temporary: str | None = None
        try:
            self._memory.parent.mkdir(mode=0o700, exist_ok=True)
            handle, temporary = tempfile.mkstemp(dir=self._memory.parent, prefix=self._memory.name)
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump(kept, file)
            Path(temporary).replace(self._memory)
        except OSError:
            if temporary is not None:
                Path(temporary).unlink(missing_ok=True)


def _read_digest(state: FileState) -> str:
    try:
        with state.path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        what = f"`{state.path}` cannot be read: {error.strerror}"
        raise fault(codes.UNREADABLE_FILE, what, "make the file readable to this account", retryable=True) from error


def _digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value, separators=(",", ":")).encode()).hexdigest()
