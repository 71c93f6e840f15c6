"""A project's files as a revision has them: exactly those a project is read from, and nothing is run on the way."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from loadline.adapters.git import read_revision
from loadline.errors import LoadlineError
from loadline.flow.change import codes


def git(folder: Path, *words: str) -> None:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    known = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    who = ["-c", "user.name=ana", "-c", "user.email=ana@example.com", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *who, *words], cwd=folder, check=True, capture_output=True, env=clean | known)


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    folder = tmp_path / "repo" / "shop"
    for name, text in {
        "loadline.yaml": "name: shop\n",
        "context/a b.yaml": "datasets: {}\n",
        "context/deep/straße.yml": "metrics: {}\n",
        "context/.hidden.yaml": "no",
        "context/notes.md": "no",
        "data/orders.csv": "no",
        "contracts/x.yaml": "bytes \x00 and no newline",
    }.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
    (folder.parent / "loadline.yaml").write_text("another\n", "utf-8")
    git(folder.parent, "init", "-q", "-b", "main", ".")
    git(folder.parent, "add", "-A")
    git(folder.parent, "commit", "-qm", "first")
    git(folder.parent, "tag", "-a", "v1", "-m", "one")
    return folder


def test_the_files_of_the_project_are_read_as_they_were(shop: Path) -> None:
    (shop / "loadline.yaml").write_text("name: changed\n", "utf-8")
    (shop / "context" / "new.yaml").write_text("x", "utf-8")
    expected = {
        "loadline.yaml": b"name: shop\n",
        "context/a b.yaml": b"datasets: {}\n",
        "context/deep/straße.yml": b"metrics: {}\n",
        "contracts/x.yaml": b"bytes \x00 and no newline",
    }
    for revision in ("HEAD", "main", "v1"):
        assert read_revision(shop, revision) == expected


def raised(shop: Path, revision: str) -> str:
    with pytest.raises(LoadlineError) as caught:
        read_revision(shop, revision)
    return caught.value.diagnostics[0].code


@pytest.mark.parametrize("revision", ["nope", "--help", "-rf", "HEAD:loadline.yaml", "", "a b", "main\n", ".."])
def test_what_is_no_revision_is_said(shop: Path, revision: str) -> None:
    assert raised(shop, revision) == codes.NO_REVISION


def test_a_folder_in_no_repository_is_said(tmp_path: Path) -> None:
    assert raised(tmp_path, "HEAD") == codes.NO_REPOSITORY


def test_a_machine_without_git_is_said(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    assert raised(shop, "HEAD") == codes.NO_GIT
