"""`loadline words`: words in, one a line, what they are taken to mean out; for trying them and for measuring."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import click

from loadline.app import read_times
from loadline.surfaces.cli import options
from loadline.surfaces.render.style import Palette, as_json, clean
from loadline.values.canonical import plain

_DAY = click.DateTime(formats=["%Y-%m-%d"])
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@click.group()
def words() -> None:
    """Read words without answering them: what is a time, what is a question taken to mean."""


class MonthDay(click.ParamType[tuple[int, int]]):
    """`02-01`: a month and a day that every year has."""

    name = "MM-DD"

    def convert(
        self,
        value: str | tuple[int, int],
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> tuple[int, int]:
        if not isinstance(value, str):
            return value
        found = re.fullmatch(r"(\d{1,2})-(\d{1,2})", value, re.ASCII)
        try:
            day = datetime.strptime(f"2001-{value}", "%Y-%m-%d") if found else None  # noqa: DTZ007 - no moment, a day
        except ValueError:
            day = None
        if day is None:
            self.fail(f"`{value}` is not a month and a day that every year has, such as 02-01", param, ctx)
        return day.month, day.day


@words.command()
@click.option("--today", type=_DAY, help="The day from which `last month` is counted [default: today].")
@click.option(
    "--fiscal-year-starts", type=MonthDay(), default=(1, 1), metavar="MM-DD", help="Its first day [default: 01-01]."
)
@click.option(
    "--week-starts",
    type=click.Choice(_WEEKDAYS, case_sensitive=False),
    default="monday",
    show_default=True,
    help="The first day of a week.",
)
@options.output("text", "json")
def time(today: datetime | None, fiscal_year_starts: tuple[int, int], week_starts: str, output: str) -> None:
    """Read one time expression a line from stdin; print the days it means, or why it is refused.

    \b
    echo "Q3 FY25" | loadline words time --today 2025-11-24 --fiscal-year-starts 02-01 --format json
    """
    for read in read_times(
        lines(),
        today=today.date() if today else None,
        fiscal_year_starts=fiscal_year_starts,
        week_starts=_WEEKDAYS.index(week_starts.lower()) + 1,
    ):
        said = plain(read)
        click.echo(as_json(said) if output == "json" else _line(said))


@words.command()
@click.option("-a", "--audience", cls=options.Once, help="Whose words are spoken, where a line does not say.")
@click.option("--today", type=_DAY, help="The day from which `last month` is counted [default: today].")
@options.as_person
@options.project
@options.output("jsonl", "text")
def ask(audience: str | None, today: datetime | None, person: str | None, folder: Path | None, output: str) -> None:
    """Answer one question a line from stdin: plain words, or JSON with `question`, `audience` and `today`.

    \b
    echo "booked revenue by region last quarter" | loadline words ask
    """
    from loadline.app import open_app
    from loadline.surfaces.cli.batch import answer_line

    with open_app(folder) as app:
        for number, line in enumerate(lines(), 1):
            if not line.strip():
                continue
            said = answer_line(app, line, number, person, audience, today.date() if today else None)
            click.echo(as_json(said) if output == "jsonl" else _answer(said))
            sys.stdout.flush()


def _answer(said: dict[str, Any]) -> str:
    palette = Palette.of()
    head = f"{palette.bold(clean(str(said['question'])))}  {said['status']}"
    rows = "; ".join(", ".join(str(value) for value in row) for row in said["values"][:5])
    reasons = "; ".join(f"{one['code']} {one['what']}" for one in said["reasons"])
    chosen = " | ".join(said["options"])
    return "\n  ".join(clean(part) for part in (head, said["means"] or "", rows, reasons, chosen) if part)


def lines() -> Iterator[str]:
    """The lines of stdin, whatever bytes they hold; one that ends without a newline counts."""
    for line in sys.stdin.buffer:
        yield line.decode("utf-8-sig", "backslashreplace").rstrip("\r\n")


def _line(said: dict[str, str | None]) -> str:
    palette = Palette.of()
    text = palette.bold(clean(str(said["text"])))
    if "refused" in said:
        return f"{text}  {palette.red('refused')}: {clean(str(said['refused']))}"
    return f"{text}  {_days(said['start'], said['end'])} ({said['grain']})"


def _days(start: str | None, end: str | None) -> str:
    """Both ends included, as `ask` prints days; JSON has the end that is not in it."""
    last = (date.fromisoformat(end) - timedelta(days=1)).isoformat() if end else None
    match start, last:
        case None, None:
            return "all time"
        case None, _:
            return f"until {last}, that day included"
        case _, None:
            return f"from {start} on"
        case _:
            return start if start == last and start else f"{start} to {last}, both included"
