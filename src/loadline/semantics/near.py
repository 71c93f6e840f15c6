"""A name nobody knows in, the known name it was probably meant to be out."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def nearest(name: str, known: Iterable[str]) -> str | None:
    found = difflib.get_close_matches(name.lower(), by_lower := {k.lower(): k for k in known}, n=1, cutoff=0.7)
    return by_lower[found[0]] if found else None


def a(word: str) -> str:
    """The word with its article."""
    return f"an {word}" if word[0] in "aeio" else f"a {word}"


def listed(names: Iterable[str], most: int = 8) -> str:
    """Names in backticks, the first few of them."""
    every = list(dict.fromkeys(names))
    shown = ", ".join(f"`{name}`" for name in every[:most])
    return f"{shown} and {len(every) - most} more" if len(every) > most else shown
