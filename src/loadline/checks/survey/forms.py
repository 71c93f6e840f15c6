"""Texts with how often they occur in; the form of dates, times or numbers that most are written in, where some are
written in another, out."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping

from loadline.checks.survey.shapes import FEWEST, NEARLY_ALL, shape_by
from loadline.values.survey import Shape

_DAY, _MONTH_WORD, _YEAR = "[0-9]{1,2}", "[A-Z][a-z]{2,8}", "[0-9]{4}"
_DATES = (
    f"^{_YEAR}-{_DAY}-{_DAY}$",
    f"^{_YEAR}/{_DAY}/{_DAY}$",
    f"^{_DAY}/{_DAY}/{_YEAR}$",
    f"^{_DAY}/{_DAY}/[0-9]{{2}}$",
    f"^{_DAY}-{_DAY}-{_YEAR}$",
    f"^{_DAY}\\.{_DAY}\\.{_YEAR}$",
    f"^{_MONTH_WORD} {_DAY},? {_YEAR}$",
    f"^{_DAY} {_MONTH_WORD} {_YEAR}$",
    f"^{_DAY}-{_MONTH_WORD}-[0-9]{{2,4}}$",
    f"^{_YEAR}-{_DAY}-{_DAY}[ T]{_DAY}:[0-9]{{2}}(:[0-9]{{2}})?$",
    "^[0-9]{8}$",
)
_TIMES = (
    "^[0-9]{1,2}:[0-9]{2}$",
    "^[0-9]{1,2}:[0-9]{2}:[0-9]{2}$",
    "^[0-9]{1,2}:[0-9]{2} ?[ap]\\.m\\.$",
    "^[0-9]{1,2}:[0-9]{2} ?[AP]M$",
    "^[0-9]{1,2}:[0-9]{2} ?[ap]m$",
)
_KINDS = tuple(tuple((pattern, re.compile(pattern)) for pattern in kind) for kind in (_DATES, _TIMES))
_LEAST_SHARE = 0.005

_WITH_COMMAS = "^-?[0-9]{1,3}(,[0-9]{3})*(\\.[0-9]+)?$"
_WITHOUT = "^-?[0-9]+(\\.[0-9]+)?$"
_COMMAS = re.compile(r"-?[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?")
_LARGE = re.compile(r"-?[0-9]{4,}(?:\.[0-9]+)?")
_SMALL = re.compile(r"-?[0-9]{1,3}(?:\.[0-9]+)?")


def mixed_forms(texts: Mapping[str, int]) -> Shape | None:
    """None where what is written is written alike, or is no date, time or number."""
    total = sum(texts.values())
    if total < FEWEST:
        return None
    for kind in _KINDS:
        counts: Counter[str] = Counter()
        for text, count in texts.items():
            form = next((pattern for pattern, known in kind if known.match(text)), None)
            if form is not None:
                counts[form] += count
        if (pattern := _of_most(counts, total)) is not None:
            return shape_by(pattern, texts)
    return _thousands(texts, total)


def _thousands(texts: Mapping[str, int], total: int) -> Shape | None:
    """`1,234` and `1234` in one column; what has no thousands fits both."""
    counts: Counter[str] = Counter()
    small = 0
    for text, count in texts.items():
        if _COMMAS.fullmatch(text):
            counts[_WITH_COMMAS] += count
        elif _LARGE.fullmatch(text):
            counts[_WITHOUT] += count
        elif _SMALL.fullmatch(text):
            small += count
    pattern = _of_most(counts, total - small)
    return shape_by(pattern, texts) if pattern is not None else None


def _of_most(counts: Counter[str], total: int) -> str | None:
    """The most frequent form, where nearly all are of some and another one is there, too."""
    if len(counts) < 2 or sum(counts.values()) < total * NEARLY_ALL:
        return None
    (first, _), (_, others) = counts.most_common(2)
    return first if others >= max(2, total * _LEAST_SHARE) else None
