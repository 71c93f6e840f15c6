"""Each thing the checks say, run on engines that a developer asks for: Spark, ClickHouse, and Snowflake's text.

`pip install --group engines` brings them (Spark wants Java, too); without them these tests are skipped. fakesnow is
DuckDB beneath: it tells that the text is Snowflake's and that most of it means what it must, not how that computes.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from checks.live.engines import Engine, Values
from checks.live.primitives_table import CELLS, Cell
from checks.live.test_dialects import check, tables
from loadline.values.contract import Column

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("default:Arrow output on a DB-API result"),  # of fakesnow, about its own engine
]

SPARK = {"integer": "BIGINT", "number": "DECIMAL(18,4)", "string": "STRING", "timestamp": "TIMESTAMP_NTZ"}
CLICKHOUSE = {
    "integer": "Int64",
    "number": "Decimal(18,4)",
    "string": "String",
    "boolean": "Bool",
    "date": "Date32",
    "timestamp": "DateTime64(6)",
}
SNOWFLAKE = {"integer": "NUMBER(38,0)", "number": "NUMBER(18,4)", "string": "VARCHAR", "timestamp": "TIMESTAMP_NTZ"}


def types_of(made: Any, kinds: Mapping[str, str], zoned: str) -> dict[str, str]:
    def of(column: Column) -> str:
        return zoned if column.is_zoned else kinds.get(column.logical_type, column.logical_type.upper())

    return {column.in_warehouse: of(column) for column in made.columns.values()}


def spelled(value: object) -> str:
    """As a literal every engine reads, quotes and line breaks aside."""
    match value:
        case None:
            return "NULL"
        case bool() | int() | Decimal():
            return str(value)
        case datetime():
            return f"'{value.replace(tzinfo=None).isoformat(sep=' ')}'"
        case date():
            return f"'{value.isoformat()}'"
        case _:
            return "'" + str(value).replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n") + "'"


@pytest.fixture(scope="module")
def on_spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    sql = pytest.importorskip("pyspark.sql", reason="no pyspark: pip install --group engines")
    if shutil.which("java") is None:
        pytest.skip("Spark runs on Java, and there is none")
    os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
    folder = tmp_path_factory.mktemp("spark")
    wanted = {
        "spark.ui.enabled": "false",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.sql.session.timeZone": "America/New_York",  # no test may rest on a session in UTC
        "spark.sql.warehouse.dir": str(folder),
        "spark.sql.shuffle.partitions": "1",
    }
    builder = sql.SparkSession.builder.master("local[1]")
    for key, value in wanted.items():
        builder = builder.config(key, value)
    spark = builder.getOrCreate()
    spark.sparkContext.setLogLevel("ERROR")
    types = {}
    for made, rows in tables().items():
        types[made.name] = types_of(made, SPARK, "TIMESTAMP")
        schema = ", ".join(f"`{name}` {kind}" for name, kind in types[made.name].items())
        spark.createDataFrame([tuple(row) for row in rows], schema).createOrReplaceTempView(made.name)

    def run(text: str) -> tuple[tuple[str, ...], list[tuple[object, ...]]]:
        frame = spark.sql(text)
        return tuple(frame.columns), [tuple(row) for row in frame.collect()]

    yield Engine(dialect="databricks", run=run, types=types, asked=[])
    spark.stop()


@pytest.fixture(scope="module")
def on_clickhouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    session = pytest.importorskip("chdb.session", reason="no chdb: pip install --group engines")
    chdb = session.Session(str(tmp_path_factory.mktemp("clickhouse")))
    chdb.query("SET session_timezone = 'UTC'")
    types = {}
    for made, rows in tables().items():
        types[made.name] = types_of(made, CLICKHOUSE, "DateTime64(6, 'UTC')")
        columns = ", ".join(f'"{name}" Nullable({kind})' for name, kind in types[made.name].items())
        chdb.query(f'CREATE TABLE "{made.name}" ({columns}) ENGINE = Memory')
        _insert(chdb.query, made.name, rows)

    def run(text: str) -> tuple[tuple[str, ...], list[tuple[object, ...]]]:
        said = json.loads(str(chdb.query(text, "JSONCompact")))
        return tuple(one["name"] for one in said["meta"]), [tuple(row) for row in said["data"]]

    yield Engine(dialect="clickhouse", run=run, types=types, asked=[])
    chdb.close()


@pytest.fixture(scope="module")
def on_snowflake() -> Iterator[Engine]:
    fakesnow = pytest.importorskip("fakesnow", reason="no fakesnow: pip install --group engines")
    with fakesnow.patch():
        connector = pytest.importorskip("snowflake.connector")
        with closing(connector.connect(database="shop", schema="public")) as connection:
            cursor = connection.cursor()
            types = {}
            for made, rows in tables().items():
                types[made.name] = types_of(made, SNOWFLAKE, "TIMESTAMP_TZ")
                columns = ", ".join(f'"{name}" {kind}' for name, kind in types[made.name].items())
                cursor.execute(f'CREATE TABLE "{made.name}" ({columns})')
                _insert(cursor.execute, made.name, rows)

            def run(text: str) -> tuple[tuple[str, ...], list[tuple[object, ...]]]:
                cursor.execute(text)
                return tuple(one.name for one in cursor.description), list(cursor.fetchall())

            yield Engine(dialect="snowflake", run=run, types=types, asked=[])


def _insert(execute: Any, name: str, rows: Values) -> None:
    for row in rows:
        execute(f'INSERT INTO "{name}" VALUES ({", ".join(map(spelled, row))})')


@pytest.mark.parametrize("cell", CELLS, ids=lambda cell: cell.name)
def test_spark_says_it(on_spark: Engine, cell: Cell) -> None:
    check(on_spark, cell)


@pytest.mark.parametrize("cell", CELLS, ids=lambda cell: cell.name)
def test_clickhouse_says_it(on_clickhouse: Engine, cell: Cell) -> None:
    check(on_clickhouse, cell)


@pytest.mark.parametrize("cell", CELLS, ids=lambda cell: cell.name)
def test_the_text_for_snowflake_is_read_and_means_it(on_snowflake: Engine, cell: Cell) -> None:
    check(on_snowflake, cell)


def test_the_versions_are_those_of_the_group() -> None:
    from importlib.metadata import PackageNotFoundError, version

    pyproject = (Path(__file__).parents[3] / "pyproject.toml").read_text("utf-8")
    for name in ("pyspark", "chdb", "fakesnow"):
        try:
            assert f'"{name}=={version(name)}"' in pyproject, name
        except PackageNotFoundError:
            pytest.skip(f"no {name}: pip install --group engines")
