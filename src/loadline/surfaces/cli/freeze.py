"""`loadline freeze` and `loadline thaw`: a stop that is a state, and its end by another person."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from loadline.app import Stop, open_app
from loadline.surfaces.cli import options
from loadline.surfaces.render import acting as rendering
from loadline.surfaces.render.style import as_json
from loadline.values.canonical import plain

Decorated = Callable[..., Any]


def _what(command: Decorated) -> Decorated:
    for option in (
        click.option("--all", "is_all", is_flag=True, help="Everything."),
        click.option("--workflow", metavar="NAME", help="Every action of one workflow."),
        click.option("--agent", metavar="NAME", help="Everything one agent does."),
    ):
        command = option(command)
    return command


@click.command()
@_what
@click.option("--because", help="Why; everybody who is stopped is told.")
@click.option("--list", "is_listing", is_flag=True, help="Only say what is frozen.")
@options.as_person
@options.project
@options.output("text", "json")
def freeze(
    because: str | None, is_listing: bool, person: str | None, folder: Path | None, output: str, **what: Any
) -> None:
    """Stop an agent, a workflow or everything. Nothing begins any more, in no process; what is running is stopped
    within a second.

    \b
    loadline freeze --agent support-bot --because "it closes orders that are open"
    """
    with open_app(folder) as app:
        if is_listing:
            _print_all(app.frozen(), output)
            return
        if not because:
            raise click.UsageError("say why with `--because`: who is stopped wants to know")
        said = app.freeze(_stop(what), principal=app.principal(person), because=because)
        if what["agent"] is not None and not app.is_known_agent(what["agent"]):
            click.echo(f"note: no agent `{what['agent']}` has asked for anything yet; is the name right?", err=True)
    _print(said, output)


@click.command()
@_what
@click.option("--because", help="What was found, and why it may go on.")
@options.as_person
@options.project
@options.output("text", "json")
def thaw(because: str | None, person: str | None, folder: Path | None, output: str, **what: Any) -> None:
    """Let what was frozen go on. Only another person than the one who froze it may."""
    if not because:
        raise click.UsageError("say with `--because` why it may go on: it goes on record")
    with open_app(folder) as app:
        said = app.thaw(_stop(what), principal=app.principal(person), because=because)
    _print(said, output)


def _stop(what: dict[str, Any]) -> Stop:
    named = [name for name in ("agent", "workflow") if what[name] is not None]
    if len(named) + what["is_all"] != 1:
        raise click.UsageError("name one of `--agent NAME`, `--workflow NAME`, `--all`")
    return Stop(agent=what["agent"], workflow=what["workflow"])


def _print(said: Any, output: str) -> None:
    shown = as_json({**plain(said), "what": said.what}) if output == "json" else rendering.freeze_in_words(said)
    click.echo(shown)


def _print_all(frozen: Any, output: str) -> None:
    if output == "json":
        click.echo(as_json([{**plain(one), "what": one.what} for one in frozen]))
        return
    click.echo("\n".join(map(rendering.freeze_in_words, frozen)) if frozen else "nothing is frozen")
