"""`loadline receipt`: an id in, how the answer came about out, with a proof on demand."""

from __future__ import annotations

from pathlib import Path

import click

from loadline.app import open_app
from loadline.surfaces.cli import options
from loadline.surfaces.render import receipts
from loadline.surfaces.render.style import Palette, as_json


@click.command()
@click.argument("receipt_id")
@click.option("--prove", is_flag=True, help="Also prove that the ledger holds it, and print the inclusion proof.")
@options.project
@options.output("text", "json")
def receipt(receipt_id: str, prove: bool, folder: Path | None, output: str) -> None:
    """Explain in words how the answer with RECEIPT_ID came about (the id's beginning suffices, and so does a run)."""
    with open_app(folder) as app:
        found = app.receipt(receipt_id)
        proof = app.prove_entry(found["ledger_index"]) if prove else None
    if output == "json":
        click.echo(as_json({"receipt": found, **({"proof": proof.as_json()} if proof else {})}))
        return
    palette = Palette.of()
    click.echo("\n".join(receipts.story(found, palette)))
    if proof:
        click.echo("\n" + "\n".join(proof.in_words()))
