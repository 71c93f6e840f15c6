"""`loadline impact`: a name in, everything it reaches out."""

from __future__ import annotations

from pathlib import Path

import click

from loadline.app import open_app
from loadline.surfaces.cli import options
from loadline.surfaces.render import impact as rendering
from loadline.surfaces.render.style import Palette, as_json


@click.command()
@click.argument("name")
@click.option(
    "--days",
    type=click.IntRange(min=1),
    default=28,
    show_default=True,
    help="How far back recorded questions are counted.",
)
@options.project
@options.output("text", "json")
def impact(name: str, days: int, folder: Path | None, output: str) -> None:
    """Show what rests on NAME: a dataset, `dataset.column`, a field, a metric or a term.

    \b
    loadline impact orders.amount
    loadline impact metric:orders       # where a dataset has the same name
    """
    with open_app(folder) as app:
        reach = app.impact(name, days=days)
    if output == "json":
        click.echo(as_json(rendering.as_json(reach)))
        return
    click.echo("\n".join(rendering.as_text(reach, Palette.of())))
