"""DuckDB keeps every promise of a target, but for cascades and triggers, which it has not."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import duckdb
import pytest

from loadline.adapters.tools.targets.duckdb.target import DuckdbTarget
from loadline.errors import OutsideError, RequestError
from loadline.testing.target_suite import TABLES, Dump, TargetSuite, codes_of, exactly, performed, write
from loadline.values.effect import TargetSettings
from loadline.values.place import Place


@dataclass(slots=True, kw_only=True)
class DuckdbSite:
    folder: Path
    opened: list[DuckdbTarget] = field(default_factory=list)

    has_cascades = False
    own_table = "loadline.write"
    slow = (
        "UPDATE people SET name = name WHERE person_id = 1 AND "
        "(SELECT count(*) FROM range(1000000000) a(x), range(1000) b(y) WHERE hash(x, y) % 7 = 3) > 0"
    )

    @property
    def path(self) -> Path:
        return self.folder / "suite.duckdb"

    def open(self, statements: Sequence[str]) -> DuckdbTarget:
        self.run(*statements)
        settings = TargetSettings(name="suite", kind="duckdb", lock_seconds=5, place=Place(file="loadline.yaml"))
        target = DuckdbTarget(self.path, settings)
        self.opened.append(target)
        target.find_marker("nothing")
        return target

    def run(self, *statements: str) -> None:
        with duckdb.connect(str(self.path)) as connection:
            for statement in statements:
                connection.execute(statement)

    def read(self, sql: str) -> list[tuple[object, ...]]:
        with duckdb.connect(str(self.path)) as connection:
            connection.execute("SET TimeZone = 'UTC'")
            return connection.execute(sql).fetchall()

    def dump(self) -> Dump:
        with duckdb.connect(str(self.path)) as connection:
            tables = connection.execute(
                "SELECT schema_name, table_name FROM duckdb_tables() WHERE schema_name <> 'loadline'"
            ).fetchall()
            return {
                f"{schema}.{name}": Counter(connection.execute(f"SELECT * FROM {schema}.{name}").fetchall())
                for schema, name in tables
            }

    def named(self, table: str) -> str:
        return f"main.{table}"

    def cascading(self) -> Sequence[str]:
        raise NotImplementedError("DuckDB has neither cascades nor triggers")

    def close(self) -> None:
        for target in self.opened:
            target.close()


@pytest.fixture
def site(tmp_path: Path) -> Iterator[DuckdbSite]:
    site = DuckdbSite(folder=tmp_path)
    yield site
    site.close()


class TestDuckdbTarget(TargetSuite):
    pass


KINDS = (
    "CREATE TYPE mood AS ENUM ('sad', 'happy')",
    "CREATE SCHEMA s",
    (
        'CREATE TABLE s."Odd Table" ("the key" INTEGER PRIMARY KEY, n DECIMAL(18, 4), f DOUBLE, h HUGEINT, b BLOB, '
        "t TIMESTAMPTZ, ns TIMESTAMP_NS, d DATE, i INTERVAL, l INTEGER[], st STRUCT(x INTEGER, y VARCHAR), "
        "m MAP(VARCHAR, INTEGER), e mood, u UUID, txt VARCHAR, bit BIT)"
    ),
    (
        "INSERT INTO s.\"Odd Table\" VALUES (1, 1.1000, 'nan', 170141183460469231731687303715884105727, "
        "'\\x00\\xFF'::BLOB, "
        "'2025-03-30 02:30:00.123456+02', '2025-01-01 00:00:00.123456789', 'infinity', INTERVAL '1 year 2 days', "
        "[1, NULL, 3], {'x': 1, 'y': NULL}, MAP {'a': 1}, 'sad', "
        "'6f1ed002-ab0c-4a11-9f2b-000000000001', 'a''\"b', '101')"
    ),
    "INSERT INTO s.\"Odd Table\" (\"the key\", f, txt) VALUES (2, '-0.0', ''), (3, 'inf', NULL)",
)


@pytest.mark.parametrize(
    "sql",
    [
        'DELETE FROM s."Odd Table"',
        "/* update x */ UPDATE s.\"Odd Table\" SET n = 2, l = [], st = NULL, m = MAP {}, t = now(), e = 'happy'",
        'WITH x AS (SELECT 1 AS k) DELETE FROM s."Odd Table" USING x WHERE "the key" = x.k',
        'INSERT INTO "s"."Odd Table" ("the key", f) SELECT "the key" + 10, f FROM s."Odd Table"',
    ],
    ids=["delete", "update", "with", "insert"],
)
def test_every_kind_of_value_comes_back_exactly(site: DuckdbSite, sql: str) -> None:
    target = site.open(KINDS)
    texts = 'SELECT o::VARCHAR FROM s."Odd Table" o ORDER BY "the key"'
    before = site.read(texts)
    measured = target.measure(write(sql))
    assert [each.table for each in measured.tables] == ["s.Odd Table"]
    performed(target.perform(write(sql), approved=exactly(measured), marker="m"))
    assert site.read(texts) != before
    performed(target.undo("m", as_marker="back"))
    assert site.read(texts) == before


@pytest.mark.parametrize(
    "sql",
    [
        "INSERT INTO log SELECT * FROM read_csv('/etc/passwd')",
        "INSERT INTO log SELECT content FROM read_text('/etc/passwd')",
        'INSERT INTO log SELECT marker FROM "loadline".write',
        "INSERT INTO log SELECT marker FROM query_table('load' || 'line.write')",
        "INSERT INTO log SELECT * FROM query('SELECT marker FROM load' || 'line.write')",
        "DELETE FROM temp.people",
        "DELETE FROM v",
    ],
)
def test_a_statement_of_an_agent_reaches_the_rows_of_the_users_tables_only(site: DuckdbSite, sql: str) -> None:
    target = site.open([*TABLES, "CREATE VIEW v AS SELECT * FROM people"])
    before = site.dump()
    with pytest.raises(RequestError):
        target.measure(write(sql))
    assert site.dump() == before


def test_a_file_that_another_process_has_open_is_waited_for_and_then_said(site: DuckdbSite) -> None:
    target = site.open(TABLES)
    target._settings = replace(target._settings, lock_seconds=0.2)
    holding = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('open', flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", holding, str(site.path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None
        other.stdout.readline()
        with pytest.raises(OutsideError) as refused:
            target.measure(write("DELETE FROM people"))
        assert other.stdin is not None
        other.stdin.close()
    assert (codes_of(refused.value), refused.value.retryable) == ({"TGT004"}, True)
    assert target.measure(write("DELETE FROM people")).rows == 20
