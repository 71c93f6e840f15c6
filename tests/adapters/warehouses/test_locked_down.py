"""Ways out of the warehouse, each of which must be shut: other files, settings, extensions, the network, writing."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from adapters.warehouses.sites import settings, write_csv, write_parquet
from loadline.adapters.warehouses.duckdb import DuckDBWarehouse, open_duckdb
from loadline.errors import OutsideError
from loadline.testing.warehouses import OTHERS, TABLES, fetch

PRIVATE = "what-the-neighbour-keeps"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with data it lists and data it does not, and neighbours outside."""
    folder = tmp_path_factory.mktemp("locked")
    data = folder / "project" / "data"
    data.mkdir(parents=True)
    write_parquet(data / "others.parquet", TABLES[OTHERS])
    write_csv(data / "others.csv", TABLES[OTHERS])
    (data / "unlisted.csv").write_text(f"word\n{PRIVATE}\n", encoding="utf-8")
    write_parquet(folder / "outside.parquet", TABLES[OTHERS])
    with duckdb.connect(str(folder / "outside.duckdb")) as other:
        other.execute(f"CREATE TABLE words AS SELECT '{PRIVATE}' AS word")
    with duckdb.connect(str(data / "shop.duckdb")) as own:
        own.execute("CREATE TABLE stock AS SELECT 1 AS id; CREATE SEQUENCE counter")
    (folder / "link.csv").symlink_to(data / "unlisted.csv")
    return folder


def opened(folder: Path) -> DuckDBWarehouse:
    files = {"suite.others": "data/others.parquet", "suite.texts": "data/others.csv"}
    return open_duckdb(settings(files, database="data/shop.duckdb"), folder / "project")


@pytest.fixture(scope="module")
def warehouse(folder: Path) -> Iterator[DuckDBWarehouse]:
    """One for all escapes: each test shows that the one before it changed nothing."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LOADLINE_TEST_SECRET", PRIVATE)
        patch.chdir(folder / "project")
        one = opened(folder)
        yield one
        one.close()


ESCAPES = (
    # other files, by every reader there is
    "SELECT * FROM read_csv('/etc/passwd')",
    "SELECT * FROM read_csv('/etc/passwd', header=false, sep='|')",
    "SELECT * FROM read_csv_auto('data/unlisted.csv')",
    "SELECT * FROM 'data/unlisted.csv'",
    "SELECT * FROM '{root}/data/unlisted.csv'",
    "SELECT * FROM '{root}/data/../data/unlisted.csv'",
    "SELECT * FROM '{root}/data/others.parquet/../unlisted.csv'",
    "SELECT * FROM '{root}/../outside.parquet'",
    "SELECT * FROM '{tmp}/link.csv'",
    "SELECT * FROM read_parquet('{tmp}/outside.parquet')",
    "SELECT * FROM read_parquet(['{root}/data/others.parquet', '{tmp}/outside.parquet'])",
    "SELECT * FROM parquet_scan('{tmp}/outside.parquet')",
    "SELECT * FROM parquet_metadata('{tmp}/outside.parquet')",
    "SELECT * FROM parquet_schema('{tmp}/outside.parquet')",
    "SELECT * FROM parquet_kv_metadata('{tmp}/outside.parquet')",
    "SELECT * FROM read_text('/etc/hostname')",
    "SELECT * FROM read_text('{root}/data/*')",
    "SELECT * FROM read_blob('/proc/self/environ')",
    "SELECT * FROM read_json('/etc/passwd')",
    "SELECT * FROM read_ndjson_objects('/etc/passwd')",
    "SELECT * FROM sniff_csv('/etc/passwd')",
    "SELECT * FROM read_duckdb('{tmp}/outside.duckdb', table_name='words')",
    "SELECT * FROM glob('/etc/*')",
    "SELECT * FROM glob('{root}/data/*')",
    # the process and the machine
    "SELECT getenv('LOADLINE_TEST_SECRET')",
    "SELECT getvariable('x') || getenv('HOME')",
    "SELECT * FROM secret_frame",
    # the network
    "SELECT * FROM 'https://127.0.0.1:9/x.parquet'",
    "SELECT * FROM read_parquet('s3://bucket/x.parquet')",
    "SELECT * FROM read_csv('http://127.0.0.1:9/x.csv')",
    "SELECT * FROM 'hf://datasets/x/y.parquet'",
    # extensions, databases, secrets
    "INSTALL httpfs",
    "LOAD httpfs",
    "LOAD '/tmp/x.duckdb_extension'",
    "ATTACH '{tmp}/outside.duckdb' AS other",
    "ATTACH ':memory:' AS other",
    "DETACH _loadline_database",
    "USE memory",
    "CREATE SECRET s (TYPE s3, KEY_ID 'x', SECRET 'y')",
    # settings
    "SET enable_external_access = true",
    "SET lock_configuration = false",
    "SET GLOBAL allowed_directories = ['/']",
    "RESET ALL",
    "PRAGMA enable_profiling",
    "PRAGMA database_list",
    "CALL pragma_version()",
    "SET VARIABLE x = 1",
    # writing, here or elsewhere
    "COPY (SELECT 1) TO '{tmp}/made.csv'",
    "COPY (SELECT 1) TO '{root}/data/others.csv'",
    "COPY suite.others FROM '/etc/passwd'",
    "COPY FROM DATABASE memory TO _loadline_database",
    "EXPORT DATABASE '{tmp}/export'",
    "IMPORT DATABASE '{tmp}/export'",
    "INSERT INTO stock VALUES (2)",
    "INSERT INTO _loadline_database.main.stock VALUES (2)",
    "WITH made AS (INSERT INTO stock VALUES (2) RETURNING *) SELECT * FROM made",
    "WITH gone AS (DELETE FROM _loadline_database.main.stock RETURNING *) SELECT * FROM gone",
    "SELECT nextval('_loadline_database.main.counter')",
    "CREATE OR REPLACE VIEW suite.others AS SELECT 42 AS id",
    "CREATE MACRO leak() AS TABLE SELECT 1",
    "CREATE FUNCTION leak() AS 1",
    "VACUUM",
    "CHECKPOINT",
    "FORCE CHECKPOINT",
    # statements hidden in a SELECT, and more than one
    "SELECT * FROM query('INSERT INTO stock VALUES (2)')",
    "SELECT * FROM query('SELECT * FROM read_csv(''/etc/passwd'')')",
    "SELECT * FROM query_table('/etc/passwd')",
    "SELECT 1; SELECT 2",
    "SELECT 1; COPY (SELECT 1) TO '{tmp}/made.csv'",
    "EXPLAIN ANALYZE SELECT 1",
    "PREPARE p AS SELECT 1",
    "EXECUTE p",
)


@pytest.mark.parametrize("escape", ESCAPES)
def test_there_is_no_way_out(warehouse: DuckDBWarehouse, folder: Path, escape: str) -> None:
    secret_frame = [(PRIVATE,)]  # a variable of this process, which the client would let a query read
    before = sorted(path.name for path in folder.rglob("*"))
    sql = escape.format(root=folder / "project", tmp=folder)
    with pytest.raises(OutsideError) as raised:
        fetch(warehouse, sql, timeout_seconds=10)
    said = " ".join(f"{d.what} {d.mend}" for d in raised.value.diagnostics)
    assert PRIVATE not in said
    assert "root:" not in said, "no line of /etc/passwd in the message"
    assert secret_frame
    assert sorted(path.name for path in folder.rglob("*")) == before
    assert fetch(warehouse, "SELECT count(*) FROM suite.others") == [(2,)]
    assert fetch(warehouse, "SELECT count(*) FROM stock") == [(1,)]


def test_the_warehouse_reads_what_is_listed_while_all_else_is_shut(warehouse: DuckDBWarehouse) -> None:
    sql = "SELECT o.id, t.id FROM suite.others o JOIN suite.texts t ON o.id = t.id JOIN stock s ON s.id = o.id"
    assert fetch(warehouse, sql) == [(1, 1)]


def test_time_zones_work_without_loading_anything(warehouse: DuckDBWarehouse) -> None:
    sql = "SELECT timezone('Europe/Berlin', TIMESTAMPTZ '2025-07-01 12:00:00+00')::VARCHAR, current_setting('TimeZone')"
    assert fetch(warehouse, sql) == [("2025-07-01 14:00:00", "UTC")]


def test_there_is_no_secret_to_be_read(warehouse: DuckDBWarehouse) -> None:
    assert fetch(warehouse, "SELECT * FROM duckdb_secrets()") == []


def test_the_database_file_is_not_touched(folder: Path) -> None:
    path = folder / "project" / "data" / "shop.duckdb"
    before = (path.read_bytes(), path.stat().st_mtime_ns)
    warehouse = opened(folder)
    fetch(warehouse, "SELECT * FROM stock")
    warehouse.close()
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before
    assert not Path(f"{path}.wal").exists()


def test_spilled_rows_lie_in_a_folder_only_this_account_may_enter_and_are_gone_after(folder: Path) -> None:
    warehouse = opened(folder)
    spill = Path(str(fetch(warehouse, "SELECT current_setting('temp_directory')")[0][0]))
    assert spill.stat().st_mode & 0o777 == 0o700
    assert spill.stat().st_uid == os.getuid()
    warehouse.close()
    assert not spill.exists()
