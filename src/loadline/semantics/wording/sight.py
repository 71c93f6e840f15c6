"""A question's tokens and the lexicon in; what stands at each place out: governed phrases, times, numbers, joints."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import TypeVar

from loadline.semantics.time import NotUnderstood, Span, read_window
from loadline.semantics.time_tokens import MONTHS, UNITS
from loadline.semantics.time_vocabulary import DECLINED as TIME_DECLINED
from loadline.semantics.time_vocabulary import KNOWN as TIME_KNOWN
from loadline.semantics.wording.lexicon import FlagNamed, Lexicon, MetricNamed, Phrase, ValueNamed
from loadline.semantics.wording.stems import slip_of, stem
from loadline.semantics.wording.tokens import Kind, Token
from loadline.semantics.wording.vocabulary import CURRENCIES, GAPS, GROWN, SCALES, SHARES, SMALL_NUMBERS, STEPS
from loadline.values.model import Calendar

T = TypeVar("T")

LONGEST_TIME = 14
"""Tokens a time within a question may have."""

_NO_START = frozenset(
    {"a", "an", "and", "all", "of", "to", "the", "on", "over", "is", "as", "by", "each", "per", "every", "now", "data",
     "date", "dates", "past"}
)  # fmt: skip
_MAY_LEAD = frozenset({"all", "past", "over", "on", "of"})


_BESIDE = frozenset({"vs", "versus", "compared"})
"""Words between two times: no time goes on behind them."""
_BARE = frozenset(
    {
        "of",
        "in",
        "for",
        "from",
        "on",
        "over",
        "to",
        "the",
        "about",
        "excluding",
        "without",
        "during",
        "within",
        "-",
        ",",
        "a",
    }
)
"""Words that stand before a time and are none."""

_DID = frozenset({"did", "do", "does", "didn't", "don't"})

_TIMELY = frozenset({*UNITS, *MONTHS, "q", "h", "fy"}) | {
    "hours", "hour", "morning", "afternoon", "evening", "tonight", "mondays", "weekends", "weekend", "weekdays",
    "today", "yesterday", "recently", "lately", "decade", "spring", "summer", "autumn", "winter", "christmas", "easter",
}  # fmt: skip
"""Words that only a time has."""

_FIRSTS: dict[int, tuple[Collection[str], dict[str, list[tuple[str, ...]]]]] = {}


def _by_first(phrases: Collection[str]) -> dict[str, list[tuple[str, ...]]]:
    """Phrases by their first word, the longest first. They are the grammar's own and few: each collection is kept."""
    known = _FIRSTS.get(id(phrases))
    if known is None or known[0] is not phrases:
        firsts: dict[str, list[tuple[str, ...]]] = {}
        for phrase in sorted(phrases, key=lambda text: -len(text.split())):
            words = tuple(phrase.split())
            firsts.setdefault(words[0], []).append(words)
        known = _FIRSTS[id(phrases)] = (phrases, firsts)
    return known[1]


@dataclass(frozen=True, slots=True)
class Found:
    """Phrases that fit at one place up to `end`, all equally long; `word` is what was said."""

    phrases: tuple[Phrase, ...]
    end: int
    word: str


@dataclass(frozen=True, slots=True)
class Amount:
    value: Decimal
    unit: str | None
    end: int


@dataclass(slots=True)
class Sight:
    text: str
    tokens: tuple[Token, ...]
    lexicon: Lexicon
    today: date
    calendar: Calendar
    stems: tuple[str, ...] = ()
    slips: dict[int, str] = field(default_factory=dict)  # place -> the known word that was meant
    furthest: int = 0
    is_grown: bool = False  # a word for growth, or for a part of a whole, is somewhere in it
    is_shared: bool = False
    time_reasons: dict[int, str] = field(default_factory=dict)
    _found: dict[int, Found | None] = field(default_factory=dict)
    _times: dict[int, tuple[Span, int] | None] = field(default_factory=dict)
    _windows: dict[tuple[str, Span | None], Span | NotUnderstood] = field(default_factory=dict)

    def __post_init__(self) -> None:
        stems = []
        for place, token in enumerate(self.tokens):
            word = stem(token.text)
            if token.kind is Kind.WORD and not self.is_known(token.text):
                slip = slip_of(token.text, self.lexicon.vocabulary)
                if slip is not None:
                    self.slips[place], word = slip, stem(slip)
            stems.append(word)
        self.stems = tuple(stems)
        said = {token.text for token in self.tokens if token.kind is not Kind.QUOTED}
        self.is_grown = not said.isdisjoint(GROWN | STEPS)
        self.is_shared = not said.isdisjoint(SHARES)

    def is_known(self, word: str) -> bool:
        from loadline.semantics.wording.grammar_words import GRAMMAR_WORDS  # noqa: PLC0415 - it needs the clauses

        return (
            word in GRAMMAR_WORDS
            or word in TIME_KNOWN
            or word in TIME_DECLINED
            or word in self.lexicon.vocabulary
            or stem(word) in self.lexicon.vocabulary
        )

    def __len__(self) -> int:
        return len(self.tokens)

    def said(self, start: int, end: int) -> str:
        return self.text[self.tokens[start].start : self.tokens[end - 1].end]

    # -- plain words

    def word(self, at: int, wanted: Collection[str]) -> bool:
        return at < len(self.tokens) and self.tokens[at].kind is not Kind.QUOTED and self.tokens[at].text in wanted

    def phrase(self, at: int, phrases: Collection[str]) -> int | None:
        """Position after the longest of `phrases` that stands here."""
        if at >= len(self.tokens) or self.tokens[at].kind is Kind.QUOTED:
            return None
        for words in _by_first(phrases).get(self.tokens[at].text, ()):
            end = at + len(words)
            if all(token.text == word for token, word in zip(self.tokens[at:end], words, strict=False)) and end <= len(
                self.tokens
            ):
                return end
        return None

    def lookup(self, at: int, phrases: Mapping[str, T]) -> tuple[T, int] | None:
        end = self.phrase(at, phrases)
        if end is None:
            return None
        return phrases[" ".join(token.text for token in self.tokens[at:end])], end

    def skip(self, at: int, words: Collection[str]) -> int:
        while self.word(at, words):
            at += 1
        return at

    def skip_back(self, at: int, words: Collection[str]) -> int:
        while at >= 0 and self.word(at, words):
            at -= 1
        return max(at, 0)

    # -- governed phrases

    def found(self, at: int) -> Found | None:
        """The longest governed phrases here."""
        if at not in self._found:
            self._found[at] = self._look(at)
        return self._found[at]

    def value(self, at: int) -> Found | None:
        """The longest value or flag here, whatever else begins here, too."""
        return self._look(at, kinds=(ValueNamed, FlagNamed))

    def metric(self, at: int) -> Found | None:
        """The longest metric of two words or more here, where a longer name of another kind begins here, too."""
        found = self._look(at, kinds=(MetricNamed,))
        return found if found is not None and len(found.phrases[0].words) > 1 else None

    def _look(self, at: int, *, kinds: tuple[type, ...] = ()) -> Found | None:
        if at >= len(self.tokens) or (
            self.tokens[at].kind is not Kind.WORD and self.tokens[at].kind is not Kind.QUOTED
        ):
            return None
        if self.tokens[at].kind is Kind.QUOTED:
            return self._quoted(at)
        best: dict[int, list[tuple[int, Phrase]]] = {}
        for phrase in self.lexicon.phrases.get(self.stems[at], ()):
            if kinds and not isinstance(phrase.named, kinds):
                continue
            if (fit := self._fit(phrase, at)) is not None:
                size, end = fit
                best.setdefault(size, []).append((end, phrase))
        if not best:
            return None
        longest = best[max(best)]
        end = min(end for end, _ in longest)
        return Found(tuple(phrase for stop, phrase in longest if stop == end), end, self.said(at, end))

    def _quoted(self, at: int) -> Found | None:
        words = tuple(stem(word) for word in re.findall(r"[^\W\d_]+|\d+", self.tokens[at].text))
        fits = [
            phrase
            for phrase in self.lexicon.phrases.get(words[0] if words else "", ())
            if len(phrase.words) == len(words) and all(w in one for w, one in zip(words, phrase.words, strict=True))
        ]
        return Found(tuple(fits), at + 1, self.tokens[at].text) if fits else None

    def _fit(self, phrase: Phrase, at: int) -> tuple[int, int] | None:
        """(words matched, position after) when the whole phrase stands here."""
        if phrase.exact is not None:
            token = self.tokens[at]
            return (1, at + 1) if self.text[token.start : token.end] == phrase.exact else None
        left = list(phrase.words)
        is_metric = isinstance(phrase.named, MetricNamed)
        place, end, gaps, extra, is_owned = at, at, 0, 0, False
        while left and place < len(self.tokens):
            token, word = self.tokens[place], self.stems[place]
            fits = enumerate(left[: len(left) if phrase.is_free else 1])
            position = next((n for n, words in fits if word in words and self._may_bend(place, word, words)), -1)
            if token.kind is Kind.QUOTED:
                return None
            if position >= 0:
                left.pop(position)
                gaps, end = 0, place + 1
            elif is_owned and len(left) == 1 and {f"{word}d", f"{word}ed"} & left[0]:
                left.pop()  # `did customers place`, where `places` are something else
                gaps, end = 0, place + 1
            elif not extra and word in phrase.may:
                extra = 1
            elif word in phrase.owners and self._did_before(place):
                gaps, is_owned = 0, True  # `orders did customers place`: whose they are says nothing new
            elif place > at and gaps < 3 and (token.text in {"-", "_", "."} or (is_metric and token.text in GAPS)):
                gaps += 1
            else:
                return None
            place += 1
        if left:
            return None
        is_followed = is_metric and end < len(self.tokens) and self.stems[end] in phrase.may
        if not extra and is_followed and not self._begins_metric(end):
            end, extra = end + 1, 1
        return len(phrase.words) + extra, end

    def _did_before(self, place: int) -> bool:
        """Whether the word here is who did it: `did our customers`, `that customers`."""
        before = place - 1
        while before > 0 and self.word(before, {"our", "the", "all"}):
            before -= 1
        return place < len(self.tokens) - 1 and self.word(before, _DID | {"have", "has", "that", "which"})

    def _may_bend(self, place: int, word: str, words: Collection[str]) -> bool:
        """`did customers open` is of what was opened; `open tickets` are those still open, and `cancel orders` is no
        question."""
        is_bent = any(own.endswith("ed") and own[:-cut] == word for own in words for cut in (1, 2, 3))
        return not is_bent or any(self.word(before, _DID) for before in range(place))

    def _begins_metric(self, at: int) -> bool:
        """Whether a dataset's word here is the beginning of a metric's own name: `orders` of `orders placed`."""
        for phrase in self.lexicon.phrases.get(self.stems[at], ()):
            if isinstance(phrase.named, MetricNamed) and len(phrase.words) > 1 and self._fit(phrase, at) is not None:
                return True
        return False

    # -- times and numbers

    def time(self, at: int) -> tuple[Span, int] | None:
        """The longest time expression here, leading `in` or `during` included."""
        if at not in self._times:
            self._times[at] = self._read_time(at)
        return self._times[at]

    def window(self, text: str, base: Span | None = None) -> Span | NotUnderstood:
        """The time that a text says, read once."""
        key = (text, base)
        known = self._windows.get(key)
        if known is None:
            known = self._windows[key] = read_window(text, today=self.today, calendar=self.calendar, base=base)
        return known

    def _read_time(self, at: int) -> tuple[Span, int] | None:
        stop = at
        while stop < len(self.tokens) and stop - at < LONGEST_TIME and self._is_timely(stop):
            stop += 1
        if stop == at or (self.tokens[at].text in _NO_START and self.tokens[at].text not in _MAY_LEAD):
            return None
        for end in range(stop, at, -1):
            if self._is_bare_number(at, end) or all(token.text in _BARE for token in self.tokens[at:end]):
                continue
            match self.window(self.said(at, end)):
                case NotUnderstood(reason=reason, residue=residue):
                    is_meant = reason.startswith(("it may mean", "it begins", "this ", "there is no day"))
                    if residue == "" and (is_meant or reason.endswith("has no such day")):
                        self.time_reasons.setdefault(at, f"`{self.said(at, end)}`: {reason}")
                        return None
                    if end == stop and not residue:
                        self.time_reasons.setdefault(at, f"`{self.said(at, end)}`: {reason}")
                case span:
                    return span, end
        return None

    def _is_timely(self, at: int) -> bool:
        token = self.tokens[at]
        if token.kind is Kind.NUMBER:
            return token.text.isdigit() and token.text.isascii()
        if token.text in _BESIDE:
            return False
        if token.kind is Kind.SIGN:
            return token.text in {"-", "/", ".", "..", "...", ",", "'", "~"}
        return token.kind is Kind.WORD and (
            token.text in TIME_KNOWN
            or token.text in TIME_DECLINED
            or (token.text in {"th", "st", "nd", "rd"} and token.is_glued)
        )

    def _is_bare_number(self, at: int, end: int) -> bool:
        """`over 2000` is an amount, `in 2000` a year; a number after a comparison is none either."""
        if self.tokens[end - 1].kind is not Kind.NUMBER or end - at > 2:
            return False
        if end - at == 2:
            return self.tokens[at].text in {"over", "on", "within", "up"}
        before = self.tokens[at - 1].text if at else ""
        return before in {"over", "above", "than", "under", "below", "least", "most", "top", "bottom", "and", "exactly"}

    def time_reason(self, at: int) -> str | None:
        """Why the time here, if it is meant to be one, is none."""
        stop = at
        while stop < len(self.tokens) and stop - at < LONGEST_TIME and self._is_timely(stop):
            stop += 1
        words = {token.text for token in self.tokens[at:stop]}
        if not words & _TIMELY:
            return None
        match self.window(self.said(at, stop)):
            case NotUnderstood(reason=reason):
                return f"`{self.said(at, stop)}`: {reason}"
            case _:
                return None

    def amount(self, at: int) -> Amount | None:
        """`1,000 EUR`, `€2.5m`, `5%`, `3 days`: the number as it counts, and its unit as it was said."""
        if at >= len(self.tokens):
            return None
        token = self.tokens[at]
        if token.kind is Kind.MONEY:
            digits = re.search(r"[\d,]+(?:\.\d+)?", token.text)
            scale = re.search(r"[a-z]+\Z", token.text)
            number = Decimal(digits[0].replace(",", "")) if digits else Decimal(0)
            return Amount(number * SCALES.get(scale[0] if scale else "", 1), CURRENCIES[token.text[0]], at + 1)
        if token.kind is Kind.NUMBER:
            value, end = Decimal(token.text.replace(",", "")), at + 1
        elif token.text in SMALL_NUMBERS:
            value, end = Decimal(SMALL_NUMBERS[token.text]), at + 1
        else:
            return None
        if self.word(end, SCALES):
            value, end = value * SCALES[self.tokens[end].text], end + 1
        if self.word(end, {"%", "percent", "pct"}):
            return Amount(value, "%", end + 1)
        if end < len(self.tokens) and stem(self.tokens[end].text) in CURRENCIES:
            return Amount(value, CURRENCIES[stem(self.tokens[end].text)], end + 1)
        return Amount(value, None, end)

    def count(self, at: int) -> tuple[int, int] | None:
        """A small whole number: how many are ranked."""
        if at >= len(self.tokens):
            return None
        token = self.tokens[at]
        if token.kind is Kind.NUMBER and token.text.isdigit() and 0 < int(token.text) <= 1000:
            return int(token.text), at + 1
        if token.text in SMALL_NUMBERS:
            return SMALL_NUMBERS[token.text], at + 1
        return None
