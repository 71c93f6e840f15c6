"""`loadline init`: a folder in, a project that works in it out."""

from __future__ import annotations

from pathlib import Path

import click

from loadline.app import init_project
from loadline.surfaces.render.style import Palette, clean


@click.command()
@click.argument("target", type=click.Path(path_type=Path), required=False)
@click.option("--demo", "is_demo", is_flag=True, help="Write the demo company instead of the smallest project.")
def init(target: Path | None, is_demo: bool) -> None:
    """Start a project in TARGET: files to change, and a signing key for its ledger.

    In a folder that holds a project already, only a missing key is made.
    """
    folder = target or Path("quaywind" if is_demo else ".")
    written = init_project(folder, is_demo=is_demo)
    palette = Palette.of()
    if not written:
        click.echo(f"`{clean(str(folder))}` holds a project and its signing key already; nothing was changed")
        return
    size = sum(path.stat().st_size for path in written) / 1_000_000
    click.echo(f"{palette.green('written')}  {len(written)} files, {size:.1f} MB, in {clean(str(folder))}")
    where = "" if folder == Path() else f" -C {clean(str(folder))}"
    click.echo(f"\nnext:\n  loadline check{where}\n  loadline ask{where} --metric booked_revenue --grain month")
