"""`loadline data diff`: a revision, or the live columns, in; what breaks a promise and what does not out."""

from __future__ import annotations

from pathlib import Path

import click

from loadline.surfaces.cli import finish, options


@click.command()
@click.argument("revision", metavar="[REV]", required=False)
@click.option("--live", "is_live", is_flag=True, help="Compare the contracts with the columns there are, too.")
@options.project
@options.output("text", "json", "github")
def diff(revision: str | None, is_live: bool, folder: Path | None, output: str) -> None:
    """Say what contracts and measures promise otherwise than in REV: a revision of git, or a folder with the project as
    it was. Each change is breaking or compatible, with the metrics and questions it reaches.

    Exit 1 when a change is breaking, else 0.

    \b
    loadline data diff main
    loadline data diff --live
    """
    from loadline.app import open_app
    from loadline.surfaces.render import data_diff
    from loadline.surfaces.render.style import Palette, as_json

    with open_app(folder) as app:
        found = app.data_diff(revision, is_live=is_live)
    match output:
        case "json":
            click.echo(as_json(data_diff.as_json(found)))
        case "github":
            for line in data_diff.as_github(found):
                click.echo(line)
        case _:
            click.echo("\n".join(data_diff.as_text(found, Palette.of())))
    finish(1 if any(one.is_breaking for one in found) else 0)
