"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

Decorated = Callable[..., Any]

project = click.option(
    "-C",
    "--project",
    "folder",
    type=click.Path(path_type=Path),
    envvar="LOADLINE_PROJECT",
    help="The project's folder [default: the nearest one holding loadline.yaml, from here upwards].",
)

as_person = click.option(
    "--as", "person", metavar="NAME", envvar="LOADLINE_AS", help="Who asks: one of `people` in loadline.yaml."
)


def output(*formats: str) -> Callable[[Decorated], Decorated]:
    """`--format`, with the first format as the default."""
    return click.option(
        "--format", "output", type=click.Choice(formats), default=formats[0], show_default=True, help="How to print."
    )
