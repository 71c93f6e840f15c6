"""`loadline import`: what is written elsewhere, or only lies in the data, in; project files out."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

import click

from loadline.surfaces.cli import LazyGroup, options


class _Kinds(LazyGroup):
    known: ClassVar[Mapping[str, tuple[str, str]]] = {
        "dbt": ("transfer:dbt", "dbt's semantic models, metrics and saved queries."),
        "ossie": ("transfer:ossie", "An Apache Ossie document."),
        "openlineage": ("lineage:from_openlineage", "What OpenLineage events say flows from where to where."),
        "dbt-lineage": ("lineage:from_dbt", "What dbt's manifest says its models are made of."),
        "warehouse": ("importing:warehouse", "Draft a project from a live schema and what its data shows."),
    }


@click.group(name="import", cls=_Kinds)
def imports() -> None:
    """Make project files from what is written elsewhere, or from the data itself. Nothing is ever overwritten."""


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path, exists=True))
@click.option("--into", type=click.Path(path_type=Path, file_okay=False), help="The folder of the new project.")
@options.project
@options.output("text", "json")
def warehouse(paths: tuple[Path, ...], into: Path | None, folder: Path | None, output: str) -> None:
    """Draft a project from PATHS (data files, folders of them, or one DuckDB file), with everything `status: draft`.

    Without PATHS, draft what is missing in the project that is here: a dataset and a contract for each relation of its
    warehouse that no dataset names yet.

    \b
    loadline import warehouse data/*.parquet --into shop
    loadline import warehouse erp.duckdb --into shop
    loadline import warehouse -C shop
    """
    from loadline.app import import_warehouse
    from loadline.surfaces.render import drafts
    from loadline.surfaces.render.style import Palette, as_json

    def tell(relation: str) -> None:
        click.echo(f"looking at {relation}", err=True)

    imported = import_warehouse(paths, into=into, folder=folder, progress=tell)
    if output == "json":
        click.echo(as_json(drafts.as_json(imported)))
        return
    click.echo("\n".join(drafts.as_text(imported, Palette.of())))
