"""A question in words in, the verified question it is out; and a query in, the words for it out.

Only exact wording counts (case, spacing, quotes and closing punctuation aside): never reuse an answer because two
questions look alike.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from loadline.values.query import By, Filter, Op, Order, Query
from loadline.values.question import VerifiedQuestion
from loadline.values.request import Written


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    question: VerifiedQuestion


@dataclass(frozen=True, slots=True, kw_only=True)
class Several:
    """The wording is verified for several audiences, and nobody said which speaks."""

    audiences: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """No verified question has this wording; `nearest` are the ones that look most like it."""

    nearest: tuple[str, ...]


def find_question(text: str, questions: Sequence[VerifiedQuestion], audience: str | None) -> Known | Several | Unknown:
    """Find the question with this wording that is verified for `audience` (or for everyone)."""
    wanted = normal(text)
    same = [question for question in questions if normal(question.text) == wanted]
    fitting = [question for question in same if question.audience in {None, audience}]
    if fitting:
        return Known(question=next((q for q in fitting if q.audience is not None), fitting[0]))
    if same and audience is None:
        return Several(audiences=tuple(sorted({q.audience for q in same if q.audience})))
    offered = [q for q in questions if q.audience is None or audience is None or q.audience == audience]
    wordings = {normal(question.text): question.text for question in offered}
    nearest = difflib.get_close_matches(wanted, wordings, n=3, cutoff=0.5)
    return Unknown(nearest=tuple(wordings[word] for word in nearest))


def normal(text: str) -> str:
    """The wording that counts: NFKC, lower case, single spaces, no closing punctuation."""
    folded = unicodedata.normalize("NFKC", text).casefold().replace("\u2019", "'")
    return re.sub(r"\s+", " ", folded).strip().rstrip("?.! ")


def phrase(query: Query) -> str:
    """A structured query in words: `booked_revenue by customers.region, time:month during 2025-Q3`."""
    return phrase_written(
        Written(
            metrics=query.metrics,
            by=tuple(map(phrase_by, query.by)),
            where=tuple(map(phrase_filter, query.where)),
            conditions=query.conditions,
            during=query.during.text if query.during else None,
            order=tuple(map(phrase_order, query.order)),
            limit=query.limit,
            is_detail=query.is_detail,
        )
    )


def phrase_written(written: Written) -> str:
    """The parts of a question, as they were written, in one line."""
    parts = [", ".join(written.metrics) or ("rows" if written.is_detail else "values")]
    if written.by:
        parts.append("by " + ", ".join(written.by))
    if written.during is not None:
        parts.append(f"during {written.during}")
    if written.where or written.conditions:
        parts.append("where " + " and ".join((*written.where, *(f"({one})" for one in written.conditions))))
    if written.order:
        parts.append("order " + ", ".join(written.order))
    if written.limit is not None:
        parts.append(f"limit {written.limit}")
    return " ".join(parts)


def phrase_by(by: By) -> str:
    cut = by.grain or by.part or by.own_grain
    return f"{by.name}:{cut}" if cut else by.name


def phrase_order(order: Order) -> str:
    return f"-{order.name}" if order.is_descending else order.name


def phrase_filter(wanted: Filter) -> str:
    match wanted.op:
        case Op.IS_NULL | Op.IS_NOT_NULL:
            return f"{wanted.name} {wanted.op}"
        case Op.BETWEEN:
            low, high = wanted.values
            return f"{wanted.name} between {low} and {high}"
        case Op.IN | Op.NOT_IN:
            return f"{wanted.name} {wanted.op} {', '.join(map(str, wanted.values))}"
        case _:
            return f"{wanted.name} {wanted.op} {wanted.values[0]}"
