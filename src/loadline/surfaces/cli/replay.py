"""`loadline replay`: verified questions and regression cases in, asked again; what changed and why out."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from loadline.app import open_app
from loadline.surfaces.cli import finish, options
from loadline.surfaces.render import replay as rendering
from loadline.surfaces.render.style import Palette, as_json


@click.command()
@click.argument("names", nargs=-1, metavar="[ID]...")
@click.option(
    "--today", type=click.DateTime(formats=["%Y-%m-%d"]), help="The day for verified questions [default: today]."
)
@options.days
@options.as_person
@options.project
@options.output("text", "json", "junit", "markdown")
def replay(
    names: tuple[str, ...], today: datetime | None, days: int, person: str | None, folder: Path | None, output: str
) -> None:
    """Ask verified questions and regression cases again (those with these IDs, or all); say what changed, and why.

    Exit 1 when words mean something else now, when equal data has another value, or when nothing known explains a
    difference; 3 when something outside failed.

    \b
    loadline replay
    loadline replay revenue-q3-as-finance-counts --format json
    """
    with open_app(folder) as app:
        found = app.replay(names, principal=app.principal(person), today=today.date() if today else None, days=days)
    match output:
        case "json":
            click.echo(as_json(rendering.as_json(found)))
        case "junit":
            click.echo(rendering.as_junit(found))
        case "markdown":
            click.echo("\n".join(rendering.as_markdown(found)))
        case _:
            click.echo("\n".join(rendering.as_text(found, Palette.of())))
    finish(rendering.exit_code(found.replayed))
