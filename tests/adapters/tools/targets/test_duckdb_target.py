"""DuckDB keeps every promise of a target, but for cascades and triggers, which it has not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pytest

from loadline.adapters.tools.targets.duckdb.target import DuckdbTarget
from loadline.testing.target_suite import Dump, TargetSuite
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
