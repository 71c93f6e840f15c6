"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from loadline.app import App
    from loadline.flow.reading import Door

Decorated = Callable[..., Any]


class Once(click.Option):
    """An option that may be written once. Click lets the last one win silently; here nothing that is said is lost."""

    def add_to_parser(self, parser: Any, ctx: click.Context) -> None:
        super().add_to_parser(parser, ctx)
        for name in self.opts:
            option = parser._long_opt.get(name) or parser._short_opt.get(name)  # noqa: SLF001 - click offers no other way
            process = option.process

            def once(value: Any, state: Any, process: Any = process) -> None:
                if self.name in state.opts:
                    raise click.UsageError(f"`{self.opts[-1]}` is written twice; write it once")
                process(value, state)

            option.process = once


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


def door(app: App, person: str | None) -> Door | None:
    """Who reads at this terminal; None for who names nobody: they hold the folder. Raises RequestError."""
    from loadline.flow.reading import Door

    return Door(principal=app.principal(person)) if person is not None else None


as_reader = click.option(
    "--as",
    "person",
    metavar="NAME",
    help="Read as one of `people`, by what they may [default: everything, as you hold the folder].",
)

for_purpose = click.option(
    "--purpose",
    cls=Once,
    metavar="PURPOSE",
    envvar="LOADLINE_PURPOSE",
    help="What the answer is for, a purpose of the W3C Data Privacy Vocabulary: ServiceProvision, Marketing, …",
)


def output(*formats: str) -> Callable[[Decorated], Decorated]:
    """`--format`, with the first format as the default."""
    return click.option(
        "--format", "output", type=click.Choice(formats), default=formats[0], show_default=True, help="How to print."
    )


days = click.option(
    "--days",
    type=click.IntRange(min=1),
    default=28,
    show_default=True,
    help="How far back recorded questions are counted.",
)
