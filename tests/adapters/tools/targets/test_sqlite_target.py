"""SQLite keeps every promise of a target."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from loadline.adapters.tools.targets.sqlite.target import SqliteTarget
from loadline.errors import LoadlineError
from loadline.testing.target_suite import TABLES, Dump, TargetSuite, codes_of, exactly, performed, wide, write
from loadline.values.effect import Approved, TargetSettings
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
    lock_seconds: float = 5
    statement_seconds: float = 60

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
        settings = TargetSettings(
            name="suite",
            kind="sqlite",
            lock_seconds=self.lock_seconds,
            statement_seconds=self.statement_seconds,
            place=Place(file="loadline.yaml"),
        )
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


def codes_after(act: Callable[[], object]) -> set[str]:
    with pytest.raises(LoadlineError) as refused:
        act()
    return codes_of(refused.value)


def test_a_lock_of_somebody_else_is_waited_for_and_then_said(site: SqliteSite) -> None:
    site.lock_seconds = 0.1
    target = site.open(TABLES)
    other = sqlite3.connect(site.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        assert codes_after(lambda: target.measure(write("DELETE FROM people"))) == {"TGT004"}
    finally:
        other.close()
    assert target.measure(write("DELETE FROM people")).rows == 20


def test_a_write_may_take_so_long_and_no_longer(site: SqliteSite) -> None:
    site.statement_seconds = 0.2
    target = site.open(TABLES)
    assert codes_after(lambda: target.measure(write(site.slow))) == {"TGT005"}
    assert target.measure(write("DELETE FROM people")).rows == 20


@pytest.mark.parametrize(
    "sql",
    [
        "INSERT INTO log SELECT sql FROM sqlite_master",
        "INSERT INTO log SELECT name FROM pragma_table_info('people')",
        "INSERT INTO log SELECT load_extension('x')",
        "INSERT INTO log SELECT name FROM temp.sqlite_master",
        "DELETE FROM temp.loadline_touched_0",
        "DELETE FROM sqlite_master",
        "INSERT INTO log SELECT marker FROM loadline_write",
    ],
)
def test_a_statement_of_an_agent_reaches_the_rows_of_the_users_tables_only(site: SqliteSite, sql: str) -> None:
    target = site.open(TABLES)
    assert codes_after(lambda: target.measure(write(sql))) <= {"TGT003", "TGT012"}
    assert target.measure(write("DELETE FROM people WHERE person_id = 1")).rows == 1


def test_every_storage_class_comes_back_exactly_and_so_do_the_users_triggers(site: SqliteSite) -> None:
    target = site.open(
        [
            (
                "CREATE TABLE t (k TEXT PRIMARY KEY NOT NULL, a, b REAL, c INTEGER, d BLOB, e NUMERIC, "
                "g INTEGER GENERATED ALWAYS AS (c + 1))"
            ),
            "INSERT INTO t (k, a, b, c, d, e) VALUES ('1', 1, 1, 9223372036854775807, x'00ff', 1.10)",
            "INSERT INTO t (k, a, b, c, d, e) VALUES ('2', 1.0, 1e308, '1', 'text', 'words')",
            "INSERT INTO t (k, a, b, c, d, e) VALUES ('3', '1', -1e-300, NULL, NULL, x'')",
            "INSERT INTO t (k, a, b, c, d) VALUES ('4', CAST(x'ff41fe' AS TEXT), 9e999, 0.5, '')",
            "UPDATE t SET e = 'a' || char(0) || 'b' WHERE k = '4'",
            "CREATE TRIGGER again AFTER UPDATE ON t BEGIN UPDATE t SET e = 'triggered' WHERE k = NEW.k; END",
        ]
    )
    stored = "SELECT k, typeof(a), hex(a), typeof(b), b, typeof(c), c, typeof(d), hex(d), typeof(e), hex(e), g FROM t"
    connection = sqlite3.connect(site.path)
    before = connection.execute(stored).fetchall()
    form = connection.execute("SELECT type, name, sql FROM sqlite_master ORDER BY 1, 2").fetchall()
    for number, sql in enumerate(("DELETE FROM t", "UPDATE t SET a = 0, b = 0, c = 0, d = 0, e = 0")):
        measured = target.measure(write(sql))
        assert measured.rows == 4
        approved = Approved(bound=wide(measured), effect=measured)
        performed(target.perform(write(sql), approved=approved, marker=f"m{number}"))
        assert connection.execute(stored).fetchall() != before
        performed(target.undo(f"m{number}", as_marker=f"back{number}"))
        assert sorted(connection.execute(stored).fetchall()) == before
    assert connection.execute("SELECT type, name, sql FROM sqlite_master ORDER BY 1, 2").fetchall() == form
    connection.close()


def test_tables_that_came_later_are_watched_too(site: SqliteSite) -> None:
    target = site.open(TABLES)
    target.measure(write("DELETE FROM people"))
    site.run("CREATE TABLE late (x INTEGER PRIMARY KEY)", "ALTER TABLE people ADD COLUMN mail TEXT DEFAULT 'none'")
    assert [each.table for each in target.measure(write("INSERT INTO late VALUES (1)")).tables] == ["main.late"]
    change = write("DELETE FROM people WHERE person_id = 1")
    performed(target.perform(change, approved=exactly(target.measure(change)), marker="m"))
    performed(target.undo("m", as_marker="back"))
    assert site.dump()["main.people"][1, 2, "person 1", 1001.5, "none"] == 1


def test_a_replace_that_cannot_be_told_is_refused(site: SqliteSite) -> None:
    target = site.open([*TABLES, "CREATE UNIQUE INDEX by_name ON people (lower(name))"])
    sql = "INSERT OR REPLACE INTO people VALUES (99, 1, 'PERSON 3', 1)"
    assert codes_after(lambda: target.measure(write(sql))) == {"TGT003"}
    assert target.measure(write("DELETE FROM people WHERE person_id = 1")).rows == 1
