"""`loadline receipt`: an id in, how the answer came about out, with a proof on demand; two ids in, why they differ."""

from __future__ import annotations

from typing import Any

import click

from loadline.app import open_app
from loadline.surfaces.cli import finish, options
from loadline.surfaces.render import consistency, receipts
from loadline.surfaces.render.style import Palette, as_json
from loadline.values.canonical import plain


@click.command()
@click.argument("receipt_id")
@click.argument("other", required=False)
@click.option("--prove", is_flag=True, help="Also prove that the ledger holds it, and print the inclusion proof.")
@options.as_reader
@options.project
@options.output("text", "json")
def receipt(receipt_id: str, other: str | None, prove: bool, output: str, **said: Any) -> None:
    """Explain in words how the answer with RECEIPT_ID came about (the id's beginning suffices, and so does a run).

    With OTHER, say what differs between the two, and why; exit 1 when something is left unexplained.
    """
    if other is not None:
        if prove:
            raise click.UsageError("`--prove` proves one receipt; name one")
        with open_app(said["folder"]) as app:
            who = options.door(app, said["person"])
            old, new = (app.receipt_for(one, door=who) for one in (receipt_id, other))
            difference = app.compare_receipts(old, new)
        lines = consistency.difference_as_text(difference, Palette.of())
        click.echo(as_json(consistency.difference_as_json(difference)) if output == "json" else "\n".join(lines))
        finish(1 if difference.unexplained else 0)
        return
    with open_app(said["folder"]) as app:
        who = options.door(app, said["person"])
        found = app.receipt_for(receipt_id, door=who)
        feedback = app.feedback_on(found["id"], door=who)
        proof = app.prove_entry(found["ledger_index"]) if prove else None
    if output == "json":
        click.echo(
            as_json({"receipt": found, "feedback": plain(feedback), **({"proof": proof.as_json()} if proof else {})})
        )
        return
    palette = Palette.of()
    click.echo("\n".join(receipts.story(found, palette, feedback)))
    if proof:
        click.echo("\n" + "\n".join(proof.in_words()))
