"""A statement that something rose or fell every month (quarter, year) in, the periods it speaks of out.

`from February to June` names the ends of it, so the first step is from February to March. `in every month of 2026`
speaks of January too, which is more or less than the December before; who means the months among themselves says less,
and is not called wrong where that is right.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from loadline.semantics.claims_frame import When
from loadline.semantics.claims_mentions import Kind, Mention
from loadline.semantics.claims_segments import Segment
from loadline.semantics.claims_senses import cell, said_of
from loadline.semantics.claims_slices import Doubted, Slice
from loadline.semantics.claims_times import dated
from loadline.semantics.time_calendar import add_months
from loadline.values.claim import Doubt, Formula, Sense
from loadline.values.query import Window

MOST_STEPS = 36
_MONTHS = {"month": 1, "quarter": 3, "year": 12}
_NEARLY = frozenset({"nearly", "almost", "virtually", "practically", "about"})
_SAID = re.compile(
    r"\b(?:every|each)(?: single)? (?P<every>month|quarter|year)\b"
    r"|\b(?P<after>month|quarter|year) (?:after|by) (?P=after)\b"
    r"|\bfrom (?P<from>month|quarter|year) to (?P=from)\b"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """`word` is where the text says so; `rest` is the statement without it. `hedge`: `nearly` stood before it."""

    word: Mention
    unit: str
    rest: Segment
    hedge: str = ""


def series_in(segment: Segment) -> Series | None:
    """`every month`, `quarter after quarter`; None where the statement has none, or more than one."""
    spans, text = list[tuple[int, Mention]](), ""
    for one in segment.mentions:
        spans.append((len(text), one))
        text += one.text.lower() + " "
    found = list(_SAID.finditer(text))
    if len(found) != 1 or segment.of(Kind.NUMBER):
        return None
    lead = (text[: found[0].start()].split() or [""])[-1]
    inside = [one for at, one in spans if found[0].start() <= at < found[0].end()]
    rest = replace(segment, mentions=tuple(one for one in segment.mentions if one not in inside))
    unit = found[0]["every"] or found[0]["after"] or found[0]["from"]
    return Series(word=inside[0], unit=unit, rest=rest, hedge=lead if lead in _NEARLY else "")


def periods(unit: str, start: When, end: When) -> list[When]:
    """Every month (quarter, year) from the one to the other, both included. Raises Doubted where they are no whole
    ones, or too many."""
    first = start.window.start if start.window else None
    last = end.window.end if end.window else None
    if first is None or last is None:
        raise Doubted(Doubt.AMBIGUOUS, "no period is named")
    months = _MONTHS[unit]
    span = (last.year - first.year) * 12 + last.month - first.month
    is_whole = first.day == last.day == 1 and (first.month - 1) % months == 0 and span > 0 and span % months == 0
    if not is_whole or span // months > MOST_STEPS:
        raise Doubted(Doubt.AMBIGUOUS, f"from where to where it goes is no number of {unit}s")
    return [_period(add_months(first, at * months), months) for at in range(span // months)]


def before(unit: str, first: When) -> When:
    """The month (quarter, year) before."""
    assert first.window is not None  # noqa: S101 - the caller made it
    assert first.window.start is not None  # noqa: S101 - the caller made it
    return _period(add_months(first.window.start, -_MONTHS[unit]), _MONTHS[unit])


def _period(start: date, months: int) -> When:
    return When(window=dated(Window(start=start, end=add_months(start, months), text="")))


def steps(name: str, where: Slice, unit: str, whens: Sequence[When], *, is_up: bool) -> Sense:
    """What was the least rise is above zero when all rose; what was the greatest is below it when all fell."""
    if len(whens) < 2:
        raise Doubted(Doubt.AMBIGUOUS, f"one {unit} is no series")
    first, last = whens[0].window, whens[-1].window
    span = f"{first.text if first else ''} to {last.text if last else ''}"
    end = "smallest" if is_up else "largest"
    head, *rest = said_of(name, where, When(window=None)).split(", ")
    return Sense(
        formula=Formula.LEAST_STEP if is_up else Formula.MOST_STEP,
        cells=tuple(cell(name, where, when) for when in whens),
        said=", ".join([f"the {end} step of {head} from {unit} to {unit}", *rest[:-1], span]),
    )
