"""`loadline diff`: a revision or folder in, what the change since then does to definitions and answers out."""

from __future__ import annotations

from pathlib import Path

import click

from loadline.app import open_app
from loadline.surfaces.cli import finish, options
from loadline.surfaces.render import diff as rendering
from loadline.surfaces.render.style import Palette, as_json


@click.command()
@click.argument("revision", metavar="REV")
@click.option("--values/--no-values", "has_values", default=True, help="Ask verified questions of both [default: yes].")
@options.as_person
@options.project
@options.output("text", "json", "markdown")
def diff(revision: str, has_values: bool, person: str | None, folder: Path | None, output: str) -> None:
    """Show what the project here changes against REV: a revision of git, or a folder with the project as it was.

    Exit 0 when no answer changes, 1 when a change alters (or may alter) one.

    \b
    loadline diff main
    loadline diff HEAD~1 --no-values
    """
    with open_app(folder) as app:
        found = app.diff(revision, has_values=has_values, person=person)
    match output:
        case "json":
            click.echo(as_json(rendering.as_json(found)))
        case "markdown":
            click.echo("\n".join(rendering.as_markdown(found, revision)))
        case _:
            click.echo("\n".join(rendering.as_text(found, Palette.of())))
    finish(1 if found.alters_answers else 0)
