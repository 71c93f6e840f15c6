"""Rows in; a real warehouse over Parquet files of them, and looks at it that remember what its parts said, out."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from loadline.adapters.warehouses.duckdb import open_duckdb
from loadline.checks import data
from loadline.flow.fetch import Fetcher
from loadline.flow.ports import Warehouse
from loadline.project import WarehouseSettings
from loadline.values.finding import Evidence, FilesNeed, Missing, Need, RowsNeed, SchemaNeed, SqlNeed
from loadline.values.place import Place
from loadline.values.promise import Broken, Kept, PromiseRun, TableLook

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
LONG_AGO = 1_700_000_000
BY_FILES = ", by what the files say of their rows"


def write(path: Path, schema: pa.Schema, rows: Sequence[Sequence[object]], *, group: int = 2, **more: Any) -> None:
    """A file that has not changed for years, in row groups of so many rows."""
    columns = list(zip(*rows, strict=True)) or [()] * len(schema)
    arrays = [pa.array(column, type=of.type) for column, of in zip(columns, schema, strict=True)]
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_arrays(arrays, schema=schema), path, row_group_size=group, **more)
    age(path)


def age(path: Path) -> None:
    """Made at another time than any file before it, and long ago."""
    age.seconds += 1  # type: ignore[attr-defined]
    os.utime(path, (LONG_AGO + age.seconds, LONG_AGO + age.seconds))  # type: ignore[attr-defined]


age.seconds = 0  # type: ignore[attr-defined]


@contextmanager
def opened(root: Path, statistics: str = "trusted", **files: str) -> Iterator[Warehouse]:
    settings = WarehouseSettings(kind="duckdb", files=files, statistics=statistics, place=Place(file="loadline.yaml"))
    warehouse = open_duckdb(settings, root)
    try:
        yield warehouse
    finally:
        warehouse.close()


@dataclass(slots=True, kw_only=True)
class Looker:
    """Looks like the flow does. `asked` is every statement that was sent, `kept` what is remembered from look to look;
    with `knows_files` False it looks as at any engine without files."""

    root: Path
    files: Mapping[str, str]
    statistics: str = "trusted"
    knows_files: bool = True
    made_by: str = "test 1"
    kept: dict[str, tuple[object, ...]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def look(self, subject: data.Subject, every: Sequence[data.Subject]) -> TableLook:
        self.asked.clear()
        setting = data.Setting(
            dialect="duckdb", now=NOW, zone="Europe/Berlin", version="v", kept=self.kept, made_by=self.made_by
        )
        with opened(self.root, self.statistics, **self.files) as warehouse:
            looked = self._drive(data.look(subject, every, setting), Fetcher(warehouse, timeout_seconds=60))
        fresh = {key: row for key, row in self.kept.items() if key.partition(":")[0] in looked.current}
        self.kept = {**fresh, **looked.kept}
        return looked.look

    def _drive(self, steps: data.Steps[data.Looked], fetcher: Fetcher) -> data.Looked:
        try:
            needs = next(steps)
            while True:
                needs = steps.send({need: self._fetch(need, fetcher) for need in needs})
        except StopIteration as done:
            found: data.Looked = done.value
            return found

    def _fetch(self, need: Need, fetcher: Fetcher) -> Evidence:
        match need:
            case SqlNeed(sql=sql) | RowsNeed(sql=sql):
                self.asked.append(sql)
            case FilesNeed() if not self.knows_files:
                return Missing(why="nobody looks into them")
            case FilesNeed() | SchemaNeed():
                pass
        return fetcher.fetch((need,), version="v")[need]


def said(look: TableLook) -> dict[str, object]:
    """What a look says, without how it came to know."""
    return {run.promise.id: _said(run) for run in look.runs}


def _said(run: PromiseRun) -> object:
    match run:
        case Kept(measured=measured):
            return ("kept", measured.removesuffix(BY_FILES))
        case Broken():
            return ("broken", run.what, run.count, run.total, run.keys, run.cause, run.span, len(run.sample))
        case _:
            return (type(run).__name__, run.why)
