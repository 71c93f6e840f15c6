"""`loadline data profile`: datasets in, what their rows show and the contracts they would draft out."""

from __future__ import annotations

from pathlib import Path

import click

from loadline.surfaces.cli import finish, options


@click.command()
@click.argument("datasets", nargs=-1, metavar="[DATASET]...")
@options.as_person
@options.project
@options.output("text", "json", "yaml")
def profile(datasets: tuple[str, ...], person: str | None, folder: Path | None, output: str) -> None:
    """Tell what the live rows of these datasets show of themselves, of all when none is named; record nothing.

    `--format yaml` prints the contracts that the rows would draft, `status: draft`, each guess beside its evidence.
    A dataset of which rules or rights keep a column or rows from who asks is left out. Exit 1 when one is left out or
    could not be read, else 0.

    \b
    loadline data profile orders
    loadline data profile orders --format yaml > contracts/orders.yaml
    """
    from loadline.app import open_app
    from loadline.surfaces.render import profiles
    from loadline.surfaces.render.style import Palette, as_json

    def tell(relation: str) -> None:
        click.echo(f"looking at {relation}", err=True)

    with open_app(folder) as app:
        found = app.profile(datasets, progress=tell, principal=app.principal(person))
    match output:
        case "json":
            click.echo(as_json(profiles.as_json(found)))
        case "yaml":
            click.echo("---\n".join(one.as_yaml() for one in found.profiles), nl=False)
            for name, why in found.left_out:
                click.echo(f"left out {name}: {why}", err=True)
        case _:
            click.echo("\n".join(profiles.as_text(found, Palette.of())))
    finish(1 if found.left_out else 0)
