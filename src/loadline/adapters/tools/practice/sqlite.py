"""A path in; an SQLite file to practise on, out. Its side door is that whoever may open the file can write to it."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path


class FilePractice:
    kind = "sqlite"
    login = ""
    environment: Mapping[str, str] = {}

    def __init__(self, path: Path, *, missing: str) -> None:
        self._path = path
        self.said = "SQLite, a file" + (f", because no PostgreSQL could be started: {missing}" if missing else "")

    def fill(self, statements: Sequence[str], rows: Mapping[str, Sequence[tuple[object, ...]]]) -> None:
        with closing(sqlite3.connect(self._path)) as connection, connection:
            for statement in statements:
                connection.execute(statement)
            for table, all_rows in rows.items():
                places = ", ".join("?" * len(all_rows[0]))
                connection.executemany(f"INSERT INTO {table} VALUES ({places})", all_rows)

    def read(self, table: str) -> list[tuple[object, ...]]:
        with closing(sqlite3.connect(self._path)) as connection:
            return connection.execute(f"SELECT * FROM {table} ORDER BY 1").fetchall()

    def write_past_the_gate(self, statement: str) -> str:
        with closing(sqlite3.connect(self._path)) as connection, connection:
            connection.execute("PRAGMA foreign_keys = on")
            return f"done: {connection.execute(statement).rowcount:,} rows"

    def close_side_door(self) -> None:
        raise NotImplementedError("a file has no logins; who may open it is the system's to say")

    def stop(self) -> None:
        pass
