"""`loadline data rights`: what somebody wants to do with data in, whether its contract lets them out; and the rights
themselves as others read them (`loadline export odrl`, `loadline export croissant`)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import click

from loadline.app import open_app
from loadline.surfaces.cli import finish, options
from loadline.surfaces.render import style, uses
from loadline.surfaces.render.style import Palette
from loadline.values.canonical import plain
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


_output = click.option(
    "--output", "file", type=click.Path(path_type=Path, dir_okay=False), help="A file, instead of stdout."
)


@click.command()
@options.project
@_output
def export_odrl(folder: Path | None, file: Path | None) -> None:
    """Write the rights that contracts state as ODRL 2.2 policies, one for each contract, in JSON-LD.

    Contracts that state none are listed on stderr.
    """
    with open_app(folder) as app:
        document, silent = app.export_odrl()
    _write(document, file)
    if silent:
        click.echo(f"not stated  {', '.join(silent)}", err=True)


@click.command()
@click.argument("dataset")
@click.option("--use", type=click.Choice([one.value for one in Use]), help="For somebody who wants to use it so.")
@click.option("--provider", default=INSIDE, show_default=True, help="Who is handed the data; with --use.")
@click.option("--region", help="Where it is used; with --use.")
@options.for_purpose
@options.as_person
@options.project
@_output
def export_croissant(  # noqa: PLR0913, PLR0917 - one parameter per option
    dataset: str,
    use: str | None,
    provider: str,
    region: str | None,
    purpose: str | None,
    person: str | None,
    folder: Path | None,
    file: Path | None,
) -> None:
    """Describe DATASET in Croissant 1.1: its columns, where it lies, and its rights as usage information.

    With --use, columns that may not be used so are left out (and named on stderr), the decision is recorded, and exit 1
    says that no column may. No value of the data is in the description.
    """
    with open_app(folder) as app:
        who = app.principal(person, purpose=purpose)
        if use is None:
            _write(app.describe(dataset), file)
            return
        document, decided = app.describe_for(dataset, Use(use), principal=who, provider=provider, region=region)
        every = app.project.model.datasets[dataset].table
    if document is None:
        click.echo("\n".join(uses.as_text(decided, Palette.of())), err=True)
        finish(1)
        return
    _write(document, file)
    left = [name for name in (every.columns if every else ()) if name not in decided.held.columns]
    if left:
        click.echo(f"left out  {', '.join(left)}: they may not be used so", err=True)


def _write(document: Mapping[str, object], file: Path | None) -> None:
    text = json.dumps(plain(document), indent=2, ensure_ascii=False) + "\n"
    if file is None:
        click.echo(text, nl=False)
    else:
        file.write_text(text, "utf-8")
