"""`loadline act`: an action, a statement or an undo in; what became of it, with its run in the ledger, out."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from loadline.app import App, open_app
from loadline.surfaces.cli import finish, options
from loadline.surfaces.render import acting as rendering
from loadline.surfaces.render.style import Palette, as_json
from loadline.values.acting import ActReceipt
from loadline.values.canonical import plain
from loadline.values.rule import Principal

Decorated = Callable[..., Any]

_as = click.option(
    "--as",
    "actor",
    metavar="NAME",
    envvar="LOADLINE_AS",
    help="Who acts: a person of loadline.yaml; with --for, the agent.",
)
_for = click.option("--for", "person", metavar="PERSON", help="The person an agent acts for: one of `people`.")
_key = click.option("--key", metavar="KEY", help="Tells requests apart: two with the same one are done once.")
_dry_run = click.option("--dry-run", is_flag=True, help="Say what it would do, and to whom it would wait; do nothing.")


def _acts(command: Decorated) -> Decorated:
    """The options of everything that acts."""
    for option in (options.output("text", "json"), options.project, _dry_run, _for, _as):
        command = option(command)
    return command


class _Actions(click.Group):
    """Any name that is no command of its own is a declared action."""

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        return super().get_command(ctx, cmd_name) or _action(cmd_name)


@click.group(cls=_Actions, subcommand_metavar="ACTION|COMMAND [ARGS]...")
def act() -> None:
    """Do a declared action, once it is measured, judged and recorded: `loadline act ACTION --arg name=value`.

    \b
    loadline act close_order --arg order_id=5 --as support-bot --for ana
    loadline act sql shop "UPDATE orders SET status = 'closed' WHERE order_id = 5" --dry-run

    Exit 0 done · 1 forbidden, stopped or taken back · 2 not as asked · 3 the outside failed · 4 it waits for a person
    """


def _action(name: str) -> click.Command:
    @click.command(name=name, help=f"Do the declared action {name}.")
    @click.option("--arg", "arguments", multiple=True, metavar="NAME=VALUE", help="One argument; may be repeated.")
    @click.option("--json", "given", metavar="JSON", help="All arguments as one JSON object.")
    @_key
    @_acts
    def run(arguments: tuple[str, ...], given: str | None, key: str | None, **said: Any) -> None:
        values = {**_as_object(given), **_as_pairs(arguments)}
        with open_app(said["folder"]) as app:
            who = _who(app, said)
            _tell(app.act(name, values, principal=who, key=key, is_dry_run=said["dry_run"]), said["output"])

    return run


@act.command()
@click.argument("target")
@click.argument("statement")
@_key
@_acts
def sql(target: str, statement: str, key: str | None, **said: Any) -> None:
    """Do what one STATEMENT says on a TARGET, if the guard lets it through."""
    with open_app(said["folder"]) as app:
        who = _who(app, said)
        _tell(app.act_sql(target, statement, principal=who, key=key, is_dry_run=said["dry_run"]), said["output"])


@act.command()
@click.argument("run")
@_acts
def undo(run: str, **said: Any) -> None:
    """Take back what RUN did: its rows exactly as they were, or the action that its declaration names."""
    with open_app(said["folder"]) as app:
        _tell(app.undo(run, principal=_who(app, said), is_dry_run=said["dry_run"]), said["output"])


@act.command()
@click.argument("run")
@options.as_reader
@options.project
@options.output("text", "json")
def status(run: str, person: str | None, folder: Path | None, output: str) -> None:
    """What became of RUN, from the ledger, whatever anybody says of it."""
    with open_app(folder) as app:
        _tell(app.act_status_for(run, door=options.door(app, person)), output)


@act.command(name="list")
@options.project
@options.output("text", "json")
def list_actions(folder: Path | None, output: str) -> None:
    """The declared actions, with their arguments, effect and stake."""
    with open_app(folder) as app:
        actions = app.project.actions
    if output == "json":
        click.echo(as_json(rendering.actions_as_json(actions)))
        return
    click.echo("\n".join(rendering.actions_as_text(actions, Palette.of())))


@act.command()
@click.argument("run", required=False)
@options.project
@options.output("text", "json")
def resume(run: str | None, folder: Path | None, output: str) -> None:
    """Carry on with what is approved, or what a process that ended had begun: RUN, or everything. Nothing is done
    twice."""
    with open_app(folder) as app:
        receipts = app.resume(run)
    for receipt in receipts:
        _print(receipt, output)
    finish(max((rendering.exit_code(receipt) for receipt in receipts), default=0))


@act.command()
@options.project
@options.output("text", "json")
def canaries(folder: Path | None, output: str) -> None:
    """Try every canary now: each asks for what must be denied, and nothing is done. Exit 1 when one was not denied."""
    with open_app(folder) as app:
        tried = app.try_canaries(is_forced=True)
    if output == "json":
        click.echo(as_json([plain(one) for one in tried]))
    else:
        click.echo("\n".join(rendering.canaries_as_text(tried, Palette.of())))
    finish(1 if any(not one.is_denied for one in tried) else 0)


@act.command()
@click.option(
    "--says",
    "file",
    required=True,
    type=click.File("r", encoding="utf-8"),
    help="What an agent says it did: one JSON object a line, with `run` and any of `status`, `action`, `rows`, "
    "`undone`, `can_be_undone`.",
)
@options.project
@options.output("text", "json")
def compare(file: Any, folder: Path | None, output: str) -> None:
    """Compare what an agent says it did with what happened. Exit 1 when it differs, or something was left unsaid."""
    said = [_as_object(line) for line in file if line.strip()]
    with open_app(folder) as app:
        compared = app.compare_said(said)
    if output == "json":
        click.echo(as_json(rendering.compared_as_json(compared)))
    else:
        click.echo("\n".join(rendering.compared_as_text(compared, Palette.of())))
    finish(1 if any(one.differs for one in compared) else 0)


@act.command()
@click.argument("target")
@click.option("--since", type=click.DateTime(), help="From when on, in local time [default: a day ago].")
@options.project
@options.output("text", "json")
def reconcile(target: str, since: datetime | None, folder: Path | None, output: str) -> None:
    """Find what changed in TARGET without going through the gate: by whom, and how many rows. Exit 1 when there is
    any. It is seen, not stopped: what stops it is that no agent has a login of its own."""
    with open_app(folder) as app:
        reckoned = app.reconcile(target, since=since.astimezone() if since else None)
    if output == "json":
        click.echo(as_json(plain(reckoned)))
    else:
        click.echo("\n".join(rendering.reckoned_as_text(reckoned, Palette.of())))
    finish(0 if reckoned.is_clean else 1)


def _who(app: App, said: dict[str, Any]) -> Principal:
    """`--as bot --for ana`: the agent, on behalf of a person; `--as ana`: the person."""
    if said["person"] is None:
        actor = said["actor"]
        if actor is not None and actor not in app.project.people and app.is_known_agent(actor):
            raise click.UsageError(f"`{actor}` is an agent: name the person it acts for with `--for`")
        return app.on_behalf(actor)
    if said["actor"] is None:
        raise click.UsageError("`--for` names the person an agent acts for; name the agent with `--as`")
    return app.on_behalf(said["person"], agent=said["actor"])


def _as_pairs(arguments: tuple[str, ...]) -> dict[str, object]:
    values: dict[str, object] = {}
    for one in arguments:
        name, is_there, value = one.partition("=")
        if not is_there:
            raise click.UsageError(f"`--arg {one}` has no `=`; write `--arg name=value`")
        if name in values:
            raise click.UsageError(f"`--arg {name}=…` is written twice; write it once")
        values[name] = value
    return values


def _as_object(text: str | None) -> dict[str, object]:
    if text is None:
        return {}
    try:
        value = json.loads(text)
    except ValueError as error:
        raise click.UsageError(f"this is no JSON: {error}") from error
    if not isinstance(value, dict):
        raise click.UsageError('write one JSON object: {"order_id": 5}')
    return value


def _tell(receipt: ActReceipt, output: str) -> None:
    _print(receipt, output)
    finish(rendering.exit_code(receipt))


def _print(receipt: ActReceipt, output: str) -> None:
    if output == "json":
        click.echo(as_json(rendering.as_json(receipt)))
        return
    click.echo("\n".join(rendering.as_text(receipt, Palette.of())))
