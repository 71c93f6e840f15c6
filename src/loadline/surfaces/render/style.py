"""Terminal colours that vanish when nobody would see them."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable
from typing import TextIO

Paint = Callable[[str], str]

_JSON = json.JSONEncoder(ensure_ascii=False)  # made once: a result may have a million rows
_UNPRINTABLE = re.compile(r"[^\x20-\x7e]")


def has_colour(stream: TextIO | None) -> bool:
    """https://no-color.org and https://force-color.org; else only on a terminal."""
    if os.environ.get("FORCE_COLOR"):
        return True
    if stream is None or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return stream.isatty()


class Palette:
    """`bold`, `dim`, `red`, `green`, `yellow`, `blue`: text in, painted text out."""

    def __init__(self, *, is_on: bool) -> None:
        self._is_on = is_on

    @classmethod
    def of(cls, stream: TextIO | None = None) -> Palette:
        return cls(is_on=has_colour(stream or sys.stdout))

    def _paint(self, text: str, code: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self._is_on and text else text

    def bold(self, text: str) -> str:
        return self._paint(text, "1")

    def dim(self, text: str) -> str:
        return self._paint(text, "2")

    def red(self, text: str) -> str:
        return self._paint(text, "1;31")

    def green(self, text: str) -> str:
        return self._paint(text, "32")

    def yellow(self, text: str) -> str:
        return self._paint(text, "33")

    def blue(self, text: str) -> str:
        return self._paint(text, "34")


def clean(text: str) -> str:
    """Control characters made visible: a name or a value from data cannot move the cursor or hide what was said."""
    return "".join(c if c.isprintable() or c == "\n" else repr(c)[1:-1] for c in text)


def as_json(value: object) -> str:
    """One line of JSON. What cannot be printed is escaped, so that it says the same and moves no cursor either."""
    text = _JSON.encode(value)
    return text if text.isprintable() else _UNPRINTABLE.sub(_escaped, text)


def _escaped(found: re.Match[str]) -> str:
    return found[0] if found[0].isprintable() else json.dumps(found[0])[1:-1]
