"""`loadline traffic`: recorded questions in, what kinds there were, which nothing tests, and a case of one out."""

from __future__ import annotations

from pathlib import Path

import click

from loadline.app import open_app
from loadline.surfaces.cli import finish, options
from loadline.surfaces.render import replay as replaying
from loadline.surfaces.render import traffic as rendering
from loadline.surfaces.render.style import Palette, as_json


@click.group(invoke_without_command=True)
@options.days
@options.project
@options.output("text", "json")
@click.pass_context
def traffic(ctx: click.Context, days: int, folder: Path | None, output: str) -> None:
    """Tell what kinds of questions were really asked, how much of that is tested, and what to test first.

    \b
    loadline traffic
    loadline traffic promote cell-3f2a91c04d
    """
    if ctx.invoked_subcommand is not None:
        ctx.obj = folder
        return
    with open_app(folder) as app:
        found, candidates = app.traffic(days=days), app.candidates(days=days)
    lines = rendering.as_text(found, candidates, Palette.of())
    click.echo(as_json(rendering.as_json(found, candidates)) if output == "json" else "\n".join(lines))


@traffic.command()
@click.argument("cell")
@options.days
@options.project
@options.output("text", "json")
@click.pass_obj
def promote(before: Path | None, cell: str, days: int, folder: Path | None, output: str) -> None:
    """Make the last answer of CELL (or a receipt) a regression case in questions/regression.yaml.

    An answer that somebody said is wrong becomes a draft: write what it should have meant, and approve it. Exit 1 when
    the case, asked again at once, is not what it was.
    """
    with open_app(folder or before) as app:
        found = app.promote(cell, days=days)
    if output == "json":
        click.echo(as_json(replaying.promoted_as_json(found.case, found.path, found.replayed)))
    else:
        click.echo("\n".join(replaying.promoted_as_text(found.case, found.path, found.replayed, Palette.of())))
    finish(replaying.exit_code((found.replayed,)))
