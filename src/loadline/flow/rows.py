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

from loadline.errors import OutsideError
from loadline.flow import codes
from loadline.values.diagnostic import Diagnostic
from loadline.values.outcome import Batch

IN_MEMORY_ROWS = 50_000


class HeldRows:
    """Rows held once; raises OutsideError when there is no room for them.

    `digest` is SHA-256 over one line per row: a JSON array, decimals and dates as text.
    """

    def __init__(self, batches: Iterable[Batch], *, in_memory_rows: int = IN_MEMORY_ROWS) -> None:
        self._memory: list[Batch] = []
        self._disk: IO[bytes] | None = None
        self._count = 0
        hashed = hashlib.sha256()
        for batch in batches:
            if not batch:
                continue
            hashed.update("".join(_ENCODER.encode(row) + "\n" for row in batch).encode())
            self._count += len(batch)
            self._memory.append(batch)
            if self._disk is not None or self._count > in_memory_rows:
                try:
                    self._spill()
                except OSError as error:
                    raise _no_room(error) from error
        self.digest = "sha256:" + hashed.hexdigest()

    def _spill(self) -> None:
        # Pickle is safe here and only here: an unnamed temporary file that no other process can open or change.
        if self._disk is None:
            self._disk = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the rows do
            weakref.finalize(self, self._disk.close)
        for batch in self._memory:
            pickle.dump(batch, self._disk, protocol=pickle.HIGHEST_PROTOCOL)
        self._memory.clear()
        self._disk.flush()  # a disk without room says so here, while the run can still be recorded as failed

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


def _no_room(error: OSError) -> OutsideError:
    return OutsideError(
        Diagnostic(
            code=codes.NO_ROOM,
            what=f"there is no room to hold the rows of this answer: {error.strerror or error}",
            why=codes.CODES[codes.NO_ROOM].why,
            mend="free space in the temporary folder, name another with `TMPDIR=…`, or ask for fewer with `--limit`",
        )
    )


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


_ENCODER = json.JSONEncoder(default=_text)  # made once: json.dumps with a default makes one for every row
