"""A sentence in, the periods it names out, read by the time grammar of questions.

The grammar reads whole expressions; here the longest run of its words that it understands is looked for. A period
without a year takes it from a period beside it, else from the context, else it is the latest that has begun.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from loadline.semantics.claims_vocabulary import words
from loadline.semantics.claims_words import CUES, Cue
from loadline.semantics.time import NotUnderstood, Span, read_window
from loadline.semantics.time_calendar import add_months
from loadline.semantics.time_tokens import MONTHS, NUMBERS, ORDINALS, UNITS, WEEKDAYS
from loadline.values.model import Calendar
from loadline.values.query import Window

_CODE = r"(?:fq|q|h)\s?\d|fy\s?'?\d{2,4}(?:[/-]\d{2,4})?|cy\s?\d{2,4}|ytd|mtd|qtd|fytd|ltm|ttm|w\d{1,2}|kw\s?\d{1,2}"
_TOKEN = re.compile(
    rf"\d{{4}}-\d{{2}}-\d{{2}}|\d{{4}}-(?:q\d|h\d|\d{{2}})(?!\d)|{_CODE}|'\d{{2}}\b|\d{{1,2}}(?:st|nd|rd|th)\b"
    rf"|\d{{1,2}}[/.]\d{{1,2}}[/.]\d{{4}}|(?<![\d.,])\d{{1,4}}(?![\d%]|[.,]\d)|[a-z]+|[-\u2013]",
    re.IGNORECASE,
)
_RELATIVE = frozenset({"this", "last", "previous", "current", "past", "prior", "preceding", "trailing", "rolling"})
_LONE = frozenset({"today", "yesterday"})
_WITH_UNIT = frozenset(
    {*_RELATIVE, *ORDINALS, "calendar", "fiscal", "financial", "first", "final", "full", "whole", "same"}
)
_OTHERS = frozenset(
    words(
        """
        year to date month quarter week of the and in until through till since fiscal financial calendar far so all
        time before after first last half days months weeks quarters years day ago beginning ending ended up now
        commencing h -
        """
    )
)
_INSIDE = frozenset({"\u2013", *MONTHS, *WEEKDAYS, *UNITS, *NUMBERS, *ORDINALS, *_WITH_UNIT, *_OTHERS, *_LONE})
_ENDS_NOT = frozenset(
    {"of", "the", "and", "in", "to", "so", "until", "through", "till", "since", "-", "\u2013", "before", "after", "up"}
)
_JOINS = frozenset({"to", "and", "through", "until", "till", "-", "\u2013"})
_CODE_ONLY = re.compile(
    rf"(?:{_CODE}|\d{{4}}-(?:q\d|h\d|\d{{2}})|\d{{4}}-\d{{2}}-\d{{2}}|\d{{1,2}}[/.]\d{{1,2}}[/.]\d{{4}})\Z",
    re.IGNORECASE,
)
_CHANGE = re.compile(
    r"\b(?:"
    + "|".join(word for word, cue in CUES.items() if cue in {Cue.UP, Cue.DOWN, Cue.BETTER, Cue.WORSE, Cue.TIMES})
    + r")\b",
    re.IGNORECASE,
)
_HAS_YEAR = re.compile(r"(?:19|20|21)\d{2}|fy\s?'?\d{2}|'\d{2}", re.IGNORECASE)
_MOVES = re.compile(
    r"\b(?:this|last|previous|current|past|prior|preceding|trailing|rolling|today|yesterday|ago|ytd|mtd|qtd|to\sdate|so\sfar|ttm|ltm)\b",
    re.IGNORECASE,
)
_SMALL_MONTHS = frozenset({"may", "march", "mar", "sep", "dec", "jan", "sat", "sun", "mon", "second"})
_YEAR = re.compile(r"(?:19|20)\d{2}\Z")
_BEFORE_YEAR = re.compile(
    r"\b(?:in|of|for|during|since|from|between|to|until|throughout|while|although|than|vs\.?|versus|with|against|by|on|over|year|and|,|calendar|full[\s-]year)"
    r"\s(?:the\syear\s|full[\s-]year\s|calendar\s(?:year\s)?|all\sof\s)?$|^\s*$|[(:]\s*$|\band\s$",
    re.IGNORECASE,
)
_EDGES = re.compile(
    r"\b(?:by|until|till|through|ending|ended|before|after|end\sof|close\sof|start\sof|beginning\sof|middle\sof|mid|early|late"
    r"|(?:days|weeks|months|quarters|years)\sto|rest\sof|most\sof|parts?\sof|outside|up\sto|(?:the|a|full)\s(?:year|half|quarter|month|week)\sto)[\s-](?:the\s)?$",
    re.IGNORECASE,
)
"""What before a period makes it the edge of another one, or a part of it."""
MOST_WORDS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Timed:
    """A period where it stands. `others` are its readings with another year; `problem`: the grammar's own refusal."""

    start: int
    end: int
    window: Window | None
    grain: str = ""
    others: tuple[Window, ...] = ()
    problem: str = ""
    has_year: bool = False

    @property
    def windows(self) -> tuple[Window, ...]:
        return (*((self.window,) if self.window else ()), *self.others)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """The day a text was written and the calendar it is counted in."""

    today: date
    calendar: Calendar

    def read(self, text: str, today: date | None = None) -> Span | NotUnderstood:
        return read_window(text, today=today or self.today, calendar=self.calendar)


def times_in(text: str, clock: Clock, *, context: Window | None = None) -> tuple[Timed, ...]:
    """Every period named in a sentence. `context` is the period the text speaks of there."""
    tokens = list(_TOKEN.finditer(text))
    is_change = bool(_CHANGE.search(text))
    found: list[Timed] = []
    at = 0
    while at < len(tokens):
        timed, after = _longest(text, tokens, at, clock, is_change=is_change)
        if timed is None:
            at += 1
        else:
            found.append(timed)
            at = after
    return tuple(_with_years(text, found, clock, context))


def _longest(
    text: str, tokens: Sequence[re.Match[str]], at: int, clock: Clock, *, is_change: bool
) -> tuple[Timed | None, int]:
    """`from Q1 to Q2` is one period, unless something rose between them: then it is two."""
    if not _begins(text, tokens, at):
        return None, at
    stop = at + 1
    while stop < len(tokens) and stop - at < MOST_WORDS and _goes_on(text, tokens, stop):
        stop += 1
    refused: Timed | None = None
    refused_at = at
    for end in range(stop, at, -1):
        last = tokens[end - 1][0].lower()
        if is_change and any(token[0].lower() in _JOINS for token in tokens[at:end]):
            continue
        if last in _ENDS_NOT or (end - at == 1 and not _stands_alone(tokens[at])):
            continue
        start_at, end_at = tokens[at].start(), tokens[end - 1].end()
        said = text[start_at:end_at]
        read = clock.read(said)
        if isinstance(read, Span) and read.start is not None:
            if edge := _EDGES.search(text[:start_at]):
                problem = f"`{edge[0].strip()} {said}` does not say one period"
                return Timed(start=start_at, end=end_at, window=None, problem=problem, has_year=True), end
            has_year = bool(_HAS_YEAR.search(said) or _MOVES.search(said))
            return Timed(start=start_at, end=end_at, window=read.window(), grain=read.grain, has_year=has_year), end
        if isinstance(read, NotUnderstood) and read.reason.startswith("it may mean") and refused is None:
            refused, refused_at = Timed(start=start_at, end=end_at, window=None, problem=read.reason), end
    return refused, refused_at


def _begins(text: str, tokens: Sequence[re.Match[str]], at: int) -> bool:
    token = tokens[at]
    word = token[0].lower()
    after = tokens[at + 1][0].lower() if at + 1 < len(tokens) else ""
    if _CODE_ONLY.match(word):
        return True
    if word in MONTHS or word in WEEKDAYS:
        return token[0][:1].isupper() and (word not in _SMALL_MONTHS or _is_month(text, token, after))
    if _YEAR.match(word):
        return bool(_BEFORE_YEAR.search(text[: token.start()])) or after in {"q1", "q2", "q3", "q4"}
    if word in _WITH_UNIT:
        nearby = [one[0].lower() for one in tokens[at + 1 : at + 4]]
        return any(one in UNITS or one in MONTHS or one in WEEKDAYS or _CODE_ONLY.match(one) for one in nearby)
    if word == "since" or word in _LONE:
        return True
    if word in {"between", "from"}:
        return bool(_CODE_ONLY.match(after) or after in MONTHS or _YEAR.match(after))
    if word in {"year", "month", "quarter", "week"}:
        to_date = [one[0].lower() for one in tokens[at + 1 : at + 3]] == ["to", "date"]
        return to_date or after in {"of", "ended", "ending"}
    if (word.isdigit() or word in NUMBERS) and after.rstrip("s") in UNITS and at + 2 < len(tokens):
        return tokens[at + 2][0].lower() in {"to", "ending", "ended", "until", "through"}
    if word.isdigit() or word[:1].isdigit():
        return after in MONTHS and len(word) <= 4
    return False


def _is_month(text: str, token: re.Match[str], after: str) -> bool:
    before = text[: token.start()].rstrip().rpartition(" ")[2].lower()
    return (
        bool(_YEAR.match(after))
        or before
        in {"in", "of", "since", "during", "for", "from", "to", "and", "until", "through", "last", "this", "vs", "than"}
        or before.isdigit()
    )


def _goes_on(text: str, tokens: Sequence[re.Match[str]], at: int) -> bool:
    between = text[tokens[at - 1].end() : tokens[at].start()]
    if between.strip() not in {"", ",", "'"} or len(between) > 2:
        return False
    word = tokens[at][0].lower()
    if "," in between and not _YEAR.match(word):
        return False
    return (
        word in _INSIDE
        or bool(_CODE_ONLY.match(word))
        or bool(_YEAR.match(word))
        or bool(re.match(r"'\d|\d{1,2}\Z|\d+(?:st|nd|rd|th)", word))
    )


def _stands_alone(token: re.Match[str]) -> bool:
    word = token[0].lower()
    return (
        word in MONTHS or word in WEEKDAYS or word in _LONE or bool(_CODE_ONLY.match(word)) or bool(_YEAR.match(word))
    )


def _with_years(text: str, found: Sequence[Timed], clock: Clock, context: Window | None) -> list[Timed]:
    """Give a year to those that name none: `from Q2 to Q3 2026` speaks of 2026 twice."""
    explicit = [one for one in found if one.window and _HAS_YEAR.search(text[one.start : one.end])]
    settled = []
    for one in found:
        if one.has_year or one.window is None:
            settled.append(one)
            continue
        near = min(explicit, key=lambda other: abs(other.start - one.start), default=None)
        anchor = near.window if near else context
        settled.append(
            one if anchor is None or anchor.end is None else _anchored(text, one, anchor, clock, sure=near is not None)
        )
    return settled


def _anchored(text: str, one: Timed, anchor: Window, clock: Clock, *, sure: bool) -> Timed:
    assert anchor.end is not None  # noqa: S101 - the caller looked
    last = min(anchor.end - timedelta(days=1), clock.today)
    read = clock.read(text[one.start : one.end], today=last)
    if not isinstance(read, Span) or read.start is None:
        return one
    window = read.window()
    same = one.window is not None and (window.start, window.end) == (one.window.start, one.window.end)
    others = () if sure or same or one.window is None else (one.window,)
    return Timed(start=one.start, end=one.end, window=window, grain=read.grain, others=others, has_year=sure)


def shifted(window: Window, grain: str, *, by_year: bool) -> Window | None:
    """The same period a year, or one period, before; None where there is no such period."""
    start, end = window.start, window.end
    if start is None or end is None:
        return None
    months = _whole_months(start, end)
    if by_year:
        if grain == "week":
            return None
        moved = (add_months(start, -12), add_months(end, -12))
        said = f"{window.text}, a year earlier"
    elif months is not None and grain != "day":
        moved = (add_months(start, -months), start)
        said = f"the period before {window.text}"
    else:
        moved = (start - (end - start), start)
        said = f"the period before {window.text}"
    return Window(start=moved[0], end=moved[1], text=said)


def _whole_months(start: date, end: date) -> int | None:
    months = (end.year - start.year) * 12 + end.month - start.month
    return months if months > 0 and start.day == end.day else None


def dated(window: Window) -> Window:
    """The window called by its days: `Q2` in a text does not say of which year, and this does."""
    start, end = window.start, window.end
    if start is None or end is None:
        return window
    months = (end.year - start.year) * 12 + end.month - start.month
    is_whole = start.day == 1 and end.day == 1
    last = end - timedelta(days=1)
    if is_whole and months == 3 and start.month % 3 == 1:
        text = f"{start.year}-Q{start.month // 3 + 1}"
    elif is_whole and months == 1:
        text = f"{start:%Y-%m}"
    elif is_whole and months == 12 and start.month == 1:
        text = str(start.year)
    else:
        text = str(start) if start == last else f"{start}..{last}"
    return Window(start=start, end=end, text=text)
