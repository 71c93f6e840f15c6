"""A period asked for and the words it is compared with in, the other period out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from loadline.semantics.time import Span, read_window
from loadline.semantics.wording.draft import Draft
from loadline.semantics.wording.sight import Sight

_A_YEAR_BEFORE = (
    "last year", "the year before", "the previous year", "previous year", "prior year", "the prior year",
    "the same period last year", "same period last year", "the same period a year ago", "a year ago", "a year earlier",
    "the same period of last year", "the same period in the previous year", "the same quarter last year",
    "the same month last year", "same quarter last year", "same month last year", "the year earlier",
)  # fmt: skip
_BEFORE = ("the previous period", "previous period", "the prior period", "prior period", "the period before",
           "the preceding period", "the previous quarter", "the previous month", "the quarter before",
           "the month before", "previous quarter", "previous month", "prior quarter", "prior month",
           "the prior quarter", "the prior month")  # fmt: skip


def compared_period(sight: Sight, draft: Draft, at: int) -> Iterator[tuple[Span, int]]:
    base = draft.during
    if base is not None and base.grain != "year" and (end := sight.phrase(at, _A_YEAR_BEFORE)) is not None:
        yield from _relative(sight, "same period last year", base, end)
    elif base is not None and (end := sight.phrase(at, _BEFORE)) is not None:
        unit = next((unit for unit in ("quarter", "month") if sight.tokens[end - 1].text in {unit, "before"}), None)
        said = sight.said(at, end)
        if unit is None or unit in base.grain or unit not in said:
            yield from _relative(sight, "previous period", base, end)
    elif base is not None and (read := sight.time(at)) is not None:
        yield read


def _relative(sight: Sight, text: str, base: Span, end: int) -> Iterator[tuple[Span, int]]:
    match read_window(text, today=sight.today, calendar=sight.calendar, base=base):
        case Span() as span:
            last = span.end - timedelta(days=1) if span.end is not None else None
            yield Span(text=f"{span.start}..{last}", start=span.start, end=span.end, grain=span.grain), end
        case _:
            pass
