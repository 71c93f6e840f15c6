"""The demo's story in; each command run and shown, each promise checked, and an exit code out."""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
import shutil
import sys
import textwrap
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import click

from loadline.demo.story import STORY, TELLER, Forge, Run, Step, broken_promises, caught, filled
from loadline.surfaces.cli import run as run_command
from loadline.surfaces.render.style import Palette, has_colour

_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
_OUTPUT_LINES = 60


def play(folder: Path) -> int:
    """Play the story in `folder` (made for it); 0 when every promise was kept, else 1."""
    folder.mkdir(parents=True, exist_ok=True)
    palette = Palette.of()
    kept: dict[str, str] = {}
    broken: list[str] = []
    started = time.monotonic()
    for number, step in enumerate(STORY, start=1):
        click.echo(f"{palette.blue(f'{number:>2}')}  {palette.bold(step.title)}")
        click.echo(textwrap.indent(palette.dim(step.say), "    "))
        found = _play_step(step, folder, kept, palette)
        for promise in found:
            click.echo(f"    {palette.red('broken')}  {promise}")
        broken += found
        click.echo()
    seconds = time.monotonic() - started
    if broken:
        click.echo(f"{palette.red('did not hold')}: {len(broken)} promises broken in {seconds:.1f} s")
        return 1
    click.echo(f"{palette.green('all held')}: {len(STORY)} steps in {seconds:.1f} s")
    return 0


def _play_step(step: Step, folder: Path, kept: dict[str, str], palette: Palette) -> tuple[str, ...]:
    match step.does:
        case Run() as does:
            argv = [filled(word, kept) for word in does.argv]
            click.echo(f"    {palette.dim('$')} loadline {shlex.join(argv)}")
            project = folder / does.folder if does.folder else None
            exit_code, shown = _run(argv, folder, project)
            click.echo(textwrap.indent(_shortened(shown), "      ").rstrip())
            output = _COLOURS.sub("", shown)
            broken = broken_promises(does, exit_code=exit_code, output=output, kept=kept)
            kept |= caught(does, output)
            return broken
        case Forge() as does:
            return _forge(does, folder, palette)


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


def _shortened(text: str) -> str:
    lines = text.rstrip().splitlines()
    if len(lines) <= _OUTPUT_LINES:
        return "\n".join(lines)
    return "\n".join([*lines[:_OUTPUT_LINES], f"… {len(lines) - _OUTPUT_LINES} more lines"])
