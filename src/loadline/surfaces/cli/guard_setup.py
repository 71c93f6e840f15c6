"""`loadline guard setup`: a database in, the SQL that makes it ready for agents to write to out."""

from __future__ import annotations

import click

from loadline.surfaces.cli import options


@click.command()
@click.argument("kind", type=click.Choice(["postgres"]), expose_value=False)
@click.option(
    "--url",
    required=True,
    cls=options.Once,
    metavar="env:NAME",
    help="The address of somebody who may create roles, as env:NAME of the variable that holds it.",
)
@click.option(
    "--schema",
    "schemas",
    multiple=True,
    default=["public"],
    show_default=True,
    help="Where agents may write [repeatable].",
)
@click.option("--apply", "is_applied", is_flag=True, help="Run it, in one transaction, instead of printing it.")
def setup(url: str, schemas: tuple[str, ...], is_applied: bool) -> None:
    """Make a database ready for agents to write to: print the SQL, or run it with --apply.

    It makes four roles (loadline_owner, loadline_reader, loadline_writer, loadline_gate), a schema `loadline` that
    only the owner can touch, and triggers that see every change. Run it again when tables were added. The two that log
    in have no password yet: give them one, or let the server know them otherwise.

    \b
    loadline guard setup postgres --url env:ADMIN_DATABASE --schema public > setup.sql
    loadline guard setup postgres --url env:ADMIN_DATABASE --schema public --apply
    """
    from loadline.app.preparing import set_up_postgres

    text, notes = set_up_postgres(url, schemas=tuple(schemas), is_applied=is_applied)
    if not is_applied:
        click.echo(text)
    for note in notes:
        click.echo(f"note: {note}", err=True)
    if is_applied:
        click.echo("ready: agents write through the login loadline_gate, and read through loadline_reader", err=True)
