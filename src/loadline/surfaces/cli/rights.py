"""`loadline data rights`: what somebody wants to do with data in, whether its contract lets them out."""

from __future__ import annotations

from pathlib import Path

import click

from loadline.app import open_app
from loadline.surfaces.cli import finish, options
from loadline.surfaces.render import style, uses
from loadline.surfaces.render.style import Palette
from loadline.values.decision import Permit
from loadline.values.right import INSIDE, Use


@click.command()
@click.argument("dataset")
@click.option("--use", required=True, type=click.Choice([one.value for one in Use]), help="What it is to be used as.")
@click.option("--column", "columns", multiple=True, help="A column of it; all of them, if none is named.")
@click.option("--provider", default=INSIDE, show_default=True, help="Who is handed the data.")
@click.option("--region", help="Where it is used [default: the project's, when it stays inside].")
@options.for_purpose
@options.as_person
@options.project
@options.output("text", "json")
def rights(  # noqa: PLR0913, PLR0917 - one parameter per option
    dataset: str,
    use: str,
    columns: tuple[str, ...],
    provider: str,
    region: str | None,
    purpose: str | None,
    person: str | None,
    folder: Path | None,
    output: str,
) -> None:
    """Tell whether the contract of DATASET lets it be used so: the gate before training, a release or an export.

    Exit 1 when it does not, and when it does not say. The decision is recorded; no data is read.

    \b
    loadline data rights customers --use pre-training --column region --column segment
    loadline data rights customers --use inference-context --provider openai --region eu
    """
    with open_app(folder) as app:
        who = app.principal(person, purpose=purpose)
        decided = app.may_use(dataset, Use(use), principal=who, columns=columns, provider=provider, region=region)
    if output == "json":
        click.echo(style.as_json(uses.as_json(decided)))
    else:
        click.echo("\n".join(uses.as_text(decided, Palette.of())))
    finish(0 if isinstance(decided.decision, Permit) else 1)
