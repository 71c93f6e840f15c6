"""`loadline demo`: a story in steps in, each command run and its promises checked out."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

import click

from loadline.surfaces.cli import finish

_keep = click.option(
    "--keep", type=click.Path(path_type=Path), help="Write everything here and keep it [default: a temporary folder]."
)


@click.group(invoke_without_command=True)
@_keep
@click.pass_context
def demo(ctx: click.Context, keep: Path | None) -> None:
    """Watch the main job on a company made up for it: one question, two right answers, receipts, a proof.

    Exit 0 only if every step held.
    """
    if ctx.invoked_subcommand is not None:
        if keep is not None:
            raise click.UsageError(f"write `--keep` behind `{ctx.invoked_subcommand}`")
        return
    from loadline.surfaces.cli.story import play

    _play(keep, play)


@demo.command()
@_keep
@click.option(
    "--on",
    "wanted",
    type=click.Choice(["postgres", "sqlite"]),
    help="What to play on [default: a PostgreSQL of its own where one can be started, else SQLite].",
)
def wipe(keep: Path | None, wanted: str | None) -> None:
    """Watch an agent try to wipe a production database, invent rows, and say that nothing can be brought back.

    It starts a database of its own, which nobody else can reach, and ends it. Exit 0 only if every step held.
    """
    from loadline.surfaces.cli.story import play_wipe

    _play(keep, lambda folder: play_wipe(folder, wanted=wanted))


def _play(keep: Path | None, play: Callable[[Path], int]) -> None:
    if keep is not None:
        if keep.exists() and (not keep.is_dir() or any(keep.iterdir())):
            raise click.UsageError(f"`{keep}` is there already: name a folder that is new or empty")
        finish(play(keep.resolve()))  # steps run in folders of their own
    with tempfile.TemporaryDirectory(prefix="loadline-demo-") as scratch:
        finish(play(Path(scratch) / "company"))
