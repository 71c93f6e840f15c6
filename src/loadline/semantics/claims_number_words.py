"""A text in, the numbers written in words out: `twelve`, `three hundred and five`, `half of`, `two in five`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from loadline.semantics.claims_vocabulary import words
from loadline.values.claim import Hedge, Quantity, Unit

_ONES = {
    word: number
    for number, word in enumerate(
        words(
            """
            zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
            seventeen eighteen nineteen
            """
        )
    )
}
_TENS = {
    word: 10 * number
    for number, word in enumerate(
        words(
            """
        twenty thirty forty fifty sixty seventy eighty ninety
        """
        ),
        2,
    )
}
_LARGE = {"hundred": 100, "thousand": 1000, "million": 1_000_000, "billion": 1_000_000_000}
_PARTS = {
    "half": 2, "third": 3, "thirds": 3, "quarter": 4, "quarters": 4, "fifth": 5, "fifths": 5, "sixth": 6,
    "eighth": 8, "tenth": 10, "tenths": 10,
}  # fmt: skip
_WORD = "|".join(sorted((*_ONES, *_TENS, *_LARGE), key=len, reverse=True))
_SMALL = "|".join(sorted((*_ONES, *_TENS), key=len, reverse=True))
_RUN = re.compile(rf"\b(?:{_WORD})(?:[\s-]+(?:and\s)?(?:{_WORD}))*\b", re.IGNORECASE)
_ONE_PART = r"(?:a|one)[\s-](?:half|third|quarter|fifth|sixth|eighth|tenth)|half"
_MOVED = (
    r"\b(?:by|up|down|rose|risen|rising|grew|grown|growing|increased|climbed|climbing|gained|jumped|surged|fell|fallen"
    r"|falling|declined|declining|dropped|dropping|decreased|shrank|shrunk|slipped|lost)\s(?:by\s)?"
    r"(?:(?:a\slittle\s|just\s|well\s)?(?:over|under|above|below|more\sthan|less\sthan|about|around|roughly|nearly|almost"
    r"|approximately|some|at\sleast|at\smost|up\sto)\s)?"
)
_FRACTION = re.compile(
    r"\b(?:(?P<half>(?:one[\s-])?half|(?:a|one)[\s-](?:third|fifth|sixth|eighth|tenth)|(?:a|one)[\s-]quarter)"
    r"|(?P<top>two|three|four|nine)[\s-](?P<bottom>thirds|quarters|fifths|tenths))(?=\sof\b)"
    rf"|{_MOVED}(?P<by>{_ONE_PART})\b"
    r"(?!\s?(?:year(?!\s(?:on|over))|quarter(?!\s(?:on|over))|ago|earlier|before|later))"
    rf"|\b(?P<apart>{_ONE_PART})(?=\s(?:more|less|higher|lower|fewer|larger|smaller|bigger|greater|longer|shorter)\b)",
    re.IGNORECASE,
)
_AND_A_HALF = re.compile(
    rf"\b(?:(?P<whole>{_SMALL})\sand\s(?:a|one)\s(?P<part>half|quarter)|(?P<alone>half|quarter)\s(?:of\s)?a)"
    r"\s(?P<large>thousand|million|billion)\b",
    re.IGNORECASE,
)
_IN = re.compile(
    rf"\b(?P<top>{_SMALL}|\d+)\s(?:in|out\sof)\s(?:every\s)?(?P<bottom>{_SMALL}|\d+)\b(?!\s?%)", re.IGNORECASE
)
_TIMES = re.compile(r"\s(?:times)\b", re.IGNORECASE)
_CENT = re.compile(r"\s(?:percent|per\scent)(?P<points>age\spoints?|\spoints?)?\b", re.IGNORECASE)
_POINTS = re.compile(r"\spercentage\spoints?\b", re.IGNORECASE)

Found = tuple[int, int, Quantity]


def word_numbers(text: str) -> Iterator[Found]:
    """(start, end, quantity) of each number in words. `one` alone is a pronoun more often than a number."""
    spans: list[tuple[int, int]] = []
    for match in _AND_A_HALF.finditer(text):
        yield _keep(spans, match, _half_more(match))
    for match in _FRACTION.finditer(text):
        yield _keep(spans, match, _share(_fraction(match)))
    for match in _IN.finditer(text):
        top, bottom = (_single(match[name]) for name in ("top", "bottom"))
        if 0 < top < bottom <= 20:
            yield _keep(spans, match, _share(Decimal(top) / Decimal(bottom)))
    for match in _RUN.finditer(text):
        if any(match.start() < end and start < match.end() for start, end in spans):
            continue
        value = _value(match[0])
        if value is None or (value == 1 and match[0].lower() == "one") or _is_scale_alone(match[0]):
            continue
        start, end = match.span()
        unit = Unit.PLAIN
        for pattern, meant in ((_POINTS, Unit.POINTS), (_CENT, Unit.PERCENT), (_TIMES, Unit.TIMES)):
            if after := pattern.match(text, end):
                points = meant is Unit.PERCENT and after.groupdict().get("points")
                unit, end = (Unit.POINTS if points else meant), after.end()
                break
        yield start, end, Quantity(value=Decimal(value), half_step=Decimal("0.5"), unit=unit)


def _keep(spans: list[tuple[int, int]], match: re.Match[str], quantity: Quantity) -> Found:
    start = match.start("by") if match.groupdict().get("by") else match.start()
    spans.append((start, match.end()))
    return start, match.end(), quantity


def _half_more(match: re.Match[str]) -> Quantity:
    """`three and a half million`, `half a million`: as precise as 3.5 million; quarters, as 3.25 million."""
    part = match["part"] or match["alone"]
    large = Decimal(_LARGE[match["large"].lower()])
    whole = _single(match["whole"]) if match["whole"] else 0
    half_step = large / (20 if part.lower() == "half" else 200)
    return Quantity(value=large * (whole + 1 / Decimal(_PARTS[part.lower()])), half_step=half_step)


def _share(part: Decimal) -> Quantity:
    """A fraction in words is a round figure by nature: it is taken as hedged."""
    return Quantity(value=100 * part, half_step=Decimal("0.5"), unit=Unit.PERCENT, hedge=Hedge.ABOUT)


def _fraction(match: re.Match[str]) -> Decimal:
    if part := match["half"] or match["by"] or match["apart"]:
        return 1 / Decimal(_PARTS[re.split(r"[\s-]", part.lower())[-1]])
    return Decimal(_single(match["top"])) / _PARTS[match["bottom"].lower()]


def _single(word: str) -> int:
    return int(word) if word.isdigit() else {**_ONES, **_TENS}[word.lower()]


def _is_scale_alone(text: str) -> bool:
    return text.lower() in _LARGE


def _value(text: str) -> int | None:
    """None for words that stand next to each other without being one number: `two three`."""
    total, current, last = 0, 0, 10**12
    for word in re.split(r"[\s-]+", text.lower()):
        if word == "and":
            continue
        small = _ONES.get(word, _TENS.get(word))
        if small is not None:
            if small >= last or (last in _TENS.values() and small >= 10) or (last < 20 and last != 10**12):
                return None
            current, last = current + small, small
        elif word == "hundred":
            current, last = max(current, 1) * 100, 100
        else:
            total, current, last = total + max(current, 1) * _LARGE[word], 0, _LARGE[word]
    return total + current
