"""Everything that can be wrong with a warehouse, and what the user is told: code, words, mend, place, retryable."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import duckdb
import pytest

from adapters.warehouses.sites import PLACE, contract, settings, write_csv, write_parquet
from loadline.adapters.warehouses import CODES, codes
from loadline.adapters.warehouses.duckdb import open_duckdb
from loadline.adapters.warehouses.faults import translate
from loadline.adapters.warehouses.instance import Limits
from loadline.demo.sheet import workbook
from loadline.errors import OutsideError
from loadline.testing.warehouses import OTHERS, TABLES, ColumnType, Table, fetch

SLOW = "SELECT count(*) FROM range(1000000000) a, range(1000) b WHERE (a.range * b.range) % 7 = 3"
HUNGRY = (
    "SELECT sum(r), max(h) FROM (SELECT hash(range) h, row_number() OVER (ORDER BY hash(range)) r FROM range(3000000))"
)

BULKY = (
    "SELECT max(a), max(r) FROM "
    "(SELECT md5(range::VARCHAR) a, row_number() OVER (ORDER BY md5(range::VARCHAR)) r FROM range(4000000))"
)


def told(work: Callable[[], object], code: str, *, is_retryable: bool = False) -> str:
    """What is wrong and how to mend it, on one line; `code` alone must have been raised, at the settings' place."""
    with pytest.raises(OutsideError) as raised:
        work()
    (diagnostic,) = raised.value.diagnostics
    assert diagnostic.code == code
    assert raised.value.retryable is is_retryable
    assert diagnostic.place in {None, PLACE}
    assert diagnostic.why
    assert "\n" not in diagnostic.what + diagnostic.mend
    assert not diagnostic.what.endswith(".")
    return f"{diagnostic.what} | {diagnostic.mend}"


def asked(
    root: Path,
    files: Mapping[str, str] | None = None,
    *,
    database: str | None = None,
    sql: str = "SELECT * FROM sales.orders",
    limits: Limits | None = None,
    timeout_seconds: float = 60,
    table: Table | None = None,
) -> Callable[[], object]:
    def work() -> object:
        contracts = {"sales.orders": contract(table)} if table else {}
        warehouse = open_duckdb(settings(files, database), root, limits=limits, contracts=contracts)
        try:
            return fetch(warehouse, sql, timeout_seconds=timeout_seconds)
        finally:
            warehouse.close()

    return work


def one(name: str) -> dict[str, str]:
    return {"sales.orders": name}


def test_a_missing_file_is_named_with_what_lies_beside_it(tmp_path: Path) -> None:
    write_parquet(tmp_path / "orders.parquet", TABLES[OTHERS])
    said = told(asked(tmp_path, one("order.parquet")), codes.NO_SUCH_FILE)
    assert said == "`order.parquet` is not there | write `orders.parquet`"
    (tmp_path / "data").mkdir()
    write_parquet(tmp_path / "data" / "orders.parquet", TABLES[OTHERS])
    said = told(asked(tmp_path, one("data/order.parquet")), codes.NO_SUCH_FILE)
    assert said.endswith("| write `data/orders.parquet`")
    (tmp_path / "data" / "orders.parquet").unlink()
    (tmp_path / "data").rmdir()
    assert "create the folder `data`" in told(asked(tmp_path, one("data/x.csv")), codes.NO_SUCH_FILE)
    assert "no file matches `*.csv`" in told(asked(tmp_path, one("*.csv")), codes.NO_SUCH_FILE)
    assert "`shop.duckdb` is not there" in told(asked(tmp_path, database="shop.duckdb"), codes.NO_SUCH_FILE)


def test_a_missing_file_does_not_stop_questions_about_the_others(tmp_path: Path) -> None:
    write_parquet(tmp_path / "orders.parquet", TABLES[OTHERS])
    files = {"sales.orders": "orders.parquet", "sales.rates": "rates.csv"}
    assert asked(tmp_path, files)() == [(1,), (2,)]
    told(asked(tmp_path, files, sql="SELECT * FROM sales.rates"), codes.NO_SUCH_FILE)


def test_a_file_that_goes_away_and_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "orders.parquet"
    write_parquet(path, TABLES[OTHERS])
    warehouse = open_duckdb(settings(one("orders.parquet")), tmp_path)
    assert fetch(warehouse, "SELECT * FROM sales.orders") == [(1,), (2,)]
    path.unlink()
    told(lambda: fetch(warehouse, "SELECT * FROM sales.orders"), codes.NO_SUCH_FILE)
    told(lambda: warehouse.read_version(["sales.orders"]), codes.NO_SUCH_FILE)
    write_parquet(path, TABLES[OTHERS])
    assert fetch(warehouse, "SELECT * FROM sales.orders") == [(1,), (2,)]
    warehouse.close()


def test_a_folder_is_not_a_file(tmp_path: Path) -> None:
    (tmp_path / "orders.parquet").mkdir()
    assert "is not a file" in told(asked(tmp_path, one("orders.parquet")), codes.UNREADABLE_FILE)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_a_file_without_permission(tmp_path: Path) -> None:
    write_parquet(tmp_path / "orders.parquet", TABLES[OTHERS])
    (tmp_path / "orders.parquet").chmod(0)
    assert "permission" in told(asked(tmp_path, one("orders.parquet")), codes.UNREADABLE_FILE)


def test_a_link_in_a_circle(tmp_path: Path) -> None:
    (tmp_path / "a.csv").symlink_to(tmp_path / "b.csv")
    (tmp_path / "b.csv").symlink_to(tmp_path / "a.csv")
    told(asked(tmp_path, one("a.csv")), codes.UNREADABLE_FILE)


@pytest.mark.parametrize("ending", ["parquet", "csv", "xlsx", "ods", "jsonl", "csv.gz"])
def test_a_file_of_another_kind_than_its_name_says(tmp_path: Path, ending: str) -> None:
    (tmp_path / f"orders.{ending}").write_bytes(b"\x89\xff\x00 not { what it says \xfe\n\x00\xff" * 40)
    said = told(asked(tmp_path, one(f"orders.{ending}")), codes.NOT_WHAT_IT_SAYS)
    assert f"orders.{ending}`" in said


def test_a_database_of_another_kind_than_its_name_says(tmp_path: Path) -> None:
    (tmp_path / "shop.duckdb").write_bytes(b"not a database at all" * 1000)
    assert "shop.duckdb" in told(asked(tmp_path, database="shop.duckdb"), codes.NOT_WHAT_IT_SAYS)


def test_a_parquet_file_that_is_cut_or_spoilt_is_never_half_read(tmp_path: Path) -> None:
    many = Table(columns={"id": ColumnType.STRING}, rows=[(f"row {i * 7919 % 10007}",) for i in range(10_000)])
    write_parquet(tmp_path / "whole.parquet", many)
    whole = (tmp_path / "whole.parquet").read_bytes()
    (tmp_path / "cut.parquet").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "spoilt.parquet").write_bytes(
        whole[:500] + b"\x55" * (len(whole) // 2) + whole[500 + len(whole) // 2 :]
    )
    (tmp_path / "empty.parquet").write_bytes(b"")
    for name in ("cut", "spoilt", "empty"):
        said = told(asked(tmp_path, one(f"{name}.parquet")), codes.NOT_WHAT_IT_SAYS)
        assert f"{name}.parquet" in said


def test_a_kind_of_file_that_cannot_be_read_lists_those_that_can(tmp_path: Path) -> None:
    said = told(asked(tmp_path, one("orders.xml")), codes.UNKNOWN_FILE_KIND)
    assert "`orders.xml`" in said
    assert "`.parquet`" in said


def test_a_path_may_not_climb_out_of_the_project(tmp_path: Path) -> None:
    root = tmp_path / "project"
    root.mkdir()
    write_parquet(tmp_path / "orders.parquet", TABLES[OTHERS])
    (root / "link.parquet").symlink_to(tmp_path / "orders.parquet")
    (root / "folder").symlink_to(tmp_path)
    for way in ("../orders.parquet", "link.parquet", "folder/orders.parquet", "folder/*.parquet", "../*.parquet"):
        told(asked(root, one(way)), codes.OUTSIDE_PROJECT)
    told(asked(root, database="../shop.duckdb"), codes.OUTSIDE_PROJECT)


def test_an_absolute_path_is_plain_to_see_and_allowed(tmp_path: Path) -> None:
    root = tmp_path / "project"
    root.mkdir()
    write_parquet(tmp_path / "orders.parquet", TABLES[OTHERS])
    (root / "inner.parquet").symlink_to(tmp_path / "orders.parquet")
    assert asked(root, one(str(tmp_path / "orders.parquet")))() == [(1,), (2,)]
    assert asked(root, one(str(tmp_path / "*.parquet")))() == [(1,), (2,)]


@pytest.mark.parametrize(
    "address", ["s3://b/x.parquet", "https://h/x.parquet", "http://h/*.csv", "hf://d/x.parquet", "file:///etc/x.csv"]
)
def test_a_network_address_is_refused(tmp_path: Path, address: str) -> None:
    assert address in told(asked(tmp_path, one(address)), codes.REMOTE_ADDRESS)
    told(asked(tmp_path, database="md:shop"), codes.REMOTE_ADDRESS)


@pytest.mark.parametrize("name", ["a.b.c", "", ".orders", "sales.", " "])
def test_a_relation_has_one_or_two_parts(tmp_path: Path, name: str) -> None:
    told(asked(tmp_path, {name: "orders.csv"}), codes.BAD_RELATION_NAME)


def test_all_that_is_wrong_with_the_settings_is_said_at_once(tmp_path: Path) -> None:
    files = {"a.b.c": "x.csv", "b": "s3://x", "c": "x.xml", "d": "../x.csv", "E": "x.csv", "e": "y.csv"}
    with pytest.raises(OutsideError) as raised:
        open_duckdb(settings(files, "md:x"), tmp_path)
    assert [d.code for d in raised.value.diagnostics] == [
        codes.BAD_RELATION_NAME,
        codes.REMOTE_ADDRESS,
        codes.UNKNOWN_FILE_KIND,
        codes.OUTSIDE_PROJECT,
        codes.BAD_RELATION_NAME,
        codes.REMOTE_ADDRESS,
    ]


def test_a_missing_relation_and_column(tmp_path: Path) -> None:
    write_parquet(tmp_path / "orders.parquet", TABLES[OTHERS])
    files = one("orders.parquet")
    said = told(asked(tmp_path, files, sql="SELECT * FROM sales.oders"), codes.NO_SUCH_RELATION)
    assert said == "the warehouse has no relation `sales.oders` | write `sales.orders`"
    told(asked(tmp_path, files, sql="SELECT * FROM other.orders"), codes.NO_SUCH_RELATION)
    said = told(asked(tmp_path, files, sql="SELECT ids FROM sales.orders"), codes.NO_SUCH_COLUMN)
    assert said == "`sales.orders` (`orders.parquet`) has no column `ids`; it has `id` | write `id`"
    sql = 'SELECT "o"."zzz" FROM "sales"."orders" AS "o"'
    assert "use one of `id`" in told(asked(tmp_path, files, sql=sql), codes.NO_SUCH_COLUMN)


def test_a_database_another_program_writes_to_is_locked(tmp_path: Path) -> None:
    path = tmp_path / "shop.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("CREATE SCHEMA sales; CREATE TABLE sales.orders AS SELECT 1 AS id")
    script = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('open', flush=True); sys.stdin.read()"
    command = [sys.executable, "-c", script, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdin is not None
        assert holder.stdout.readline() == "open\n"
        try:
            said = told(asked(tmp_path, database="shop.duckdb"), codes.LOCKED_DATABASE, is_retryable=True)
            assert str(holder.pid) in said
        finally:
            holder.stdin.close()
    assert asked(tmp_path, database="shop.duckdb")() == [(1,)]


def test_a_query_that_needs_more_memory_than_allowed(tmp_path: Path) -> None:
    sql = "SELECT length(string_agg(repeat('x', 1000), '')) FROM range(100000)"  # one value that cannot be spilled
    told(asked(tmp_path, sql=sql, limits=Limits(memory="40MB")), codes.OUT_OF_MEMORY, is_retryable=True)


def test_a_query_that_fits_neither_memory_nor_disk(tmp_path: Path) -> None:
    """Which of the two runs out first is the engine's luck."""
    with pytest.raises(OutsideError) as raised:
        asked(tmp_path, sql=BULKY, limits=Limits(memory="30MB", spill="5MB", threads=2))()
    assert raised.value.diagnostics[0].code in {codes.OUT_OF_MEMORY, codes.OUT_OF_DISK}
    assert raised.value.retryable


@pytest.mark.parametrize(
    "error",
    [
        duckdb.OutOfMemoryException(
            "Out of Memory Error: failed to offload data block of size 256.0 KiB (4.6 MiB/4.7 MiB used).\n"
            "This limit was set by the 'max_temp_directory_size' setting."
        ),
        duckdb.IOException('IO Error: Could not write file "/tmp/x/duckdb_temp": No space left on device'),
    ],
)
def test_a_full_disk_is_told_from_too_little_memory(error: duckdb.Error) -> None:
    found = translate(error)
    assert found.diagnostics[0].code == codes.OUT_OF_DISK
    assert "TMPDIR" in found.diagnostics[0].mend
    assert found.retryable


def test_the_same_query_spills_when_it_may(tmp_path: Path) -> None:
    rows = asked(tmp_path, sql=HUNGRY, limits=Limits(memory="40MB", threads=1))()
    assert isinstance(rows, list)
    assert rows[0][0] == 3_000_000 * 3_000_001 // 2


def test_a_timeout_says_how_long_and_where_to_change_it(tmp_path: Path) -> None:
    said = told(asked(tmp_path, sql=SLOW, timeout_seconds=0.1), codes.TOO_SLOW, is_retryable=True)
    assert "0.1 seconds" in said
    assert "`warehouse.timeout_seconds`" in said


def test_the_time_the_caller_takes_between_batches_does_not_count(tmp_path: Path) -> None:
    warehouse = open_duckdb(settings(), tmp_path)
    fetched = warehouse.read_rows("SELECT * FROM range(30000)", timeout_seconds=1.5, max_rows=100_000)
    next(fetched.batches)
    subprocess.run([sys.executable, "-c", "import time; time.sleep(1.6)"], check=True)
    assert sum(len(batch) for batch in fetched.batches) == 20_000
    warehouse.close()


def test_the_engines_own_words_are_said_on_one_line(tmp_path: Path) -> None:
    write_parquet(tmp_path / "orders.parquet", TABLES[OTHERS])
    sql = "SELECT sum(day) FROM (SELECT DATE '2025-01-01' AS day)"
    assert "sum(DATE)" in told(asked(tmp_path, sql=sql), codes.REFUSED_BY_ENGINE)


@pytest.mark.parametrize("sql", ["DELETE FROM sales.orders", "", "SELECT 1; SELECT 2", "SET threads = 1"])
def test_only_one_select_is_run(tmp_path: Path, sql: str) -> None:
    told(asked(tmp_path, sql=sql), codes.NOT_A_READ)


def test_a_value_that_does_not_fit_its_promise_names_line_and_column(tmp_path: Path) -> None:
    (tmp_path / "orders.csv").write_text("id,at\n1,2025-01-01\n12a,2025-01-02\n", encoding="utf-8")
    promised = Table(columns={"id": ColumnType.INTEGER, "at": ColumnType.DATE}, rows=())
    said = told(asked(tmp_path, one("orders.csv"), table=promised), codes.UNFIT_VALUE)
    assert "orders.csv` in line 3, column `id`" in said
    assert "12a" in said
    (tmp_path / "orders.xlsx").write_bytes(workbook("Orders", ["id", "at"], [[1, "2025-01-01"], ["12a", None]]))
    said = told(asked(tmp_path, one("orders.xlsx"), table=promised), codes.UNFIT_VALUE)
    assert "12a" in said


def test_an_offset_is_never_dropped_from_a_time_promised_without_one(tmp_path: Path) -> None:
    (tmp_path / "orders.csv").write_text(
        "id,at\n1,2025-01-01 10:00:00\n2,2025-01-01 10:00:00+02:00\n", encoding="utf-8"
    )
    promised = Table(columns={"id": ColumnType.INTEGER, "at": ColumnType.TIMESTAMP}, rows=())
    said = told(asked(tmp_path, one("orders.csv"), table=promised), codes.UNFIT_VALUE)
    assert said.startswith("`orders.csv` in line 3, column `at`: `2025-01-01 10:00:00+02:00` has a time zone offset")
    assert "10:00:00+02:00" in said
    assert "timezone: true" in said
    ids = asked(tmp_path, one("orders.csv"), table=promised, sql="SELECT id FROM sales.orders")
    assert ids() == [(1,), (2,)]


def test_a_sheet_that_is_not_there_lists_those_that_are(tmp_path: Path) -> None:
    (tmp_path / "orders.xlsx").write_bytes(workbook("Orders", ["id"], [[1]]))
    said = told(asked(tmp_path, one("orders.xlsx#Order")), codes.NO_SUCH_SHEET)
    assert said == "`orders.xlsx` has no sheet `Order` | write `Orders`"


def test_files_of_one_relation_must_agree_in_columns(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id,name\n1,x\n", encoding="utf-8")
    (tmp_path / "b.csv").write_text("name,id\ny,2\n", encoding="utf-8")
    said = told(asked(tmp_path, one("*.csv")), codes.UNLIKE_FILES)
    assert "`b.csv` has columns `name`, `id`, `a.csv` has `id`, `name`" in said
    write_parquet(tmp_path / "a.parquet", TABLES[OTHERS])
    write_parquet(tmp_path / "b.parquet", Table(columns={"no": ColumnType.INTEGER}, rows=[(1,)]))
    told(asked(tmp_path, one("*.parquet")), codes.UNLIKE_FILES)
    (tmp_path / "a.xlsx").write_bytes(workbook("Orders", ["id"], [[1]]))
    (tmp_path / "b.xlsx").write_bytes(workbook("Orders", ["no"], [[1]]))
    told(asked(tmp_path, one("*.xlsx")), codes.UNLIKE_FILES)


@pytest.mark.parametrize("header", ["id,,name", "id,ID,name", ""])
def test_a_header_names_every_column_once(tmp_path: Path, header: str) -> None:
    (tmp_path / "orders.csv").write_text(f"{header}\n1,2,3\n" if header else "", encoding="utf-8")
    told(asked(tmp_path, one("orders.csv")), codes.NO_HEADER)
    (tmp_path / "orders.xlsx").write_bytes(workbook("Orders", header.split(","), []))
    told(asked(tmp_path, one("orders.xlsx")), codes.NO_HEADER)


def test_a_closed_warehouse(tmp_path: Path) -> None:
    warehouse = open_duckdb(settings(), tmp_path)
    warehouse.close()
    told(lambda: fetch(warehouse, "SELECT 1"), codes.CLOSED)


def test_a_cancelled_result_stops_between_batches_too(tmp_path: Path) -> None:
    warehouse = open_duckdb(settings(), tmp_path)
    fetched = warehouse.read_rows("SELECT * FROM range(1000000)", timeout_seconds=60, max_rows=1_000_000)
    next(fetched.batches)
    warehouse.cancel()
    told(lambda: list(fetched.batches), codes.CANCELLED, is_retryable=True)
    assert fetch(warehouse, "SELECT 1") == [(1,)]
    warehouse.close()


def test_every_code_is_told_of_here_or_among_those_of_postgresql() -> None:
    names = {value: name for name, value in vars(codes).items() if name.isupper() and isinstance(value, str)}
    text = Path(__file__).read_text(encoding="utf-8")
    assert set(names) == set(CODES)
    others = (Path(__file__).parent / "test_postgres_faults.py").read_text(encoding="utf-8")
    others += (Path(__file__).parents[2] / "surfaces" / "test_quarantine.py").read_text(encoding="utf-8")
    untold = [code for code, name in names.items() if f"codes.{name}" not in text and f'"{code}"' not in others]
    assert untold == []
    assert all(
        code == item.code and item.title and item.why and item.wrong and item.right for code, item in CODES.items()
    )


def test_a_csv_file_with_a_spoilt_line_names_the_line(tmp_path: Path) -> None:
    write_csv(tmp_path / "orders.csv", TABLES[OTHERS])
    with (tmp_path / "orders.csv").open("a", encoding="utf-8") as file:
        file.write("3,4,5\r\n")
    said = told(asked(tmp_path, one("orders.csv")), codes.NOT_WHAT_IT_SAYS)
    assert "`orders.csv` is damaged" in said
    assert "Line: 4" in said
