"""Texts with how often they occur in; closed lists of them, slips of the hand, and signs that do not belong there, out.

How much of what is to come will be unlike what was seen is estimated as Good and Turing did: by the share of what was
seen only once (I. J. Good, Biometrika 40, 1953).
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from loadline.checks.survey.shapes import FEWEST, OTHER_FORMS, bare
from loadline.values.query import Scalar
from loadline.values.survey import Listing

MOST_VALUES = 100


def listing_of(values: Mapping[str, int] | Mapping[Scalar, int]) -> Listing | None:
    """The values, when they are few; closed when another one is hardly to be expected."""
    if not 1 <= len(values) <= MOST_VALUES:
        return None
    total = sum(values.values())
    ordered = sorted(values.items(), key=lambda one: (-one[1], str(one[0])))
    texts = {value: count for value, count in ordered if isinstance(value, str)}
    misspelled = _misspelled(texts, total) if len(texts) == len(values) else {}
    kept = [(value, count) for value, count in ordered if value not in misspelled]
    once = sum(1 for _, count in kept if count == 1)
    is_closed = (
        len(kept) >= 2
        and total >= max(FEWEST, 10 * len(kept))
        and (once == 0 if total < 1000 else once / total <= 0.001)
        and (len(kept) <= 12 or sum(count <= 2 for _, count in kept) <= len(kept) // 10)
    )
    return Listing(values=tuple(kept), is_closed=is_closed, misspelled=tuple(misspelled.items()))


def _misspelled(values: Mapping[str, int], total: int) -> dict[str, str]:
    """Rare values that are a frequent one with a slip of the hand."""
    found: dict[str, str] = {}
    for rare, count in values.items():
        if count > max(1, total * OTHER_FORMS):
            continue
        for frequent, times in values.items():
            if frequent not in found and rare != frequent and _is_meant(rare, count, frequent, times, total):
                found[rare] = frequent
                break
    return found


def _is_meant(rare: str, count: int, frequent: str, times: int, total: int) -> bool:
    """Is the rare value the frequent one written otherwise, or with a slip of the hand?"""
    if times >= max(5, 3 * count) and bare(rare) == bare(frequent):
        return True
    if count > max(1, total * 0.03) or times < max(5, 10 * count):
        return False
    return _is_slip(rare, frequent) or (
        times >= 50 * count and count <= total * 0.003 and _is_short_slip(rare, frequent)
    )


def _is_slip(one: str, other: str) -> bool:
    if bare(one) == bare(other):
        return True
    if len(other) < 6 or _digits_of(one) != _digits_of(other):
        return False  # `S1` and `S2` are two things, `east` and `west` as well
    return is_near(one.lower(), other.lower(), most=1 if len(other) < 10 else 2)


def _is_short_slip(one: str, other: str) -> bool:
    """The same for short words, which need a far rarer one to be sure of."""
    return len(other) >= 4 and not _digits_of(one + other) and is_near(one.lower(), other.lower(), most=1)


def _digits_of(text: str) -> str:
    return "".join(character for character in text if character.isdigit())


_OFTEN, _SELDOM = 5, 2
_FREQUENT_SHARE = 0.8


def slips_of(values: Mapping[str, int]) -> tuple[int, int]:
    """Of texts that come again and again: how often the rarest comes, slips left out, and how many come once or twice
    and look like a frequent one. (0, 0) where they do not come again and again. Near texts share a part of
    themselves that one deletion leaves (the symmetric deletion of W. Garbe), so that not every pair is compared."""
    total = sum(values.values())
    frequent = {text for text, count in values.items() if count >= _OFTEN}
    if len(frequent) < 2 or sum(values[text] for text in frequent) < total * _FREQUENT_SHARE:
        return 0, 0
    rare = [text for text, count in values.items() if count <= _SELDOM]
    if not rare:
        return min(values.values()), 0
    shortened: dict[str, set[str]] = {}
    for text in frequent:
        for part in _deletions(text):
            shortened.setdefault(part, set()).add(text)
    slips = {
        text
        for text in rare
        if any(_is_slip(text, near) for part in _deletions(text) for near in shortened.get(part, ()))
    }
    kept = [count for text, count in values.items() if text not in slips]
    return min(kept), len(slips)


def _deletions(text: str) -> set[str]:
    short = text.lower()[:80]
    return {short, *(short[:at] + short[at + 1 :] for at in range(len(short)))}


# -- what has no business in a text

MARKS = ("  ", "\ufffd", "&amp;", "&nbsp;", "&lt;", "&quot;", "<br", "Ã©", "Ã¡", "Ã¶", "Ã¼", "Ã³", "Ã±", "â€")
"""A double space, the sign for an unreadable one, markup, and UTF-8 read as Latin-1."""

_MONTHS = frozenset("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split())  # noqa: SIM905
_AS_DATE = re.compile(r"(?:([0-9]{1,2})-([A-Z][a-z]{2})|([A-Z][a-z]{2})-([0-9]{2}))")


def marks_of(texts: Mapping[str, int]) -> tuple[tuple[str, int], ...]:
    found = ((mark, sum(count for text, count in texts.items() if mark in text)) for mark in MARKS)
    return tuple((mark, count) for mark, count in found if count)


def as_dates(texts: Mapping[str, int]) -> int:
    """How many look like `22-Dec` or `Jan-68`: what a spreadsheet makes of `12-22` and `1-68`."""
    return sum(
        count
        for text, count in texts.items()
        if (found := _AS_DATE.fullmatch(text)) is not None and (found[2] or found[3]) in _MONTHS
    )


def is_near(one: str, other: str, *, most: int) -> bool:
    """Are they at most `most` insertions, deletions, replacements or swaps of neighbours apart?"""
    if abs(len(one) - len(other)) > most:
        return False
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, here in enumerate(one, start=1):
        above, before = before, row
        row = [i]
        for j, there in enumerate(other, start=1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (here != there))
            if i > 1 and j > 1 and here == other[j - 2] and one[i - 2] == there:
                cost = min(cost, above[j - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return False
    return row[-1] <= most
