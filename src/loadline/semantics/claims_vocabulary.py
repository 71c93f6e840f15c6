"""Words as they are written down in, sets of them out."""

from __future__ import annotations


def words(text: str) -> tuple[str, ...]:
    """The words of a text, in order; `_` stands for the space within a phrase."""
    return tuple(word.replace("_", " ") for word in text.split())
