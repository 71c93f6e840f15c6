"""`loadline explain`: a code in, what it means and how it is mended out. Works offline."""

from __future__ import annotations

import json
import textwrap

import click

from loadline.app import explain as find
from loadline.surfaces.cli import codes, options
from loadline.surfaces.render.style import Palette
from loadline.values.canonical import plain


@click.command()
@click.argument("code", required=False)
@options.output("text", "json")
def explain(code: str | None, output: str) -> None:
    """Explain CODE (as printed in an error), or list every code."""
    palette = Palette.of()
    found = find(code, also=codes.CODES)
    if output == "json":
        click.echo(json.dumps([plain(item) for item in found], ensure_ascii=False))
        return
    if code is None:
        for item in found:
            click.echo(f"{palette.bold(item.code)}  {item.title}")
        return
    (item,) = found
    click.echo(f"{palette.bold(item.code)}  {item.title}\n")
    click.echo(textwrap.fill(item.why, 100) + "\n")
    click.echo("Like this it is wrong:\n\n" + textwrap.indent(item.wrong, "    ") + "\n")
    click.echo("Like this it is right:\n\n" + textwrap.indent(item.right, "    "))
