"""INVARIANT I7: the core reads no clock, disk, network or chance.

The import contract `core-without-outside` refuses the modules; this refuses the calls that need no such module.
"""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from repository.tree import ROOMS, SOURCE, modules

CLOCK = {"now", "utcnow", "today"}  # datetime.now(), date.today()
BUILT_IN = {"open", "input", "print", "exec", "eval", "compile", "__import__", "breakpoint"}
DISK = {
    *("read_text", "read_bytes", "write_text", "write_bytes", "exists", "is_file", "is_dir"),
    *("iterdir", "glob", "rglob", "stat", "lstat", "mkdir", "unlink"),
    *("rename", "samefile", "touch", "scandir", "walk", "listdir"),
}
CORE = ("values", "errors", *ROOMS)

# The one place where a room meets the disk: the project's reader collects the texts of a folder.
READS_THE_FOLDER = SOURCE / "project" / "folder.py"


def reaches_outside(source: str) -> list[str]:
    """Calls in `source` to something outside, as `line: name`."""
    found = []
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Call(func=ast.Name(id=name)) if name in BUILT_IN:
                found.append(f"{node.lineno}: {name}()")
            case ast.Call(func=ast.Attribute(attr=name, value=ast.Name(id="datetime" | "date" | "dt"))) if (
                name in CLOCK
            ):
                found.append(f"{node.lineno}: {name}()")
            case ast.Call(func=ast.Attribute(attr=name)) if name in DISK:
                found.append(f"{node.lineno}: .{name}()")
    return found


@pytest.mark.parametrize("module", modules(*CORE), ids=lambda path: path.relative_to(SOURCE).as_posix())
def test_i7_the_core_reads_no_clock_disk_network_or_chance(module: Path) -> None:
    if module == READS_THE_FOLDER:
        return
    assert reaches_outside(module.read_text("utf-8")) == []


@pytest.mark.parametrize(
    "line",
    [
        "datetime.now()",
        "date.today()",
        "datetime.utcnow()",
        "open('x')",
        "print(1)",
        "root.read_text()",
        "path.exists()",
    ],
)
def test_i7_a_call_to_the_outside_is_seen(line: str) -> None:
    assert len(reaches_outside(f"def f():\n    return {line}\n")) == 1


def test_the_folder_reader_is_the_only_module_of_the_core_that_touches_the_disk() -> None:
    touching = [module for module in modules(*CORE) if reaches_outside(module.read_text("utf-8"))]

    assert touching == [READS_THE_FOLDER]
