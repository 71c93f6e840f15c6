"""What only the DuckDB adapter does: files become relations, types stay exact, results stream, versions are kept."""

from __future__ import annotations

import gzip
import json
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.warehouses.sites import PLACE, settings, write_parquet
from loadline.adapters.warehouses.column_types import promised_type
from loadline.adapters.warehouses.duckdb import open_duckdb
from loadline.adapters.warehouses.reading import READS
from loadline.demo.sheet import workbook
from loadline.errors import OutsideError
from loadline.testing.warehouses import OTHERS, TABLES, ColumnType, Rows, Table, fetch
from loadline.values.contract import Column, ContractTable

DAY = datetime(2025, 1, 2, tzinfo=UTC)


def table(**columns: tuple[str, str | None] | tuple[str, str | None, bool]) -> ContractTable:
    return ContractTable(
        name="t",
        columns={
            name: Column(
                name=name,
                logical_type=told[0],
                physical_type=told[1],
                is_zoned=told[2] if len(told) == 3 else False,
                place=PLACE,
            )
            for name, told in columns.items()
        },
        place=PLACE,
    )


def seen(
    root: Path, name: str, *, contract: ContractTable | None = None, sql: str = "SELECT * FROM t", **more: str
) -> tuple[dict[str, str], Rows]:
    files = {"t": name, **more}
    with closing(open_duckdb(settings(files), root, contracts={"t": contract} if contract else {})) as warehouse:
        return dict(warehouse.read_schema("t")), fetch(warehouse, sql)


def text(root: Path, content: str, *, contract: ContractTable | None = None) -> tuple[dict[str, str], Rows]:
    (root / "t.csv").write_text(content, encoding="utf-8")
    return seen(root, "t.csv", contract=contract)


# Text files


def test_leading_zeros_stay_when_the_contract_says_text(tmp_path: Path) -> None:
    types, rows = text(tmp_path, "zip,n\n01234,1\n99999,2\n", contract=table(zip=("string", None)))
    assert types == {"zip": "VARCHAR", "n": "BIGINT"}
    assert rows == [("01234", 1), ("99999", 2)]


def test_digits_are_text_when_the_contract_says_text(tmp_path: Path) -> None:
    assert text(tmp_path, "id\n12\n13\n", contract=table(id=("string", None)))[1] == [("12",), ("13",)]


def test_a_contract_names_columns_in_any_case(tmp_path: Path) -> None:
    assert text(tmp_path, "ID\n12\n", contract=table(id=("string", None)))[1] == [("12",)]


@pytest.mark.parametrize(
    ("values", "engine_type"),
    [
        (("1", "-2", "0"), "BIGINT"),
        (("01", "2"), "VARCHAR"),  # an identifier, not a number
        (("1.50", "2"), "DECIMAL(18,2)"),
        (("1.123456789012", "12345678901234567"), "DECIMAL(38,12)"),
        (("1e5", "2.5"), "DOUBLE"),
        (("123456789012345678901234567890", "1"), "DECIMAL(38,0)"),
        (("true", "FALSE"), "BOOLEAN"),
        (("2025-01-02", "1999-12-31"), "DATE"),
        (("2025-01-02", ""), "DATE"),
        (("", "2025-01-02 10:00:00Z"), "TIMESTAMP WITH TIME ZONE"),
        (("2025-13-02", "1999-12-31"), "VARCHAR"),  # there is no month 13
        (("02/01/2025",), "VARCHAR"),  # February or January? Nobody knows
        (("2025-01-02 10:00", "2025-01-02T10:00:00.5"), "TIMESTAMP"),
        (("2025-01-02 10:00:00Z", "2025-01-02T10:00:00+02:00"), "TIMESTAMP WITH TIME ZONE"),
        (("2025-01-02 10:00:00Z", "2025-01-02T10:00:00"), "VARCHAR"),  # which clock the second shows is not said
        (("1,5",), "VARCHAR"),
        (("nan", "1"), "VARCHAR"),
        (("", ""), "VARCHAR"),
    ],
)
def test_without_a_contract_a_column_is_only_what_every_value_is(
    tmp_path: Path, values: tuple[str, ...], engine_type: str
) -> None:
    lines = "".join(f'{i};"{value}"\n' if "," in value else f"{i};{value}\n" for i, value in enumerate(values))
    types, rows = text(tmp_path, f"i;x\n{lines}")
    assert types["x"] == engine_type
    assert len(rows) == len(values)


def test_the_last_value_of_a_long_file_counts_as_much_as_the_first(tmp_path: Path) -> None:
    content = "x\n" + "1\n" * 50_000 + "late\n"
    assert text(tmp_path, content)[0] == {"x": "VARCHAR"}


def test_promised_types_are_kept(tmp_path: Path) -> None:
    promised = table(
        n=("number", "decimal(12,4)"),
        f=("number", "double precision"),
        m=("number", None),
        at=("timestamp", None),
        seen=("timestamp", None, True),
        day=("date", None),
        ok=("boolean", None),
    )
    content = "n,f,m,at,seen,day,ok\n1.5,1.5,1.50,2025-01-02 03:04:05,2025-01-02 03:04:05+01,2025-01-02,true\n"
    types, rows = text(tmp_path, content, contract=promised)
    zoned = datetime(2025, 1, 2, 2, 4, 5, tzinfo=UTC)
    assert list(types.values())[:3] == ["DECIMAL(12,4)", "DOUBLE", "DECIMAL(18,2)"]
    naive = datetime(2025, 1, 2, 3, 4, 5)  # noqa: DTZ001  (what a clock on a wall showed)
    assert rows == [(Decimal("1.5000"), 1.5, Decimal("1.50"), naive, zoned, date(2025, 1, 2), True)]


@pytest.mark.parametrize("physical", ["decimal(40,2)", "numeric(2,4)", "money", None])
def test_a_physical_type_that_settles_nothing_leaves_the_values_to_speak(physical: str | None) -> None:
    assert promised_type(Column(name="n", logical_type="number", physical_type=physical, place=PLACE)) is None


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_header_tells_the_delimiter_and_quotes_may_come_late(tmp_path: Path, delimiter: str) -> None:
    lines = "".join(f"{i}{delimiter}plain\n" for i in range(30_000))
    content = f'id{delimiter}note\n{lines}30000{delimiter}"one{delimiter} two\nthree ""four"""\n'
    _, rows = text(tmp_path, content)
    assert rows[-1] == (30_000, f'one{delimiter} two\nthree "four"')


def test_an_empty_cell_is_null_quoted_or_not_and_a_byte_order_mark_is_not_a_name(tmp_path: Path) -> None:
    types, rows = text(tmp_path, '\ufeffid,name\n1,\n,x\n"2",""\n')
    assert types == {"id": "BIGINT", "name": "VARCHAR"}
    assert rows == [(1, None), (None, "x"), (2, None)]


def test_a_compressed_text_file_and_one_of_tabs(tmp_path: Path) -> None:
    (tmp_path / "t.csv.gz").write_bytes(gzip.compress(b"id,name\n1,x\n"))
    (tmp_path / "u.tsv").write_text("id\tname\n2\ty\n", encoding="utf-8")
    assert seen(tmp_path, "t.csv.gz", sql="SELECT * FROM t UNION ALL SELECT * FROM u", u="u.tsv")[1] == [
        (1, "x"),
        (2, "y"),
    ]


@given(
    st.lists(
        st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00\r"), min_size=1, max_size=8),
        min_size=1,
    )
)
def test_any_text_goes_through_a_csv_file_unchanged(tmp_path_factory: pytest.TempPathFactory, words: list[str]) -> None:
    root = tmp_path_factory.mktemp("csv")
    lines = "".join(f'{i},"{word.replace(chr(34), chr(34) * 2)}"\n' for i, word in enumerate(words))
    _, rows = text(root, "i,word\n" + lines, contract=table(i=("integer", None), word=("string", None)))
    assert [row[1] for row in rows] == words


@given(st.lists(st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**12), max_value=10**12)))
def test_no_digit_of_a_number_is_lost(tmp_path_factory: pytest.TempPathFactory, numbers: list[Decimal]) -> None:
    root = tmp_path_factory.mktemp("csv")
    _, rows = text(root, "i,n\n" + "".join(f"{i},{n:f}\n" for i, n in enumerate(numbers)))
    assert [row[1] for row in rows] == numbers


# Sheets and JSON lines


def test_a_sheet_becomes_a_relation(tmp_path: Path) -> None:
    rows: list[list[str | int | date | None]] = [
        [1, "x", date(2025, 1, 2)],
        [2, None, None],
        [3, "007", date(2024, 2, 29)],
    ]
    (tmp_path / "t.xlsx").write_bytes(workbook("Places", ["id", "name", "day"], rows))
    types, got = seen(tmp_path, "t.xlsx#Places")
    assert types == {"id": "BIGINT", "name": "VARCHAR", "day": "DATE"}
    assert got == [tuple(row) for row in rows]


def test_a_sheet_follows_its_contract(tmp_path: Path) -> None:
    (tmp_path / "t.xlsx").write_bytes(workbook("Sheet1", ["zip", "amount"], [[1234, 5], [99999, 7]]))
    promised = table(zip=("string", None), amount=("number", "decimal(10,2)"))
    types, rows = seen(tmp_path, "t.xlsx", contract=promised)
    assert types == {"zip": "VARCHAR", "amount": "DECIMAL(10,2)"}
    assert rows == [("1234", Decimal("5.00")), ("99999", Decimal("7.00"))]


def test_a_sheet_of_mixed_cells_is_text_and_a_long_one_is_whole(tmp_path: Path) -> None:
    rows = [[i, "x" if i == 11_999 else i] for i in range(12_000)]
    (tmp_path / "t.xlsx").write_bytes(workbook("S", ["id", "mixed"], rows))
    types, got = seen(tmp_path, "t.xlsx", sql="SELECT count(*), max(id), max(mixed) FROM t")
    assert types["mixed"] == "VARCHAR"
    assert got == [(12_000, 11_999, "x")]


def test_json_lines_keep_text_text_and_nest(tmp_path: Path) -> None:
    lines = [{"id": 1, "code": "007", "at": "2025-01-02", "tags": ["a"]}, {"id": 2, "code": "8", "tags": []}]
    (tmp_path / "t.jsonl").write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    types, rows = seen(tmp_path, "t.jsonl")
    assert types == {"id": "BIGINT", "code": "VARCHAR", "at": "DATE", "tags": "VARCHAR[]"}
    assert rows == [(1, "007", date(2025, 1, 2), ("a",)), (2, "8", None, ())]


# Parquet, globs, databases


def test_a_glob_is_one_relation_and_sees_new_files(tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    write_parquet(tmp_path / "parts" / "1.parquet", TABLES[OTHERS])
    with closing(open_duckdb(settings({"t": "parts/*.parquet"}), tmp_path)) as warehouse:
        before = warehouse.read_version(["t"])
        assert fetch(warehouse, "SELECT sum(id) FROM t") == [(3,)]
        write_parquet(tmp_path / "parts" / "2.parquet", TABLES[OTHERS])
        assert fetch(warehouse, "SELECT sum(id) FROM t") == [(6,)]
        assert warehouse.read_version(["t"]) != before


def test_names_that_need_quotes(tmp_path: Path) -> None:
    root = tmp_path / 'my project\'s [1] "folder"'
    root.mkdir()
    write_parquet(root / "it's 100% [a]*.parquet", TABLES[OTHERS])
    name = 'my "big" sales.select'
    with closing(open_duckdb(settings({name: "it's 100% [a]*.parquet"}), root)) as warehouse:
        assert fetch(warehouse, 'SELECT id FROM "my ""big"" sales"."select"') == [(1,), (2,)]
        assert list(warehouse.read_schema(name)) == ["id"]


def test_files_and_a_database_are_one_warehouse(tmp_path: Path) -> None:
    with duckdb.connect(str(tmp_path / "shop.duckdb")) as connection:
        connection.execute("CREATE SCHEMA sales; CREATE TABLE sales.orders AS SELECT 1 AS id, 5 AS place")
        connection.execute("CREATE VIEW sales.big AS SELECT * FROM sales.orders; CREATE TABLE plain AS SELECT 7 AS x")
    (tmp_path / "places.csv").write_text("id,city\n5,Ulm\n", encoding="utf-8")
    given_settings = settings({"sales.places": "places.csv"}, "shop.duckdb")
    with closing(open_duckdb(given_settings, tmp_path)) as warehouse:
        assert warehouse.read_relations() == ("plain", "sales.big", "sales.orders", "sales.places")
        sql = "SELECT o.id, p.city, x FROM sales.big o JOIN sales.places p ON o.place = p.id CROSS JOIN plain"
        assert fetch(warehouse, sql) == [(1, "Ulm", 7)]
        assert fetch(warehouse, "SELECT x FROM main.plain") == [(7,)]
        assert dict(warehouse.read_schema("SALES.Orders")) == {"id": "INTEGER", "place": "INTEGER"}


def test_a_running_read_keeps_the_data_it_began_with(tmp_path: Path) -> None:
    def many(first: int) -> Table:
        return Table(columns={"id": ColumnType.INTEGER}, rows=[(first + i,) for i in range(25_000)])

    (tmp_path / "a.csv").write_text("id\n" + "".join(f"{i}\n" for i in range(25_000)), encoding="utf-8")
    with closing(open_duckdb(settings({"t": "*.csv"}), tmp_path)) as warehouse:
        running = warehouse.read_rows("SELECT id FROM t", timeout_seconds=60, max_rows=100_000)
        next(running.batches)
        (tmp_path / "b.csv").write_text("id\n-1\n", encoding="utf-8")
        assert fetch(warehouse, "SELECT count(*) FROM t") == [(25_001,)]
        assert sum(len(batch) for batch in running.batches) == 15_000


# Values


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("1::TINYINT", 1),
        ("170141183460469231731687303715884105727::HUGEINT", 170141183460469231731687303715884105727),
        ("sum(1::BIGINT)", 1),
        ("1.5::FLOAT", 1.5),
        ("1.50::DECIMAL(38,10)", Decimal("1.5000000000")),
        ("DATE '2025-01-02'", date(2025, 1, 2)),
        ("TIME '10:20:30'", clock_time(10, 20, 30)),
        ("INTERVAL 36 HOUR", timedelta(hours=36)),
        ("TIMESTAMPTZ '2025-07-01 12:00:00+02'", datetime(2025, 7, 1, 10, tzinfo=UTC)),
        ("CAST(NULL AS TIMESTAMPTZ)", None),
        ("[1, 2]", (1, 2)),
        ("[[1], []]", ((1,), ())),
        ("{'a': [1]}", {"a": (1,)}),
        ("'00000000-0000-0000-0000-000000000001'::UUID", "00000000-0000-0000-0000-000000000001"),
        ("['00000000-0000-0000-0000-000000000001'::UUID]", ("00000000-0000-0000-0000-000000000001",)),
        ("'ab'::BLOB", b"ab"),
        ("'x'::ENUM('x', 'y')", "x"),
        ("NULL", None),
        ("''", ""),
    ],
)
def test_values_are_plain_python(tmp_path: Path, expression: str, value: object) -> None:
    with closing(open_duckdb(settings(), tmp_path)) as warehouse:
        (row,) = fetch(warehouse, f"SELECT {expression} AS x")
    assert row == (value,)
    assert type(row[0]) is type(value)


def test_an_instant_inside_a_list_comes_as_text(tmp_path: Path) -> None:
    with closing(open_duckdb(settings(), tmp_path)) as warehouse:
        ((value,),) = fetch(warehouse, "SELECT [TIMESTAMPTZ '2025-07-01 12:00:00+02']")
    assert "2025-07-01 10:00:00+00" in str(value)


def test_instants_keep_their_order_and_their_neighbours(tmp_path: Path) -> None:
    sql = """WITH a AS (SELECT to_timestamp(range * 3600) AS "at", range AS "at" FROM range(30000))
             SELECT * FROM a ORDER BY 2 DESC -- a comment at the end"""
    with closing(open_duckdb(settings(), tmp_path)) as warehouse:
        rows = fetch(warehouse, sql)
    assert [row[1] for row in rows] == list(range(29_999, -1, -1))
    assert all(row[0] == datetime.fromtimestamp(int(str(row[1])) * 3600, UTC) for row in rows)


# Streaming, stopping


def test_a_million_rows_stream_in_little_memory(tmp_path: Path) -> None:
    script = textwrap.dedent(
        """
        import resource, sys
        from pathlib import Path
        from loadline.adapters.warehouses.duckdb import open_duckdb
        from loadline.project import WarehouseSettings
        from loadline.values.place import Place
        settings = WarehouseSettings(kind="duckdb", files={}, place=Place(file="loadline.yaml"))
        warehouse = open_duckdb(settings, Path(sys.argv[1]))
        sql = "SELECT range AS id, 'a text of some length ' || range AS words FROM range(1000000)"
        fetched = warehouse.read_rows(sql, timeout_seconds=60, max_rows=1_000_000)
        first = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        rows = sum(len(batch) for batch in fetched.batches)
        last = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        print(rows, (last - first) // 1024)
        """
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True, check=True, timeout=120
    )
    rows, grown_megabytes = map(int, done.stdout.split())
    assert rows == 1_000_000
    assert grown_megabytes < 60, "the whole result is about 200 MB as Python values"


def test_ctrl_c_stops_the_query(tmp_path: Path) -> None:
    script = textwrap.dedent(
        """
        import sys
        from pathlib import Path
        from loadline.adapters.warehouses.duckdb import open_duckdb
        from loadline.project import WarehouseSettings
        from loadline.values.place import Place
        settings = WarehouseSettings(kind="duckdb", files={}, place=Place(file="loadline.yaml"))
        warehouse = open_duckdb(settings, Path(sys.argv[1]))
        print("ready", flush=True)
        sql = "SELECT count(*) FROM range(1000000000) a, range(1000) b WHERE (a.range * b.range) % 7 = 3"
        try:
            warehouse.read_rows(sql, timeout_seconds=600, max_rows=1)
        except KeyboardInterrupt:
            rows = list(warehouse.read_rows("SELECT 42", timeout_seconds=5, max_rows=1).batches)
            print("stopped", rows, flush=True)
        """
    )
    command = [sys.executable, "-c", script, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        time.sleep(0.3)
        child.send_signal(signal.SIGINT)
        assert child.communicate(timeout=30)[0] == "stopped [[(42,)]]\n"
        assert child.returncode == 0


def test_cancelling_stops_every_reader(tmp_path: Path) -> None:
    sql = "SELECT count(*) FROM range(1000000000) a, range(1000) b WHERE (a.range * b.range) % 7 = 3"
    told: list[str] = []
    with closing(open_duckdb(settings(), tmp_path)) as warehouse:

        def read() -> None:
            try:
                fetch(warehouse, sql)
            except OutsideError as error:
                told.append(error.diagnostics[0].code)

        threads = [threading.Thread(target=read) for _ in range(4)]
        for thread in threads:
            thread.start()
        while any(thread.is_alive() for thread in threads):
            warehouse.cancel()
            time.sleep(0.05)
    assert told == ["WAR013"] * 4


def test_closing_stops_who_is_still_reading_and_leaves_nothing_running(tmp_path: Path) -> None:
    warehouse = open_duckdb(settings(), tmp_path)
    fetched = warehouse.read_rows("SELECT * FROM range(1000000)", timeout_seconds=60, max_rows=1_000_000)
    next(fetched.batches)
    warehouse.close()
    with pytest.raises(OutsideError, match="WAR013"):
        list(fetched.batches)
    until = time.monotonic() + 10
    while any(thread.name == READS for thread in threading.enumerate()):
        assert time.monotonic() < until, "a read goes on"


# Versions


def versions(root: Path, *, hashed_bytes: int = 10**9) -> Callable[[], str]:
    def version() -> str:
        with closing(open_duckdb(settings({"t": "t.csv"}), root, hashed_bytes=hashed_bytes)) as warehouse:
            return warehouse.read_version(["t"])

    return version


def settle(path: Path) -> None:
    """Make `path` look as if it had last changed an hour ago: long enough to trust its time stamp."""
    an_hour_ago = path.stat().st_mtime - 3600
    os.utime(path, (an_hour_ago, an_hour_ago))


def test_a_version_is_of_contents_not_of_time_stamps(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("id\n1\n", encoding="utf-8")
    first = versions(tmp_path)()
    assert first.startswith("sha256:")
    settle(tmp_path / "t.csv")
    assert versions(tmp_path)() == first
    (tmp_path / "t.csv").write_text("id\n2\n", encoding="utf-8")
    assert versions(tmp_path)() != first


def test_a_change_within_one_tick_of_the_clock_is_not_missed(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("id\n1\n", encoding="utf-8")
    stamp = path.stat().st_mtime_ns
    first = versions(tmp_path)()
    path.write_text("id\n2\n", encoding="utf-8")
    os.utime(path, ns=(stamp, stamp))  # same size, same time stamp, same file
    assert versions(tmp_path)() != first


def test_an_unchanged_file_is_read_once(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("id\n1\n", encoding="utf-8")
    settle(path)
    first = versions(tmp_path)()
    stat = path.stat()
    path.write_text("id\n2\n", encoding="utf-8")
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))  # only a second reading could tell
    assert versions(tmp_path)() == first
    memory = tmp_path / ".loadline" / "versions.json"
    memory.write_text("{ not JSON", encoding="utf-8")
    assert versions(tmp_path)() != first


@pytest.mark.parametrize("spoilt", ["[1]", '{"x": 1}', "\xff", ""])
def test_a_spoilt_memory_costs_time_only(tmp_path: Path, spoilt: str) -> None:
    (tmp_path / "t.csv").write_text("id\n1\n", encoding="utf-8")
    settle(tmp_path / "t.csv")
    first = versions(tmp_path)()
    (tmp_path / ".loadline" / "versions.json").write_text(spoilt, encoding="latin-1")
    assert versions(tmp_path)() == first


def test_a_memory_that_cannot_be_kept_costs_time_only(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("id\n1\n", encoding="utf-8")
    settle(tmp_path / "t.csv")
    (tmp_path / ".loadline").write_text("a file where the folder should be", encoding="utf-8")
    assert versions(tmp_path)().startswith("sha256:")


def test_much_data_is_versioned_by_size_and_time(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("id\n1\n", encoding="utf-8")
    first = versions(tmp_path, hashed_bytes=3)()
    assert first.startswith("stat:")
    assert versions(tmp_path, hashed_bytes=3)() == first
    settle(path)
    assert versions(tmp_path, hashed_bytes=3)() != first


def test_renaming_a_relation_changes_its_version_and_moving_its_folder_does_not(tmp_path: Path) -> None:
    def at(folder: str, files: Mapping[str, str]) -> str:
        root = tmp_path / folder
        root.mkdir(exist_ok=True)
        (root / "t.csv").write_text("id\n1\n", encoding="utf-8")
        with closing(open_duckdb(settings(files), root)) as warehouse:
            return warehouse.read_version(list(files))

    assert at("a", {"t": "t.csv"}) == at("b", {"t": "t.csv"})
    assert at("a", {"t": "t.csv"}) != at("a", {"u": "t.csv"})
