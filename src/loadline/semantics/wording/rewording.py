"""A question for a number nobody defined in; questions for the governed numbers it is made of out, to be offered.

Growth lies between two numbers, a share between a part and its whole, an average per month among the months.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from loadline.semantics.wording.vocabulary import UNSAYABLE
from loadline.values.query import By, Op, Query

_UNITS = ("year", "quarter", "month", "week")
_GROWN = (
    r"(?:growth|grow|grows|grew|grown|growing|change|changed|changes|increase|increased|increases|decrease|decreased"
    r"|decreases|difference|decline|declined|declines|rise|rose|risen|fall|fell|fallen|drop|dropped|expand|expanded"
    r"|shrink|shrank|improve|improved|yoy|qoq|mom|wow)"
)
_ASKING = re.compile(
    r"^\s*(?:(?:by\s+)?(?:how\s+(?:much|fast|quickly|strongly|far|steeply)|what\s+(?:percentage|percent|%))\b)",
    re.IGNORECASE,
)
_IN_PERCENT = re.compile(rf"\b(?:percentage|percent|%|relative|absolute)\s+(?={_GROWN}\b)", re.IGNORECASE)
_GROWTH = re.compile(rf"\b{_GROWN}\b(?:\s+rate\b)?(?:\s+(?:of|in)\b(?!\s+(?:q|h|fy)?\d))?", re.IGNORECASE)
_BASES = tuple(
    (
        re.compile(
            rf"\b(?:{unit}[\s-]+(?:over|on)[\s-]+{unit}|{unit[0]}[o/]{unit[0]})\b|\b{_ADVERB}\b(?=\s+{_GROWN}\b)",
            re.IGNORECASE,
        ),
        "vs the same period last year" if unit == "year" else f"vs the previous {unit}",
    )
    for unit, _ADVERB in zip(_UNITS, ("annual", "quarterly", "monthly", "weekly"), strict=True)
)
_COMPARES = re.compile(r"\b(?:vs\.?|versus|compared|against|relative to|than)\b", re.IGNORECASE)
_FROM_TO = re.compile(
    r"\b(?:between|from)\s+(?P<then>[\w\s'/.-]+?)\s+(?:and|to)\s+(?P<now>[\w\s'/.-]+?)\s*[?.!]*$", re.IGNORECASE
)
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_SHARE = re.compile(
    r"\b(?:what|which|how (?:large|big|high) (?:is|was) the)?\s*(?:(?:is|was|are|were)\s+)?(?:the\s+|our\s+)?"
    r"(?:relative\s+)?(?:share|percentage|percent|proportion|fraction|portion|%)(?:\s+of(?:\s+(?:all|the|our|total))*)?\b",
    re.IGNORECASE,
)
_MORE = re.compile(r"\b(?:any\s+)?(?:higher|lower|more|less|greater|bigger|larger|smaller|fewer)\b", re.IGNORECASE)
_THAN = re.compile(
    r"\bthan\s+(?:(?:it|that|those)\s+)?(?:(?:was|were|is|are)\s+)?(?:(?:in|of|for|during)\b\s*)?", re.IGNORECASE
)
_IS = re.compile(r"^\s*(?:is|was|are|were|did|do|does)\b", re.IGNORECASE)
_MEAN = re.compile(r"\b(?:on average|averages?|averaged|mean|avg|typical)\b", re.IGNORECASE)
_PER = re.compile(r"\b(?:per|each|every|a)\s+(day|week|month|quarter|year)\b", re.IGNORECASE)
_EACH = re.compile(r"\b(daily|weekly|monthly|quarterly|yearly)\b", re.IGNORECASE)
_GAP = re.compile(r"\s+")


def is_share(word: str) -> bool:
    return UNSAYABLE.get(word, "").startswith("a share")


def grown_texts(text: str) -> Iterator[tuple[str, ...]]:
    """`how fast did booked revenue grow in Q3 2026`: the two numbers that growth lies between, with the base it names,
    else with a year before and the period before; where no period is named, of the last ones. The first group of which
    one can be read is what is offered."""
    bare = _IN_PERCENT.sub("", _ASKING.sub("", text))
    bases = [said for pattern, said in _BASES if pattern.search(bare)]
    for pattern, _ in _BASES:
        bare = pattern.sub(" ", bare)
    if not (bases or _GROWTH.search(bare)):
        return
    bare = _plain(_GROWTH.sub(" ", bare))
    if (found := _FROM_TO.search(bare)) is not None:
        now, then = found["now"], found["then"]
        year = _YEAR.search(now)
        then = f"{then} {year[0]}" if year is not None and not _YEAR.search(then) else then
        yield (f"{bare[: found.start()]} in {now} vs {then}",)
    elif _COMPARES.search(bare):
        yield (bare,)
    else:
        yield tuple(f"{bare} {said}" for said in bases or ("vs the same period last year", "vs the previous period"))
        if not bases:
            yield tuple(f"{bare} last {unit} vs the previous {unit}" for unit in ("quarter", "month", "year"))


def than_texts(text: str) -> Iterator[str]:
    """`is booked revenue higher in the north than in the south`: the two side by side."""
    if _THAN.search(text):
        yield _plain(_THAN.sub("vs ", _MORE.sub(" ", _IS.sub("", text)), count=1))


def share_texts(text: str) -> Iterator[str]:
    """`what share of booked revenue came from the north`: the part, asked for by itself."""
    if _SHARE.search(text):
        yield _plain(_SHARE.sub(" ", text, count=1))


def mean_texts(text: str) -> Iterator[str]:
    """`average booked revenue per month`: the months it is the average of."""
    if _MEAN.search(text) and (_PER.search(text) or _EACH.search(text)):
        yield _plain(_PER.sub(r"by \1", _MEAN.sub(" ", text)))


def all_parts(query: Query) -> Query | None:
    """The part and what it is a part of, in one answer: broken down by the fields that its filters keep to. None where
    nothing says which part."""
    parted = tuple(one for one in query.where if one.op in {Op.EQ, Op.IN} and one.name not in query.metrics)
    if not parted:
        return query if query.by else None
    by = tuple(dict.fromkeys((*query.by, *(By(name=one.name) for one in parted))))
    return replace(query, by=by, where=tuple(one for one in query.where if one not in parted), order=(), limit=None)


def _plain(text: str) -> str:
    return _GAP.sub(" ", text).strip()
