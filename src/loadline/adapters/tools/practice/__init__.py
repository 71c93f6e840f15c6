"""A folder in; a database to practise on, and a side door into it, out: a PostgreSQL of its own, or else a file.

A practice database is thrown away. It is there so that an attack can be played against something real.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol

SIDE_LOGIN = "bot_direct"
"""The login of the side door, where the engine has logins."""


class Practice(Protocol):
    """`kind` is of a target; `said` says what was started; `login` is the side door's, empty where the engine has none;
    `environment` is what the target's address needs."""

    kind: str
    said: str
    login: str
    environment: Mapping[str, str]

    def fill(self, statements: Sequence[str], rows: Mapping[str, Sequence[tuple[object, ...]]]) -> None:
        """Make the tables, with rows by table, and make the database ready for agents."""
        ...

    def read(self, table: str) -> list[tuple[object, ...]]:
        """Every row, in the order of its first column."""
        ...

    def write_past_the_gate(self, statement: str) -> str:
        """Run it over the side door; what came of it, in words. Never raises for what the database says."""
        ...

    def close_side_door(self) -> None:
        """Take the login away. Raises NotImplementedError where there is none."""
        ...

    def stop(self) -> None: ...


def open_practice(folder: Path, *, wanted: str | None = None) -> Practice:
    """A PostgreSQL if its programs, driver and grammar are here, else an SQLite file, whose `said` names what was
    missing. `wanted` (`postgres` or `sqlite`) takes exactly that. Raises OSError when a wanted PostgreSQL is not there.
    """
    from loadline.adapters.tools.practice.sqlite import FilePractice  # noqa: PLC0415

    missing = "" if wanted == "sqlite" else _missing()
    if wanted != "sqlite" and not missing:
        from loadline.adapters.tools.practice.postgres import find_programs, start_practice  # noqa: PLC0415

        try:
            return start_practice(find_programs())
        except OSError as error:
            missing = str(error)
    if wanted == "postgres":
        raise OSError(missing)
    return FilePractice(folder / "crm.db", missing=missing)


def _missing() -> str:
    for module, package in (("psycopg", "loadline-ai[postgres]"), ("pgparse", "loadline-ai[guard]")):
        if find_spec(module) is None:
            return f"`{module}` is not installed (`pip install '{package}'`)"
    return ""
