"""`loadline ask`: a question in, numbers with a receipt out."""

from __future__ import annotations

import sys
from datetime import date, datetime
from pathlib import Path

import click

from loadline.app import open_app
from loadline.flow.codes_rights import HELD
from loadline.surfaces.cli import finish, options
from loadline.surfaces.render import receipts
from loadline.surfaces.render.diagnostics import annotation
from loadline.surfaces.render.numbers import table
from loadline.surfaces.render.style import Palette, as_json
from loadline.values.canonical import plain
from loadline.values.receipt import Answer, AnswerStatus
from loadline.values.request import Written

_ROWS_SHOWN = 50
_DAY = click.DateTime(formats=["%Y-%m-%d"])


@click.command()
@click.argument("words", nargs=-1)
@click.option("-m", "--metric", "metrics", multiple=True, help="A metric or term; repeatable.")
@click.option("-b", "--by", "by", multiple=True, help="Break down by `customers.region`, `time:month`, …")
@click.option("-w", "--where", "where", multiple=True, help='Keep rows: `"customers.region = north"`.')
@click.option(
    "-c",
    "--condition",
    "conditions",
    multiple=True,
    help="Keep rows for which an expression is true: `customers.region = 'north' or orders.is_big`.",
)
@click.option("--rows", "is_detail", is_flag=True, help="Rows as they are, one for each, instead of metrics.")
@click.option(
    "-d",
    "--during",
    cls=options.Once,
    help="Days, months, quarters: `2025-Q3`, `last month`, `2025-01-01..2025-03-31`.",
)
@click.option(
    "-g",
    "--grain",
    cls=options.Once,
    help="Break down by time: day, week, month, quarter, year, fiscal_quarter, fiscal_year.",
)
@click.option("-o", "--order", multiple=True, help="Order by a metric or dimension; `-name` for descending.")
@click.option("-n", "--limit", cls=options.Once, type=click.IntRange(min=1), help="At most so many rows.")
@click.option("-a", "--audience", cls=options.Once, help="Whose words are spoken: sales, finance, …")
@click.option("--choose", cls=options.Once, type=click.IntRange(min=1), metavar="N", help="Take option N of several.")
@click.option("--remember", is_flag=True, help="Keep the option chosen as a draft verified question.")
@click.option("--today", type=_DAY, help="The day from which `last month` is counted [default: today].")
@options.for_purpose
@options.as_person
@options.project
@options.output("text", "json", "github")
def ask(  # noqa: PLR0913, PLR0917 - one parameter per option
    words: tuple[str, ...],
    metrics: tuple[str, ...],
    by: tuple[str, ...],
    where: tuple[str, ...],
    conditions: tuple[str, ...],
    is_detail: bool,  # a flag of the command line
    during: str | None,
    grain: str | None,
    order: tuple[str, ...],
    limit: int | None,
    audience: str | None,
    choose: int | None,
    remember: bool,
    today: datetime | None,
    purpose: str | None,
    person: str | None,
    folder: Path | None,
    output: str,
) -> None:
    """Ask in words, or with --metric and its companions.

    A question that may mean several things is asked back, with numbered options: ask again with --choose.

    \b
    loadline ask "booked revenue by region last quarter"
    loadline ask --metric revenue --audience finance --by customers.region --during 2025-Q3
    """
    written = Written(
        metrics=metrics,
        by=(*by, *([f"time:{grain}"] if grain else [])),
        where=where,
        conditions=conditions,
        is_detail=is_detail,
        during=during,
        order=order,
        limit=limit,
    )
    if words and written != Written():
        raise click.UsageError("ask in words or with options, not both: words say all of it themselves")
    if (choose or remember) and not words:
        raise click.UsageError("`--choose` and `--remember` belong to a question in words")
    if remember and not choose:
        raise click.UsageError("`--remember` keeps what was chosen: add `--choose N`")
    if not words and not (metrics or by):
        raise click.UsageError("say what to ask: words of a verified question, or --metric NAME")
    day: date | None = today.date() if today else None
    with open_app(folder) as app:
        principal = app.principal(person, audience=audience, purpose=purpose)
        if words:
            answer = app.ask(" ".join(words), principal=principal, today=day, choice=choose)
        else:
            answer = app.ask_written(written, principal=principal, today=day)
        _print(answer, output)
        if remember and answer.receipt.query is not None:
            kept = app.remember(" ".join(words), answer, audience=principal.audience)
            click.echo(f"remembered  {kept.path} as `{kept.id}`: a draft, until {kept.owner} approves it", err=True)
    finish(exit_code(answer))


def exit_code(answer: Answer) -> int:
    """0 delivered; 1 forbidden or withheld; 2 not understood, unknown, or several meanings; 4 it waits for a person."""
    if answer.rows is not None:
        return 0
    receipt = answer.receipt
    if receipt.approval is not None and any(reason.code == HELD for reason in receipt.reasons):
        return 4
    is_no = all(reason.code.startswith(("POL", "RGT", "CHK")) for reason in receipt.reasons)
    return 1 if receipt.status is AnswerStatus.REFUSED and is_no else 2


def _print(answer: Answer, output: str) -> None:
    match output:
        case "json":
            _print_json(answer)
        case "github":
            _print_github(answer)
        case _:
            _print_text(answer)


def _print_text(answer: Answer) -> None:
    palette = Palette.of()
    receipt = plain(answer.receipt)
    click.echo(receipts.headline(receipt, palette))
    if answer.rows is not None:
        shown = [row for row, _ in zip(answer.rows, range(_ROWS_SHOWN), strict=False)]
        click.echo("\n" + "\n".join(table(receipt["columns"], shown)))
        if len(answer.rows) > len(shown):
            more = len(answer.rows) - len(shown)
            click.echo(palette.dim(f"  … and {more:,} more rows; `--format json` prints all, `--limit` asks for fewer"))
        elif not shown:
            click.echo(palette.dim("  (no rows)"))
        click.echo()
    click.echo("\n".join([*receipts.reasons(receipt, palette), *receipts.summary(receipt, palette)]))


def _print_json(answer: Answer) -> None:
    """Rows are streamed: one a line, decimals and dates as text, exactly as computed."""
    out = sys.stdout
    out.write('{"receipt":' + as_json(plain(answer.receipt)))
    if answer.rows is not None:
        columns = [column.name for column in answer.receipt.columns]
        out.write(',\n"columns":' + as_json(columns) + ',\n"rows":[')
        for number, row in enumerate(answer.rows):
            out.write((",\n" if number else "\n") + as_json(plain(row)))
        out.write("\n]")
    out.write("}\n")


def _print_github(answer: Answer) -> None:
    """A notice with the receipt, or an error for each reason there is none."""
    receipt = answer.receipt
    if answer.rows is not None:
        said = f"{receipt.question}: {len(answer.rows)} rows, receipt {receipt.id}"
        click.echo(annotation("notice", said, title=receipt.status))
    for reason in receipt.reasons:
        level = "error" if answer.rows is None else "warning"
        click.echo(annotation(level, f"{reason.what}\nmend: {reason.mend}", title=reason.code))
