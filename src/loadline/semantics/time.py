"""A time expression and the asker's day in, a half-open span of days out; or what of it was not understood.

The whole expression counts: a text that is understood in part, or that may mean two different spans, is refused. See
`time_ranges` for the rules where words leave room, and `time_scan` for how ambiguity is found.
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from loadline.semantics.time_calendar import FIRST_YEAR, LAST_YEAR, BeyondCalendarError
from loadline.semantics.time_ranges import Reading, expressions
from loadline.semantics.time_scan import Scan
from loadline.semantics.time_tokens import MAX_TOKENS, MONTHS, Kind, Token, tokens_of
from loadline.semantics.time_vocabulary import DECLINED, KNOWN
from loadline.values.model import Calendar
from loadline.values.query import Window


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """`start` is in, `end` is out; None is open. `grain` is the unit it was said in: day, week, month, quarter, half,
    year, fiscal_quarter, fiscal_half, fiscal_year; or all."""

    text: str
    start: date | None
    end: date | None
    grain: str

    def window(self) -> Window:
        return Window(start=self.start, end=self.end, text=self.text)


@dataclass(frozen=True, slots=True, kw_only=True)
class NotUnderstood:
    """`reason` is a clause in the user's words; `residue` the words that nothing could be made of, "" when all could
    but they may mean several spans, or one that nobody can answer for."""

    text: str
    reason: str
    residue: str = ""


def read_window(text: str, *, today: date, calendar: Calendar, base: Span | None = None) -> Span | NotUnderstood:
    """Read a time expression. `base` is what `same period last year` and `previous period` refer to."""
    return _read(text, today, calendar, base)


@lru_cache(maxsize=4_096)
def _read(text: str, today: date, calendar: Calendar, base: Span | None) -> Span | NotUnderstood:
    """The same words on the same day mean the same: a question that is asked again is not read again."""
    tokens = tokens_of(text)
    if not tokens:
        return NotUnderstood(text=text, reason="it is empty")
    if len(tokens) > MAX_TOKENS:
        return NotUnderstood(text=text, reason=f"it has more than {MAX_TOKENS} words", residue=text)
    scan = Scan(tokens=tokens, today=today, calendar=calendar)
    relative_to = None if base is None else Reading(base.start, base.end, base.grain)
    try:
        readings = [reading for reading, after in expressions(scan, relative_to) if after == len(tokens)]
    except BeyondCalendarError:
        return NotUnderstood(text=text, reason=f"it reaches beyond the years {FIRST_YEAR} to {LAST_YEAR}")
    spans = {(reading.start, reading.end): reading for reading in reversed(readings)}
    if len(spans) == 1:
        (reading,) = spans.values()
        if reading.grain == "month" and (said := _days_or_years(tokens)):
            months = _said(reading.start, reading.end)
            reason = f"`{said[0]}` and `{said[1]}` may be days or years: write {months}, or the days you mean"
            return NotUnderstood(text=text, reason=reason)
        return Span(text=text, start=reading.start, end=reading.end, grain=reading.grain)
    if spans:
        return NotUnderstood(text=text, reason=_which(list(spans)))
    return _explain(text, scan)


def _days_or_years(tokens: Sequence[Token]) -> tuple[str, str] | None:
    """The two numbers of `Nov 25 - Jan 26`: the winter by its months, or nine weeks of it by their days."""
    numbers = [token for token in tokens if token.kind is Kind.NUMBER]
    is_bare = all(
        token.kind in {Kind.NUMBER, Kind.SIGN}
        or (token.kind is Kind.WORD and token.text in {*MONTHS, "to", "and", "from", "between", "until", "through"})
        for token in tokens
    )
    after_month = all(
        place > 0 and tokens[place - 1].text in MONTHS for place, one in enumerate(tokens) if one.kind is Kind.NUMBER
    )
    if len(numbers) != 2 or not is_bare or not after_month:
        return None
    if any(len(one.text) != 2 or not 1 <= int(one.text) <= 31 for one in numbers):
        return None
    return numbers[0].text, numbers[1].text


def _which(spans: Sequence[tuple[date | None, date | None]]) -> str:
    options = sorted(_said(start, end) for start, end in spans)
    return "it may mean " + " or ".join(options) + ": write the dates you mean"


def _said(start: date | None, end: date | None) -> str:
    """Inclusive at both ends, as people read dates, and in a form that can be pasted back."""
    last = None if end is None else end - timedelta(days=1)
    if start is None or last is None:
        return f"everything before {end}" if start is None else f"everything since {start}"
    return f"`{start}`" if start == last else f"`{start}..{last}`"


def _explain(text: str, scan: Scan) -> NotUnderstood:
    said_no = [reason for at, reason in scan.declined if at >= scan.furthest]
    if said_no:
        return NotUnderstood(text=text, reason=said_no[0])
    for token in scan.tokens:
        if token.kind is Kind.WORD and token.text in DECLINED:
            return NotUnderstood(text=text, reason=f"`{token.text}` {DECLINED[token.text]}", residue=token.text)
    for token in scan.tokens:
        if token.kind is Kind.WORD and token.text not in KNOWN:
            return NotUnderstood(text=text, reason=_unknown(token), residue=token.text)
    if scan.furthest >= len(scan.tokens):
        return NotUnderstood(text=text, reason="it does not say one period of time", residue=text)
    residue = " ".join(token.text for token in scan.tokens[scan.furthest :])
    if scan.tokens[scan.furthest].kind is Kind.SHORT:
        return NotUnderstood(text=text, reason=f"`{residue}` does not say which number is the year", residue=residue)
    return NotUnderstood(text=text, reason=f"`{residue}` does not fit there", residue=residue)


def _unknown(token: Token) -> str:
    nearest = difflib.get_close_matches(token.text, KNOWN, n=1, cutoff=0.7)
    return f"`{token.text}` is not known" + (f"; did you mean `{nearest[0]}`?" if nearest else "")
