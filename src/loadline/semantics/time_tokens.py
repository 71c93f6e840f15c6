"""A time expression in, its tokens out: words, numbers, ordinals, numeric dates and signs; nothing is interpreted."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import Enum

MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan",
            "february feb",
            "march mar",
            "april apr",
            "may",
            "june jun",
            "july jul",
            "august aug",
            "september sep sept",
            "october oct",
            "november nov",
            "december dec",
        ),
        1,
    )
    for name in names.split()
}
WEEKDAYS = {
    name: number
    for number, names in enumerate(
        ("monday mon", "tuesday tue tues", "wednesday wed", "thursday thu thur thurs", "friday fri", "saturday sat",
         "sunday sun"),
        1,
    )
    for name in names.split()
}  # fmt: skip
UNITS = {
    "day": "day", "days": "day",
    "week": "week", "weeks": "week", "wk": "week", "wks": "week",
    "month": "month", "months": "month", "mth": "month", "mths": "month",
    "quarter": "quarter", "quarters": "quarter", "qtr": "quarter", "qtrs": "quarter",
    "half": "half", "halves": "half",
    "year": "year", "years": "year", "yr": "year", "yrs": "year",
}  # fmt: skip
UNIT_LETTERS = {"d": "day", "w": "week", "m": "month", "q": "quarter", "y": "year"}
SMALL = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
NUMBERS = {name: number for number, name in enumerate(SMALL, 1)} | {
    "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19,
}  # fmt: skip
TENS = {"twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90}
ORDINALS = {
    "first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8, "ninth": 9,
    "tenth": 10, "eleventh": 11, "twelfth": 12,
}  # fmt: skip

MAX_TOKENS = 24

_PATTERN = re.compile(
    r"""
      (?P<split_fiscal> fy\s?'?(?P<fy_a>\d{4}|\d{2})\s?[-/]\s?'?(?P<fy_b>\d{4}|\d{2})(?![\d-]) )
    | (?P<ymd>   (?<!\d)\d{4}(?P<s1>[-/.])\d{1,2}(?P=s1)\d{1,2}(?!\d) )
    | (?P<dmy>   (?<!\d)\d{1,2}(?P<s2>[-/.])\d{1,2}(?P=s2)\d{4}(?!\d) )
    | (?P<short> (?<!\d)(?<![qh])\d{1,2}(?P<s3>[/.])\d{1,2}(?:(?P=s3)\d{2})?(?![\d/]) )
    | (?P<compact> (?<!\d)\d{8}(?!\d) )
    | (?P<ym>    (?<!\d)\d{4}[-/](?:0[1-9]|1[0-2])(?![\d-]) )
    | (?P<my>    (?<![\da-z])(?<!\d-)(?:(?:0?[1-9]|1[0-2])[/.]|(?:0[1-9]|1[0-2])-)\d{4}(?![\d-]) )
    | (?P<split> (?<!\d)\d{4}[-/]\d{2}(?![\d-]) )
    | (?P<ordinal> \d+(?:st|nd|rd|th)\b )
    | (?P<number> \d+ )
    | (?P<apostrophe_year> '\d{2}(?!\d) )
    | (?P<abbreviation> w/[ce]\b )
    | (?P<possessive> 's\b )
    | (?P<word>  [a-z]+?(?=fy\d) | [a-z]+ )
    | (?P<abbreviating_dot> (?<=[a-z])\.(?!\.) )
    | (?P<sign>  \.\.\.? | \S )
    """,
    re.VERBOSE | re.ASCII,
)
_CLOSING = re.compile(r"[?!;\s]*(?<!\.)\.?[?!;\s]*\Z")  # two dots are a range left open, not an end of sentence
_QUOTES = str.maketrans({"\u2019": "'", "\u2018": "'", "`": "'", "\u2013": "-", "\u2014": "-", "\u2212": "-"})


class Kind(Enum):
    WORD = "word"
    NUMBER = "number"
    ORDINAL = "ordinal"
    APOSTROPHE_YEAR = "'25"
    YMD = "2025-03-07"
    DMY = "07/03/2025"
    YM = "2025-03"
    SPLIT = "2025/26"
    SPLIT_FISCAL = "FY25/26"
    SHORT = "7/3"
    SIGN = "sign"


@dataclass(frozen=True, slots=True)
class Token:
    """`numbers` are the parts of a numeric token, in the order they were written (year first for Kind.YM and YMD).
    `is_glued`: nothing stood between it and the token before. `has_article`: `the` stood before it."""

    kind: Kind
    text: str
    numbers: tuple[int, ...] = ()
    is_glued: bool = False
    has_article: bool = False


def tokens_of(text: str) -> tuple[Token, ...]:
    """Case, spacing, commas, closing punctuation and a `the` before something do not count. Stops one past
    `MAX_TOKENS`."""
    folded = unicodedata.normalize("NFKC", text).translate(_QUOTES).casefold()
    folded = _CLOSING.sub("", folded.replace(",", " ").strip().strip('"()[]').strip())
    found: list[Token] = []
    end, has_article = -1, False
    for match in _PATTERN.finditer(folded):
        name = match.lastgroup or ""
        if name in {"possessive", "abbreviating_dot"}:
            end = match.end()
            continue
        if match.group() == "the" and not has_article and match.end() < len(folded):
            has_article, end = True, match.end()
            continue
        found.append(_token(match, name, is_glued=match.start() == end, has_article=has_article))
        end, has_article = match.end(), False
        if len(found) > MAX_TOKENS:
            break
    return tuple(found)


def _token(match: re.Match[str], name: str, *, is_glued: bool, has_article: bool) -> Token:
    text = match.group()
    numbers = tuple(int(part) for part in re.findall(r"\d+", text, re.ASCII)) if len(text) <= 24 else ()
    kind = Kind.SIGN
    match name:
        case "split_fiscal":
            kind = Kind.SPLIT_FISCAL
        case "ymd":
            kind = Kind.YMD
        case "compact":
            kind, numbers = Kind.YMD, (int(text[:4]), int(text[4:6]), int(text[6:]))
        case "dmy":
            kind = Kind.DMY
        case "ym":
            # 2011/12 is the year 2011/12 to many; 2011-12 is ISO's December
            is_split = "/" in text and numbers[1] == (numbers[0] + 1) % 100
            kind = Kind.SPLIT if is_split else Kind.YM
        case "my":
            kind, numbers = Kind.YM, numbers[::-1]
        case "split":
            kind = Kind.SPLIT
        case "short":
            kind = Kind.SHORT
        case "ordinal" | "number" | "apostrophe_year":
            kind = {"ordinal": Kind.ORDINAL, "number": Kind.NUMBER}.get(name, Kind.APOSTROPHE_YEAR)
        case "word" | "abbreviation":
            kind = Kind.WORD
    return Token(kind, text, numbers, is_glued, has_article)
