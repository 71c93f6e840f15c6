"""A value typed by its contract comes out exactly as written, or is said not to fit."""

from __future__ import annotations

import json
from contextlib import closing
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZipFile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.warehouses.sites import PLACE
from adapters.warehouses.sites import settings as warehouse_settings
from loadline.adapters.warehouses import codes
from loadline.adapters.warehouses.duckdb import open_duckdb
from loadline.demo.sheet import workbook
from loadline.errors import OutsideError
from loadline.testing.warehouses import fetch
from loadline.values.contract import Column, ContractTable


def promised(**types: tuple[str, str | None]) -> ContractTable:
    columns = {
        name: Column(name=name, logical_type=logical, physical_type=physical, place=PLACE)
        for name, (logical, physical) in types.items()
    }
    return ContractTable(name="t", columns=columns, place=PLACE)


def read(root: Path, name: str, logical: str, physical: str | None = None) -> list[object]:
    contracts = {"t": promised(x=(logical, physical))}
    with closing(open_duckdb(warehouse_settings({"t": name}), root, contracts=contracts)) as warehouse:
        return [row[0] for row in fetch(warehouse, "SELECT x FROM t")]


def refused(root: Path, name: str, logical: str, physical: str | None = None) -> str:
    with pytest.raises(OutsideError) as raised:
        read(root, name, logical, physical)
    (diagnostic,) = raised.value.diagnostics
    assert diagnostic.code == codes.UNFIT_VALUE
    return f"{diagnostic.what} | {diagnostic.mend}"


UNFIT = [
    ("2.5", "integer", None),
    ("9223372036854775808", "integer", None),
    ("12a", "integer", None),
    ("1_000", "integer", None),
    ("0x10", "integer", None),
    ("1.5e0", "integer", None),
    ("0.004", "number", "decimal(12,2)"),
    ("12.345", "number", "decimal(12,2)"),
    ("12345678901", "number", "decimal(12,2)"),
    ("1e-3", "number", "decimal(12,2)"),
    ("1e400", "number", "double"),
    ("2025-01-02 10:00:00", "date", None),
    ("02/01/20", "date", None),
    ("epoch", "date", None),
    ("2025-02-30", "date", None),
    ("2", "boolean", None),
    ("10:00:00+02", "time", None),
    ("2025-01-02 10:00:00.1234567", "timestamp", None),
]


@pytest.mark.parametrize(("value", "logical", "physical"), UNFIT)
def test_a_value_that_does_not_fit_is_named_in_every_kind_of_file(
    tmp_path: Path, value: str, logical: str, physical: str | None
) -> None:
    (tmp_path / "t.csv").write_text(f'note,x\n"two\nlines",\nb,{value}\n', encoding="utf-8")
    said = refused(tmp_path, "t.csv", logical, physical)
    assert said.startswith(f"`t.csv` in line 4, column `x`: `{value}` is not exactly ")
    assert said.endswith("correct the value, or the type of `x` in its contract")
    (tmp_path / "t.jsonl").write_text('{"x": null}\n' + json.dumps({"x": value}) + "\n", encoding="utf-8")
    assert refused(tmp_path, "t.jsonl", logical, physical).startswith("`t.jsonl` in line 2, column `x`: ")
    (tmp_path / "t.xlsx").write_bytes(workbook("T", ["x"], [[value]]))
    assert refused(tmp_path, "t.xlsx", logical, physical).startswith("`t.xlsx`, column `x`: ")


@pytest.mark.parametrize(
    ("value", "logical", "physical"), [(2.5, "integer", None), (12.345, "number", "decimal(12,2)")]
)
def test_a_number_in_a_sheet_or_json_is_not_rounded(
    tmp_path: Path, value: float, logical: str, physical: str | None
) -> None:
    (tmp_path / "t.jsonl").write_text(json.dumps({"x": value}) + "\n", encoding="utf-8")
    assert f"in line 1, column `x`: `{value}`" in refused(tmp_path, "t.jsonl", logical, physical)
    sheet = workbook("T", ["x"], [[7654321]])  # the small writer knows whole numbers only
    with ZipFile(BytesIO(sheet)) as whole, ZipFile(tmp_path / "t.xlsx", "w") as changed:
        for name in whole.namelist():
            changed.writestr(name, whole.read(name).replace(b"7654321", str(value).encode()))
    assert f"column `x`: `{value}`" in refused(tmp_path, "t.xlsx", logical, physical)


def test_a_json_number_with_more_digits_than_are_kept_is_asked_for_as_a_string(tmp_path: Path) -> None:
    (tmp_path / "t.jsonl").write_text('{"x": 1}\n{"x": 0.12345678901234567890}\n', encoding="utf-8")
    said = refused(tmp_path, "t.jsonl", "number", "decimal(38,20)")
    assert said.endswith('write it as a string: `"x": "0.12345678901234567890"`')
    (tmp_path / "t.jsonl").write_text('{"x": 1}\n{"x": "0.12345678901234567890"}\n', encoding="utf-8")
    assert read(tmp_path, "t.jsonl", "number", "decimal(38,20)") == [Decimal(1), Decimal("0.12345678901234567890")]


NUMBERS = st.one_of(
    st.from_regex(r"\A[+-]?[0-9]{1,20}(\.[0-9]{0,8})?0{0,4}\Z"),
    st.from_regex(r"\A[+-]?[0-9]{0,6}\.[0-9]{1,6}([eE][+-]?[0-9]{1,2})?\Z"),
    st.from_regex(r"\A-?[0-9]{1,4}[eE][+-]?[0-9]{1,2}\Z"),
    st.text("0123456789.eE+-_ xn", min_size=1, max_size=8).filter(lambda text: text.strip() != ""),
)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(NUMBERS, min_size=1, max_size=1),
    st.sampled_from([("integer", None), ("number", "decimal(12,2)"), ("number", "decimal(38,10)")]),
)
def test_a_number_is_exactly_what_was_written_or_an_error(texts: list[str], told: tuple[str, str | None]) -> None:
    with TemporaryDirectory() as folder:
        (Path(folder) / "t.csv").write_text("x\n" + "".join(f"{text}\n" for text in texts), encoding="utf-8")
        try:
            rows = read(Path(folder), "t.csv", *told)
        except OutsideError as error:
            found = {d.code for d in error.diagnostics}
        else:
            found = {codes.UNFIT_VALUE}
            assert [Decimal(str(row)) for row in rows] == [Decimal(text.strip().replace("_", "x")) for text in texts]
        assert found == {codes.UNFIT_VALUE}


@pytest.mark.parametrize("value", ["3", "3.0", " 3 ", "+3", "3e0", "003", "3."])
def test_ways_to_write_three(tmp_path: Path, value: str) -> None:
    (tmp_path / "t.csv").write_text(f"x\n{value}\n", encoding="utf-8")
    assert read(tmp_path, "t.csv", "integer") == [3]
    assert read(tmp_path, "t.csv", "number", "decimal(12,2)") == [Decimal("3.00")]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"x\n1\r\n2\n", "line 1 ends in LF, line 2 in CR-LF"),
        (b"x\r\n1\r\n2\n", "line 1 ends in CR-LF, line 3 in LF"),
        (b'x\r\n"1\n"\r\n2\n', "line 1 ends in CR-LF, line 4 in LF"),
        (b"x\n" + b"1\n" * 400_000 + b"2\r\n3\n", "line 1 ends in LF, line 400002 in CR-LF"),
    ],
)
def test_mixed_line_endings_are_said_and_the_mend_mends(tmp_path: Path, content: bytes, said: str) -> None:
    (tmp_path / "t.csv").write_bytes(content)
    with pytest.raises(OutsideError) as raised:
        read(tmp_path, "t.csv", "string")
    (diagnostic,) = raised.value.diagnostics
    assert diagnostic.code == codes.NOT_WHAT_IT_SAYS
    assert diagnostic.what == f"`t.csv`: line endings are mixed: {said}"
    assert diagnostic.mend.endswith("`sed -i -e 's/\\r$//' -e 's/\\r/\\n/g' t.csv`")


def test_line_breaks_inside_quotes_are_no_line_endings(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_bytes(b'x\r\n"a\nb"\r\n5" pipe\r\n"c ""d""\r"\r\n')
    assert read(tmp_path, "t.csv", "string") == ["a\nb", '5" pipe', 'c "d"\r']


def test_a_renamed_header_names_relation_file_columns_and_contract(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "t.csv").write_text("id,betrag_eur\n1,2\n", encoding="utf-8")
    (tmp_path / "data" / "u.csv").write_text("id,other\n1,2\n", encoding="utf-8")
    files = {"t": "data/t.csv", "u": "data/u.csv"}
    contracts = {"t": promised(betrag=("integer", None))}
    warehouse = open_duckdb(warehouse_settings(files), tmp_path, contracts=contracts)
    with closing(warehouse), pytest.raises(OutsideError) as raised:
        fetch(warehouse, "SELECT t.betrag FROM t JOIN u ON t.id = u.id")
    (diagnostic,) = raised.value.diagnostics
    assert diagnostic.code == codes.NO_SUCH_COLUMN
    assert diagnostic.what.startswith(
        "`t` (`data/t.csv`) has no column `betrag`; it has `id`, `betrag_eur`; its contract"
    )
    assert f"`{PLACE.file}` line {PLACE.line}" in diagnostic.what
    assert diagnostic.mend == "write `betrag_eur` in the contract, or correct the header of the file"
