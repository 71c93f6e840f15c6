"""`loadline import FORM SOURCE`: another tool's definitions in, a project and what it could not carry out; and
`loadline export ossie`: a project in, a document that another tool reads out."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

import click

from loadline.surfaces.cli import LazyGroup, options

_into = click.option(
    "--into",
    "target",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(),
    show_default="here",
    help="The project's folder; it is started where there is none.",
)
_database = click.option(
    "--database",
    default="warehouse.duckdb",
    show_default=True,
    help="For a new project: the DuckDB file that holds the data, seen from the project or from here.",
)


@click.command()
@click.argument("source", type=click.Path(path_type=Path))
@_into
@_database
@click.option(
    "--set",
    "values",
    metavar="NAME=VALUE",
    multiple=True,
    help="What stands for a placeholder such as `$source_schema`; can be repeated.",
)
@options.output("text", "json")
def dbt(source: Path, target: Path, database: str, values: tuple[str, ...], output: str) -> None:
    """Import dbt's semantic models, metrics and saved queries from SOURCE.

    SOURCE is a dbt project, a folder or file of its YAML, or target/semantic_manifest.json.
    """
    given = dict(value.partition("=")[::2] for value in values)
    _show("dbt", source, target, database, given, output)


@click.command()
@click.argument("source", type=click.Path(path_type=Path))
@_into
@_database
@options.output("text", "json")
def ossie(source: Path, target: Path, database: str, output: str) -> None:
    """Import the Apache Ossie document SOURCE, a YAML or JSON file.

    What `loadline export ossie` wrote comes back whole: rules, contracts and questions, too.
    """
    _show("ossie", source, target, database, {}, output)


def _show(form: str, source: Path, target: Path, database: str, values: dict[str, str], output: str) -> None:
    from loadline.app import import_definitions
    from loadline.surfaces.render import transfer as rendering
    from loadline.surfaces.render.style import Palette, as_json

    arrival = import_definitions(form, source, target, database=database, values=values)
    if output == "json":
        click.echo(as_json(rendering.as_json(arrival)))
        return
    click.echo("\n".join(rendering.as_text(arrival, target, Palette.of())))


class _Exports(LazyGroup):
    known: ClassVar[Mapping[str, tuple[str, str]]] = {
        "ossie": ("transfer:export_to_ossie", "Write the project as an Apache Ossie document."),
        "openlineage": ("transfer:export_to_openlineage", "Write lineage as OpenLineage events."),
        "odrl": ("rights:export_odrl", "Write the rights that contracts state as ODRL policies."),
        "cedar": ("transfer:export_to_cedar", "Write the rules as Cedar: policies, schema, entities."),
        "croissant": ("rights:export_croissant", "Describe a dataset, and what it may be used for, in Croissant."),
    }


@click.group(cls=_Exports)
def export() -> None:
    """Write the project as another tool reads it."""


@click.command(name="ossie")
@options.project
@click.option("--output", "file", type=click.Path(path_type=Path, dir_okay=False), help="A file, instead of stdout.")
def export_to_ossie(folder: Path | None, file: Path | None) -> None:
    """Write the project as an Apache Ossie document; what Ossie has no word for lies in custom extensions.

    What other tools will not see of it is listed on stderr, by name.
    """
    from loadline.app import export_ossie
    from loadline.surfaces.render import transfer as rendering
    from loadline.surfaces.render.style import Palette

    text, remarks = export_ossie(folder)
    if file is None:
        click.echo(text, nl=False)
    else:
        file.write_text(text, "utf-8")
    for line in rendering.remarks_as_text(remarks, Palette.of()):
        click.echo(line, err=True)


@click.command(name="openlineage")
@options.project
@click.option("--output", "file", type=click.Path(path_type=Path, dir_okay=False), help="A file, instead of stdout.")
def export_to_openlineage(folder: Path | None, file: Path | None) -> None:
    """Write OpenLineage events, one a line: what each view and each metric reads, column by column."""
    import json

    from loadline.app import open_app

    with open_app(folder) as app:
        lines = [json.dumps(event, ensure_ascii=False) for event in app.openlineage_events()]
    text = "".join(f"{line}\n" for line in lines)
    if file is None:
        click.echo(text, nl=False)
    else:
        file.write_text(text, "utf-8")


@click.command(name="cedar")
@options.project
@click.option(
    "--part",
    type=click.Choice(("policies", "schema", "entities")),
    default="policies",
    show_default=True,
    help="Which of the three files of Cedar.",
)
@click.option("--output", "file", type=click.Path(path_type=Path, dir_okay=False), help="A file, instead of stdout.")
def export_to_cedar(part: str, folder: Path | None, file: Path | None) -> None:
    """Write the rules as Cedar: its policies, the schema they are valid under, or the entities of the project.

    What narrows a permit (rows, masks, limits) has no word in Cedar and is listed on stderr.
    """
    from loadline.app import open_app

    with open_app(folder) as app:
        text, remarks = app.export_cedar(part)
    if file is None:
        click.echo(text, nl=False)
    else:
        file.write_text(text, "utf-8")
    for line in remarks:
        click.echo(line, err=True)
