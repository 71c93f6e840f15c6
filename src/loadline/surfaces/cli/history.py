"""`loadline data history`: datasets in, how they stood in every recorded look out."""

from __future__ import annotations

from pathlib import Path

import click

from loadline.surfaces.cli import options


@click.command()
@click.argument("datasets", nargs=-1, metavar="[DATASET]...")
@options.as_person
@options.project
@options.output("text", "json")
def history(datasets: tuple[str, ...], person: str | None, folder: Path | None, output: str) -> None:
    """Tell from the ledger how these tables stood in every look, and from when until when each promise was broken; of
    all tables when none is named. Nothing is queried. Who may see only some rows is told no numbers of rows."""
    from loadline.app import open_app
    from loadline.surfaces.render import looks_over_time as rendering
    from loadline.surfaces.render.style import Palette, as_json
    from loadline.values.canonical import plain

    with open_app(folder) as app:
        found = app.data_history(datasets, principal=app.principal(person))
    if output == "json":
        click.echo(as_json({"tables": plain(found)}))
        return
    click.echo("\n".join(rendering.as_text(found, Palette.of())))
