"""`loadline traffic`: recorded questions in, what kinds there were and which nothing tests out."""

from __future__ import annotations

from pathlib import Path

import click

from loadline.app import open_app
from loadline.surfaces.cli import options
from loadline.surfaces.render import traffic as rendering
from loadline.surfaces.render.style import Palette, as_json


@click.command()
@options.days
@options.project
@options.output("text", "json")
def traffic(days: int, folder: Path | None, output: str) -> None:
    """Tell what kinds of questions were really asked, how much of that is tested, and what to test first."""
    with open_app(folder) as app:
        found = app.traffic(days=days)
    lines = rendering.as_text(found, Palette.of())
    click.echo(as_json(rendering.as_json(found)) if output == "json" else "\n".join(lines))
