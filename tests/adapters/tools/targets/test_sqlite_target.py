"""SQLite keeps every promise of a target."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from loadline.adapters.tools.targets.sqlite.target import SqliteTarget
from loadline.testing.target_suite import TABLES, Dump, TargetSuite
from loadline.values.effect import TargetSettings
from loadline.values.place import Place

CASCADING = (
    "CREATE TABLE companies (company_id INTEGER PRIMARY KEY, name VARCHAR(40) NOT NULL UNIQUE)",
    ("CREATE TABLE people (person_id INTEGER PRIMARY KEY, company_id INTEGER REFERENCES companies ON DELETE CASCADE, "
    "name VARCHAR(40) NOT NULL, salary DECIMAL(12, 2))"),
    "CREATE TABLE log (log_id INTEGER PRIMARY KEY, what VARCHAR(40))",
    *(each.replace("INTO log", "INTO log (what)") for each in TABLES if each.startswith("INSERT")),
    "CREATE TRIGGER note AFTER DELETE ON people BEGIN INSERT INTO log (what) VALUES (OLD.name); END",
)  # fmt: skip


@dataclass(slots=True, kw_only=True)
class SqliteSite:
    folder: Path
    opened: list[SqliteTarget] = field(default_factory=list)

    has_cascades = True
    own_table = "loadline_write"
    slow = (
        "UPDATE people SET name = name WHERE person_id = 1 AND (WITH RECURSIVE n(x) AS "
        "(SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 10000000000) SELECT max(x) FROM n) > 0"
    )

    @property
    def path(self) -> Path:
        return self.folder / "suite.sqlite"

    def open(self, statements: Sequence[str]) -> SqliteTarget:
        self.run(*statements)
        settings = TargetSettings(name="suite", kind="sqlite", lock_seconds=5, place=Place(file="loadline.yaml"))
        target = SqliteTarget(self.path, settings)
        self.opened.append(target)
        target.find_marker("nothing")
        return target

    def run(self, *statements: str) -> None:
        connection = sqlite3.connect(self.path)
        connection.execute("PRAGMA foreign_keys = ON")
        for statement in statements:
            connection.execute(statement)
        connection.commit()
        connection.close()

    def dump(self) -> Dump:
        connection = sqlite3.connect(self.path)
        tables = connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' "
            "AND name NOT LIKE 'loadline%'"
        ).fetchall()
        found: Dump = {
            f"main.{name}": Counter(connection.execute(f"SELECT * FROM {name}").fetchall()) for (name,) in tables
        }
        connection.close()
        return found

    def named(self, table: str) -> str:
        return f"main.{table}"

    def cascading(self) -> Sequence[str]:
        return CASCADING

    def close(self) -> None:
        for target in self.opened:
            target.close()


@pytest.fixture
def site(tmp_path: Path) -> Iterator[SqliteSite]:
    site = SqliteSite(folder=tmp_path)
    yield site
    site.close()


class TestSqliteTarget(TargetSuite):
    pass
