"""`loadline verify`: any AI's text in, what is true of its numbers out."""

from __future__ import annotations

import sys
from datetime import date, datetime
from pathlib import Path

import click

from loadline.app import open_app, verify_table
from loadline.errors import RequestError
from loadline.surfaces.cli import codes, finish, options
from loadline.surfaces.render import claims
from loadline.surfaces.render.style import Palette, as_json
from loadline.values.claim import Verification
from loadline.values.diagnostic import Diagnostic

_DAY = click.DateTime(formats=["%Y-%m-%d"])
MOST_CHARACTERS = 1_000_000


@click.command()
@click.argument("source", required=False, metavar="[FILE | TEXT | -]")
@click.option("-a", "--audience", cls=options.Once, help="Whose words are spoken: sales, finance, …")
@click.option("--today", type=_DAY, help="The day the text was written [default: today].")
@click.option(
    "--table",
    "table",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    cls=options.Once,
    help="Check against this table instead of a project.",
)
@options.for_purpose
@options.as_person
@options.project
@options.output("text", "json")
def verify(  # noqa: PLR0913, PLR0917 - one parameter per option
    source: str | None,
    audience: str | None,
    today: datetime | None,
    table: Path | None,
    purpose: str | None,
    person: str | None,
    folder: Path | None,
    output: str,
) -> None:
    """Check what an AI wrote: every number is bound to a governed metric and computed again.

    The text is a file, the words themselves, or standard input; Markdown with tables, CSV or JSON.

    \b
    loadline verify brief.md --audience finance
    echo "Booked revenue was EUR 3.5m in Q3 2026." | loadline verify
    loadline verify --table results.csv "Ada scored 12 points."
    """
    name, text = read_source(source)
    if table is not None:
        verification = against_table(text, table)
        show(text, verification, output)
        finish(1 if claims.counts(verification)["contradicted"] else 0)
        return
    day: date | None = today.date() if today else None
    with open_app(folder) as app:
        principal = app.principal(person, audience=audience, purpose=purpose)
        verification = app.verify(text, principal=principal, today=day, name=name)
        show(text, verification, output)
    finish(1 if claims.counts(verification)["contradicted"] else 0)


def against_table(text: str, table: Path) -> Verification:
    """Raises RequestError for a file that is no table."""
    _, held = read_source(str(table))
    found = verify_table(text, held)
    if found is None:
        what = f"`{table.name}` is no table with a header, a row and two columns"
        raise RequestError(_said(codes.NO_TABLE, what, "give a CSV file whose first line names its columns"))
    return found


def show(text: str, verification: Verification, output: str) -> None:
    if output == "json":
        click.echo(as_json(claims.as_json(verification)))
    else:
        click.echo(claims.as_text(text, verification, Palette.of()))


def read_source(source: str | None) -> tuple[str, str]:
    """(name, text). What names no file and has a space in it is the text itself. Raises RequestError."""
    if source is None or source == "-":
        if source is None and sys.stdin.isatty():
            raise click.UsageError("say what to verify: a file, a text in quotes, or `-` for standard input")
        name, found = "standard input", sys.stdin.buffer.read()
    elif _is_file(source):
        name, found = Path(source).name, Path(source).read_bytes()
    elif " " in source.strip() or "\n" in source:
        name, found = "text", source.encode("utf-8", "surrogateescape")
    else:
        raise RequestError(
            _said(codes.NO_TEXT, f"there is no file `{source}`", "name a file, or write the text in quotes")
        )
    try:
        text = found.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        what = f"`{name}` is no UTF-8 text: its byte {error.start + 1} fits none"
        raise RequestError(_said(codes.NOT_TEXT, what, f"iconv -f latin1 -t utf-8 {name} | loadline verify")) from error
    if not text.strip():
        raise RequestError(_said(codes.EMPTY_TEXT, f"`{name}` holds no text", "give the text whose numbers to check"))
    if len(text) > MOST_CHARACTERS:
        what = f"`{name}` has {len(text):,} characters, more than {MOST_CHARACTERS:,}"
        raise RequestError(_said(codes.LONG_TEXT, what, "verify it in parts"))
    return name, text


def _is_file(source: str) -> bool:
    try:
        return Path(source).is_file()
    except OSError:  # longer than any name may be: it is no file
        return False


def _said(code: str, what: str, mend: str) -> Diagnostic:
    return Diagnostic(code=code, what=what, why=codes.CODES[code].why, mend=mend)
