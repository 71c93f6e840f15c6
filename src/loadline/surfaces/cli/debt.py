"""`loadline debt`: a project in, its context debt out."""

from __future__ import annotations

from pathlib import Path

import click

from loadline.app import open_app
from loadline.surfaces.cli import options
from loadline.surfaces.render import debt as rendering
from loadline.surfaces.render.style import Palette, as_json


@click.command()
@options.days
@options.project
@options.output("text", "json")
def debt(days: int, folder: Path | None, output: str) -> None:
    """List what is unclear, unowned, unpromised or unused, whom to ask, and how much of what is asked rests on it."""
    with open_app(folder) as app:
        found = app.debt(days=days)
    if output == "json":
        click.echo(as_json(rendering.as_json(found)))
        return
    click.echo("\n".join(rendering.as_text(found, Palette.of())))
