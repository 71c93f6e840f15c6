"""`loadline data quarantine`: a dataset in, the SQL of its failing and of its clean rows out, or the views created."""

from __future__ import annotations

from pathlib import Path

import click

from loadline.surfaces.cli import options


@click.command()
@click.argument("dataset")
@click.option(
    "--warnings", "has_warnings", is_flag=True, help="Put aside what breaks a promise of severity warning, too."
)
@click.option("--create", "creates", is_flag=True, help="Create both views in the warehouse.")
@click.option("--replace", "replaces", is_flag=True, help="With --create: in place of views of these names.")
@options.project
@options.output("text", "json")
def quarantine(
    dataset: str, has_warnings: bool, creates: bool, replaces: bool, folder: Path | None, output: str
) -> None:
    """Print the SQL of two views: `…_quarantine`, the rows of DATASET that break a promise of its contract, each with
    which, and `…_clean`, all others. The conditions are those that `data check` counts by.

    What is about rows as a whole, or may be broken by some, is left out and said.

    \b
    loadline data quarantine orders
    loadline data quarantine orders --create --replace
    """
    from loadline.app import open_app
    from loadline.surfaces.render.style import as_json, clean
    from loadline.values.canonical import plain

    if replaces and not creates:
        raise click.UsageError("`--replace` goes with `--create`")
    with open_app(folder) as app:
        found = app.quarantine(dataset, has_warnings=has_warnings, creates=creates, replaces=replaces)
    if output == "json":
        said = {**plain(found), "statements": list(found.statements(replaces=replaces)), "created": creates}
        click.echo(as_json(said))
    elif creates:
        click.echo(f"created  {clean(found.names[0])} and {clean(found.names[1])}, by {len(found.promises)} promises")
    else:
        click.echo("".join(f"{statement};\n" for statement in found.statements()), nl=False)
    for name, why in found.left_out:
        click.echo(f"left out  {clean(name)}: {clean(why)}", err=True)
