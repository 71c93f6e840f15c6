"""`loadline approvals`: what waits for a person, and what the person says of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from loadline.app import open_app
from loadline.surfaces import told
from loadline.surfaces.cli import finish, options
from loadline.surfaces.render import acting as rendering
from loadline.surfaces.render.diagnostics import as_json as diagnostics_as_json
from loadline.surfaces.render.shown import rows_as_text
from loadline.surfaces.render.style import Palette, as_json
from loadline.values.canonical import plain


@click.group()
def approvals() -> None:
    """What waits for a yes; each is used once, and bound to exactly what is shown."""


@approvals.command(name="list")
@options.as_reader
@options.project
@options.output("text", "json")
def list_held(person: str | None, folder: Path | None, output: str) -> None:
    """What waits, is approved and not performed, or is being performed; newest first. With `--as`, of that what they
    asked for, may decide on, or may read."""
    with open_app(folder) as app:
        held = app.unfinished(options.door(app, person))
    if output == "json":
        click.echo(as_json([rendering.as_json(one.receipt) for one in held]))
        return
    click.echo("\n".join(rendering.held_as_text(held, Palette.of())))


@approvals.command()
@options.project
@options.output("text", "json")
def notify(folder: Path | None, output: str) -> None:
    """Tell approvers, and deputies whose time has come, of what waits and they were not told of. Exit 3 when something
    could not be handed over; it is sent again. A hold does it by itself, and `loadline watch` each round."""
    with open_app(folder) as app:
        done = app.send_notices()
    if output == "json":
        click.echo(as_json({"sent": [plain(one) for one in done.sent], "unsent": diagnostics_as_json(done.unsent)}))
    else:
        click.echo("\n".join(rendering.notices_as_text(done, Palette.of())))
    finish(3 if done.unsent else 0)


@approvals.command()
@click.argument("run")
@options.as_reader
@options.project
@options.output("text", "json")
def show(run: str, person: str | None, folder: Path | None, output: str) -> None:
    """Exactly what RUN would do, to which rows, who asked, who said what, and how long it waits. With `--as`, the rows
    as they may see them."""
    with open_app(folder) as app:
        door = options.door(app, person)
        receipt, rows = app.act_status_for(run, door=door), app.held_rows(run, door=door)
    if output == "json":
        click.echo(as_json({**rendering.as_json(receipt), "rows": told.rows(rows)}))
    else:
        palette = Palette.of()
        click.echo("\n".join([*rendering.as_text(receipt, palette), *rows_as_text(rows, palette)]))


@approvals.command()
@click.argument("run")
@click.option("--digest", help="What you were shown: the first 12 characters or more of its digest.")
@click.option("--because", default="", help="Why.")
@click.option("--later", is_flag=True, help="Say yes only; `loadline act resume` performs it.")
@options.as_person
@options.project
@options.output("text", "json")
def approve(run: str, digest: str | None, because: str, later: bool, output: str, **said: Any) -> None:
    """Say yes to RUN. When every approval is given it is performed at once, within exactly the effect shown."""
    with open_app(said["folder"]) as app:
        who = app.principal(said["person"])
        receipt = app.approve(run, principal=who, digest=digest, because=because, is_performed=not later)
    if output == "json":
        click.echo(as_json(rendering.as_json(receipt)))
    else:
        click.echo("\n".join(rendering.as_text(receipt, Palette.of())))
    finish(rendering.exit_code(receipt))


@approvals.command()
@click.argument("run")
@click.option("--because", default="", help="Why, which its asker is told.")
@options.as_person
@options.project
@options.output("text", "json")
def reject(run: str, because: str, person: str | None, folder: Path | None, output: str) -> None:
    """Say no to RUN, which ends it."""
    with open_app(folder) as app:
        receipt = app.reject(run, principal=app.principal(person), because=because)
    if output == "json":
        click.echo(as_json(rendering.as_json(receipt)))
    else:
        click.echo("\n".join(rendering.as_text(receipt, Palette.of())))
