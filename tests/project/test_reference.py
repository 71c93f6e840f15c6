"""The reference of project files says what is read: its tables come from the shapes, and its examples are read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from loadline.project import CODES, KINDS, read
from loadline.project.yaml_reader import DEEPEST, MOST_NODES
from project.key_tables import tables
from project.sample import BASE

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "project-files.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```yaml\n# (\S+\.yaml)\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("kind", KINDS)
def test_the_keys_of_each_kind_are_those_that_are_read(kind: str) -> None:
    assert tables()[kind] in PAGE, f"docs/reference/project-files.md should hold:\n{tables()[kind]}"


def test_the_examples_are_one_sound_project() -> None:
    reading = read({file: text.encode() for file, text in EXAMPLES}, BASE)
    assert reading.diagnostics == ()
    assert reading.accept().name == "shop"
    assert len(EXAMPLES) >= len(KINDS)


def test_the_bounds_are_those_that_hold() -> None:
    assert f"{DEEPEST} levels" in PAGE
    assert f"{MOST_NODES:,} values" in PAGE


def test_every_code_that_is_named_is_one() -> None:
    assert set(re.findall(r"PRJ\d{3}", PAGE)) <= set(CODES)
