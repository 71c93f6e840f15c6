"""The reading head of the time grammar: tokens, the asker's day, the calendar; and the matchers of single tokens.

Every rule of the grammar takes a position and yields each (meaning, position after it) it can see there. All rules are
tried; a text is understood when all complete readings agree on the days, and ambiguous when they do not. That is how
`last March`, said in November, is caught, and not by a list of hard cases.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar

from loadline.semantics.time_tokens import NUMBERS, TENS, UNIT_LETTERS, UNITS, Kind, Token
from loadline.values.model import Calendar

T = TypeVar("T")
Found = Iterator[tuple[T, int]]

THIS = frozenset({"this", "current"})
PREVIOUS = frozenset({"last", "previous", "prior", "preceding"})
WHOLE = frozenset({"calendar", "complete", "completed", "full", "whole", "entire"})
FISCAL = frozenset({"fiscal", "financial"})


@dataclass(slots=True)
class Scan:
    """`furthest` is how far any rule got; `declined` are reasons of rules that understood and said no, by position."""

    tokens: tuple[Token, ...]
    today: date
    calendar: Calendar
    furthest: int = 0
    declined: list[tuple[int, str]] = field(default_factory=list)

    def token(self, at: int) -> Token | None:
        return self.tokens[at] if at < len(self.tokens) else None

    def passed(self, at: int) -> int:
        """Remember that everything before `at` was understood by some rule."""
        self.furthest = max(self.furthest, at)
        return at

    def word(self, at: int, wanted: Collection[str]) -> int | None:
        """Position after one of the `wanted` words (or signs), else None."""
        token = self.tokens[at] if at < len(self.tokens) else None
        if token is not None and token.text in wanted and (token.kind is Kind.WORD or token.kind is Kind.SIGN):
            self.furthest = max(self.furthest, at + 1)
            return at + 1
        return None

    def words(self, at: int, phrase: str) -> int | None:
        """Position after all words of `phrase`; a hyphen may join them (`year-to-date`)."""
        for number, wanted in enumerate(phrase.split()):
            after = self.word(self.skip(at, {"-"}) if number else at, {wanted})
            if after is None:
                return None
            at = after
        return at

    def skip(self, at: int, optional: Collection[str]) -> int:
        after = self.word(at, optional)
        return at if after is None else after

    def skip_all(self, at: int, optional: Collection[str]) -> int:
        while (after := self.word(at, optional)) is not None:
            at = after
        return at

    def lookup(self, at: int, names: Mapping[str, T]) -> tuple[T, int] | None:
        token = self.token(at)
        if token is not None and token.kind is Kind.WORD and token.text in names:
            return names[token.text], self.passed(at + 1)
        return None

    def numeric(self, at: int, kind: Kind) -> tuple[Token, int] | None:
        token = self.token(at)
        if token is not None and token.kind is kind and token.numbers:
            return token, self.passed(at + 1)
        return None

    def number(self, at: int) -> Found[int]:
        """A count: 7, seven, twenty-four."""
        if found := self.numeric(at, Kind.NUMBER):
            token, after = found
            if token.numbers[0] <= 9999:
                yield token.numbers[0], after
        elif small := self.lookup(at, NUMBERS):
            yield small
        elif tens := self.lookup(at, TENS):
            yield tens
            value, after = tens
            ones = self.lookup(self.skip(after, {"-"}), NUMBERS)
            if ones is not None and ones[0] <= 9:
                yield value + ones[0], ones[1]

    def unit(self, at: int) -> Found[str]:
        """`quarter`, `fiscal year`, `FY`: one unit, fiscal ones as `fiscal_quarter`. `last months` has no number, so
        a plural is none."""
        for unit, after in self._any_unit(at):
            if not self.tokens[after - 1].text.endswith("s"):
                yield unit, after

    def _any_unit(self, at: int) -> Found[str]:
        at = self.skip_all(at, WHOLE)
        fiscal_at = self.word(at, FISCAL)
        if fiscal_at is not None:
            at = self.skip_all(fiscal_at, WHOLE)
        if found := self.lookup(at, UNITS):
            unit, after = found
            if fiscal_at is None:
                yield unit, after
            elif unit in {"quarter", "half", "year"}:
                yield f"fiscal_{unit}", after
        elif fiscal_at is None and (found := self.lookup(at, {"fy": "fiscal_year", "fq": "fiscal_quarter"})):
            yield found

    def counted_unit(self, at: int) -> Found[tuple[int, str]]:
        """`7 days`, `three complete months`, `30d`."""
        for count, after in self.number(at):
            if count < 1:
                continue
            for unit, end in self._any_unit(self.skip(after, {"-"})):
                yield (count, unit), end
            token = self.token(after)
            if token is not None and token.is_glued and (found := self.lookup(after, UNIT_LETTERS)):
                unit, end = found
                yield (count, unit), end

    def decline(self, at: int, reason: str) -> None:
        self.declined.append((at, reason))
