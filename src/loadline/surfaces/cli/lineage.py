"""`loadline lineage`: a name in, what it is made of and what rests on it out; and what other tools say of it, kept."""

from __future__ import annotations

from pathlib import Path

import click

from loadline.surfaces.cli import options


@click.command()
@click.argument("name")
@click.option("--up", "ways", flag_value="up", help="Only what it is made of.")
@click.option("--down", "ways", flag_value="down", help="Only what rests on it.")
@click.option("--hops", type=click.IntRange(min=1), help="How far to go [default: all the way].")
@click.option("--views/--no-views", "has_views", default=True, help="Read the warehouse's views [default: yes].")
@options.project
@options.output("text", "json", "dot", "mermaid")
def lineage(name: str, ways: str | None, hops: int | None, has_views: bool, folder: Path | None, output: str) -> None:
    """Show the way of NAME from source column over dataset and metric to question and assistant.

    NAME is a metric, dataset, field, term, question, relation of the warehouse or column; `kind:name` where several
    things are called so.

    \b
    loadline lineage booked_revenue --up
    loadline lineage raw.orders.amount --down --format mermaid
    """
    from loadline.app import open_app
    from loadline.surfaces.render import lineage as rendering
    from loadline.surfaces.render.style import Palette, as_json

    with open_app(folder) as app:
        found, notes = app.lineage(name, up=ways != "down", down=ways != "up", hops=hops, has_views=has_views)
    match output:
        case "json":
            click.echo(as_json(rendering.as_json(found, notes)))
        case "dot":
            click.echo("\n".join(rendering.as_dot(found)))
        case "mermaid":
            click.echo("\n".join(rendering.as_mermaid(found)))
        case _:
            click.echo("\n".join(rendering.as_text(found, Palette.of())))
    for note in notes:
        click.echo(f"not told: {note}", err=True)


@click.command(name="openlineage")
@click.argument("source", type=click.Path(path_type=Path))
@options.project
def from_openlineage(source: Path, folder: Path | None) -> None:
    """Keep what the OpenLineage events in SOURCE say flows from where to where, for `loadline lineage`.

    SOURCE is a file of events, one JSON object a line, or a list of them. What the same file said before is replaced.
    """
    _keep("openlineage", source, folder)


@click.command(name="dbt-lineage")
@click.argument("source", type=click.Path(path_type=Path))
@options.project
def from_dbt(source: Path, folder: Path | None) -> None:
    """Keep what dbt's manifest says its models are made of, for `loadline lineage`.

    SOURCE is target/manifest.json, after `dbt compile`: from the compiled SQL each column is told. What the same file
    said before is replaced.
    """
    _keep("dbt", source, folder)


def _keep(form: str, source: Path, folder: Path | None) -> None:
    from loadline.app import open_app
    from loadline.surfaces.render.style import clean

    with open_app(folder) as app:
        count, notes, index = app.import_lineage(form, source)
    click.echo(f"kept  {count:,} edge{'' if count == 1 else 's'} of {clean(source.name)}, ledger entry {index}")
    for note in notes:
        click.echo(f"not told by column: {clean(note)}", err=True)
