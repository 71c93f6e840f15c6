"""A statement in; Doubted out where small words make its number one of a part, of each, of a range or of a difference.

`from key accounts`, `both regions`, `EUR 3m a week`, `between 3m and 4m`, `the gap was 0.2m`: each of these words says
nothing elsewhere, and here it changes what is counted.
"""

from __future__ import annotations

from loadline.semantics.claims_mentions import Kind, Mention
from loadline.semantics.claims_numbers import CURRENCIES
from loadline.semantics.claims_segments import Segment
from loadline.semantics.claims_slices import Doubted
from loadline.semantics.claims_vocabulary import words
from loadline.semantics.claims_words import Cue
from loadline.values.claim import Doubt, Threshold, Unit

_PEOPLE = frozenset(
    words(
        """
        customer customers client clients account accounts user users people business company companies firm firms
        market markets team teams side half halves one ones
        """
    )
)
_PART = frozenset(
    words(
        """
        key other another else many several few some one half most least big large small huge tiny new great good bad
        poor weak solid strong healthy robust important popular steady main lots lot any certain high low ever fast
        slow impressive notable significant single only
        """
    )
)
"""Words that pick some of what stands behind them."""
_ALL = frozenset({"all", "both"})
_PASSED = frozenset({"the", "our", "its", "their", "these", "those", "of", "a", "an", "just", "his", "her", "my", "we"})
_PERIODS = frozenset(words("day week month quarter year hour head piece person time"))
_APART = frozenset(words("change changes difference differences gap swing movement differ"))
_AWAY = frozenset(words("lost reduced lowered dropped added gained"))


def refuse_cohort(segment: Segment, counted: Mention | None) -> None:
    """Raises Doubted where a word that is small elsewhere picks a part: `key accounts`, `other regions`, `half the
    customers`; or where all of several are said to have one number each: `both regions had …`."""
    for at, one in enumerate(segment.mentions):
        is_body = one.kind in {Kind.NOUN, Kind.DIMENSION} or (one.kind is Kind.NEUTRAL and one.text.lower() in _PEOPLE)
        if one is counted or not is_body:
            continue
        lead = _lead(segment.mentions, at)
        if lead is None:
            continue
        said = lead.text.lower()
        if said in _PART and lead.kind in {Kind.NEUTRAL, Kind.CUE}:
            raise Doubted(Doubt.COHORT, f"`{lead.text} {one.text}` is no known cohort")
        if said in _ALL and one.kind is Kind.DIMENSION and _is_subject(segment, lead):
            raise Doubted(Doubt.NOT_UNDERSTOOD, f"`{lead.text} {one.text}` speaks of several numbers at once")
        if lead.kind is Kind.NUMBER and one.kind is not Kind.NOUN and not segment.of(Kind.VALUE):
            raise Doubted(Doubt.NOT_UNDERSTOOD, f"`{lead.text} {one.text}` are a part nobody names")


def _lead(mentions: tuple[Mention, ...], at: int) -> Mention | None:
    """The word that says which of them: right before, articles passed over."""
    for one in reversed(mentions[:at]):
        if one.kind is Kind.NEUTRAL and one.text.lower() in _PASSED:
            continue
        if one.cue is Cue.OF:
            continue
        return one
    return None


def _is_subject(segment: Segment, lead: Mention) -> bool:
    """`both regions had`, and not `across both regions` or `all regions together`."""
    before = segment.before(lead)
    return (before is None or before.cue not in {Cue.IN, Cue.OF}) and not segment.cues(Cue.TOGETHER, Cue.TOTAL)


def refuse_shape(number: Mention, segment: Segment) -> None:
    """Raises Doubted where a printed number is one end of a range, one of every week, or no level but a difference."""
    if ranged := _range_word(number, segment):
        raise Doubted(Doubt.NOT_UNDERSTOOD, f"`{ranged.text}` gives a range, not a number")
    if _is_negative(number, segment):
        raise Doubted(Doubt.NOT_UNDERSTOOD, f"`{number.text}` may be meant to be negative")
    later = [one for one in segment.mentions if one.start >= number.end]
    if len(later) > 1 and later[0].text.lower() in {"a", "an"} and later[0].start - number.end <= 2:
        is_each = later[1].text.lower() in _PERIODS or later[1].kind in {Kind.NOUN, Kind.DIMENSION}
        if is_each or later[1].text.lower() in _PEOPLE:
            raise Doubted(Doubt.NOT_UNDERSTOOD, f"`{later[0].text} {later[1].text}` speaks of several numbers at once")


def _is_negative(number: Mention, segment: Segment) -> bool:
    """`-EUR 3.5m`, `EUR (3.5m)`: a sign that the currency stands between."""
    earlier = [one for one in segment.mentions if one.end <= number.start][-2:]
    if len(earlier) < 2:
        return False
    far, near = earlier
    is_near = number.start - near.end <= 1 and near.start - far.end <= 1
    if near.text == "(" and is_near:
        later = next((one for one in segment.mentions if one.start >= number.end), None)
        return far.text.lower() in CURRENCIES and later is not None and later.text == ")"
    is_signed = far.text in {"-", "\u2212", "\u2013"} and far.end == near.start
    return is_signed and is_near and near.text.lower() in CURRENCIES


def refuse_level(number: Mention, segment: Segment, counted: Mention | None) -> None:
    """Raises Doubted where what is printed as a level is a difference, or bounds what is counted."""
    lead = segment.before(number)
    if lead is not None and lead.cue is Cue.BY:
        raise Doubted(Doubt.NOT_UNDERSTOOD, f"`{lead.text} {number.text}` speaks of a difference, and not of which")
    ranked = segment.cues(Cue.RANK)
    if ranked and number.number is not None and number.number.quantity.unit is Unit.PLAIN:
        raise Doubted(Doubt.NOT_UNDERSTOOD, f"`{number.text}` may be a place, as `{ranked[0].text}` says")
    apart = next((one for one in segment.mentions if one.text.lower() in _APART), None)
    if apart is not None:
        raise Doubted(Doubt.NOT_UNDERSTOOD, f"`{apart.text}` speaks of a difference, and not of which")
    best = _nameless_best(number, segment)
    if best is not None:
        raise Doubted(Doubt.NOT_UNDERSTOOD, f"`{best.text}` speaks of one that is not named")
    before = segment.before(counted) if counted is not None else None
    if before is not None and before.text.lower() in _AWAY and counted and counted.start - before.end <= 2:
        raise Doubted(Doubt.INVENTED, f"`{before.text} {counted.text}` is not a governed metric")
    numbers = [one for one in segment.of(Kind.NUMBER) if one.number is not None]
    bounding = [one for one in numbers if one.number and one.number.quantity.threshold is not Threshold.EXACT]
    if len(numbers) > len(bounding) >= 1 and len(segment.of(Kind.METRIC)) == 1:
        first = bounding[0]
        exact = [one for one in numbers if one not in bounding and one.start > first.end]
        joints = [one for one in segment.mentions if exact and first.end <= one.start and one.end <= exact[0].start]
        is_apart = any(one.text in {",", "("} or one.cue in {Cue.AND, Cue.FROM, Cue.TO} for one in joints)
        if exact and not is_apart:
            raise Doubted(Doubt.AMBIGUOUS, f"`{first.text}` may bound what is counted")


def _nameless_best(number: Mention, segment: Segment) -> Mention | None:
    """`the largest region had …`: of which region the number is, is not said."""
    if segment.of(Kind.VALUE):
        return None
    for at, one in enumerate(segment.mentions):
        is_body = one.kind in {Kind.NOUN, Kind.DIMENSION} or one.text.lower() in _PEOPLE
        lead = _lead(segment.mentions, at) if is_body and one.end <= number.start else None
        if lead is not None and (lead.cue in {Cue.TOP, Cue.BOTTOM} or lead.kind is Kind.ORDINAL):
            return lead
    return None


def _range_word(number: Mention, segment: Segment) -> Mention | None:
    before, after = segment.before(number), segment.after(number)
    if (joint := _joins_numbers(before, after, segment)) is not None:
        return joint
    if before is None:
        return None
    if before.text.lower() == "between" and after is not None and after.cue is Cue.AND:
        further = segment.after(after)
        return before if further is not None and further.kind is Kind.NUMBER else None
    lead = segment.before(before)
    if before.cue is Cue.AND and lead is not None and lead.kind is Kind.NUMBER:
        opening = segment.before(lead)
        return opening if opening is not None and opening.text.lower() == "between" else None
    return None


def _joins_numbers(before: Mention | None, after: Mention | None, segment: Segment) -> Mention | None:
    """The `to` of `EUR 3.4m to 3.6m`, where nothing moved from the one to the other; and the `or` of `3m or 4m`."""
    if segment.cues(Cue.FROM, Cue.UP, Cue.DOWN, Cue.BETTER, Cue.WORSE, Cue.MORE, Cue.LESS):
        return None
    for joint in (before, after):
        if joint is None or not (joint.cue is Cue.TO or joint.text.lower() == "or"):
            continue
        one, other = segment.before(joint), segment.after(joint)
        if one is not None and other is not None and one.kind is other.kind is Kind.NUMBER:
            return joint
    return None
