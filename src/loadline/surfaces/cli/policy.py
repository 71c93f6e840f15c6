"""`loadline policy`: rules in; tests of them, what they decide and for whom, and what they would have decided, out."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import click

from loadline.app import open_app
from loadline.surfaces.cli import finish, options
from loadline.surfaces.render import policy as rendering
from loadline.surfaces.render.style import Palette, as_json
from loadline.values.policy_test import TriedAct
from loadline.values.request import Written
from loadline.values.rule import Deed, EffectClass

DEEDS = click.Choice([deed.value for deed in Deed])

_effect = click.option(
    "--effect",
    type=click.Choice([one.value for one in EffectClass]),
    help="What the act does [default: what the declared action does, else write].",
)
_tables = click.option(
    "--table",
    "tables",
    multiple=True,
    metavar="TABLE",
    help="A relation the act changes [default: those the declared statement names].",
)


@click.group()
def policy() -> None:
    """Test the rules in policies/, ask what they decide and for whom, try them on what was decided before."""


@policy.command()
@options.project
@options.output("text", "json")
def test(folder: Path | None, output: str) -> None:
    """Try every test under `tests:` in policies/. Exit 1 when one is decided otherwise than it expects."""
    with open_app(folder) as app:
        found = app.test_policy()
    click.echo(
        as_json(rendering.tests_as_json(found)) if output == "json" else rendering.tests_as_text(found, Palette.of())
    )
    finish(1 if any(one.why for one in found) else 0)


@policy.command()
@click.argument("deed", type=DEEDS, required=False)
@click.argument("names", nargs=-1)
@click.option("--by", "by", multiple=True, metavar="FIELD", help="Broken down by it.")
@click.option("--where", "where", multiple=True, metavar="FILTER", help="Filtered like this.")
@_effect
@_tables
@click.option("--fact", "facts", multiple=True, metavar="NAME=VALUE", help="What is known: amount=2000.")
@click.option("--agent", metavar="NAME", help="The agent that asks on their behalf.")
@click.option("--audience", metavar="NAME", help="For whom.")
@options.as_person
@options.for_purpose
@options.project
@options.output("text", "json")
def explain(
    deed: str | None, names: tuple[str, ...], folder: Path | None, output: str, person: str | None, **asked: Any
) -> None:
    """Say in a sentence what the rules decide and which of them; without arguments, what each rule says.

    \b
    loadline policy explain
    loadline policy explain ask booked_revenue --by customers.region --as nora
    loadline policy explain act refund --fact amount=2000 --agent refund-bot --as ana
    """
    from dataclasses import replace

    with open_app(folder) as app:
        if deed is None:
            rules = app.project.rules
            click.echo(as_json(rendering.rules_as_json(rules)) if output == "json" else rendering.rules_as_text(rules))
            return
        principal = app.principal(person, audience=asked["audience"], purpose=asked["purpose"])
        what = _what(Deed(deed), names, asked)
        facts = dict(_fact(one) for one in asked["facts"])
        decision = app.explain_policy(replace(principal, agent=asked["agent"]), Deed(deed), what, facts)
    if output == "json":
        click.echo(as_json(rendering.decision_as_json(decision)))
    else:
        click.echo(rendering.decision_as_text(decision, Palette.of()))
    finish(rendering.exit_code(decision))


@policy.command()
@click.argument("deed", type=DEEDS)
@click.argument("resource")
@_effect
@_tables
@options.project
@options.output("text", "json")
def who(deed: str, resource: str, effect: str, tables: tuple[str, ...], folder: Path | None, output: str) -> None:
    """Say who can DEED a RESOURCE: a metric, a column to be shown (`customers.region`), or an action.

    \b
    loadline policy who ask booked_revenue
    loadline policy who act refund
    """
    is_column = "." in resource and deed != Deed.ACT
    asked = {"effect": effect, "tables": tables, "by": (resource,) if is_column else (), "where": ()}
    with open_app(folder) as app:
        found = app.who_can(Deed(deed), _what(Deed(deed), () if is_column else (resource,), asked))
    click.echo(
        as_json(rendering.who_as_json(found)) if output == "json" else rendering.who_as_text(found, Palette.of())
    )


@policy.command()
@click.option("--against", metavar="REV", help="The rules of this revision of git, or of the project in this folder.")
@options.days
@options.project
@options.output("text", "json")
def replay(against: str | None, days: int, folder: Path | None, output: str) -> None:
    """Decide what was decided in the last days again, by the rules as they are now: what would change?

    Exit 1 when something would be decided otherwise.
    """
    with open_app(folder) as app:
        found = app.replay_policy(against=against, days=days)
    if output == "json":
        click.echo(as_json(rendering.replay_as_json(found)))
    else:
        click.echo(rendering.replay_as_text(found, Palette.of()))
    finish(1 if found.changed else 0)


def _what(deed: Deed, names: Sequence[str], asked: dict[str, Any]) -> Written | TriedAct:
    if deed is not Deed.ACT:
        return Written(metrics=tuple(names), by=tuple(asked["by"]), where=tuple(asked["where"]))
    if len(names) != 1:
        raise click.UsageError("name one action, or `sql`")
    tables = tuple(asked["tables"])
    effect = EffectClass(asked["effect"]) if asked["effect"] else None
    return TriedAct(action=names[0], effect=effect, tables=tables, writes=tables)


def _fact(written: str) -> tuple[str, Any]:
    name, is_there, value = written.partition("=")
    if not is_there:
        raise click.UsageError(f"`{written}` is no fact; write `amount=2000`")
    if value in {"true", "false"}:
        return name, value == "true"
    try:
        return name, Decimal(value)
    except InvalidOperation:
        return name, value
