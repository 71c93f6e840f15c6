"""A file that is looked for again is the one that is there now."""

from __future__ import annotations

from pathlib import Path

import pytest

from loadline.adapters.warehouses import codes
from loadline.adapters.warehouses.sources import FileKind, Source, find_files
from loadline.errors import OutsideError
from loadline.values.place import Place


def source(pattern: str = "orders.csv") -> Source:
    place = Place(file="loadline.yaml")
    return Source(relation="orders", kind=FileKind.CSV, pattern=pattern, sheet=None, place=place)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "real.csv").write_text("a\n1\n")
    (folder / "orders.csv").symlink_to("real.csv")
    return folder


def test_the_same_file_has_the_same_state_and_another_one_another(root: Path) -> None:
    first = find_files(source(), root)
    assert find_files(source(), root) == first
    (root / "real.csv").write_text("a\n1\n2\n")
    again = find_files(source(), root)
    assert (again[0].path, again[0].size) == (root / "real.csv", 6)
    (root / "real.csv").replace(root / "moved.csv")
    with pytest.raises(OutsideError) as gone:
        find_files(source(), root)
    assert gone.value.diagnostics[0].code == codes.NO_SUCH_FILE


def test_a_link_that_leads_outside_by_now_is_refused(root: Path, tmp_path: Path) -> None:
    find_files(source(), root)
    (tmp_path / "secret.csv").write_text("a\n1\n")
    (root / "orders.csv").unlink()
    (root / "orders.csv").symlink_to("../secret.csv")
    with pytest.raises(OutsideError) as outside:
        find_files(source(), root)
    assert outside.value.diagnostics[0].code == codes.OUTSIDE_PROJECT


def test_a_folder_that_was_moved_leads_to_where_it_is_now(root: Path) -> None:
    (root / "data").mkdir()
    (root / "real.csv").replace(root / "data" / "real.csv")
    (root / "now").symlink_to("data")
    assert find_files(source("now/real.csv"), root)[0].path == root / "data" / "real.csv"
    (root / "data").replace(root / "other")
    (root / "now").unlink()
    (root / "now").symlink_to("other")
    assert find_files(source("now/real.csv"), root)[0].path == root / "other" / "real.csv"
