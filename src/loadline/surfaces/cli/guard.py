"""`loadline guard`: what stands between an agent and a database."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import click

from loadline.surfaces.cli import LazyGroup


class _Guards(LazyGroup):
    known: ClassVar[Mapping[str, tuple[str, str]]] = {
        "setup": ("guard_setup:setup", "Make a database ready for agents to write to."),
        "sql": ("guard_sql:sql", "Say what SQL would do: read, write, ddl; or deny it."),
    }


@click.group(cls=_Guards)
def guard() -> None:
    """Judge what an agent wants to do, before it is done."""
