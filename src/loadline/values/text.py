"""An expression as somebody wrote it: text, and the place to point at when it is wrong."""

from __future__ import annotations

from dataclasses import dataclass

from loadline.values.place import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """An expression as written, and where its first character stands."""

    value: str
    place: Place
