"""One word per idea: the glossary has them all, and the words that say nothing are not used."""

from __future__ import annotations

import ast
import inspect
import re

import pytest

import loadline.ledger
import loadline.project
from repository.tree import ROOT, SOURCE, files, modules

EMPTY_WORDS = (
    *("Manager", "Engine", "Handler", "Service", "Helper", "Util", "Utils"),
    *("Base", "Common", "Data", "Info", "Process", "Config"),
)
GLOSSARY = ROOT / "docs" / "glossary.md"
TEXT = {".py", ".md", ".toml", ".yaml", ".yml", ".json", ""}
WORKING_PAPERS = ("DESIGN" + ".md", "STYLE" + ".md", "/work" + "/")


def public_nouns() -> set[str]:
    """Every class in `values`, and every one that the doors of `project` and `ledger` show."""
    in_values = {
        node.name
        for path in modules("values")
        for node in ast.parse(path.read_text("utf-8")).body
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
    }
    doors = (loadline.project, loadline.ledger)
    return in_values | {name for door in doors for name in door.__all__ if inspect.isclass(getattr(door, name))}


def glossary_nouns() -> list[str]:
    """The first cell of each row, where it is one class name in backticks."""
    return re.findall(r"^\| `([A-Z]\w+)` \|", GLOSSARY.read_text("utf-8"), re.MULTILINE)


def test_every_public_noun_has_a_row_in_the_glossary() -> None:
    assert sorted(public_nouns() - set(glossary_nouns())) == []


def test_every_noun_in_the_glossary_exists_once() -> None:
    rows = glossary_nouns()
    classes = {
        node.name
        for path in modules()
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ClassDef)
    }
    aliases = {
        target.id
        for path in modules("values")
        for node in ast.parse(path.read_text("utf-8")).body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }

    assert sorted(rows) == sorted(set(rows))
    assert set(rows) - classes - aliases == set()


def test_no_class_or_module_is_named_by_a_word_that_says_nothing() -> None:
    named = [
        (path.relative_to(SOURCE).as_posix(), node.name)
        for path in modules()
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ClassDef) and node.name.lstrip("_").endswith(EMPTY_WORDS)
    ]
    files_named = [path for path in modules() if path.stem.title() in {*EMPTY_WORDS, "Helpers"}]

    assert (named, files_named) == ([], [])


@pytest.mark.parametrize("paper", WORKING_PAPERS)
def test_the_repository_stands_on_its_own(paper: str) -> None:
    naming = [
        path.relative_to(ROOT).as_posix()
        for path in files()
        if path.suffix in TEXT
        and paper in path.read_text("utf-8", "replace")
        and paper in path.read_text("utf-8", "replace")
    ]

    assert naming == []


def test_only_tests_read_what_lies_beside_the_repository() -> None:
    naming = [
        path.relative_to(ROOT).as_posix()
        for path in files()
        if not path.is_relative_to(ROOT / "tests") and path.suffix in {".py", ".md", ".toml"}
        if "../shared" in path.read_text("utf-8", "replace")
    ]

    assert naming == []
