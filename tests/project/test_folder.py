"""What a disk can do to a project: it is said, and nothing is raised."""

from __future__ import annotations

import os
import shutil
import socket
from pathlib import Path

import pytest

from loadline.project import CODES, Reading, codes, read, read_folder
from loadline.project.folder import DEEPEST_FOLDER
from loadline.project.reading import LARGEST_BYTES
from loadline.values.diagnostic import Severity
from project.sample import BASE, FILES, written

IS_ROOT = hasattr(os, "geteuid") and os.geteuid() == 0


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return written(tmp_path)


def only(reading: Reading) -> tuple[str, str | None]:
    """Code and file of the one thing that is said."""
    (one,) = reading.diagnostics
    assert one.code in CODES
    assert one.mend
    return one.code, one.place.file if one.place else None


def test_a_folder_means_what_its_files_mean(folder: Path) -> None:
    assert read_folder(folder).accept().digest == read(FILES, BASE).accept().digest


def test_the_root_is_the_folder(folder: Path) -> None:
    assert read_folder(folder).accept().root == folder


def test_a_folder_that_does_not_exist(tmp_path: Path) -> None:
    reading = read_folder(tmp_path / "nowhere")
    assert reading.project is None
    assert only(reading) == (codes.NO_PROJECT, None)


def test_a_file_in_place_of_the_folder(folder: Path) -> None:
    assert only(read_folder(folder / "loadline.yaml")) == (codes.NO_PROJECT, None)


def test_a_folder_without_a_manifest(folder: Path) -> None:
    (folder / "loadline.yaml").unlink()
    assert only(read_folder(folder)) == (codes.NO_PROJECT, "loadline.yaml")


def test_a_manifest_with_the_other_ending_is_named(folder: Path) -> None:
    (folder / "loadline.yaml").rename(folder / "loadline.yml")
    (one,) = read_folder(folder).diagnostics
    assert one.code == codes.NO_PROJECT
    assert "loadline.yml" in one.mend


@pytest.mark.skipif(IS_ROOT, reason="root may read every file")
def test_a_file_that_may_not_be_read(folder: Path) -> None:
    (folder / "policies/access.yaml").chmod(0)
    assert only(read_folder(folder)) == (codes.UNREADABLE, "policies/access.yaml")


@pytest.mark.skipif(IS_ROOT, reason="root may list every folder")
def test_a_folder_that_may_not_be_listed(folder: Path) -> None:
    (folder / "policies").chmod(0)
    try:
        assert only(read_folder(folder)) == (codes.UNREADABLE, "policies")
    finally:
        (folder / "policies").chmod(0o755)


def test_a_link_to_nothing_is_not_skipped(folder: Path) -> None:
    (folder / "policies/forbid.yaml").symlink_to(folder / "moved-away.yaml")
    assert only(read_folder(folder)) == (codes.UNREADABLE, "policies/forbid.yaml")


def test_a_link_to_itself_is_not_followed_for_ever(folder: Path) -> None:
    (folder / "policies/forbid.yaml").symlink_to(folder / "policies/forbid.yaml")
    assert only(read_folder(folder)) == (codes.UNREADABLE, "policies/forbid.yaml")


def test_a_folder_that_leads_back_into_itself(folder: Path) -> None:
    (folder / "context/again").symlink_to(folder / "context", target_is_directory=True)
    assert only(read_folder(folder)) == (codes.UNREADABLE, "context/again")


def test_a_folder_that_is_too_deep(folder: Path) -> None:
    deep = folder.joinpath("context", *["d"] * (DEEPEST_FOLDER + 1))
    deep.mkdir(parents=True)
    (deep / "metrics.yaml").write_text("metrics: {}\n", "utf-8")
    (one,) = read_folder(folder).diagnostics
    assert one.code == codes.UNREADABLE


def test_a_pipe_is_not_waited_for(folder: Path) -> None:
    os.mkfifo(folder / "context/pipe.yaml")
    assert only(read_folder(folder)) == (codes.UNREADABLE, "context/pipe.yaml")


def test_a_socket_is_no_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)  # a socket's whole path is short
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("context/s.yaml")
        assert only(read_folder(folder)) == (codes.UNREADABLE, "context/s.yaml")


def test_a_file_in_place_of_a_folder_of_definitions(folder: Path) -> None:
    shutil.rmtree(folder / "policies")
    (folder / "policies").write_text("rules: []\n", "utf-8")
    assert only(read_folder(folder)) == (codes.UNREADABLE, "policies")


def test_a_file_of_data_that_went_astray(folder: Path) -> None:
    with (folder / "context/export.yaml").open("wb") as file:
        file.truncate(LARGEST_BYTES + 1)
    assert only(read_folder(folder)) == (codes.TOO_LARGE, "context/export.yaml")


def test_too_many_bytes_in_memory_are_refused_alike() -> None:
    reading = read(FILES | {"context/export.yaml": b"#" * (LARGEST_BYTES + 1)}, BASE)
    assert only(reading) == (codes.TOO_LARGE, "context/export.yaml")


@pytest.mark.parametrize(
    ("content", "line", "column"),
    [
        ("metrics:\n  é: {}\n".encode("cp1252"), 2, 3),
        ("# äö\n# ä".encode() + b"\xff\n", 2, 4),
        ("metrics: {}\n".encode("utf-16"), 1, 1),
        (b"a: \xed\xa0\x80\n", 1, 4),  # half of a surrogate pair
    ],
    ids=["windows-1252", "last-byte", "utf-16", "surrogate"],
)
def test_a_file_that_is_not_utf8(folder: Path, content: bytes, line: int, column: int) -> None:
    (folder / "context/more.yaml").write_bytes(content)
    (one,) = read_folder(folder).diagnostics
    assert one.code == codes.NOT_UTF8
    assert one.place is not None
    assert (one.place.line, one.place.column) == (line, column)


def test_a_byte_order_mark_is_no_part_of_the_text(folder: Path) -> None:
    path = folder / "loadline.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert read_folder(folder).accept().digest == read(FILES, BASE).accept().digest


def test_a_folder_whose_name_is_misspelled_is_a_warning(folder: Path) -> None:
    (folder / "policies").rename(folder / "policy")
    reading = read_folder(folder)
    (one,) = reading.diagnostics
    assert (one.code, one.severity) == (codes.UNREAD_FOLDER, Severity.WARNING)
    assert "`policies`" in one.mend
    assert reading.accept().rules == ()


def test_other_files_and_folders_are_left_alone(folder: Path) -> None:
    for name in ("data/orders.yaml", "context/.hidden.yaml", "context/notes.txt", ".git/policies.yaml", "notes.yaml"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text("not: [a definition", "utf-8")
    assert read_folder(folder).diagnostics == ()


def test_folders_in_folders_are_read(folder: Path) -> None:
    (folder / "context/sales").mkdir()
    (folder / "context/sales/more.yml").write_text("metrics: {more: {is: count(orders)}}\n", "utf-8")
    assert "more" in read_folder(folder).accept().model.metrics


def test_names_that_are_not_utf8_can_be_shown(folder: Path) -> None:
    Path(os.fsdecode(os.fsencode(folder) + b"/context/\xff.yaml")).write_text("metrics: [", "utf-8")
    for one in read_folder(folder).diagnostics:
        str(one.place).encode("utf-8")


def test_a_project_of_many_files_is_read_whole(folder: Path) -> None:
    for number in range(60):
        (folder / f"context/m{number}.yaml").write_text(
            "metrics:\n"
            + "".join(f"  m{number}_{part}: {{is: count(orders), owner: finance}}\n" for part in range(20)),
            "utf-8",
        )
    assert len(read_folder(folder).accept().model.metrics) == 1_204
