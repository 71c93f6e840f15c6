"""Where something was written."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A span of one line of a file. `line` and `column` start at 1; `length` is in characters."""

    file: str
    line: int = 1
    column: int = 1
    length: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"

    def within(self, offset: int, length: int) -> Place:
        """The part of this span that starts `offset` characters in; for pointing into an expression."""
        return Place(file=self.file, line=self.line, column=self.column + offset, length=max(1, length))
