"""The starter: a complete project, written whole, that fits together."""

from __future__ import annotations

from pathlib import Path

import pytest

from loadline import project, semantics
from loadline.adapters.starter import write_starter


def test_every_file_is_written_and_named(tmp_path: Path) -> None:
    written = write_starter(tmp_path / "a" / "b")
    names = {path.relative_to(tmp_path / "a" / "b").as_posix() for path in written}
    assert all(path.stat().st_size for path in written)
    assert names == {
        ".gitignore",
        "loadline.yaml",
        "context/orders.yaml",
        "contracts/orders.yaml",
        "data/orders.csv",
        "policies/rules.yaml",
        "questions/verified.yaml",
    }


def test_it_reads_and_links_without_a_word(tmp_path: Path) -> None:
    write_starter(tmp_path)
    reading = project.read_folder(tmp_path)
    assert reading.diagnostics == ()
    assert reading.project is not None
    linked = semantics.link(reading.project.model)
    assert set(reading.project.model.metrics) == {"booked_revenue", "order_count"}
    assert linked


def test_the_ledger_is_kept_out_of_version_control(tmp_path: Path) -> None:
    write_starter(tmp_path)
    assert ".loadline/" in (tmp_path / ".gitignore").read_text("utf-8").split()


def test_a_place_that_cannot_be_written_is_an_os_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    with pytest.raises(OSError, match="file"):
        write_starter(tmp_path / "file")
