"""The demo's story in; each command run and shown, each promise checked, and an exit code out."""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import re
import shlex
import shutil
import sys
import textwrap
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from loadline.demo.story import (
    STORY,
    TELLER,
    CloseSideDoor,
    Edit,
    Forge,
    Look,
    Put,
    Run,
    SideDoor,
    Step,
    broken_promises,
    caught,
    filled,
    miscounted,
)
from loadline.surfaces.cli import run as run_command
from loadline.surfaces.render.style import Palette, has_colour

if TYPE_CHECKING:
    from loadline.app.practising import Practice

_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
_OUTPUT_LINES = 60
_GOES_ON = 12
"""Spaces before a line that goes on with what the line before it says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """Where a story is played: a folder, and the database of the story if it has one."""

    folder: Path
    practice: Practice | None = None


def play(folder: Path, steps: Sequence[Step] = STORY, *, practice: Practice | None = None) -> int:
    """Play the story in `folder` (made for it); 0 when every promise was kept, else 1."""
    folder.mkdir(parents=True, exist_ok=True)
    stage = Stage(folder=folder, practice=practice)
    palette = Palette.of()
    kept: dict[str, str] = {}
    broken: list[str] = []
    started = time.monotonic()
    for number, step in enumerate(steps, start=1):
        click.echo(f"{palette.blue(f'{number:>2}')}  {palette.bold(step.title)}")
        click.echo(textwrap.indent(palette.dim(step.say), "    "))
        found = _play_step(step, stage, kept, palette)
        for promise in found:
            click.echo(f"    {palette.red('broken')}  {promise}")
        broken += found
        click.echo()
    seconds = time.monotonic() - started
    if broken:
        click.echo(f"{palette.red('did not hold')}: {len(broken)} promises broken in {seconds:.1f} s")
        return 1
    click.echo(f"{palette.green('all held')}: {len(steps)} steps in {seconds:.1f} s")
    return 0


def _play_step(step: Step, stage: Stage, kept: dict[str, str], palette: Palette) -> tuple[str, ...]:
    folder = stage.folder
    match step.does:
        case Run() as does:
            argv = [filled(word, kept) for word in does.argv]
            project = folder / does.folder if does.folder else None
            exit_code, shown = _run(argv, folder, project)
            text, left = picked(shown, does.shows)
            fewer = palette.dim(f"  # {left} line{'' if left == 1 else 's'} of it not shown here") if left else ""
            click.echo(f"    {palette.dim('$')} loadline {shlex.join(argv)}{fewer}")
            click.echo(textwrap.indent(_shortened(text), "      ").rstrip())
            output = _COLOURS.sub("", shown)
            broken = broken_promises(does, exit_code=exit_code, output=output, kept=kept)
            kept |= caught(does, output)
            return broken
        case Forge() as does:
            return _forge(does, folder, palette)
        case Put() as does:
            text = filled(does.text, kept)
            (folder / does.path).write_text(text, "utf-8")
            click.echo(f"    {palette.dim('writes')} {does.path}")
            click.echo(textwrap.indent(text.rstrip(), "      "))
            return ()
        case Edit() as does:
            text = (folder / does.path).read_text("utf-8")
            (folder / does.path).write_text(text.replace(does.old, does.new), "utf-8")
            click.echo(f"    {palette.dim('edits')} {does.path}: {does.old} becomes {does.new}")
            return () if text.count(does.old) == 1 else (f"`{does.path}` does not hold `{does.old}` once",)
        case Look() | SideDoor() | CloseSideDoor() as does:
            assert stage.practice is not None  # noqa: S101 - only stories with a database have such steps
            return _play_past_the_gate(does, stage.practice, kept, palette)


def _play_past_the_gate(
    does: Look | SideDoor | CloseSideDoor, practice: Practice, kept: dict[str, str], palette: Palette
) -> tuple[str, ...]:
    match does:
        case Look():
            rows = {table: practice.read(table) for table in does.rows}
            counted = {table: len(found) for table, found in rows.items()}
            digest = hashlib.sha256(repr(rows).encode()).hexdigest()[:16]
            if does.keep:
                kept[does.keep] = digest
            said = "  ".join(f"{table} {count:,} rows" for table, count in counted.items())
            click.echo(f"    {palette.dim('counts')} {said}  sha256 {digest}")
            return miscounted(does, counted, digest, kept)
        case SideDoor():
            came = practice.write_past_the_gate(does.statement)
            click.echo(f"    {palette.dim('past the gate')} {does.statement}")
            click.echo(f"      {came}")
            return () if re.search(does.expect, came) else (f"the side door said `{came}`, not `{does.expect}`",)
        case CloseSideDoor():
            practice.close_side_door()
            click.echo(f"    {palette.dim('shut')}")
            return ()


def _run(argv: list[str], folder: Path, project: Path | None) -> tuple[int, str]:
    """Run one command line as a shell in `folder` would, and catch what it prints."""
    said = {"LOADLINE_AS": TELLER, "COLUMNS": "110", "FORCE_COLOR": "1" if has_colour(sys.stdout) else ""}
    if project is not None:
        said["LOADLINE_PROJECT"] = str(project)
    caught_text = io.StringIO()
    with (
        _environment(said),
        contextlib.chdir(folder),
        contextlib.redirect_stdout(caught_text),
        contextlib.redirect_stderr(caught_text),
    ):
        exit_code = run_command(argv)
    return exit_code, caught_text.getvalue()


def _forge(does: Forge, folder: Path, palette: Palette) -> tuple[str, ...]:
    copy = folder / does.copy
    shutil.copytree(folder / does.folder, copy)
    ledger = copy / ".loadline" / "ledger.db"
    click.echo(f"    {palette.dim('$')} cp -r {does.folder} {does.copy}")
    click.echo(f"    {palette.dim('$')} sed -i '0,/{does.old}/s//{does.new}/' {does.copy}/.loadline/{ledger.name}")
    before = ledger.read_bytes()
    after = before.replace(does.old.encode(), does.new.encode(), 1)
    ledger.write_bytes(after)
    return () if after != before else (f"the ledger holds no `{does.old}` to forge",)


def play_wipe(folder: Path, *, wanted: str | None = None) -> int:
    """Play the story of a wipe on a database of its own: a PostgreSQL where one can be had, unless `wanted` says
    otherwise. 0 when every promise was kept."""
    from loadline.app import init_project
    from loadline.app.practising import open_practice
    from loadline.demo import wipe

    folder.mkdir(parents=True, exist_ok=True)
    desk = folder / wipe.DESK
    init_project(desk)
    with open_practice(folder, wanted=wanted) as practice:
        click.echo(f"on {practice.said}\n")
        practice.fill(wipe.TABLES, wipe.rows())
        manifest = desk / "loadline.yaml"
        manifest.write_text(wipe.manifest(manifest.read_text("utf-8"), practice.kind), "utf-8")
        with _environment(practice.environment):
            return play(folder, wipe.story(practice.kind, practice.login), practice=practice)


@contextlib.contextmanager
def _environment(said: Mapping[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in said}
    os.environ.update(said)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def picked(text: str, shows: Sequence[str]) -> tuple[str, int]:
    """The lines that match one of `shows`, each with the far indented ones it goes on in, and how many others there
    are. Nothing but blank lines is left out where `shows` is empty."""
    lines = [line for line in text.splitlines() if line.strip()]
    if not shows:
        return "\n".join(lines), 0
    kept: list[str] = []
    is_picked = False
    for line in lines:
        plain = _COLOURS.sub("", line)
        goes_on = is_picked and bool(kept) and plain.startswith(" " * _GOES_ON)
        is_picked = goes_on or any(re.search(wanted, plain) for wanted in shows)
        kept += [line] if is_picked else []
    return "\n".join(kept), len(lines) - len(kept)


def _shortened(text: str) -> str:
    lines = text.rstrip().splitlines()
    if len(lines) <= _OUTPUT_LINES:
        return "\n".join(lines)
    return "\n".join([*lines[:_OUTPUT_LINES], f"… {len(lines) - _OUTPUT_LINES} more lines"])
