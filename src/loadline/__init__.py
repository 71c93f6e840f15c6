"""Loadline: the governed layer between a company's AI assistants and its data."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from loadline.surfaces.python import open as open  # noqa: A004 - `loadline.open`, given on to users

__all__ = ["open"]


def __getattr__(name: str) -> object:
    """`open` is imported when it is first wanted: the command line starts without it."""
    if name == "open":
        from loadline.surfaces.python import open as found  # noqa: PLC0415 - see above

        return found
    raise AttributeError(f"module `loadline` has no attribute `{name}`")
