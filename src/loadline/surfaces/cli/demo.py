"""`loadline demo`: a story in steps in, each command run and its promises checked out."""

from __future__ import annotations

import tempfile
from pathlib import Path

import click

from loadline.surfaces.cli import finish


@click.command()
@click.option(
    "--keep", type=click.Path(path_type=Path), help="Write the company here and keep it [default: a temporary folder]."
)
def demo(keep: Path | None) -> None:
    """Watch the main job on a company made up for it: one question, two right answers, receipts, a proof.

    Exit 0 only if every step held.
    """
    from loadline.surfaces.cli.story import play

    if keep is not None:
        finish(play(keep))
    with tempfile.TemporaryDirectory(prefix="loadline-demo-") as scratch:
        finish(play(Path(scratch) / "company"))
