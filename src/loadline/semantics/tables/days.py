"""A text in, the dates written in it out, as exactly as they are written: a year, a month of it, a day, a day of any
year."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

_MONTHS = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
]
_MONTH = r"(?:" + "|".join(f"{name}|{name[:3]}" for name in _MONTHS) + r"|sept)"
_YEAR = r"(?:1[5-9]|20|21)\d{2}"
_ORDER = r"(?:st|nd|rd|th)?"
_FORMS = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        rf"(?<!\w)(?P<y>{_YEAR})-(?P<n>\d{{2}})-(?P<d>\d{{2}})(?!\w)",
        rf"(?<!\w)(?:the\s)?(?P<d>\d{{1,2}}){_ORDER}\s(?:of\s)?(?P<m>{_MONTH})\.?\s?,?\s(?P<y>{_YEAR})(?!\w)",
        rf"(?<!\w)(?P<m>{_MONTH})\.?\s(?P<d>\d{{1,2}}){_ORDER}\s?,\s?(?P<y>{_YEAR})(?!\w)",
        rf"(?<!\w)(?P<m>{_MONTH})\.?\s(?P<d>\d{{1,2}}){_ORDER}\s(?P<y>{_YEAR})(?!\w)",
        rf"(?<!\w)(?P<m>{_MONTH})\.?,?\s(?:of\s)?(?P<y>{_YEAR})(?!\w)",
        rf"(?<!\w)(?:the\s)?(?P<d>\d{{1,2}}){_ORDER}\s(?:of\s)?(?P<m>{_MONTH})(?!\w)",
        rf"(?<!\w)(?P<m>{_MONTH})\.?\s(?:the\s)?(?P<d>\d{{1,2}}){_ORDER}(?![\w.,]*\d)",
        rf"(?<!\w)(?P<m>{_MONTH})(?!\w)",
        rf"(?<![\w.,-])(?P<y>{_YEAR})(?![\w%]|[.,/-]\d)",
    )
)
_MODAL = re.compile(r"may\s(?:be|have|not|also|still|well|yet|only|even)\b|may\s[a-z]+\b(?<!than)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """What of a date is written. `start` and `end` are its place in the text."""

    start: int = 0
    end: int = 0
    year: int | None = None
    month: int | None = None
    day: int | None = None

    def holds(self, other: Day) -> bool | None:
        """Whether `other` lies in what this says; None when `other` does not say enough."""
        for own, its in ((self.year, other.year), (self.month, other.month), (self.day, other.day)):
            if own is not None and its is None:
                return None
            if own is not None and own != its:
                return False
        return True

    def ordinal(self) -> Decimal | None:
        """Days since the year 1, for a date written in full."""
        if self.year is None or self.month is None or self.day is None:
            return None
        return Decimal(date(self.year, self.month, self.day).toordinal())

    def span(self) -> tuple[tuple[int, int, int], tuple[int, int, int]] | None:
        """The first and last day it may be; None without a year."""
        if self.year is None:
            return None
        first = (self.year, self.month or 1, self.day or 1)
        return first, (self.year, self.month or 12, self.day or 31)


def days_in(text: str) -> Iterator[Day]:
    """Every date of a text, in no order; the longest way to read each."""
    taken: list[tuple[int, int]] = []
    for form in _FORMS:
        for match in form.finditer(text):
            start, end = match.span()
            if any(start < other and at < end for at, other in taken):
                continue
            found = _day(match)
            if found is None or _is_may(text, match):
                continue
            taken.append((start, end))
            yield found


def day_of(text: str) -> Day | None:
    """The date that a cell is, and nothing besides a weekday and a footnote; None for a bare year or anything else."""
    plain = re.sub(r"\s*(?:\[[^\]]*\]|\([^)]*\)|[*†])\s*$", "", text.strip())
    plain = re.sub(
        r"^(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\.?,?\s", "", plain, flags=re.IGNORECASE
    )
    for one in days_in(plain):
        if one.month is not None and (one.start, one.end) == (0, len(plain)):
            return one
    return None


def _day(match: re.Match[str]) -> Day | None:
    found = match.groupdict()
    month = _MONTHS.index(next(n for n in _MONTHS if n[:3] == found["m"][:3].lower())) + 1 if found.get("m") else None
    if found.get("n"):
        month = int(found["n"])
    year = int(found["y"]) if found.get("y") else None
    day = int(found["d"]) if found.get("d") else None
    try:
        date(year or 2000, month or 1, day or 1)
    except ValueError:
        return None
    return Day(start=match.start(), end=match.end(), year=year, month=month, day=day)


def _is_may(text: str, match: re.Match[str]) -> bool:
    """`may` is first of all a verb, and `march` one too: alone they are months only with a capital, or after a
    preposition."""
    if match[0] not in {"may", "march", "mar"}:
        return match[0] == "May" and match.start() == 0 and bool(_MODAL.match(text[match.start() :]))
    return not re.search(r"\b(?:in|of|since|until|during|from|to|and|than|for)\s$", text[: match.start()])
