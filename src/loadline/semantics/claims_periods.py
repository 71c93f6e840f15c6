"""A number (or a word of movement) in its statement in, the periods it may be of, and is compared with, out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from loadline.semantics.claims_frame import Heard, When, peers_of
from loadline.semantics.claims_mentions import Kind, Mention
from loadline.semantics.claims_segments import Segment
from loadline.semantics.claims_slices import Doubted
from loadline.semantics.claims_times import dated, shifted
from loadline.semantics.claims_words import Cue
from loadline.values.claim import Doubt
from loadline.values.query import Window


@dataclass(frozen=True, slots=True, kw_only=True)
class Whens:
    """`first` and `also` as for slices. `is_named`: the text says which period, here or before."""

    first: tuple[When, ...]
    also: tuple[When, ...] = ()
    is_named: bool = True


_NONE = When(window=None)


def whens_for(number: Mention | None, segment: Segment, heard: Heard) -> Whens:
    """The period a level is of: its own, that of the sentence's beginning, what was spoken of, the heading's."""
    times = [one for one in segment.of(Kind.TIME) if not is_base_time(one, segment)]
    for one in times:
        if one.time is not None and one.time.window is None:
            raise Doubted(Doubt.AMBIGUOUS, f"`{one.text}`: {one.time.problem}")
    if number is not None and (together := _joined(number, times, segment)) is not None:
        return Whens(first=(together,))
    if number is not None and (told := _told_time(number, segment)) is not None:
        times = [told]
    elif len(times) > 1 and number is not None:
        times = [_nearest(number, times, segment)]
    if not times:
        times = [one for one in segment.front if one.kind is Kind.TIME]
        if len(times) > 1:
            raise Doubted(
                Doubt.AMBIGUOUS, f"{len(times)} periods stand at the beginning, and which is meant is not said"
            )
    if times and times[0].time is not None and times[0].time.window is not None:
        time = times[0].time
        return Whens(first=tuple(When(window=w, grain=time.grain) for w in time.windows))
    if heard.whens_here:
        return Whens(first=heard.whens_here)
    # the period last spoken of, and the one the whole text is about: where they differ, nobody can say which
    spoken = {(one.window.start, one.window.end): one for one in (*heard.whens, *heard.heading_whens) if one.window}
    if spoken:
        return Whens(first=tuple(spoken.values()))
    if heard.heading_whens:
        return Whens(first=heard.heading_whens)
    return Whens(first=(_NONE,), is_named=False)


def _joined(number: Mention, times: Sequence[Mention], segment: Segment) -> When | None:
    """`Q2 and Q3 combined`: periods that follow each other are one."""
    windows = sorted(
        (one.time.window for one in times if one.time and one.time.window and one.time.window.start),
        key=lambda one: one.start or date.min,
    )
    is_one = len(windows) == len(times) > 1 and len(peers_of(number, segment)) == 1
    if not is_one or not segment.cues(Cue.TOGETHER):
        return None
    if any(one.end is None or one.end != other.start for one, other in pairwise(windows)):
        return None
    said = f"{windows[0].text} to {windows[-1].text}"
    return When(window=dated(Window(start=windows[0].start, end=windows[-1].end, text=said)))


def _is_within(time: Mention, other: Mention) -> bool:
    """`in 2026 … in Q3 2026` is one period within the other; `up to 15 September … in Q3 2026` is not."""
    inner, outer = (one.time.window if one.time else None for one in (time, other))
    if inner is None or outer is None or inner.start is None or outer.start is None:
        return False
    return outer.start <= inner.start and (outer.end is None or (inner.end is not None and inner.end <= outer.end))


def _told_time(number: Mention, segment: Segment) -> Mention | None:
    """`Q2 2026 (5.4%)`, `Q2: 5.4%`: the period the number is printed behind, whatever it is compared with."""
    mark = segment.before(number)
    if mark is None or mark.text not in {"(", ":"}:
        return None
    before = segment.before(mark)
    return before if before is not None and before.kind is Kind.TIME and mark.start - before.end <= 2 else None


def _nearest(number: Mention, times: list[Mention], segment: Segment) -> Mention:
    """Of several periods: in order when there are as many numbers, else the one right behind, else the last before."""
    peers = peers_of(number, segment)
    if len(times) == len(peers):
        return times[peers.index(number)]
    behind = [one for one in times if 0 <= one.start - number.end <= 6]
    if behind and (len(peers) > 1 or all(_is_within(behind[0], one) for one in times)):
        return behind[0]
    if len(times) == 1:
        return times[0]
    raise Doubted(Doubt.AMBIGUOUS, f"{len(times)} periods and {len(peers)} numbers cannot be paired")


def is_base_time(time: Mention, segment: Segment) -> bool:
    """`from Q2`, `than in 2025`, `compared with last quarter`: what something is compared with."""
    just = segment.before(time)
    if just is not None and just.text.lower() == "on" and time.time is not None and time.time.grain != "day":
        return True  # `up 15.9% on 2024`
    if just is not None and _is_beaten(time, segment):
        return True
    before = segment.before(time, skip=frozenset({Cue.IN, Cue.OF, Cue.TO}))
    if before is None:
        return False
    if just is not None and just.cue in {Cue.MORE, Cue.LESS}:  # `above Q2`; `higher in Q2` is of Q2
        return True
    if before.cue in {Cue.THAN, Cue.VERSUS, Cue.FROM}:
        return True
    if before.kind is Kind.NUMBER:  # `from 3.3m in Q2`
        earlier = segment.before(before)
        return (earlier is not None and earlier.cue in {Cue.FROM, Cue.VERSUS, Cue.THAN}) or (
            earlier is not None
            and earlier.cue is Cue.TO
            and (lead := segment.before(earlier)) is not None
            and lead.cue is Cue.VERSUS
        )
    return False


def _is_beaten(time: Mention, segment: Segment) -> bool:
    """`exceeded Q2 by …`, `exceeded that of Q2`, `beat those in Q2`."""
    before = segment.before(time, skip=frozenset({Cue.OF, Cue.IN}))
    if before is None or before.cue not in {Cue.BEATS, Cue.TRAILS}:
        return False
    between = [one for one in segment.mentions if before.end <= one.start and one.end <= time.start]
    is_that = any(one.text.lower() in {"that", "those"} for one in between)
    return is_that or not any(one.cue is Cue.IN for one in between)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    main: When
    base: When


def pairs_for(
    number: Mention | None, segment: Segment, heard: Heard, *, own_base: Mention | None = None
) -> tuple[tuple[Pair, ...], bool]:
    """(main, base) periods of a comparison, and whether the text says which base. Raises Doubted."""
    times = list(segment.of(Kind.TIME))
    bases = [one for one in times if is_base_time(one, segment)]
    cues = segment.cues(Cue.YEAR_AGO, Cue.PERIOD_AGO)
    if own_base is not None:
        bases = [own_base]
    elif number is not None and (nearest := _base_beside(number, segment)) is not None:
        bases, cues = [], (nearest,)
    mains = whens_for(None if len(times) - len(bases) <= 1 else number, segment, heard)
    if not mains.is_named:
        raise Doubted(Doubt.AMBIGUOUS, "no period is named")
    for one in bases:
        if one.time is not None and one.time.window is not None:
            base = When(window=one.time.window, grain=one.time.grain)
            if any(main.window == base.window for main in mains.first):
                raise Doubted(Doubt.AMBIGUOUS, f"`{one.text}` would be compared with itself")
            return tuple(Pair(main=main, base=base) for main in mains.first), True
    if cues:
        kinds = {one.cue for one in cues}
        if len(kinds) > 1:
            raise Doubted(Doubt.AMBIGUOUS, "two periods are compared with")
        return tuple(_shift(mains.first, by_year=kinds == {Cue.YEAR_AGO})), True
    by_year, by_period = _shift(mains.first, by_year=True), _shift(mains.first, by_year=False)
    return tuple(dict.fromkeys((*by_year, *by_period))), False


def _base_beside(number: Mention, segment: Segment) -> Mention | None:
    """`6.0% quarter on quarter and 25.4% year on year`: each number has the base right behind it."""
    after = segment.after(number)
    is_beside = after is not None and after.cue in {Cue.YEAR_AGO, Cue.PERIOD_AGO}
    return after if is_beside else None


def _shift(mains: Sequence[When], *, by_year: bool) -> list[Pair]:
    found = []
    for main in mains:
        moved = shifted(main.window, main.grain, by_year=by_year) if main.window else None
        if moved is None:
            raise Doubted(Doubt.AMBIGUOUS, "the period has no single counterpart")
        found.append(Pair(main=main, base=When(window=dated(moved), grain=main.grain)))
    return found
