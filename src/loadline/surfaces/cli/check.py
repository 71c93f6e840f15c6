"""`loadline check`: a project in, everything wrong with it out."""

from __future__ import annotations

from pathlib import Path

import click

from loadline.app import check_project
from loadline.surfaces.cli import finish, options
from loadline.surfaces.render import style
from loadline.surfaces.render.diagnostics import as_github, as_json, as_text
from loadline.surfaces.render.style import Palette
from loadline.values.diagnostic import Severity


@click.command()
@click.argument("path", required=False, type=click.Path(path_type=Path))
@options.project
@options.output("text", "json", "github")
def check(path: Path | None, folder: Path | None, output: str) -> None:
    """Read the project (in PATH, when given) and say everything that is wrong with it, with place and mend.

    Exit 0 when nothing is (warnings aside), 2 when something is.
    """
    checked = check_project(path or folder)
    errors = sum(d.severity is Severity.ERROR for d in checked.diagnostics)
    warnings = sum(d.severity is Severity.WARNING for d in checked.diagnostics)
    match output:
        case "json":
            click.echo(style.as_json({"errors": errors, "diagnostics": as_json(checked.diagnostics)}))
        case "github":
            for diagnostic in checked.diagnostics:
                click.echo(as_github(diagnostic))
        case _:
            palette = Palette.of()
            for diagnostic in checked.diagnostics:
                click.echo(as_text(diagnostic, palette) + "\n")
            verdict = palette.red("does not fit together") if errors else palette.green("fits together")
            click.echo(f"{verdict}: {_count(errors, 'error')}, {_count(warnings, 'warning')}; {checked.summary}")
    finish(2 if errors else 0)


def _count(number: int, what: str) -> str:
    return f"{number} {what}" + ("" if number == 1 else "s")
