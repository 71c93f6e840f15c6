"""A number in its statement in, its role out: a level, a change, a share, a multiple, or what something was before."""

from __future__ import annotations

from enum import Enum

from loadline.semantics.claims_mentions import Kind, Mention
from loadline.semantics.claims_segments import Segment
from loadline.semantics.claims_vocabulary import words
from loadline.semantics.claims_words import Cue
from loadline.values.claim import Unit


class Role(Enum):
    LEVEL = "level"
    WAS = "was"  # a level at the base of a comparison
    GROWTH = "growth"
    CHANGE = "change"  # a difference in the metric's own unit
    POINTS = "points"
    SHARE = "share"
    TIMES = "times"
    COUNTER = "counter"  # `top three`: no claim
    UNCLEAR = "unclear"


_UP = frozenset({Cue.UP, Cue.MORE, Cue.BETTER, Cue.BEATS})
_DOWN = frozenset({Cue.DOWN, Cue.LESS, Cue.WORSE, Cue.TRAILS})
_MOVES = _UP | _DOWN
_MARKS = ("above", "below", "under", "beyond", "short of")
"""`fell below 3m` names a mark on the scale, `fell less than 3m` a distance."""

_DISTANCES = frozenset(
    words(
        """
        up down rise increase gain climb jump surge uplift upturn growth fall decline drop decrease dip reduction
        downturn improvement deterioration
        """
    )
)
_SUBJECTS = (Kind.METRIC, Kind.VALUE)
_ADVERBS = frozenset({"up", "down"})
APART = frozenset({"difference", "gap"})
_UNSIGNED = frozenset({"changed", "moved", "shifted", "varied", "differed"})


def role_of(number: Mention, segment: Segment, *, is_percent_metric: bool) -> Role:
    """What the words around a number make of it."""
    assert number.number is not None  # noqa: S101 - a mention of kind NUMBER has one
    before = segment.before(number)
    after = segment.after(number)
    quantity = number.number.quantity
    is_small = quantity.unit is Unit.PLAIN and quantity.value <= 20
    if is_small and after is not None and after.cue in {Cue.TOP, Cue.BOTTOM}:
        return Role.COUNTER
    if is_small and before is not None and before.cue in {Cue.TOP, Cue.BOTTOM} and after is not None:
        is_counted = after.kind in {Kind.DIMENSION, Kind.NOUN, Kind.VALUE}
        return Role.COUNTER if is_counted else Role.LEVEL
    match number.number.quantity.unit:
        case Unit.POINTS:
            return Role.POINTS
        case Unit.TIMES:
            return Role.TIMES
        case Unit.PERCENT:
            return _of_percent(number, segment, before, after, is_percent_metric=is_percent_metric)
        case _:
            return _of_amount(number, segment, before, after)


def _of_percent(
    number: Mention, segment: Segment, before: Mention | None, after: Mention | None, *, is_percent_metric: bool
) -> Role:
    if is_percent_metric and _was(number, before, segment):
        return Role.WAS
    if is_percent_metric and (is_mark(number, before) or (before is not None and before.cue is Cue.TO)):
        return Role.LEVEL
    if _moves(number, segment, before, after):
        return Role.GROWTH
    if is_percent_metric and after is not None and after.cue in {Cue.YEAR_AGO, Cue.PERIOD_AGO}:
        return Role.UNCLEAR  # a change of a share, in percent or in points
    if after is not None and after.cue in {Cue.YEAR_AGO, Cue.PERIOD_AGO} and not is_percent_metric:
        return Role.GROWTH
    if number.number is not None and number.number.sign and segment.cues(Cue.YEAR_AGO, Cue.PERIOD_AGO):
        return Role.GROWTH
    if is_percent_metric:
        return Role.LEVEL
    of_whole = after is not None and (after.cue is Cue.OF or after.kind in {Kind.METRIC, Kind.NOUN})
    is_of_whole = bool(segment.mentions) and segment.mentions[0].cue is Cue.OF  # `Of revenue, 52 % came from …`
    if of_whole or is_of_whole or segment.cues(Cue.SHARE):
        return Role.SHARE
    return Role.UNCLEAR


def _of_amount(number: Mention, segment: Segment, before: Mention | None, after: Mention | None) -> Role:
    if _was(number, before, segment):
        return Role.WAS
    if is_mark(number, before) or (before is not None and before.cue is Cue.TO):
        return Role.LEVEL
    if _is_distance(number, segment, after) or is_apart(segment):
        return Role.CHANGE
    if (
        before is not None
        and (before.cue is Cue.BY or before.cue in _MOVES - {Cue.BEATS, Cue.TRAILS})
        and _moves(number, segment, before, after)
    ):
        return Role.CHANGE
    if after is not None and after.cue in {Cue.MORE, Cue.LESS}:
        return Role.CHANGE
    return Role.LEVEL


def is_mark(number: Mention, before: Mention | None) -> bool:
    """`dropped below 3.5m`, `fell short of 3.5m`."""
    is_moved = before is not None and before.cue in {Cue.UP, Cue.DOWN}
    return is_moved and number.number is not None and number.number.bound.endswith(_MARKS)


def _is_distance(number: Mention, segment: Segment, after: Mention | None) -> bool:
    """`a EUR 0.7m rise`, `EUR 0.7m up on 2025`; `EUR 3.5m, up on 2025` and `EUR 3.5m up from EUR 2.8m` are levels."""
    word = after.text.lower() if after is not None else ""
    if after is None or word not in _DISTANCES or after.start - number.end > 1:
        return False
    behind = segment.after(after)
    goes_on = behind is not None and (behind.kind is Kind.NUMBER or behind.cue in {Cue.FROM, Cue.BY, Cue.TO})
    return not (word in _ADVERBS and goes_on)


def is_apart(segment: Segment) -> bool:
    """`the gap between the north and the south was EUR 0.2m`."""
    values = segment.of(Kind.VALUE)
    if len(values) != 2 or len(segment.of(Kind.NUMBER)) != 1:
        return False
    nouns = [one for one in segment.mentions if one.text.lower() in APART and one.end <= values[0].start]
    return any(one.cue is Cue.FROM and nouns[0].end <= one.start < values[0].start for one in segment.mentions if nouns)


def _was(number: Mention, before: Mention | None, segment: Segment) -> bool:
    """A number of the time before: `from 3.3m`, `and 3.6m a year ago`; alone, `a year earlier it was 2.8m`. Not the
    number of another value: `versus 4.7% in the north`."""
    behind = segment.after(number, skip=frozenset({Cue.IN}))
    if _is_base(before, segment):
        return behind is None or behind.kind is not Kind.VALUE
    is_ago = behind is not None and behind.cue in {Cue.YEAR_AGO, Cue.PERIOD_AGO} and _is_then(behind)
    if is_ago and before is not None and before.text == "(":
        return True
    if before is not None and before.cue is Cue.AND and is_ago:
        earlier = [one for one in segment.of(Kind.NUMBER) if one.end <= before.start]
        return bool(earlier) and _is_base(segment.before(earlier[-1]), segment)
    is_alone = len(segment.of(Kind.NUMBER)) == 1 and not segment.cues(Cue.THAN, Cue.VERSUS, Cue.FROM, *_MOVES)
    agos = [one for one in segment.cues(Cue.YEAR_AGO, Cue.PERIOD_AGO) if _is_then(one)]
    is_still = any(one.text.lower() in {"unchanged", "flat", "stable", "same", "constant"} for one in segment.mentions)
    return is_alone and bool(agos) and not is_still


def _is_then(cue: Mention) -> bool:
    """`a year ago` names a time; `year on year` and `on the year before` compare with one."""
    return cue.text.lower().split()[0] in {"a", "one", "the", "same", "previous", "prior"}


def _is_base(before: Mention | None, segment: Segment) -> bool:
    """`from 3.3m`, `compared with 3.3m`, `against 3.3m`."""
    if before is None:
        return False
    if before.cue is Cue.VERSUS:
        return True
    if before.cue in {Cue.TO, Cue.AS} or before.cue is Cue.IN:
        earlier = segment.before(before)
        return before.cue is Cue.TO and earlier is not None and earlier.cue is Cue.VERSUS
    return before.cue is Cue.FROM


def _moves(number: Mention, segment: Segment, before: Mention | None, after: Mention | None) -> bool:
    """Whether a word of movement governs the number: `rose 5 %`, `rose by 5 %`, `5 % higher`, `a 5 % rise`."""
    if before is not None and before.cue in _MOVES:
        return True
    if before is not None and before.cue is Cue.OF:
        lead = segment.before(before)
        return lead is not None and lead.cue in _MOVES  # `growth of 5 %`
    if before is not None and before.cue is Cue.BY:
        if any(one.text.lower() in _UNSIGNED and one.end <= number.start for one in segment.mentions):
            return True
        return any(one.cue in _MOVES and one.end <= number.start for one in segment.mentions)
    if after is not None and after.cue in _MOVES:
        return True
    if (peer := _listed_before(number, segment, before)) is not None:
        return _moves(peer, segment, segment.before(peer), segment.after(peer))
    if (before is not None and before.kind in {Kind.METRIC, Kind.TIME, Kind.VALUE}) or (
        before is not None and before.cue in {Cue.YEAR_AGO, Cue.PERIOD_AGO}
    ):
        # `rose in Q3 by …` has its `by`; `rose year on year 5 %` has none
        return before.cue in {Cue.YEAR_AGO, Cue.PERIOD_AGO} and bool(segment.cues(*_MOVES))
    return False


def _listed_before(number: Mention, segment: Segment, before: Mention | None) -> Mention | None:
    """The 5 % of `a and b rose by 5 % and 3 %`."""
    if before is None or before.cue is not Cue.AND or max(map(len, map(segment.of, _SUBJECTS))) < 2:
        return None
    peer = segment.before(before)
    if peer is None or peer.number is None or number.number is None:
        return None
    return peer if peer.number.quantity.unit is number.number.quantity.unit else None


def direction_of(number: Mention | None, segment: Segment) -> Mention | None:
    """The word of movement nearest to a number (or the only one)."""
    moving = [one for one in segment.mentions if one.cue in _MOVES]
    if number is None or not moving:
        return moving[0] if moving else None
    after = segment.after(number)
    if after is not None and after.cue in _MOVES:
        return after
    earlier = [one for one in moving if one.end <= number.start]
    return earlier[-1] if earlier else moving[0]


def is_up(cue: Cue | None, good: int) -> bool | None:
    """Where a word of movement points; `improved` depends on what is good, and None when nobody knows."""
    if cue in {Cue.UP, Cue.MORE, Cue.BEATS}:
        return True
    if cue in {Cue.DOWN, Cue.LESS, Cue.TRAILS}:
        return False
    if cue is Cue.BETTER:
        return None if good == 0 else good > 0
    if cue is Cue.WORSE:
        return None if good == 0 else good < 0
    return None
