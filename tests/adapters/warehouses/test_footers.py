"""What Parquet files say of their rows is passed on where it is certain, and nowhere else."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from adapters.warehouses.sites import PLACE
from loadline.adapters.warehouses import footers
from loadline.adapters.warehouses.duckdb import open_duckdb
from loadline.project import WarehouseSettings
from loadline.testing.warehouses import fetch
from loadline.values.finding import Files, Stats

NAN = float("nan")


def warehouse_settings(pattern: str, statistics: str = "trusted") -> WarehouseSettings:
    return WarehouseSettings(kind="duckdb", files={"s.t": pattern}, statistics=statistics, place=PLACE)


def said(root: Path, *columns: str, pattern: str = "*.parquet") -> Files:
    with closing(open_duckdb(warehouse_settings(pattern), root)) as warehouse:
        found = warehouse.read_files("s.t", columns)
    assert found is not None
    return found


def of(root: Path, column: str, pattern: str = "**/*.parquet") -> list[Stats | None]:
    """One for each row group, in order."""
    files = said(root, column, pattern=pattern)
    return [group.columns.get(column) for part in files.parts for group in part.groups or ()]


def counted(root: Path, where: str, statistics: str = "trusted", pattern: str = "*.parquet") -> object:
    with closing(open_duckdb(warehouse_settings(pattern, statistics), root)) as warehouse:
        return fetch(warehouse, f"SELECT COUNT(*) FROM s.t WHERE {where}")[0][0]


def copy(root: Path, select: str, name: str = "a.parquet") -> None:
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    duckdb.connect().execute(f"COPY ({select}) TO '{root / name}' (FORMAT parquet)")


def write(root: Path, column: pa.Array, name: str = "a.parquet", **more: Any) -> None:
    pq.write_table(pa.table({"x": column}), root / name, **more)


def test_numbers_days_and_instants_say_their_ends(tmp_path: Path) -> None:
    copy(
        tmp_path,
        "SELECT i AS whole, (i * 1.25)::DECIMAL(9, 2) AS price, i::DOUBLE AS weight, "
        "DATE '2026-01-01' + i::INT AS day, "
        "TIMESTAMP '2026-01-01 00:00' + INTERVAL (i) HOUR AS clock, "
        "TIMESTAMPTZ '2026-01-01 00:00+01' + INTERVAL (i) HOUR AS instant FROM range(3) r(i)",
    )
    columns = ("whole", "price", "weight", "day", "clock", "instant")
    (part,) = said(tmp_path, *columns).parts
    (group,) = part.groups or ()
    assert group.rows == 3
    assert {name: group.columns[name] for name in columns} == {
        "whole": Stats(nulls=0, low=0, high=2),
        "price": Stats(nulls=0, low=Decimal(0), high=Decimal("2.5")),
        "weight": Stats(nulls=0, low=0.0, high=2.0),
        "day": Stats(nulls=0, low=date(2026, 1, 1), high=date(2026, 1, 3)),
        "clock": Stats(nulls=0, low=datetime(2026, 1, 1), high=datetime(2026, 1, 1, 2)),  # noqa: DTZ001
        "instant": Stats(nulls=0, low=datetime(2025, 12, 31, 23, tzinfo=UTC), high=datetime(2026, 1, 1, 1, tzinfo=UTC)),
    }


NOTHING = Stats(nulls=0)


@pytest.mark.parametrize(
    ("select", "expected"),
    [
        ("SELECT 'text' AS x", NOTHING),  # writers cut the ends of long texts
        ("SELECT DATE 'infinity' AS x", NOTHING),
        ("SELECT DATE '0044-03-15 (BC)' AS x", NOTHING),
        ("SELECT TIMESTAMP_NS '2026-01-01 00:00:00.123456789' AS x", NOTHING),  # the engine's own, and finer than ours
        ("SELECT true AS x", NOTHING),
        ("SELECT UUID '00000000-0000-0000-0000-000000000001' AS x", NOTHING),
        ("SELECT NULL::INT AS x", Stats(nulls=1)),
        ("SELECT {'y': 1} AS x", None),
        ("SELECT [1, 2] AS x", None),
    ],
)
def test_what_is_not_certain_is_not_said(tmp_path: Path, select: str, expected: Stats | None) -> None:
    copy(tmp_path, select)
    assert of(tmp_path, "x") == [expected]


def test_a_column_of_floating_point_numbers_that_may_hold_nan_has_no_ends(tmp_path: Path) -> None:
    write(tmp_path, pa.array([1.0, NAN, 2.0]))
    (found,) = of(tmp_path, "x")
    assert found == NOTHING


def test_nan_is_found_though_no_footer_speaks_of_it(tmp_path: Path) -> None:
    write(tmp_path, pa.array([1.0, NAN, 2.0]))
    assert counted(tmp_path, "x > 5") == 1


def test_without_statistics_nothing_is_known_but_the_number_of_rows(tmp_path: Path) -> None:
    write(tmp_path, pa.array([1, 2, None]), write_statistics=False)
    (part,) = said(tmp_path, "x").parts
    (group,) = part.groups or ()
    assert group.rows == 3
    assert group.columns["x"] == Stats()


def test_each_row_group_speaks_for_itself(tmp_path: Path) -> None:
    write(tmp_path, pa.array([1, None, None, None, 5]), row_group_size=2)
    assert of(tmp_path, "x") == [Stats(nulls=1, low=1, high=1), Stats(nulls=2), Stats(nulls=0, low=5, high=5)]


def test_a_folder_that_gives_a_column_its_value_overrides_what_the_file_says(tmp_path: Path) -> None:
    copy(tmp_path, "SELECT 9 AS x, 1 AS y", "X=5/a.parquet")
    copy(tmp_path, "SELECT 9 AS x, 1 AS y", "x=5/b.parquet")
    assert counted(tmp_path, "x = 5", pattern="x=5/*.parquet") == 1
    assert of(tmp_path, "x", "x=5/*.parquet") == [None]
    assert of(tmp_path, "y", "x=5/*.parquet") == [Stats(nulls=0, low=1, high=1)]


@pytest.mark.parametrize(
    "other", ["1.235::DECIMAL(9, 3)", "1::BIGINT", "1.5::DOUBLE", "DATE '2026-01-01'::TIMESTAMP::VARCHAR"]
)
def test_files_that_hold_a_column_in_different_types_say_nothing(tmp_path: Path, other: str) -> None:
    copy(tmp_path, "SELECT 1.23::DECIMAL(9, 2) AS x", "a.parquet")
    copy(tmp_path, f"SELECT {other} AS x", "b.parquet")
    assert [part.groups for part in said(tmp_path, "x").parts] == [None, None]


def test_a_table_of_very_many_files_is_not_looked_into(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(footers, "MOST_FILES", 1)
    copy(tmp_path, "SELECT 1 AS x", "a.parquet")
    copy(tmp_path, "SELECT 1 AS x", "b.parquet")
    assert [part.groups for part in said(tmp_path, "x").parts] == [None, None]


def test_a_row_is_marked_with_the_file_it_lies_in(tmp_path: Path) -> None:
    copy(tmp_path, "SELECT 1 AS x", "a.parquet")
    copy(tmp_path, "SELECT 2 AS x", "b.parquet")
    with closing(open_duckdb(warehouse_settings("*.parquet"), tmp_path)) as warehouse:
        files = warehouse.read_files("s.t", ())
        assert files is not None
        rows = fetch(warehouse, f'SELECT x, {files.mark} FROM s."t{files.suffix}" ORDER BY x')
        assert list(rows) == [(1, files.parts[0].name), (2, files.parts[1].name)]
        assert list(warehouse.read_schema("s.t")) == ["x"], "the relation itself is as it was"


def lying(root: Path, values: Sequence[int], hidden: int, instead: int) -> None:
    """A file whose footer says another end than the rows have."""
    write(root, pa.array(values), store_schema=False)
    path = root / "a.parquet"
    content = path.read_bytes()
    (length,) = struct.unpack("<I", content[-8:-4])
    rows, footer = content[: -8 - length], content[-8 - length :]
    assert struct.pack("<q", hidden) in footer
    path.write_bytes(rows + footer.replace(struct.pack("<q", hidden), struct.pack("<q", instead)))


def test_a_file_that_lies_is_believed_only_where_statistics_are_trusted(tmp_path: Path) -> None:
    lying(tmp_path, [777777777777, *range(10**12, 10**12 + 50)], 777777777777, 10**12)
    assert of(tmp_path, "x") == [Stats(nulls=0, low=10**12, high=10**12 + 49)]
    assert counted(tmp_path, "x < 1000000000000") == 0, "DuckDB believes it: what this test is about"
    assert counted(tmp_path, "x < 1000000000000", "ignored") == 1
    with closing(open_duckdb(warehouse_settings("*.parquet", "ignored"), tmp_path)) as warehouse:
        assert warehouse.read_files("s.t", ("x",)) is None
        assert fetch(warehouse, "SELECT MIN(x) FROM s.t")[0][0] == 777777777777


def test_what_is_no_parquet_lies_in_no_files_of_this_kind(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("x\n1\n")
    with closing(open_duckdb(warehouse_settings("t.csv"), tmp_path)) as warehouse:
        assert warehouse.read_files("s.t", ("x",)) is None
