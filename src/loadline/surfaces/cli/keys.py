"""`loadline keys`: who may call a server of this project."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from loadline.app import open_app
from loadline.surfaces.cli import finish, options
from loadline.surfaces.render.style import as_json
from loadline.values.access import DoorRole
from loadline.values.canonical import plain

if TYPE_CHECKING:
    from loadline.values.access import AccessKey


@click.group()
def keys() -> None:
    """Make, list and revoke the keys that open a server's doors."""


@keys.command()
@click.argument("person")
@click.option("--role", type=click.Choice([role.value for role in DoorRole]), default="agent", show_default=True)
@click.option("--agent", metavar="NAME", help="The program that will hold it, as policy and receipts call it.")
@click.option("--days", type=click.IntRange(min=1), default=90, show_default=True, help="How long it opens.")
@click.option("--forever", is_flag=True, help="It never expires.")
@options.project
@options.output("text", "json")
def create(  # noqa: PLR0913, PLR0917 - one parameter per option
    person: str, role: str, agent: str | None, days: int, forever: bool, folder: Path | None, output: str
) -> None:
    """Make a key for PERSON, or for a program that calls on their behalf. It is printed this once."""
    with open_app(folder) as app:
        key, secret = app.create_key(person, role=DoorRole(role), agent=agent, days=None if forever else days)
    if output == "json":
        click.echo(as_json({**_told(key), "secret": secret}))
        return
    click.echo(secret)
    click.echo(
        f"{_line(key)}\nkeep it: only its digest is kept here. Revoke it with: loadline keys revoke {key.id}", err=True
    )


@keys.command("list")
@options.project
@options.output("text", "json")
def list_(folder: Path | None, output: str) -> None:
    """List the keys, without their secrets."""
    with open_app(folder) as app:
        found = app.keys()
    if output == "json":
        click.echo(as_json([_told(key) for key in found]))
        return
    for key in found:
        click.echo(_line(key))
    if not found:
        click.echo("no keys yet: loadline keys create PERSON", err=True)


@keys.command()
@click.argument("name")
@options.project
def revoke(name: str, folder: Path | None) -> None:
    """Revoke a key by its name, as `keys list` prints it. Whoever uses it is refused from now on."""
    with open_app(folder) as app:
        key = app.revoke_key(name)
    if key is None:
        click.echo(f"there is no key `{name}`; `loadline keys list` lists them", err=True)
        finish(2)
        return
    click.echo(_line(key))


def _told(key: AccessKey) -> dict[str, object]:
    return {name: value for name, value in plain(key).items() if name != "digest"}


def _line(key: AccessKey) -> str:
    whose = f"{key.agent} for {key.person}" if key.agent else key.person
    until = f"until {key.expires_at:%Y-%m-%d}" if key.expires_at else "for ever"
    return f"{key.id}  {key.role.value:9} {whose}  {'revoked' if key.is_revoked else until}"
