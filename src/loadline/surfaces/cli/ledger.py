"""`loadline ledger`: the record of everything, proven or handed to somebody else."""

from __future__ import annotations

import json
from pathlib import Path

import click

from loadline.app import open_app
from loadline.surfaces.cli import options
from loadline.surfaces.render import forgetting
from loadline.surfaces.render.style import Palette, as_json, clean
from loadline.values.canonical import plain


@click.group()
def ledger() -> None:
    """Prove or export the record of everything that happened."""


@ledger.command()
@click.option(
    "--checkpoint",
    "held",
    multiple=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="A checkpoint kept elsewhere: the ledger must still contain it. May be given more than once.",
)
@options.project
@options.output("text", "json", "github")
def prove(held: tuple[Path, ...], folder: Path | None, output: str) -> None:
    """Recompute the whole ledger and compare it with every checkpoint that was signed.

    Exit 0 when it proves, 4 when it does not (the first entry or checkpoint that breaks is named).
    """
    with open_app(folder) as app:
        proven = app.prove(held=[path.read_text(encoding="utf-8", errors="replace") for path in held])
    if output == "json":
        fields = {
            "origin": proven.origin,
            "size": proven.size,
            "root": proven.root.hex(),
            "checkpoints": proven.checkpoints,
            "held": proven.held,
            "removed": proven.removed,
        }
        click.echo(json.dumps(fields))
        return
    kept = f", and {proven.held} kept elsewhere" if proven.held else ""
    gone = f" ({proven.removed} without their content)" if proven.removed else ""
    said = f"{proven.size} entries{gone}, {proven.checkpoints} signed checkpoints{kept}, root {proven.root.hex()}"
    if output == "github":
        click.echo(f"::notice title=ledger proves::{said}")
        return
    palette = Palette.of()
    click.echo(f"{palette.green('proven')}  {said}")
    click.echo(
        palette.dim(f"        signed as {proven.origin}; tamper-evident up to the last checkpoint someone else holds")
    )


@ledger.command()
@click.option("--subject", required=True, metavar="NAME", help="A person, or an argument's value: customer_id=4711.")
@click.option("--because", required=True, metavar="TEXT", help="Why; it goes on record, so name nobody in it.")
@options.as_person
@options.project
@options.output("text", "json")
def erase(subject: str, because: str, person: str | None, folder: Path | None, output: str) -> None:
    """Forget a person: destroy the key to what the ledger says of them. It cannot be had back.

    That something was recorded, when, and how it ended stays, and every proof with it.
    """
    with open_app(folder) as app:
        done = app.erase(subject, principal=app.principal(person), because=because)
    if output == "json":
        click.echo(as_json(plain(done)))
        return
    click.echo("\n".join(forgetting.as_text(done, Palette.of())))


@ledger.command()
@options.as_person
@options.project
@options.output("text", "json")
def retain(person: str | None, folder: Path | None, output: str) -> None:
    """Let what is older than `retention` in loadline.yaml go, as `erase` does. `loadline watch` does it, too."""
    with open_app(folder) as app:
        done = app.expire(principal=app.principal(person))
        is_written = bool(app.project.retention != type(app.project.retention)())
    if output == "json":
        click.echo(as_json(plain(done)))
        return
    click.echo("\n".join(forgetting.expired_as_text(done, Palette.of(), is_written=is_written)))


@ledger.command()
@click.argument("target", type=click.Path(path_type=Path))
@options.project
def export(target: Path, folder: Path | None) -> None:
    """Write the whole ledger into one file that `tools/prove_ledger.py` proves without loadline."""
    with open_app(folder) as app:
        count = app.export_ledger(target)
    click.echo(f"written  {count} entries to {clean(str(target))}", err=True)


@ledger.command()
@options.project
def checkpoint(folder: Path | None) -> None:
    """Print the newest signed checkpoint: what to hand to somebody else, so that history cannot be rewritten."""
    with open_app(folder) as app:
        click.echo(app.checkpoint(), nl=False)
