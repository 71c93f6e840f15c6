"""`loadline data`: the promises of contracts, looked at on live data."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

import click

from loadline.app import open_app
from loadline.surfaces.cli import LazyGroup, finish, options
from loadline.surfaces.render import looks, style
from loadline.surfaces.render.style import Palette


class _Commands(LazyGroup):
    known: ClassVar[Mapping[str, tuple[str, str]]] = {
        "check": ("contracts:check", "Look at every promise on the live data, and record what came of it."),
        "status": ("contracts:status", "Tell what the newest look at each table found."),
        "history": ("history:history", "Tell how tables stood over time, and since when promises are broken."),
        "rights": ("rights:rights", "Tell whether a contract lets its data be used for something."),
        "quarantine": (
            "quarantine:quarantine",
            "Print or create views of the rows that break a contract, and of the rest.",
        ),
        "diff": ("data_diff:diff", "Say what a change of contracts and measures breaks, or the live columns do."),
        "profile": ("profiling:profile", "Tell what the live rows show of themselves, and draft their contracts."),
    }


@click.group(name="data", cls=_Commands)
def contracts() -> None:
    """Check what contracts promise on the live data, profile it, and see what a change breaks."""


@click.command()
@click.argument("datasets", nargs=-1, metavar="[DATASET]...")
@click.option("--sql", "with_sql", is_flag=True, help="Print the SQL behind what was found.")
@click.option("--brief", is_flag=True, help="Say only what is wrong and why: no rows, no mend, nothing that is kept.")
@click.option("--anew", "is_anew", is_flag=True, help="Read every file again, also what has not changed.")
@options.as_person
@options.project
@options.output("text", "json", "junit", "sarif", "github")
def check(  # noqa: PLR0913, PLR0917 - one parameter per option
    datasets: tuple[str, ...],
    with_sql: bool,
    brief: bool,
    is_anew: bool,
    person: str | None,
    folder: Path | None,
    output: str,
) -> None:
    """Look at every promise of the contracts of these datasets, of all when none is named, and record what came of it.

    Rows, numbers and causes that rules and rights keep from who asks are left out; what is recorded is whole, without
    rows. Exit 1 when a promise of severity error is broken or could not be looked at, else 0.
    """
    with open_app(folder) as app:
        found = app.check_data(datasets, is_anew=is_anew, principal=app.principal(person))
    match output:
        case "json":
            click.echo(style.as_json({"tables": found}))
        case "junit":
            click.echo(looks.as_junit(found))
        case "sarif":
            click.echo(style.as_json(looks.as_sarif(found)))
        case "github":
            for line in looks.as_github(found):
                click.echo(line)
        case _ if brief:
            click.echo("\n".join(looks.in_brief(found, Palette.of())))
        case _:
            click.echo("\n".join(looks.as_text(found, Palette.of(), with_sql=with_sql)))
    finish(1 if looks.has_errors(found) else 0)


@click.command()
@click.argument("datasets", nargs=-1, metavar="[DATASET]...")
@options.as_person
@options.project
@options.output("text", "json")
def status(datasets: tuple[str, ...], person: str | None, folder: Path | None, output: str) -> None:
    """Tell what the newest look at each table found, from the ledger; nothing is queried.

    Exit 1 when a table is red or nobody has looked at it, else 0.
    """
    with open_app(folder) as app:
        found = app.data_status(datasets, principal=app.principal(person))
    if output == "json":
        tables = [{"table": look, "state": "unknown"} if isinstance(look, str) else look for look in found]
        click.echo(style.as_json({"tables": tables}))
    else:
        click.echo("\n".join(looks.status_text(found, Palette.of())))
    finish(1 if any(isinstance(look, str) or look["state"] == "red" for look in found) else 0)
