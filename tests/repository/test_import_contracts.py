"""Each import contract in `pyproject.toml` holds, and is broken by the one import it exists to refuse."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from repository.tree import ROOMS, ROOT

CONTRACTS = {
    contract["id"]: contract["name"]
    for contract in tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
}

# contract, the module that offends (under `loadline`), the line it adds
SEEDS = [
    ("layers", "values/query.py", "from loadline import errors"),
    ("layers", "errors.py", "import loadline.policy"),
    ("layers", "policy/judge.py", "import loadline.semantics"),
    ("layers", "checks/answers.py", "import loadline.ledger"),
    ("layers", "ledger/nouns.py", "import loadline.project"),
    ("layers", "project/nouns.py", "import loadline.flow"),
    ("layers", "flow/run.py", "import loadline.adapters"),
    ("layers", "adapters/__init__.py", "import loadline.demo"),
    ("layers", "testing/__init__.py", "import loadline.app"),
    ("layers", "app/__init__.py", "import loadline.surfaces"),
    ("layers", "helpers/__init__.py", "import loadline.values"),  # a package that was given no floor
    ("only-app-chooses-adapters", "surfaces/cli/ask.py", "import loadline.adapters"),
    ("core-without-outside", "values/canonical.py", "import time"),
    ("core-without-outside", "semantics/__init__.py", "import random"),
    ("core-without-outside", "policy/judge.py", "import os"),
    ("core-without-outside", "checks/answers.py", "import pathlib"),
    ("core-without-outside", "ledger/nouns.py", "import secrets"),
    ("core-without-outside", "project/nouns.py", "import socket"),
    ("sqlglot", "flow/run.py", "import sqlglot"),
    ("yaml", "semantics/__init__.py", "import yaml"),
    ("duckdb", "app/__init__.py", "import duckdb"),
    ("calamine", "demo/__init__.py", "import python_calamine"),
    ("cedarpy", "flow/cedar.py", "import cedarpy"),
    ("psycopg", "flow/rows.py", "import psycopg"),
    ("pgparse", "semantics/resolve.py", "import pgparse"),
    ("httpx", "flow/planning.py", "import httpx"),
    ("cryptography", "ledger/nouns.py", "from cryptography.hazmat.primitives import hashes"),
    ("sqlite", "flow/run.py", "import sqlite3"),
    ("click", "app/__init__.py", "import click"),
    ("jwt", "app/keys.py", "import jwt"),
    ("mcp", "app/__init__.py", "import mcp"),
    ("frameworks", "surfaces/frameworks/offered.py", "import langchain_core"),
    ("no-dev-tools", "demo/__init__.py", "import pyarrow"),
]


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The source and the contracts, somewhere they can be spoiled."""
    copy = tmp_path_factory.mktemp("house")
    shutil.copytree(ROOT / "src" / "loadline", copy / "loadline", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", copy)
    return copy


@pytest.fixture
def seed(copy: Path, request: pytest.FixtureRequest) -> Iterator[None]:
    """One offending line, taken back after the test."""
    _, name, line = request.param
    module = copy / "loadline" / name
    before = module.read_text("utf-8") if module.exists() else None
    module.parent.mkdir(exist_ok=True)
    module.write_text(f"{before or ''}\n{line}\n", "utf-8")
    yield
    if before is None:
        shutil.rmtree(module.parent)
    else:
        module.write_text(before, "utf-8")


def lint(folder: Path) -> tuple[int, set[str], str]:
    """Exit code, the names of the broken contracts, and all that was said."""
    done = subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports")), "--no-cache", "--no-logo"],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(folder), "NO_COLOR": "1", "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )
    said = done.stdout + done.stderr
    return done.returncode, {name for name in CONTRACTS.values() if re.search(re.escape(name) + r" BROKEN", said)}, said


def test_every_contract_holds(copy: Path) -> None:
    code, broken, said = lint(copy)

    assert (code, broken) == (0, set()), said


@pytest.mark.parametrize(
    ("seed", "contract"),
    [pytest.param(seed, seed[0], id=f"{seed[0]}: {seed[1]}: {seed[2]}") for seed in SEEDS],
    indirect=["seed"],
)
@pytest.mark.usefixtures("seed")
def test_one_offending_import_breaks_exactly_its_contract(copy: Path, contract: str) -> None:
    code, broken, said = lint(copy)

    assert code == 1, said
    assert broken == {CONTRACTS[contract]}, said


def test_every_contract_has_an_import_that_breaks_it() -> None:
    assert {contract for contract, _, _ in SEEDS} == set(CONTRACTS)


def test_every_room_stands_in_the_contract_of_the_pure_core() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    sources = next(contract["source_modules"] for contract in contracts if contract["id"] == "core-without-outside")
    rooms = {f"loadline.{room}" for room in ROOMS if (ROOT / "src" / "loadline" / room).is_dir()}

    assert set(sources) == rooms | {"loadline.errors", "loadline.values"}
