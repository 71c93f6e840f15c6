"""What a user installs: few packages, and everything the source tree holds."""

from __future__ import annotations

import re
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


FREE = {
    "0BSD", "Apache-2.0", "Apache Software License", "BSD", "BSD-2-Clause", "BSD-3-Clause", "BSD License", "ISC", "MIT",
    "MIT License", "MIT-0", "PSF-2.0", "Python Software Foundation License", "Unlicense", "ZPL-2.1",
}  # fmt: skip
"""Licences that ask for no more than to be named; anything else (GPL, AGPL, BSL, none said) is looked at first."""


def licences(name: str) -> set[str]:
    """What a package says its licence is: the SPDX expression where it has one, else what it said before there was."""
    said = distribution(name).metadata
    if "License-Expression" in said:
        return {re.sub(r"[()]", "", said["License-Expression"]).strip()}
    kinds = {
        one.rpartition("::")[2].strip() for one in said.get_all("Classifier") or [] if one.startswith("License ::")
    }
    return kinds or {said["License"].strip() if "License" in said else "none said"}


def is_free(licence: str) -> bool:
    """Of several to choose from, one is enough; of several that hold together, every one has to be."""
    return any(all(part.strip() in FREE for part in choice.split(" AND ")) for choice in licence.split(" OR "))


def test_everything_in_the_base_install_may_be_used_freely() -> None:
    found = {name: licences(name) for name in needed("loadline-ai")}
    assert len(found) > 20
    assert {name: said for name, said in found.items() if not said or not all(map(is_free, said))} == {}


@pytest.mark.parametrize(
    "licence", ["GPL-3.0-only", "AGPL-3.0-or-later", "BUSL-1.1", "MIT AND GPL-2.0-only", "none said"]
)
def test_a_licence_that_asks_for_more_is_seen(licence: str) -> None:
    assert not is_free(licence)
    assert is_free(f"{licence} OR MIT")


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
