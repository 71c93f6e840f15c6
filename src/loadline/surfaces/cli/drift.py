"""`loadline drift`: whether the data still looks as it did."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from loadline.surfaces.cli import finish, options

_UNITS = ("hour", "day", "week", "month", "quarter", "year")  # as `checks.drift` knows them; a test compares


@click.group()
def drift() -> None:
    """Tell whether the data still looks as it did; accept a new baseline."""


@drift.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--time", "time", metavar="COLUMN", help="The column that says when a row happened.")
@click.option("--window", "unit", type=click.Choice(_UNITS), help="Cut into windows of this unit of --time.")
@click.option("--rows", "size", metavar="N", type=click.IntRange(min=1), help="Cut into windows of N rows.")
@click.option("--baseline", type=click.IntRange(min=1), help="Windows to learn from [default: a fifth, 8 to 56].")
@click.option("--column", "columns", multiple=True, metavar="NAME", help="Watch this column; may be repeated.")
@click.option("--without", multiple=True, metavar="NAME", help="Do not watch this column; may be repeated.")
@click.option("--segment", metavar="COLUMN", help="Also watch each value of this column apart.")
@click.option("--quality", metavar="COLUMN", help="A true/false column that says whether a row went well.")
@click.option("--confidence", metavar="COLUMN", help="How sure an answer was; with --quality, quality is estimated.")
@click.option(
    "--after",
    type=click.Choice(("restart", "hold")),
    default="restart",
    show_default=True,
    help="After an alarm: take it as the new normal, or hold on to the old one.",
)
@click.option(
    "--budget", type=click.FloatRange(min=2), default=1000, show_default=True, help="Alarm budget in windows."
)
@options.output("text", "json")
def stream(file: Path, output: str, **asked: Any) -> None:
    """Judge a plain FILE (CSV, Parquet, JSON lines, Excel) for drift, window by window; no project is needed.

    Exit 0 when every window is natural, 1 when there is an alarm.
    """
    from loadline.app import judge_stream
    from loadline.checks.drift import AfterAlarm, Rule
    from loadline.flow.streams import StreamRequest
    from loadline.surfaces.render import drift as render
    from loadline.surfaces.render.style import as_json

    rule, after = Rule(budget=asked.pop("budget")), AfterAlarm(asked.pop("after"))
    judged = judge_stream(file, StreamRequest(relation="stream", rule=rule, after=after, **asked))
    alarms = [one for one in judged.judgements if one.is_alarm]
    if output == "json":
        click.echo(as_json(render.stream_as_json(judged)))
    else:
        click.echo("\n".join(render.stream_as_text(judged)))
    finish(1 if alarms else 0)


@drift.command()
@click.argument("watches", nargs=-1)
@options.as_person
@options.project
@options.output("text", "json")
def status(watches: tuple[str, ...], person: str | None, folder: Path | None, output: str) -> None:
    """Say how each of WATCHES (all, if none is named) stands, from the ledger alone.

    Exit 0 when no alarm stands, 1 when one does.
    """
    from loadline.app import open_app
    from loadline.surfaces.render import watching as render
    from loadline.surfaces.render.style import as_json

    with open_app(folder) as app:
        pairs, alarms = app.drift_status(watches, principal=app.principal(person))
    if output == "json":
        click.echo(as_json(render.status_as_json(pairs, alarms)))
    else:
        click.echo("\n".join(render.status_as_text(pairs, alarms)))
    finish(1 if alarms else 0)


@drift.command()
@click.argument("watches", nargs=-1)
@options.project
@options.output("text", "json", "github")
def check(watches: tuple[str, ...], folder: Path | None, output: str) -> None:
    """Look at what is due of WATCHES (all, if none is named) now, even where a failed warehouse is left alone.

    Exit 0 when no alarm stands, 1 when one does, 3 when the data could not be looked at.
    """
    from loadline.app import open_app
    from loadline.surfaces.cli.watch import show_run

    with open_app(folder) as app:
        show_run(app.watch(watches, is_forced=True), output)


@drift.command()
@click.argument("watch")
@click.option("--because", required=True, metavar="TEXT", help="Why the data as it is now is normal.")
@click.option("--since", type=click.DateTime(), help="The first normal window [default: where the change began].")
@options.as_person
@options.project
@options.output("text", "json")
def accept(watch: str, because: str, person: str | None, folder: Path | None, **more: Any) -> None:
    """Take a new baseline for WATCH, in the name of a person; the ledger holds whose decision it was, and why."""
    from loadline.app import open_app
    from loadline.surfaces.render.style import as_json, clean

    with open_app(folder) as app:
        principal = app.principal(person)
        said = app.accept_drift(watch, principal=principal, because=because, since=more["since"])
    if more["output"] == "json":
        click.echo(as_json(dict(said)))
    else:
        line = f"accepted  {watch}: what it does since {said['since']} is normal, says {said['by']}"
        click.echo(clean(f"{line} (ledger entry {said['ledger_index']})"))


@drift.command()
@click.argument("column", metavar="WATCH.COLUMN")
@click.option("--bin", "wanted", metavar="LABEL", help="Which bin [default: the one with most evidence].")
@click.option("--segment", default="", metavar="VALUE", help="In this segment alone.")
@options.as_person
@options.project
@options.output("text", "svg")
def show(column: str, wanted: str | None, segment: str, person: str | None, folder: Path | None, output: str) -> None:
    """Draw the share of one bin over the windows, with its natural range: as text, or as an SVG picture."""
    from loadline.app import open_app
    from loadline.surfaces.render import picture

    with open_app(folder) as app:
        drawn = app.drift_history(column, wanted=wanted, segment=segment, principal=app.principal(person))
    click.echo(picture.as_svg(drawn) if output == "svg" else "\n".join(picture.as_text(drawn)))
