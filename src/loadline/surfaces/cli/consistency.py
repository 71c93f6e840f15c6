"""`loadline consistency`: recorded answers in, how alike those to the same question were out."""

from __future__ import annotations

from pathlib import Path

import click

from loadline.app import open_app
from loadline.surfaces.cli import finish, options
from loadline.surfaces.render import consistency as rendering
from loadline.surfaces.render.style import Palette, as_json


@click.command()
@options.days
@options.project
@options.output("text", "json")
def consistency(days: int, folder: Path | None, output: str) -> None:
    """Tell whether the same question got the same answer, and what made the difference where it did not."""
    with open_app(folder) as app:
        found = app.consistency(days=days)
    lines = rendering.as_text(found, Palette.of())
    click.echo(as_json(rendering.as_json(found)) if output == "json" else "\n".join(lines))
    finish(1 if found.unexplained or found.consistent_but_wrong else 0)
