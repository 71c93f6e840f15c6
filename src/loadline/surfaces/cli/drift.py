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
