"""A question and the changes and shares that somebody else's query asks of it in; which of them it says out.

A change needs its word and, named in the question, the period it is a change from; a share its word and one part only.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from loadline.semantics.time import Span
from loadline.semantics.wording import vocabulary as words
from loadline.semantics.wording.clauses_related import RELATED, periods_between, stepped
from loadline.semantics.wording.comparing import compared_period, shift_of
from loadline.semantics.wording.draft import Draft
from loadline.semantics.wording.sight import Sight
from loadline.values.query import Query

_PERCENT = frozenset({"percent", "percentage", "percentages", "%"})


def steps_of(query: Query) -> frozenset[str]:
    """How long ago each change of the query is from: `1 quarter ago`."""
    return frozenset(name.rpartition("change from ")[2].removesuffix("]") for name in query.metrics if _is_change(name))


def _is_change(name: str) -> bool:
    return "change from " in name


def says_relation(sight: Sight, word: str, query: Query) -> bool | None:
    """Whether the query has what a word of growth or of a share says; None for any other word."""
    if word in words.GROWN | words.STEPS:
        return any(map(_is_change, query.metrics))
    if word in words.SHARES:
        is_of_growth = sight.is_grown and word in _PERCENT
        wanted = "% change from" if is_of_growth else "[share "
        return any(wanted in name for name in query.metrics)
    return None


def unsaid_relations(sight: Sight, query: Query) -> Iterator[str]:
    """Changes and shares of the query that the words do not say."""
    steps = {ago for ago, _ in bases_said(sight, query)}
    for name in query.metrics:
        _, bracket, written = name.removesuffix("]").partition("[")
        if not bracket:
            continue
        is_step = sight.is_grown and written.rpartition("change from ")[2] in steps
        is_share = written.startswith("share ") and sight.is_shared and not sight.is_grown and _has_one_part(query)
        if not (is_step or is_share):
            yield name


def _has_one_part(query: Query) -> bool:
    by = {by.name for by in query.by if by.grain is None}
    return len(by | {one.name for one in query.where}) == 1


def bases_said(sight: Sight, query: Query) -> Iterator[tuple[str, range]]:
    """Every base the question names: how long ago it was, and the words for it."""
    if not sight.is_grown:
        return
    during = query.during
    now = Span(text=during.text, start=during.start, end=during.end, grain=_grain(sight, query)) if during else None
    for at in range(len(sight)):
        for draft, end in stepped(sight, Draft(), at):
            yield f"1 {draft.step} ago", range(at, end)
        if now is None:
            continue
        if sight.word(at, {"from", "between"}):
            for then, said, end in periods_between(sight, at):
                if (said.start, said.end) == (now.start, now.end) and (ago := shift_of(now, then)) is not None:
                    yield ago, range(at, end)
        if (joint := sight.phrase(at, RELATED)) is not None:
            for then, end in compared_period(sight, replace(Draft(), during=now), joint):
                if (ago := shift_of(now, then)) is not None:
                    yield ago, range(at, end)


def _grain(sight: Sight, query: Query) -> str:
    """The unit the query's period was said in: what `the previous quarter` is one of."""
    during = query.during
    for at in range(len(sight)):
        read = sight.time(at)
        if read is not None and during is not None and (read[0].start, read[0].end) == (during.start, during.end):
            return read[0].grain
    return "day"
