"""A project's folder in; the right to run its windows, held by one process at a time, out."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from loadline.checks.drift import codes
from loadline.errors import OutsideError
from loadline.values.diagnostic import Diagnostic


@contextmanager
def hold_watch(path: Path) -> Iterator[None]:
    """The system lets go of the lock when the process ends, however it ends. Raises OutsideError while another process
    holds it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise OutsideError(
                Diagnostic(
                    code=codes.WATCHED_ELSEWHERE,
                    what="another process is watching this project",
                    why=codes.CODES[codes.WATCHED_ELSEWHERE].why,
                    mend="let it do so, or end it first",
                ),
                retryable=True,
            ) from error
        yield
