"""What goes wrong when a project is drafted, code by code; and that nothing is ever overwritten."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from loadline.app import import_warehouse, init_project
from loadline.errors import LoadlineError
from loadline.flow.draft import codes


def orders(folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / "orders.parquet"
    duckdb.execute(f"COPY (SELECT n AS order_id, n * 2.5 AS amount FROM range(40) r(n)) TO '{path}'")
    return path


def raised(*paths: Path, into: Path | None = None) -> str:
    with pytest.raises(LoadlineError) as caught:
        import_warehouse(paths, into=into)
    (said,) = caught.value.diagnostics
    assert said.mend
    return said.code


def everything(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_files_need_a_folder_for_the_project(tmp_path: Path) -> None:
    assert raised(orders(tmp_path)) == codes.NO_TARGET


def test_what_holds_no_data_is_not_imported(tmp_path: Path) -> None:
    notes = tmp_path / "notes.txt"
    notes.write_text("nothing", "utf-8")
    (tmp_path / "empty").mkdir()
    assert raised(notes, into=tmp_path / "shop") == codes.NOTHING_TO_IMPORT
    assert raised(tmp_path / "empty", into=tmp_path / "shop") == codes.NOTHING_TO_IMPORT
    assert not (tmp_path / "shop").exists()


def test_a_project_that_is_there_is_not_drafted_again(tmp_path: Path) -> None:
    init_project(tmp_path / "shop")
    before = everything(tmp_path / "shop")
    assert raised(orders(tmp_path), into=tmp_path / "shop") == codes.ALREADY_THERE
    assert everything(tmp_path / "shop") == before


def test_a_file_that_is_there_is_not_overwritten(tmp_path: Path) -> None:
    mine = tmp_path / "shop" / "contracts" / "orders.yaml"
    mine.parent.mkdir(parents=True)
    mine.write_text("mine", "utf-8")
    assert raised(orders(tmp_path), into=tmp_path / "shop") == codes.ALREADY_THERE
    assert everything(tmp_path / "shop") == {mine: b"mine"}


def test_a_warehouse_of_which_nothing_can_be_read_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "broken.csv").write_bytes(b"")
    assert raised(tmp_path / "broken.csv", into=tmp_path / "shop") == codes.NOTHING_READABLE


def test_an_existing_project_gets_what_it_lacks_and_nothing_else_changes(tmp_path: Path) -> None:
    shop = tmp_path / "shop"
    init_project(shop)
    orders(shop / "data")
    manifest = shop / "loadline.yaml"
    text = manifest.read_text("utf-8").replace(
        "    shop.orders:", "    crm.orders: data/orders.parquet\n    shop.orders:"
    )
    manifest.write_text(text, "utf-8")
    before = everything(shop)

    made = import_warehouse((), folder=shop)

    assert made.draft.datasets == ("crm_orders",)
    assert sorted(made.draft.files) == [
        "context/draft_datasets.yaml", "context/draft_metrics.yaml", "contracts/crm_orders.yaml"
    ]  # fmt: skip
    after = everything(shop)
    assert {path: after[path] for path in before} == before
    assert import_warehouse((), folder=shop).draft.files == {}
