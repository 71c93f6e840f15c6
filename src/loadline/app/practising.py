"""A folder in; a database that an attack may be played against out, filled and ready for agents."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from loadline.adapters.tools.practice import Practice
from loadline.demo import codes
from loadline.errors import RequestError
from loadline.values.diagnostic import Diagnostic

__all__ = ["Practice", "open_practice"]


@contextmanager
def open_practice(folder: Path, *, wanted: str | None = None) -> Iterator[Practice]:
    """A PostgreSQL of its own where one can be started, else an SQLite file in `folder`; stopped at the end. Raises
    RequestError when exactly `wanted` cannot be had."""
    from loadline.adapters.tools.practice import open_practice as opened

    try:
        practice = opened(folder, wanted=wanted)
    except OSError as error:
        why = "the demo was asked to play on a PostgreSQL of its own"
        said = Diagnostic(code=codes.NO_PRACTICE, what=str(error), why=why, mend="leave out `--on postgres`")
        raise RequestError(said) from error
    try:
        yield practice
    finally:
        practice.stop()
