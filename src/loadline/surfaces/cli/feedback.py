"""`loadline feedback`: a receipt and an opinion in, kept in the ledger."""

from __future__ import annotations

from pathlib import Path

import click

from loadline.app import open_app
from loadline.surfaces.cli import options
from loadline.surfaces.render.debt import one_line
from loadline.surfaces.render.style import as_json
from loadline.values.canonical import plain
from loadline.values.feedback import Opinion

MOST_LETTERS = 2000


@click.command()
@click.argument("receipt_id", metavar="RECEIPT")
@click.argument("opinion", type=click.Choice([one.value for one in Opinion]))
@click.option("--note", cls=options.Once, default="", help="What is wrong, in your own words.")
@options.as_person
@options.project
@options.output("text", "json")
def feedback(receipt_id: str, opinion: str, note: str, person: str | None, folder: Path | None, output: str) -> None:
    """Say of the answer with RECEIPT what is wrong with it, or that it helped.

    \b
    loadline feedback rcpt-1f0c2a wrong-period --note "September was asked for, not August"
    """
    if len(note) > MOST_LETTERS:
        raise click.UsageError(f"the note has {len(note):,} letters; write at most {MOST_LETTERS:,}")
    with open_app(folder) as app:
        said, index = app.feedback(receipt_id, Opinion(opinion), principal=app.principal(person), note=note)
    if output == "json":
        click.echo(as_json({**plain(said), "ledger_index": index}))
        return
    click.echo(
        f"kept as ledger entry {index}: {said.by} says {said.opinion} of {said.receipt} ({one_line(said.question)})"
    )
