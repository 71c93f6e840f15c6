"""`loadline watch`: everything that is due, once or as a daemon."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from loadline.surfaces.cli import finish, options

if TYPE_CHECKING:
    from loadline.flow.watch_run import WatchRun


@click.command()
@click.option("--once", is_flag=True, help="One round, then end: for cron and CI.")
@options.project
@options.output("text", "json", "github")
def watch(once: bool, folder: Path | None, output: str) -> None:
    """Look at every window that is due: profile it, judge it, record it, send alarms.

    Without --once it stays and looks whenever a window ends. A window is run once, however often this is started or
    killed; with each, the dataset's contract is checked. A contract that says when (`schedule` of a quality rule or
    service level) is checked then, watched or not. Exit (with --once) 0 when all is well, 1 while an alarm stands
    or a promise is broken, 3 when the data could not be looked at.
    """
    import signal
    import threading

    from loadline.app import open_app

    with open_app(folder) as app:
        if once:
            show_run(app.watch(), output)
            return
        stop = threading.Event()
        before = signal.signal(signal.SIGTERM, lambda *_: stop.set())
        try:
            for run in app.keep_watching(stop):
                print_run(run, output)
        finally:
            signal.signal(signal.SIGTERM, before)


def show_run(run: WatchRun, output: str) -> None:
    """Print a round, and end with what it came to."""
    print_run(run, output)
    finish(3 if run.has_failed else 1 if run.has_found else 0)


def print_run(run: WatchRun, output: str) -> None:
    from loadline.surfaces.render import watching as render
    from loadline.surfaces.render.diagnostics import as_text
    from loadline.surfaces.render.style import Palette, as_json

    match output:
        case "json":
            click.echo(as_json(render.run_as_json(run)))
        case "github":
            for line in render.run_as_github(run):
                click.echo(line)
        case _:
            click.echo("\n".join(render.run_as_text(run)))
    for diagnostic in run.unsent:
        click.echo(as_text(diagnostic, Palette.of()), err=True)
