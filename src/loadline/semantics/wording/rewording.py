"""A question for a number nobody defined in; questions for the governed numbers it is made of out, to be offered.

`higher than` compares two sides; an average per month lies among the months.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_MORE = re.compile(r"\b(?:any\s+)?(?:higher|lower|more|less|greater|bigger|larger|smaller|fewer)\b", re.IGNORECASE)
_THAN = re.compile(
    r"\bthan\s+(?:(?:it|that|those)\s+)?(?:(?:was|were|is|are)\s+)?(?:(?:in|of|for|during)\b\s*)?", re.IGNORECASE
)
_IS = re.compile(r"^\s*(?:is|was|are|were|did|do|does)\b", re.IGNORECASE)
_MEAN = re.compile(r"\b(?:on average|averages?|averaged|mean|avg|typical)\b", re.IGNORECASE)
_PER = re.compile(r"\b(?:per|each|every|a)\s+(day|week|month|quarter|year)\b", re.IGNORECASE)
_EACH = re.compile(r"\b(daily|weekly|monthly|quarterly|yearly)\b", re.IGNORECASE)
_GAP = re.compile(r"\s+")


def than_texts(text: str) -> Iterator[str]:
    """`is booked revenue higher in the north than in the south`: the two side by side."""
    if _THAN.search(text):
        yield _plain(_THAN.sub("vs ", _MORE.sub(" ", _IS.sub("", text)), count=1))


def mean_texts(text: str) -> Iterator[str]:
    """`average booked revenue per month`: the months it is the average of."""
    if _MEAN.search(text) and (_PER.search(text) or _EACH.search(text)):
        yield _plain(_PER.sub(r"by \1", _MEAN.sub(" ", text)))


def _plain(text: str) -> str:
    return _GAP.sub(" ", text).strip()
