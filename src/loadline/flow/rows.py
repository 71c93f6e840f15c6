"""Fetched batches in, rows that can be read again out: held once, in memory while few, on disk when many."""

from __future__ import annotations

import hashlib
import json
import pickle
import tempfile
import weakref
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import IO

from loadline.values.outcome import Batch

IN_MEMORY_ROWS = 50_000


class HeldRows:
    """Rows held once. `digest` is SHA-256 over one line per row: a JSON array, decimals and dates as text."""

    def __init__(self, batches: Iterable[Batch], *, in_memory_rows: int = IN_MEMORY_ROWS) -> None:
        self._memory: list[Batch] = []
        self._disk: IO[bytes] | None = None
        self._count = 0
        hashed = hashlib.sha256()
        for batch in batches:
            if not batch:
                continue
            hashed.update("".join(json.dumps(row, default=_text) + "\n" for row in batch).encode())
            self._count += len(batch)
            self._memory.append(batch)
            if self._disk is not None or self._count > in_memory_rows:
                self._spill()
        self.digest = "sha256:" + hashed.hexdigest()

    def _spill(self) -> None:
        # Pickle is safe here and only here: an unnamed temporary file that no other process can open or change.
        if self._disk is None:
            self._disk = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the rows do
            weakref.finalize(self, self._disk.close)
        for batch in self._memory:
            pickle.dump(batch, self._disk, protocol=pickle.HIGHEST_PROTOCOL)
        self._memory.clear()

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[tuple[object, ...]]:
        for batch in self.batches():
            yield from batch

    def batches(self) -> Iterator[Batch]:
        """Each batch in the order fetched; one batch is in memory at a time when the rows are on disk."""
        if self._disk is None:
            yield from self._memory
            return
        place = 0
        while True:
            self._disk.seek(place)
            try:
                batch: Batch = pickle.load(self._disk)  # noqa: S301 - see _spill
            except EOFError:
                return
            place = self._disk.tell()
            yield batch


def _text(value: object) -> str:
    match value:
        case Decimal():
            return format(value, "f")
        case date() | datetime() | time():
            return value.isoformat()
        case timedelta():
            return str(value.total_seconds())
        case bytes():
            return value.hex()
        case _:
            return str(value)
