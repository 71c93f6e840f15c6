"""Tokens of a statement in, words of it blanked, written over or added; the text, and where each token is now, out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from loadline.semantics.guard.lexing import Token


@dataclass(frozen=True, slots=True, kw_only=True)
class Spelled:
    """`shifts`: from which place on places are moved, and by how much.

    `is_changed`: a write's clauses are not where its text has them. `also_writes`: tables whose names are blanked out.
    """

    text: str
    shifts: tuple[tuple[int, int], ...] = ()
    is_changed: bool = False
    also_writes: tuple[tuple[Token, ...], ...] = ()

    def end_of(self, token: Token) -> int:
        return token.end + sum(by for start, by in self.shifts if token.start >= start)

    def keeps(self, token: Token) -> bool:
        return self.text[self.end_of(token) - 1] != " "  # a quoted text ends with its quote


@dataclass(slots=True, kw_only=True)
class Sheet:
    signs: list[str]
    tokens: Sequence[Token]
    added: list[tuple[int, str]] = field(default_factory=list)
    is_changed: bool = False
    also_writes: list[tuple[Token, ...]] = field(default_factory=list)

    def add(self, at: int, text: str) -> None:
        """`text` before the sign at `at`; to be said in the order of the places."""
        self.added.append((at, text))

    def spelled(self) -> Spelled:
        parts, done = [], 0
        for at, text in self.added:
            parts += ["".join(self.signs[done:at]), text]
            done = at
        return Spelled(
            text="".join([*parts, *self.signs[done:]]),
            shifts=tuple((at, len(text)) for at, text in self.added),
            is_changed=self.is_changed,
            also_writes=tuple(self.also_writes),
        )

    def blank(self, start: int, end: int) -> None:
        for one in self.tokens[start:end]:
            self.signs[one.start : one.end] = " " * (one.end - one.start)
        self.is_changed = True

    def write(self, at: int, word: str) -> None:
        """`word` in the place of a token that is at least as long."""
        one = self.tokens[at]
        self.signs[one.start : one.end] = word.ljust(one.end - one.start)
        self.is_changed = True
