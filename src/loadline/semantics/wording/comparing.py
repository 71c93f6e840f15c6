"""Two periods of one question in; the words for the second, and the query that holds both, out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

from loadline.semantics.resolve import resolve
from loadline.semantics.time import Span
from loadline.semantics.time_calendar import add_months
from loadline.semantics.wording.draft import Draft
from loadline.semantics.wording.meant import Meant, Unsettled
from loadline.semantics.wording.settle import settle, settle_into
from loadline.semantics.wording.sight import Sight
from loadline.semantics.words import phrase

A_YEAR_BEFORE = (
    "last year", "year before", "previous year", "prior year", "same period last year", "same period a year ago",
    "a year ago", "a year earlier", "same period of last year", "same period in the previous year", "same period",
    "same quarter last year", "same month last year", "year earlier", "one year ago", "same time last year",
)  # fmt: skip
BEFORE = {
    phrase: unit
    for unit in ("period", "year", "quarter", "month", "week", "day")
    for phrase in (f"previous {unit}", f"prior {unit}", f"preceding {unit}", f"{unit} before", f"{unit} earlier")
    if unit != "year"
}


def compared_period(sight: Sight, draft: Draft, at: int) -> Iterator[tuple[Span, int]]:
    base, begin = draft.during, sight.skip(at, {"the", "that", "of", "in"})
    if base is None:
        return
    before = sight.lookup(begin, BEFORE)
    if (end := sight.phrase(begin, A_YEAR_BEFORE)) is not None and sight.phrase(begin, ("same period",)) != end:
        yield from _relative(sight, "same period last year", base, end)
    elif before is not None:
        if before[0] == "period" or before[0] in base.grain:
            yield from _relative(sight, "previous period", base, before[1])
    elif (read := sight.time(begin)) is not None:
        yield read


def _relative(sight: Sight, text: str, base: Span, end: int) -> Iterator[tuple[Span, int]]:
    match sight.window(text, base):
        case Span() as span:
            last = span.end - timedelta(days=1) if span.end is not None else None
            yield Span(text=f"{span.start}..{last}", start=span.start, end=span.end, grain=span.grain), end
        case _:
            pass


def compare(sight: Sight, draft: Draft, audience: str | None) -> tuple[Meant, ...]:
    """The metrics in the period asked for, and beside each the same one as it was in the other. Raises Unsettled where
    one is not the other moved by whole months, years or days."""
    now, then = draft.during, draft.compared
    shift = shift_of(now, then) if now is not None and then is not None else None
    if shift is None:
        raise apart(sight, draft, (now, then), audience)
    plain = replace(draft, compared=None, is_compared=True)
    return settle_into(sight, plain, audience, lambda one: (_beside(sight, one, shift, audience, then),))


def apart(sight: Sight, draft: Draft, spans: tuple[Span | None, ...], audience: str | None) -> Unsettled:
    """Why two periods are not in one answer, and each by itself."""
    each = [
        settle(sight, replace(draft, compared=None, is_compared=True, during=span), audience) for span in spans if span
    ]
    return Unsettled(
        "the two periods are not one and the same, moved in time, so one answer does not hold both",
        "ask for each period by itself",
        kind="unsayable",
        options=tuple(replace(one, label=phrase(one.query)) for found in each for one in found),
    )


def _beside(sight: Sight, one: Meant, shift: str, audience: str | None, then: Span | None) -> Meant:
    metrics = resolve(sight.lexicon.linked, one.query, audience=audience).query.metrics
    both = tuple(name for metric in metrics for name in (metric, f"{metric}[{shift}]"))
    said = f"{then.start}..{then.end - timedelta(days=1)}" if then is not None and then.end is not None else ""
    query = replace(one.query, metrics=both)
    return replace(one, query=query, assumptions=(*one.assumptions, f"`[{shift}]` is {said}"))


def shift_of(now: Span, then: Span) -> str | None:
    """`1 year ago`, `1 quarter ago`, `7 days ago`; None where no such step leads from one period to the other."""
    if now.start is None or now.end is None or then.start is None or then.end is None or then.start >= now.start:
        return None
    months = (now.start.year - then.start.year) * 12 + now.start.month - then.start.month
    if months > 0 and _moved(now, months) == (then.start, then.end):
        for size, unit in ((12, "year"), (3, "quarter"), (1, "month")):
            if months % size == 0:
                return ago(months // size, unit)
    days = (now.start - then.start).days
    return ago(days, "day") if now.end - then.end == now.start - then.start else None


def _moved(span: Span, months: int) -> tuple[date, date] | None:
    """None where a day of the span has no counterpart in every month."""
    if span.start is None or span.end is None or span.start.day > 28 or span.end.day > 28:
        return None
    return add_months(span.start, -months), add_months(span.end, -months)


def ago(count: int, unit: str) -> str:
    return f"{count} {unit if count == 1 else unit + 's'} ago"
