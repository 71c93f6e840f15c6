"""`loadline ledger`: the record of everything, proven or handed to somebody else."""

from __future__ import annotations

import json
from pathlib import Path

import click

from loadline.app import open_app
from loadline.surfaces.cli import finish, options
from loadline.surfaces.render import entries as entries_told
from loadline.surfaces.render import forgetting
from loadline.surfaces.render.style import Palette, as_json, clean
from loadline.values.canonical import plain


@click.group()
def ledger() -> None:
    """Read, prove or export the record of everything that happened; forget what it says of somebody."""


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


@ledger.command(name="list")
@click.option("--before", type=click.IntRange(min=0), help="Entries before this number [default: the newest].")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True, help="How many.")
@options.as_reader
@options.project
@options.output("text", "json")
def list_entries(before: int | None, limit: int, person: str | None, folder: Path | None, output: str) -> None:
    """Entries, newest first: number, time, kind, and in a few words what they say, where that may be read."""
    with open_app(folder) as app:
        who = options.door(app, person)
        entries = app.ledger_page(who, before=before, limit=limit)
    if output == "json":
        click.echo(as_json([plain(one) for one in entries]))
        return
    click.echo("\n".join(entries_told.list_as_text(entries, Palette.of())))


@ledger.command()
@click.argument("index", type=click.IntRange(min=0))
@options.as_reader
@options.project
@options.output("text", "json")
def show(index: int, person: str | None, folder: Path | None, output: str) -> None:
    """What entry INDEX says. Exit 1 where it may not be read, or was forgotten."""
    with open_app(folder) as app:
        entry = app.ledger_entry(index, options.door(app, person))
    if output == "json":
        click.echo(as_json(plain(entry)))
    else:
        click.echo("\n".join(entries_told.as_text(entry, Palette.of())))
    finish(1 if entry.why else 0)


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
