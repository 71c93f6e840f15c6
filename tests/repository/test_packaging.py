"""What a user installs: few packages, and everything the source tree holds."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from importlib.metadata import distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from repository.tree import ROOT, SOURCE, files


def needed(name: str, found: set[str] | None = None) -> set[str]:
    """`name` and everything its base install pulls in on this machine, by canonical name."""
    found = set() if found is None else found
    if (canonical := canonicalize_name(name)) in found:
        return found
    found.add(canonical)
    for line in distribution(name).requires or ():
        requirement = Requirement(line)
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
            needed(requirement.name, found)
    return found


def test_the_base_install_is_at_most_45_packages() -> None:
    packages = needed("loadline-ai")

    assert {"duckdb", "sqlglot", "cryptography"} <= packages
    assert len(packages) <= 45, sorted(packages)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The names in the wheel that a fresh checkout would build."""
    copy = tmp_path_factory.mktemp("build")
    for path in files():
        inside = path.relative_to(ROOT)
        if inside.parts[0] == "src" or len(inside.parts) == 1:
            (copy / inside).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, copy / inside)
    subprocess.run(
        [sys.executable, "-c", "import setuptools.build_meta as b; b.build_wheel('out')"],
        cwd=copy,
        capture_output=True,
        check=True,
    )
    (built,) = (copy / "out").glob("*.whl")
    return zipfile.ZipFile(built).namelist()


def test_the_wheel_holds_every_file_of_the_package(wheel: list[str]) -> None:
    written = {path.relative_to(SOURCE.parent).as_posix() for path in files() if path.is_relative_to(SOURCE)}

    assert written - set(wheel) == set()
    assert "loadline/py.typed" in wheel


def test_the_wheel_holds_the_licence_and_nothing_but_the_package(wheel: list[str]) -> None:
    tops = {Path(name).parts[0] for name in wheel}

    assert any(name.endswith("licenses/LICENSE") for name in wheel)
    assert {top for top in tops if not top.endswith(".dist-info")} == {"loadline"}
