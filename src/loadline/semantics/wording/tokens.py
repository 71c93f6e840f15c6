"""A question's text in, its tokens out: words, numbers, quoted texts and signs, each with its place; nothing is
interpreted."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import Enum

MOST = 60
"""Tokens a question may have; a longer text is no question."""

_PATTERN = re.compile(
    r"""
      "(?P<double>[^"]{1,80})" | (?<![\w])'(?P<single>[^'\d][^']{0,78})'(?!\w)
    | (?P<possessive>'s\b)
    | (?P<money>[€$£¥]\s?\d[\d,]*(?:\.\d+)?\s?(?:k|m|bn|million|thousand|billion)?\b)
    | (?P<number>\d{1,3}(?:,\d{3})+(?:\.\d+)?(?!\d) | (?<!\d\.)\d+\.\d+(?![\d.]) | \d+)
    | (?P<word>[^\W\d_]+(?:'(?!s\b)[^\W\d_]+)*)
    | (?P<sign>\.\.\.?|[<>]=|\S)
    """,
    re.VERBOSE,
)
_QUOTES = str.maketrans({
    "\u2019": "'", "\u2018": "'", "`": "'", "\u201c": '"', "\u201d": '"', "\u201e": '"', "\u2013": "-", "\u2014": "-",
})  # fmt: skip
_PLAIN = str.maketrans({"ł": "l", "ø": "o", "æ": "ae", "œ": "oe", "đ": "d", "ß": "ss"})


class Kind(Enum):
    WORD = "word"
    NUMBER = "number"
    MONEY = "money"
    QUOTED = "quoted"
    SIGN = "sign"


@dataclass(frozen=True, slots=True)
class Token:
    """`text` is what counts (folded), `start` and `end` its place in the question. `is_possessive`: `'s` followed.
    `is_glued`: nothing stood between it and the token before."""

    kind: Kind
    text: str
    start: int
    end: int
    is_possessive: bool = False
    is_glued: bool = False


def fold(text: str) -> str:
    """What counts of a word: not case, accents or the kind of a quote."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in plain if not unicodedata.combining(c)).translate(_PLAIN)


def tokens_of(text: str) -> tuple[str, tuple[Token, ...]]:
    """The text as it was read (NFKC, plain quotes) and its tokens; commas and closing punctuation fall away where they
    say nothing. Stops one past `MOST`."""
    read = unicodedata.normalize("NFKC", text).translate(_QUOTES).strip()
    read = re.sub(r"[?!.;:\s]+\Z", "", read)
    found: list[Token] = []
    end = -1
    for match in _PATTERN.finditer(read):
        name = match.lastgroup or ""
        glued = match.start() == end
        end = match.end()
        if name == "possessive":
            if found:
                last = found[-1]
                found[-1] = Token(
                    last.kind, last.text, last.start, match.end(), is_possessive=True, is_glued=last.is_glued
                )
            continue
        kind, said = _kind(name, match)
        found.append(Token(kind, said, match.start(), match.end(), is_glued=glued))
        if len(found) > MOST:
            break
    return read, tuple(found)


def _kind(name: str, match: re.Match[str]) -> tuple[Kind, str]:
    match name:
        case "double" | "single":
            return Kind.QUOTED, fold(match[name]).strip()
        case "money":
            return Kind.MONEY, match[name].casefold()
        case "number":
            return Kind.NUMBER, match[name]
        case "word":
            return Kind.WORD, fold(match[name])
        case _:
            return Kind.SIGN, match[0]
