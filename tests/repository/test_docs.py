"""The documentation tells the truth: every link resolves, every example runs and prints what it shows.

A fence marked `console` is run, line by line, in one empty folder per page: `$ ` starts a command, the lines below it
are its output, in which `…` stands for anything. `# exit 1` after a command says that it is meant to end so. A fence
marked `python` is run in the same folder. What cannot run here (a clone, an installation) is marked `sh`.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from repository.tree import ROOT, files

PAGES = [path for path in files() if path.suffix == ".md" and not path.is_relative_to(ROOT / "tests")]
DOCS = [path for path in PAGES if path.parent == ROOT or path.is_relative_to(ROOT / "docs")]
FENCE = re.compile(
    r"^(?P<mark>```+|~~~+)[ ]*(?P<kind>[\w-]*)[^\n]*\n(?P<body>.*?)^(?P=mark)[ ]*$", re.MULTILINE | re.DOTALL
)
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)(?:\s+\"[^\"]*\")?\)|!\[[^\]]*\]\(([^)\s]+)\)")
NOT_RUN = ("git clone", "pip ", "uv ", "python3 dev.py", "sudo ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    kind: str  # `console` or `python`
    code: str
    shown: str = ""
    exit_code: int = 0
    line: int


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def prose(text: str) -> str:
    """The page without its fences and inline code."""
    return re.sub(r"`[^`\n]*`", "", FENCE.sub("", text))


def anchors(text: str) -> set[str]:
    """The anchors GitHub gives the headings of a page."""
    headings = re.findall(r"^#{1,6}\s+(.+?)\s*#*$", FENCE.sub("", text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.replace("`", "").lower()).replace(" ", "-") for heading in headings}


def broken_links(page: Path, root: Path = ROOT) -> list[str]:
    broken = []
    for link in (one or other for one, other in LINK.findall(prose(page.read_text("utf-8")))):
        if re.match(r"[a-z]+:", link):
            continue
        target, _, anchor = link.partition("#")
        aim = (page.parent / target).resolve() if target else page
        is_missing = not aim.exists() or not aim.is_relative_to(root)
        if is_missing or (anchor and aim.suffix == ".md" and anchor not in anchors(aim.read_text("utf-8"))):
            broken.append(link)
    return broken


def examples(text: str) -> list[Example]:
    """The examples of a page that run, in order."""
    found = []
    for fence in FENCE.finditer(text):
        line = text.count("\n", 0, fence.start()) + 2
        if fence["kind"] == "python":
            found.append(Example(kind="python", code=fence["body"], line=line))
        elif fence["kind"] == "console":
            for part in re.split(r"^\$ ", fence["body"], flags=re.MULTILINE)[1:]:
                command, _, shown = part.replace("\\\n", "").partition("\n")
                command, _, code = command.partition("  # exit ")
                found.append(
                    Example(kind="console", code=command.strip(), shown=shown, exit_code=int(code or 0), line=line)
                )
    return found


def pattern(shown: str) -> re.Pattern[str]:
    """What is shown, as a pattern: `…` is anything, the space at the end of a line does not count."""
    lines = "\n".join(line.rstrip() for line in shown.strip("\n").splitlines())
    return re.compile(r".*?".join(re.escape(part) for part in lines.split("…")), re.DOTALL)


def perform(example: Example, folder: Path, home: Path) -> tuple[int, str]:
    command = ["bash", "-c", example.code] if example.kind == "console" else [sys.executable, "-c", example.code]
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    surroundings = {"PATH": path, "HOME": str(home), "NO_COLOR": "1", "COLUMNS": "100", "TOOLS": str(ROOT / "tools")}
    done = subprocess.run(
        command,
        cwd=folder,
        env=os.environ | surroundings,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.returncode, "\n".join(line.rstrip() for line in done.stdout.strip("\n").splitlines())


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_link_resolves(page: Path) -> None:
    assert broken_links(page) == []


@pytest.mark.parametrize("page", [page for page in DOCS if examples(page.read_text("utf-8"))], ids=named)
def test_every_example_runs_and_prints_what_it_shows(page: Path, tmp_path: Path) -> None:
    folder = tmp_path / "here"
    folder.mkdir()
    for example in examples(page.read_text("utf-8")):
        where = f"{named(page)}:{example.line}: {example.code}"
        assert not example.code.startswith(NOT_RUN), f"{where}: mark it `sh`, it does not run here"
        if example.kind == "console" and example.code.startswith("cd "):
            folder = folder / example.code.removeprefix("cd ").strip()
            continue
        code, said = perform(example, folder, tmp_path)
        assert code == example.exit_code, f"{where}: exit {code}\n{said}"
        if example.shown.strip():
            assert pattern(example.shown).fullmatch(said), f"{where} printed\n{said}\nnot\n{example.shown}"


def test_an_example_that_prints_something_else_is_seen(tmp_path: Path) -> None:
    page = "```console\n$ echo one; echo two 2026\none\ntwo …\n$ false  # exit 1\n```\n"
    first, second = examples(page)

    assert pattern(first.shown).fullmatch(perform(first, tmp_path, tmp_path)[1])
    assert not pattern("one\nthree").fullmatch(perform(first, tmp_path, tmp_path)[1])
    assert perform(second, tmp_path, tmp_path)[0] == second.exit_code == 1


def test_a_link_to_nowhere_is_seen(tmp_path_factory: pytest.TempPathFactory) -> None:
    page = tmp_path_factory.mktemp("page") / "page.md"
    page.write_text("# A heading\n[here](#a-heading) [there](no.md) [gone](#nowhere) `[code](x)`\n", "utf-8")

    assert broken_links(page, page.parent) == ["no.md", "#nowhere"]


def test_the_readme_fits_on_a_screen_or_three() -> None:
    assert len((ROOT / "README.md").read_text("utf-8").splitlines()) <= 120


def test_every_page_is_reached_from_the_index() -> None:
    reached: set[Path] = set()
    waiting = [ROOT / "docs" / "README.md"]
    while waiting:
        page = waiting.pop()
        reached.add(page)
        links = (one.partition("#")[0] for one, _ in LINK.findall(prose(page.read_text("utf-8"))) if one)
        waiting.extend({aim for link in links if (aim := (page.parent / link).resolve()) in DOCS} - reached)

    assert sorted(named(page) for page in set(DOCS) - reached if page.is_relative_to(ROOT / "docs")) == []
