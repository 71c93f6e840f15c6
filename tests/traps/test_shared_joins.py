"""Shared joins: DuckDB notices that two parts of a query join the same tables, and does it once; but where a table
stands in these joins twice, it mixes up the two (github.com/duckdb/duckdb/issues/25819; 1.5.1 to 1.5.5, 2.0.0).

The SQL is right and the engine is wrong, so our warehouse tells it not to. This trap goes through that warehouse.
"""

from contextlib import closing
from datetime import date
from pathlib import Path

import duckdb
import pytest

from loadline.adapters.warehouses.duckdb import open_duckdb
from loadline.project import WarehouseSettings
from loadline.semantics import compile_sql, link, resolve
from semantics.oracle_world import HERE, Measure, Table, World, ask, difference, load
from traps.trap import answers

WORLD = World(
    Table("trips", {"from_id": "integer", "to_id": "integer"}, rows=[(2, 1), (1, 1), (9, 1)]),
    Table("places", {"id": "integer", "city": "string", "opened": "date", "size": "integer"}, key=("id",),
          rows=[(1, "Oslo", date(2024, 4, 6), 10), (2, "Rome", None, 20), (3, "Bern", date(2024, 4, 7), None)]),
    joins=["trips.from_id -> places.id as origin", "trips.to_id -> places.id as destination"],
    metrics={
        "by_opening_there": Measure("count(trips)", time="destination.opened"),
        "by_opening_here": Measure("count(trips)", time="origin.opened"),
    },
)  # fmt: skip

QUERY = ask("by_opening_there", "by_opening_here", by=["origin.city", "destination.size", "time:day"])
BY_HAND = [
    ("Oslo", 10, date(2024, 4, 6), 1, 1),
    ("Rome", 10, date(2024, 4, 6), 1, 0),
    ("Rome", 10, None, 0, 1),
    (None, 10, date(2024, 4, 6), 1, 0),
    (None, 10, None, 0, 1),
]


def test_the_engine_left_to_itself_loses_groups() -> None:
    linked = link(WORLD.model)
    sql = compile_sql(linked, resolve(linked, QUERY)).sql
    with WORLD.connected(disabled_optimizers="") as connection:
        found = connection.execute(sql).fetchall()
    if found == BY_HAND:
        pytest.skip("this DuckDB does it right: the setting in adapters/warehouses/instance.py may go")
    assert found == [(city, 10, date(2024, 4, 6), 1, 1) for city in ("Oslo", "Rome", None)]


def test_two_metrics_over_the_same_joins_keep_their_groups() -> None:
    answers(WORLD, QUERY, BY_HAND)


def test_our_warehouse_keeps_the_engine_from_mixing_up_the_joins(tmp_path: Path) -> None:
    with closing(duckdb.connect(str(tmp_path / "shop.duckdb"))) as connection:
        for table in WORLD.tables:
            load(connection, table)
    linked = link(WORLD.model)
    sql = compile_sql(linked, resolve(linked, QUERY)).sql
    settings = WarehouseSettings(kind="duckdb", database="shop.duckdb", files={}, place=HERE)
    with closing(open_duckdb(settings, tmp_path)) as warehouse:
        fetched = warehouse.read_rows(sql, timeout_seconds=60, max_rows=100)
        assert difference([row for batch in fetched.batches for row in batch], BY_HAND) is None
