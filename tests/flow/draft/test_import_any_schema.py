"""Any schema in; a draft that passes `check` without an error, and answers at once, out."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from loadline.app import Imported, check_project, import_warehouse, open_app
from loadline.values.diagnostic import Severity
from loadline.values.receipt import AnswerStatus
from loadline.values.request import Written

COLUMN_NAMES = st.one_of(
    st.sampled_from(
        (
            "id", "order", "group", "select", "time", "date", "case", "null", "true", "Order ID", "Straße", "名前",
            "a b", "a.b", 'quo"te', "it's", "-x", "#", "1st", "UPPER", "password", "token", "e-mail", "amount_eur",
            "count", "name", "rows", "{x}", "[y]", "a: b", "- z", "null ", " lead", "é", "_", "x" * 70, "by", "with",
            "user_id", "created_at", "%", "50%", "\u200b", "tab\there", "💶", "&a", "*b", "!c", "|", ">", "`tick`",
        )
    ),
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=12),
)  # fmt: skip
TYPES = (
    "BIGINT", "INTEGER", "DECIMAL(12,2)", "DOUBLE", "VARCHAR", "BOOLEAN", "DATE", "TIMESTAMP", "TIMESTAMPTZ", "TIME",
    "UUID", "BLOB", "INTEGER[]", "STRUCT(a INTEGER, b VARCHAR)", "MAP(VARCHAR, INTEGER)", "INTERVAL", "HUGEINT",
    "ENUM('a', 'b')", "JSON", "UTINYINT", "FLOAT", "BIT",
)  # fmt: skip
TABLE_NAMES = st.sampled_from(("orders", "Order", "table", "select", "MixedCase", "t1", "straße", "名", "x_1", "with"))


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


@st.composite
def schemas(draw: st.DrawFn) -> list[str]:
    """Statements that make a schema: tables (some empty, some wide), a view, a second schema."""
    made: list[str] = []
    used: set[str] = set()
    for number in range(draw(st.integers(1, 3))):
        name = draw(TABLE_NAMES)
        if name.lower() in used:
            name = f"{name}_{number}"
        used.add(name.lower())
        names = draw(st.lists(COLUMN_NAMES, min_size=1, max_size=6, unique_by=str.lower))
        types = [draw(st.sampled_from(TYPES)) for _ in names]
        columns = ", ".join(f"{quoted(c)} {t}" for c, t in zip(names, types, strict=True))
        where = draw(st.sampled_from(("", "s2.")))
        made.append(f"CREATE TABLE {where}{quoted(name)} ({columns})")
        rows = draw(st.integers(0, 40))
        if rows:
            values = ", ".join(value_of(t) for t in types)
            made.append(f"INSERT INTO {where}{quoted(name)} SELECT {values} FROM range({rows}) r(n)")
        if draw(st.booleans()):
            made.append(f"CREATE VIEW {quoted(name + '_v')} AS SELECT * FROM {where}{quoted(name)}")
    return made


def value_of(engine_type: str) -> str:
    plain = {
        "BOOLEAN": "n % 2 = 0", "DATE": "DATE '2024-01-01' + CAST(n AS INTEGER)", "TIME": "TIME '10:00:00'",
        "TIMESTAMP": "TIMESTAMP '2024-01-01 00:00:00' + INTERVAL (n) HOUR", "UUID": "uuid()", "BLOB": "'\\x01'::BLOB",
        "TIMESTAMPTZ": "TIMESTAMPTZ '2024-01-01 00:00:00+00' + INTERVAL (n) HOUR", "INTEGER[]": "[n]",
        "STRUCT(a INTEGER, b VARCHAR)": "{'a': n, 'b': 'x'}", "MAP(VARCHAR, INTEGER)": "MAP {'k': n}",
        "INTERVAL": "INTERVAL (n) DAY", "ENUM('a', 'b')": "CASE WHEN n % 2 = 0 THEN 'a' ELSE 'b' END",
        "JSON": "'{}'", "BIT": "'101'::BIT",
        "VARCHAR": "CASE n % 5 WHEN 0 THEN NULL WHEN 1 THEN '' ELSE 'v: ' || n END",
        "DOUBLE": "CASE n % 7 WHEN 0 THEN 'NaN'::DOUBLE WHEN 1 THEN 'inf'::DOUBLE ELSE n * 1.5 END",
    }  # fmt: skip
    return plain.get(engine_type, "n % 100")


def imported(folder: Path, statements: list[str]) -> Imported:
    database = folder / "data.duckdb"
    with duckdb.connect(str(database)) as connection:
        connection.execute("CREATE SCHEMA s2")
        for statement in statements:
            connection.execute(statement)
    return import_warehouse([database], into=folder / "shop")


def assert_sound_and_answering(made: Imported) -> None:
    said = check_project(made.root).diagnostics
    assert [(one.code, one.what) for one in said if one.severity is Severity.ERROR] == []
    with open_app(made.root) as app:
        principal = app.principal("local")
        assert {metric.status.value for metric in app.project.model.metrics.values()} == {"draft"}
        for name in made.draft.datasets:
            answer = app.ask_written(Written(metrics=(f"{name}_count",)), principal=principal)
            assert answer.receipt.status is AnswerStatus.UNVERIFIED, answer.receipt.reasons
            assert answer.rows is not None
            for metric in app.project.model.metrics.values():
                if f"({name}." in metric.expr.value.replace('"', ""):
                    answer = app.ask_written(Written(metrics=(metric.name,)), principal=principal)
                    assert answer.receipt.status is AnswerStatus.UNVERIFIED, answer.receipt.reasons


@given(statements=schemas())
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_draft_of_any_schema_is_sound_and_answers(statements: list[str]) -> None:
    folder = Path(tempfile.mkdtemp())
    try:
        assert_sound_and_answering(imported(folder, statements))
    finally:
        shutil.rmtree(folder)


def test_three_hundred_columns_and_no_key(tmp_path: Path) -> None:
    columns = ", ".join(f"n % {n + 2} AS c{n}" for n in range(300))
    made = imported(tmp_path, [f"CREATE TABLE wide AS SELECT {columns} FROM range(400) r(n)"])
    assert_sound_and_answering(made)


def test_a_relation_whose_name_cannot_be_written_is_left_out_and_said(tmp_path: Path) -> None:
    made = imported(tmp_path, ['CREATE TABLE "two words" (id INTEGER)', "CREATE TABLE fine (id INTEGER)"])
    assert made.draft.datasets == ("fine",)
    assert [name for name, _ in made.draft.left_out] == ["two words"]
    assert_sound_and_answering(made)


def test_a_view_that_no_longer_reads_is_left_out_and_said(tmp_path: Path) -> None:
    made = imported(
        tmp_path,
        ["CREATE TABLE gone (id INTEGER)", "CREATE VIEW v AS SELECT id FROM gone", "CREATE TABLE t (id INTEGER)",
         "DROP TABLE gone"],
    )  # fmt: skip
    assert "t" in made.draft.datasets
    assert [name for name, _ in made.draft.left_out] == ["v"]


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_files_with_odd_columns_are_imported(tmp_path: Path, ending: str) -> None:
    data = tmp_path / "data"
    data.mkdir()
    columns = """n AS "Order ID", 'x' || n % 3 AS "Straße & Nr.", n * 1.5 AS "Total Amount (EUR)\""""
    duckdb.execute(f"COPY (SELECT {columns} FROM range(60) r(n)) TO '{data}/my orders.{ending}'")
    made = import_warehouse([data], into=tmp_path / "shop")
    assert_sound_and_answering(made)
    with open_app(made.root) as app:
        assert "my_orders_total_amount_eur" in app.project.model.metrics
        assert app.project.model.metrics["my_orders_total_amount_eur"].unit == "EUR"
