"""What goes wrong when definitions come from elsewhere or are handed on, code by code."""

from __future__ import annotations

from pathlib import Path

import pytest

from loadline.adapters.imports import read_texts, write_files
from loadline.errors import RequestError
from loadline.flow.exporting import as_ossie
from loadline.flow.importing import arriving
from loadline.project import read
from loadline.project.importing import codes
from loadline.project.importing.ossie_in import import_models


def code_of(caught: pytest.ExceptionInfo[RequestError]) -> str:
    (found,) = caught.value.diagnostics
    assert found.why == codes.CODES[found.code].why
    return found.code


def test_nothing_to_import() -> None:
    with pytest.raises(RequestError) as caught:
        arriving("dbt", {"a.yml": "models: []"}, {})
    assert code_of(caught) == codes.NOTHING_FOUND


def test_a_file_that_is_no_ossie_document() -> None:
    with pytest.raises(RequestError) as caught:
        arriving("ossie", {"a.yml": "datasets: []"}, {})
    assert code_of(caught) == codes.NOT_OSSIE


def test_a_source_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(RequestError) as caught:
        read_texts(tmp_path / "nowhere")
    assert code_of(caught) == codes.UNREADABLE
    (tmp_path / "latin.yml").write_bytes(b"\xe4")
    with pytest.raises(RequestError) as caught:
        read_texts(tmp_path)
    assert code_of(caught) == codes.UNREADABLE


def test_a_file_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").touch()
    with pytest.raises(RequestError) as caught:
        write_files(tmp_path, {"b.yaml": "x", "a.yaml": "x"})
    assert code_of(caught) == codes.IN_THE_WAY
    assert not (tmp_path / "b.yaml").exists()


def test_a_project_without_a_dataset_is_not_exported() -> None:
    files = {"loadline.yaml": b"name: shop\nwarehouse: {kind: duckdb, database: w.duckdb}\n"}
    with pytest.raises(RequestError) as caught:
        as_ossie(read(files, Path()).accept(), files)
    assert code_of(caught) == codes.NO_DATASETS


@pytest.mark.parametrize(
    ("field", "metric", "code"),
    [
        ({"name": "where", "expression": "x"}, None, codes.RESERVED_WORD),
        ({"name": "x", "expression": "b.y"}, None, codes.OTHER_DATASET),
        (None, {"name": "m", "expression": "SUM(SUM(a.x) OVER ()) OVER ()"}, codes.NESTED_WINDOW),
        (None, {"name": "m", "expression": "SUM(a.x) OVER (ROWS :n PRECEDING)"}, codes.WINDOW_FRAME),
        (None, {"name": "m", "expression": "RANK() OVER (ORDER BY a.x) / 2"}, codes.COMPOSED_WINDOW),
    ],
)
def test_a_definition_that_has_no_form_here(
    field: dict[str, str] | None, metric: dict[str, str] | None, code: str
) -> None:
    datasets = [
        {"name": "a", "source": "a", "fields": [field] if field else []},
        {"name": "b", "source": "b", "fields": [{"name": "y", "expression": "y"}]},
    ]
    model = {"name": "m", "datasets": datasets, "metrics": [metric] if metric else []}
    assert [one.code for one in import_models([model]).remarks] == [code]


def test_a_field_that_reads_the_many_rows_of_another_dataset() -> None:
    datasets = [
        {"name": "a", "source": "a", "fields": [{"name": "x", "expression": "b.y"}]},
        {"name": "b", "source": "b", "fields": [{"name": "y", "expression": "y"}]},
    ]
    step = {"name": "s", "from": "b", "to": "a", "from_columns": ["a_id"], "to_columns": ["id"]}
    model = {"name": "m", "datasets": datasets, "relationships": [step]}
    assert [one.code for one in import_models([model]).remarks] == [codes.FINER_DATASET]
