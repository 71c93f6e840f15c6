"""`loadline rollup`: the rollups that are declared, the SQL that fills one, and which others would pay."""

from __future__ import annotations

from pathlib import Path

import click

from loadline.app import open_app
from loadline.surfaces.cli import options
from loadline.surfaces.render.style import as_json
from loadline.values.canonical import plain


@click.group()
def rollup() -> None:
    """Tables that keep metrics added up, read in place of a large dataset while they are current."""


@rollup.command(name="list")
@options.project
@options.output("text", "json")
def list_rollups(folder: Path | None, output: str) -> None:
    """The declared rollups, and whether each is current."""
    with open_app(folder) as app:
        found = app.rollups()
    if output == "json":
        click.echo(as_json([{**plain(one), "is_current": is_current} for one, is_current in found]))
        return
    for one, is_current in found:
        state = "current" if is_current else "not current: the dataset itself is read"
        click.echo(f"{one.name}  of {one.dataset}  in {one.source}  {state}")
        click.echo(f"  by {', '.join(text.value for text in one.by)}")
        click.echo(f"  keeps {', '.join(text.value for text in one.metrics)}")
    if not found:
        click.echo("no rollup is declared; `loadline rollup recommend` says which would pay", err=True)


@rollup.command()
@click.argument("name")
@options.project
def sql(name: str, folder: Path | None) -> None:
    """The SELECT whose rows the rollup NAME holds: give it to whoever fills tables in your warehouse."""
    with open_app(folder) as app:
        click.echo(app.rollup_sql(name))


@rollup.command()
@click.option("--days", type=click.IntRange(min=1), default=28, show_default=True, help="How far back to look.")
@options.project
@options.output("text", "json")
def recommend(days: int, folder: Path | None, output: str) -> None:
    """Rollups that would have served the questions that took longest, ready to paste into context/."""
    with open_app(folder) as app:
        advices = app.advise_rollups(days=days)
    if output == "json":
        click.echo(as_json(plain(advices)))
        return
    if not advices:
        click.echo(f"no question of the last {days} days would be served by a rollup that is not there yet", err=True)
        return
    click.echo("rollups:")
    for one in advices:
        times = "question" if one.questions == 1 else "questions"
        click.echo(f"  {one.name}:  # {one.questions} {times}, {one.seconds:.2f} s together")
        click.echo(f"    of: {one.dataset}")
        click.echo(f"    source: rollups.{one.name}")
        click.echo(f"    by: [{', '.join(one.by)}]")
        click.echo(f"    metrics: [{', '.join(one.metrics)}]")
