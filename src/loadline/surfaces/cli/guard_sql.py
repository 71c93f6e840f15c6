"""`loadline guard sql`: SQL in, one statement or a file of JSON lines; what each may at most do out."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

import click

from loadline.app.catalogs import read_catalog
from loadline.app.guarding import guard_lines, guard_sql, named_dialect, said
from loadline.surfaces.cli import finish, options
from loadline.surfaces.render.style import Palette, as_json, clean
from loadline.values.guarded import CatalogFacts, Guarded, GuardVerdict


@click.command()
@click.argument("statement", metavar="[SQL|FILE]", required=False)
@click.option("--dialect", metavar="NAME", help="postgres, duckdb, sqlite, mysql, snowflake, bigquery or tsql.")
@click.option(
    "--function",
    "functions",
    multiple=True,
    metavar="NAME",
    help="A function of your own that only computes [repeatable].",
)
@click.option("--type", "types", multiple=True, metavar="NAME", help="A type of your own [repeatable].")
@click.option(
    "--catalog",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="What is known of the database, as JSON: views are judged by what they read.",
)
@options.output("text", "json", "jsonl")
def sql(
    statement: str | None,
    dialect: str | None,
    functions: tuple[str, ...],
    types: tuple[str, ...],
    catalog: Path | None,
    output: str,
) -> None:
    """Say what SQL would do, without running it: `read`, `write`, `ddl`, or `deny` and why.

    SQL is one statement (`-` reads it from stdin). With --format jsonl, FILE (or stdin) holds lines
    `{"id": …, "dialect": …, "sql": …}`, and each is answered with a line, in the same order; what a line says of its
    dialect wins over --dialect. Ends with 1 when a single statement is denied.
    """
    logging.getLogger("sqlglot").setLevel(logging.ERROR)  # what it warns of is in the verdict
    facts = _facts(catalog, dialect, CatalogFacts(functions=frozenset(functions), types=frozenset(types)))
    if output == "jsonl":
        for answer in guard_lines(_lines(statement), dialect, facts=facts):
            click.echo(as_json(answer))
        return
    if dialect is None:
        raise click.UsageError("say which dialect it is: --dialect postgres")
    text = statement
    if text is None or text == "-":
        text = sys.stdin.buffer.read().decode("utf-8", "surrogateescape")
    found = guard_sql(text, dialect, facts=facts)
    if output == "json":
        click.echo(as_json(said(found)))
    else:
        _print(found)
    finish(1 if found.verdict is GuardVerdict.DENY else 0)


def _facts(catalog: Path | None, dialect: str | None, declared: CatalogFacts) -> CatalogFacts:
    if catalog is None:
        return declared
    if dialect is None:
        raise click.UsageError("a catalog is of one database: say which dialect it has, --dialect postgres")
    found = read_catalog(catalog, named_dialect(dialect))
    return replace(found, functions=found.functions | declared.functions, types=found.types | declared.types)


def _lines(name: str | None) -> Iterator[bytes]:
    if name is None or name == "-":
        yield from _of(sys.stdin.buffer)
        return
    path = Path(name)
    if not path.is_file():
        raise click.UsageError(f"there is no file `{name}`; with --format jsonl the argument is a file of JSON lines")
    with path.open("rb") as file:
        yield from _of(file)


def _of(stream: BinaryIO) -> Iterator[bytes]:
    yield from stream


def _print(found: Guarded) -> None:
    palette = Palette.of()
    paint = {
        GuardVerdict.READ: palette.green,
        GuardVerdict.WRITE: palette.yellow,
        GuardVerdict.DDL: palette.yellow,
        GuardVerdict.DENY: palette.red,
    }[found.verdict]
    click.echo(f"{paint(found.verdict.value)}  {clean(found.why)}")
    for name, values in (
        ("reads", [one.name for one in found.reads]),
        ("writes", [one.name for one in found.writes]),
        ("columns", list(found.columns)),
        ("functions", list(found.functions)),
        ("rule", [found.code] if found.code else []),
        ("mend", [found.mend] if found.mend else []),
    ):
        if values:
            click.echo(f"  {name:<11} {clean(', '.join(values))}")
