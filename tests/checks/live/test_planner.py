"""However a look is planned, by footers, part by part, from memory: it says what reading everything says."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from checks.live.engines import HERE, column, subject, table
from checks.live.planned import Looker, age, said, write
from checks.live.test_promises import rule
from loadline.checks.data import counting, keys
from loadline.values.contract import Bound, ContractTable, Limit, Must, Reference, Scope, Sla

FIRST = date(2026, 1, 1)
NAN = float("nan")
SCHEMA = pa.schema(
    [
        ("id", pa.int64()),
        ("n", pa.int32()),
        ("p", pa.decimal128(9, 2)),
        ("f", pa.float64()),
        ("d", pa.date32()),
        ("at", pa.timestamp("us", tz="UTC")),
        ("s", pa.string()),
    ]
)
CODES = pa.schema([("code", pa.string())])
NUMBERS = pa.schema([("k", pa.int64())])
Row = tuple[Any, ...]


def bound(value: object, *, exclusive: bool = False) -> Bound:
    return Bound(value=value, is_exclusive=exclusive)  # type: ignore[arg-type]


def shaped(low: int, *, exclusive: bool = False, where: str | None = None) -> ContractTable:
    scope = Scope(where=where)
    refers = Reference(columns=("s",), to_table="codes", to_columns=("code",), place=HERE)
    counts = Reference(columns=("n",), to_table="numbers", to_columns=("k",), place=HERE)
    return table(
        "t",
        column("id", "integer", key_position=1, is_required=True, minimum=bound(0)),
        column(
            "n", "integer", is_required=True, minimum=bound(low, exclusive=exclusive), references=(counts,), scope=scope
        ),
        column("p", "number", minimum=bound(Decimal("0.5")), maximum=bound(Decimal("4.25"), exclusive=exclusive)),
        column("f", "number", maximum=bound(4), is_required=True),
        column("d", "date", minimum=bound("2026-01-02"), maximum=bound("2026-01-09"), is_unique=True),
        column("at", "timestamp", is_zoned=True, maximum=bound("2026-01-08T00:00:00+01:00")),
        column("s", "string", allowed=("a", "B1"), pattern="^[a-zA-Z]", most_length=2, references=(refers,)),
        rules=(
            rule("duplicateValues", ("d", "s")),
            rule("nullValues", ("p",), limit=Limit(must=Must.BE_AT_MOST, values=(1,))),
            rule("rowCount", limit=Limit(must=Must.BE_BETWEEN, values=(2, 6))),
        ),
        slas=(
            Sla(property="latency", value=10_000, unit="d", column="d", place=HERE),
            Sla(property="frequency", value=1, unit="d", column="at", place=HERE),
        ),
    )


OTHERS = (table("codes", column("code", "string")), table("numbers", column("k", "integer")))
EVERY = tuple(subject(each) for each in OTHERS)
FILES = {"t": "t/*.parquet", "codes": "codes.parquet", "numbers": "numbers.parquet"}

ROWS = st.tuples(
    st.one_of(st.none(), st.integers(-1, 30)),
    st.one_of(st.none(), st.integers(-2, 5)),
    st.one_of(st.none(), st.sampled_from([Decimal("0.49"), Decimal("0.50"), Decimal("4.25"), Decimal("4.26")])),
    st.one_of(st.none(), st.sampled_from([-0.0, 3.999999, 4.0, 4.000001, NAN, float("inf")])),
    st.one_of(st.none(), st.integers(0, 9).map(lambda days: FIRST + timedelta(days=days))),
    st.one_of(st.none(), st.integers(0, 200).map(lambda hours: datetime(2026, 1, 1) + timedelta(hours=hours))),  # noqa: DTZ001
    st.one_of(st.none(), st.sampled_from(["", "a", "B1", "ß", "long"])),
)
PARTS = st.lists(st.lists(ROWS, min_size=1, max_size=6), min_size=1, max_size=4)


def fill(root: Path, parts: Sequence[Sequence[Row]], group: int, *, gap: bool = False) -> None:
    for at, rows in enumerate(parts):
        write(root / "t" / f"{at}.parquet", SCHEMA, rows, group=group)
    write(root / "codes.parquet", CODES, [("a",), ("ß",), (None,)])
    write(root / "numbers.parquet", NUMBERS, [(k,) for k in range(-1, 5) if k != 2 or not gap])


def naive(root: Path, shape: ContractTable) -> dict[str, object]:
    """Reading everything, and trusting nothing that files say."""
    looker = Looker(root=root, files=FILES, statistics="ignored", knows_files=False, made_by="")
    return said(looker.look(subject(shape), (subject(shape), *EVERY)))


@given(
    parts=PARTS,
    group=st.integers(1, 4),
    ways=st.tuples(st.integers(-2, 2), st.booleans(), st.booleans(), st.integers(0, 3)),
    rows=st.lists(ROWS, min_size=1, max_size=4),
)
@settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_a_planned_look_says_what_reading_everything_says(
    parts: list[list[Row]], group: int, ways: tuple[int, bool, bool, int], rows: list[Row]
) -> None:
    low, is_exclusive, has_gap, changed = ways
    shape = shaped(low, exclusive=is_exclusive)
    of = subject(shape)
    every = (of, *EVERY)
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patched:
        patched.setattr(counting, "PROBED", 0)  # every table is large enough for every way
        patched.setattr(keys, "WORTH_A_LOOK", 0)
        root = Path(folder)
        fill(root, parts, group, gap=has_gap)
        looker = Looker(root=root, files=FILES)
        wanted = naive(root, shape)
        assert said(looker.look(of, every)) == wanted
        assert said(looker.look(of, every)) == wanted, "from what was remembered"
        write(root / "t" / f"{changed}.parquet", SCHEMA, rows, group=group)
        assert said(looker.look(of, every)) == naive(root, shape), "after one file has changed, or come"


def distinct(start: int, many: int = 4) -> list[Row]:
    return [
        (start + at, 1, Decimal(1), 1.0, FIRST + timedelta(days=start + at), datetime(2026, 1, 1, at), "a")  # noqa: DTZ001
        for at in range(many)
    ]


def keyed(*unique: str, reference: bool = False) -> ContractTable:
    refers = Reference(columns=("s",), to_table="codes", to_columns=("code",), place=HERE)
    return table(
        "t",
        column("id", "integer", minimum=bound(0)),
        column("d", "date"),
        column("s", "string", allowed=("a", "B1"), references=(refers,) if reference else ()),
        rules=(rule("duplicateValues", unique),),
    )


def test_a_part_that_has_not_changed_is_not_read_again(tmp_path: Path) -> None:
    fill(tmp_path, [distinct(0), distinct(10), distinct(20)], 2)
    shape = keyed("id", reference=True)
    looker = Looker(root=tmp_path, files=FILES)
    first = looker.look(subject(shape), (subject(shape), *EVERY))
    assert (first.parts, first.unchanged) == (3, 0)
    second = looker.look(subject(shape), (subject(shape), *EVERY))
    assert looker.asked == [], "everything was remembered"
    assert (second.parts, second.unchanged) == (3, 3)
    write(tmp_path / "t" / "1.parquet", SCHEMA, distinct(12))
    third = looker.look(subject(shape), (subject(shape), *EVERY))
    assert (third.parts, third.unchanged) == (3, 2)
    assert all("t/1.parquet" in sql and "t/0.parquet" not in sql for sql in looker.asked if "SUM" in sql)
    assert said(third) == naive(tmp_path, shape)


@pytest.mark.parametrize("unique", [("id",), ("d",), ("id", "s"), ("s", "d")], ids="+".join)
def test_a_key_of_one_part_that_repeats_in_another_is_found(tmp_path: Path, unique: tuple[str, ...]) -> None:
    fill(tmp_path, [distinct(0), distinct(10)], 2)
    shape = keyed(*unique)
    looker = Looker(root=tmp_path, files=FILES)
    name = f"t.{'+'.join(unique)}: duplicateValues"
    assert said(looker.look(subject(shape), (subject(shape), *EVERY)))[name][0] == "kept"  # type: ignore[index]
    write(tmp_path / "t" / "2.parquet", SCHEMA, distinct(13))
    found = said(looker.look(subject(shape), (subject(shape), *EVERY)))
    assert found[name][0] == "broken"  # type: ignore[index]
    assert found == naive(tmp_path, shape)


def test_a_reference_is_looked_up_again_when_the_table_it_leads_to_has_changed(tmp_path: Path) -> None:
    fill(tmp_path, [distinct(0), distinct(10)], 2)
    shape = keyed("id", reference=True)
    looker = Looker(root=tmp_path, files=FILES)
    looker.look(subject(shape), (subject(shape), *EVERY))
    write(tmp_path / "codes.parquet", CODES, [("B1",)])
    found = said(looker.look(subject(shape), (subject(shape), *EVERY)))
    assert found["t.s: reference"][0] == "broken"  # type: ignore[index]
    assert found == naive(tmp_path, shape)


def test_nothing_is_remembered_across_a_changed_contract_or_program(tmp_path: Path) -> None:
    fill(tmp_path, [distinct(0), distinct(10)], 2)
    looker = Looker(root=tmp_path, files=FILES)
    shape = keyed("id")
    looker.look(subject(shape), (subject(shape), *EVERY))
    looker.look(subject(shape), (subject(shape), *EVERY))
    assert looker.asked == []
    other = replace(shape, rules=(*shape.rules, rule("nullValues", ("s",))))
    looker.look(subject(other), (subject(other), *EVERY))
    assert looker.asked
    looker.look(subject(other), (subject(other), *EVERY))
    assert looker.asked == []
    looker.made_by = "test 2"
    looker.look(subject(other), (subject(other), *EVERY))
    assert looker.asked


@pytest.mark.parametrize(
    "where", ["d < current_date", "d < today()", "s IN (SELECT code FROM codes)", "random() > 2", "CURRENT_DATE > d"]
)
def test_a_scope_that_asks_for_more_than_the_row_is_asked_each_time(tmp_path: Path, where: str) -> None:
    fill(tmp_path, [distinct(0), distinct(10)], 2)
    shape = table("t", column("s", "string", allowed=("a",), scope=Scope(where=where)))
    looker = Looker(root=tmp_path, files=FILES)
    for _ in range(2):
        looker.look(subject(shape), (subject(shape), *EVERY))
        assert any(where in sql for sql in looker.asked)


def test_a_scope_of_the_row_alone_is_remembered(tmp_path: Path) -> None:
    fill(tmp_path, [distinct(0), distinct(10)], 2)
    shape = table("t", column("s", "string", allowed=("a",), scope=Scope(where="id > 3 AND s IS NOT NULL")))
    looker = Looker(root=tmp_path, files=FILES)
    looker.look(subject(shape), (subject(shape), *EVERY))
    looker.look(subject(shape), (subject(shape), *EVERY))
    assert looker.asked == []


def test_a_file_that_was_changed_just_now_is_not_remembered(tmp_path: Path) -> None:
    fill(tmp_path, [distinct(0)], 2)
    (tmp_path / "t" / "0.parquet").touch()
    looker = Looker(root=tmp_path, files=FILES)
    shape = keyed("id")
    looker.look(subject(shape), (subject(shape), *EVERY))
    assert not looker.kept
    age(tmp_path / "t" / "0.parquet")
    looker.look(subject(shape), (subject(shape), *EVERY))
    assert looker.kept


def test_what_footers_prove_is_not_asked(tmp_path: Path) -> None:
    fill(tmp_path, [distinct(0), distinct(10)], 2)
    shape = table(
        "t",
        column("id", "integer", is_required=True, minimum=bound(0), maximum=bound(13)),
        column("d", "date", minimum=bound("2026-01-01")),
        column("p", "number", minimum=bound(1), is_required=True),
    )
    looker = Looker(root=tmp_path, files=FILES)
    found = looker.look(subject(shape), (subject(shape), *EVERY))
    assert looker.asked == []
    assert found.rows == 8
    assert said(found) == naive(tmp_path, shape)


def test_a_range_that_few_row_groups_may_break_reads_those_alone(tmp_path: Path) -> None:
    fill(tmp_path, [distinct(0), distinct(10), distinct(-1)], 2)
    shape = table("t", column("id", "integer", minimum=bound(0)))
    looker = Looker(root=tmp_path, files=FILES, knows_files=True)
    found = looker.look(subject(shape), (subject(shape), *EVERY))
    assert 'SELECT COUNT(*) FROM "t" WHERE "id" < 0' in {run.sql for run in found.runs if hasattr(run, "sql")}
    assert said(found) == naive(tmp_path, shape)
