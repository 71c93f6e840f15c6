"""`loadline import`: what is written elsewhere, or only lies in the data, in; project files out."""

from __future__ import annotations

import importlib
from pathlib import Path

import click

from loadline.surfaces.cli import options

_KINDS: dict[str, tuple[str, str]] = {
    "dbt": ("transfer:dbt", "dbt's semantic models, metrics and saved queries."),
    "ossie": ("transfer:ossie", "An Apache Ossie document."),
    "warehouse": ("importing:warehouse", "Draft a project from a live schema and what its data shows."),
}


class _Kinds(click.Group):
    """Knows what can be imported by name, and imports the code for one only when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(_KINDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        if cmd_name not in _KINDS:
            return None
        module, attribute = _KINDS[cmd_name][0].split(":")
        command = getattr(importlib.import_module(f"loadline.surfaces.cli.{module}"), attribute)
        if not isinstance(command, click.Command):
            raise TypeError(f"{module}:{attribute} is not a command")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's signature
        with formatter.section("Commands"):
            formatter.write_dl([(name, said) for name, (_, said) in _KINDS.items()])


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
