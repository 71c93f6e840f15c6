"""A number in its statement in, a claim out: what it may mean, finite enough to compute, or why nobody can say."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, pairwise

from loadline.semantics.claims_cohorts import refuse_cohort, refuse_level, refuse_shape
from loadline.semantics.claims_frame import Heard, Metrics, When, fitting, metrics_for, slices_for
from loadline.semantics.claims_lexicon import Lexicon, phrase_of, stem
from loadline.semantics.claims_mentions import Kind, Mention
from loadline.semantics.claims_numbers import CURRENCIES
from loadline.semantics.claims_periods import pairs_for, whens_for
from loadline.semantics.claims_qualified import (
    is_of_it,
    is_of_whole,
    is_part_of,
    refuse_beaten,
    refuse_part,
    refuse_qualified,
)
from loadline.semantics.claims_roles import APART, Role, direction_of, is_up, role_of
from loadline.semantics.claims_segments import Segment
from loadline.semantics.claims_senses import change, level, share
from loadline.semantics.claims_sides import (
    between,
    compared_values,
    metrics_apart,
    part_of_another,
    refuse_one_sided,
    rivals_in,
)
from loadline.semantics.claims_slices import Doubted, Slice, slices_of
from loadline.semantics.claims_wholes import every_row, wholes_of
from loadline.semantics.claims_words import Cue
from loadline.values.claim import Amount, Claim, Doubt, Expectation, Formula, Quantity, Sense, Threshold, Unit

MOST_READINGS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """What a number was bound to; `readings` and `also` as in a Claim. `metrics` is remembered for what follows."""

    expects: Expectation
    readings: tuple[Sense, ...]
    also: tuple[Sense, ...] = ()
    is_timeless: bool = False
    is_any: bool = False  # no base is named: any of the usual ones will do
    metrics: tuple[str, ...] = ()


def bind_number(number: Mention, segment: Segment, heard: Heard, lexicon: Lexicon) -> Bound | None:
    """None for a number that claims nothing (`top three`). Raises Doubted."""
    assert number.number is not None  # noqa: S101 - a mention of kind NUMBER has one
    metrics = metrics_for(number, segment, heard)
    is_percent = any(lexicon.traits[name].is_percent for name in metrics.names)
    role = role_of(number, segment, is_percent_metric=is_percent)
    if role is Role.COUNTER:
        return None
    refuse_residue(segment, metrics, lexicon)
    refuse_shape(number, segment)
    refuse_qualified(number, segment)
    if number.number.may_be_year and (metrics.mention is None or segment.after(number) is not metrics.mention):
        raise Doubted(Doubt.AMBIGUOUS, f"`{number.text}` may be a year")
    quantity = number.number.quantity
    if role is Role.LEVEL:
        _refuse_movement(number, segment)
    match role:
        case Role.LEVEL | Role.WAS:
            return _level(number, segment, heard, metrics, lexicon, is_base=role is Role.WAS)
        case Role.SHARE:
            return _share(number, segment, heard, metrics, lexicon)
        case Role.GROWTH | Role.CHANGE | Role.POINTS | Role.TIMES:
            return _change(number, segment, heard, metrics, lexicon, role)
        case _:
            name = metrics.names[0] if metrics.names else "it"
            said = quantity.unit.value
            raise Doubted(Doubt.UNIT, f"`{name}` is not in percent, and the text does not say of what the {said} is")


def refuse_residue(segment: Segment, metrics: Metrics, lexicon: Lexicon) -> None:
    """A word nobody knows may restrict what is counted; so may a `not`, an `each`, a forecast. Raises Doubted."""
    if said := segment.cues(Cue.FORECAST):
        raise Doubted(Doubt.FORECAST, f"`{said[0].text}` speaks of what is wanted or expected")
    if said := segment.cues(Cue.OTHERWISE):
        raise Doubted(Doubt.NOT_UNDERSTOOD, f"`{said[0].text}` counts otherwise than the governed definition")
    if said := segment.cues(Cue.NOT):
        raise Doubted(Doubt.NOT_UNDERSTOOD, f"`{said[0].text}` turns the statement around")
    if said := segment.cues(Cue.EACH):
        raise Doubted(Doubt.NOT_UNDERSTOOD, f"`{said[0].text}` speaks of several numbers at once")
    for one in segment.cues(Cue.AVERAGE):
        if not any(lexicon.traits[name].is_mean for name in metrics.names):
            raise Doubted(Doubt.INVENTED, f"`{one.text}` of `{metrics.names[0]}` is not a governed metric")
    own = {part for name in metrics.names for part in (*phrase_of(name), *lexicon.traits[name].words)}
    for one in (*segment.of(Kind.UNKNOWN, Kind.VERB), *_strange_nouns(segment, metrics, lexicon)):
        if stem(one.text) in own:
            continue
        before, after = segment.before(one), segment.after(one)
        if after is not None and after is metrics.mention:
            raise Doubted(Doubt.INVENTED, f"`{one.text} {after.text}` is not a governed metric")
        is_cohort = before is not None and before.cue in {Cue.IN, Cue.FROM, Cue.OF, Cue.TO, Cue.BY}
        if is_cohort or (one.text[:1].isupper() and one.start > 0):
            raise Doubted(Doubt.COHORT, f"`{one.text}` is no known value")
        if not metrics.is_own and not segment.is_elliptic:
            raise Doubted(Doubt.INVENTED, f"`{one.text}` is not a governed metric")
        raise Doubted(Doubt.NOT_UNDERSTOOD, f"nothing is known of `{one.text}`")
    refuse_cohort(segment, metrics.mention)


def _strange_nouns(segment: Segment, metrics: Metrics, lexicon: Lexicon) -> Iterable[Mention]:
    """Dataset words that a row of the metric leads to change nothing; others may."""
    known = [lexicon.reachable_nouns.get(name, frozenset[str]()) for name in metrics.names]
    for one in segment.of(Kind.NOUN):
        if one is metrics.mention:
            continue
        if not all(any(ref.dataset in reached for ref in one.nouns()) for reached in known):
            yield one


# -- levels

_WON_OR_LOST = frozenset({"lost", "gained", "added"})


def _refuse_movement(number: Mention, segment: Segment) -> None:
    """`lost in Q3: EUR 3.5m` may be what went, `a gap of EUR 3.5m` lies between two numbers, and `booked revenue of
    cancelled orders` is the part of the one that the other counts. Raises Doubted."""
    metrics = segment.of(Kind.METRIC)
    for one, other in pairwise(metrics):
        between = segment.after(one)
        if between is not None and between.cue is Cue.OF and segment.after(between) is other:
            raise Doubted(Doubt.COHORT, f"`{one.text} of {other.text}` is no governed metric: name the slice")
    before = segment.before(number)
    is_reached = before is not None and before.cue is Cue.TO
    for one in segment.mentions:
        if one.text.lower() in _WON_OR_LOST and len(segment.of(Kind.NUMBER)) == 1 and not is_reached:
            raise Doubted(Doubt.AMBIGUOUS, f"`{one.text}` may say by how much, and from when is not said")
        if one.text.lower() in APART and one.end <= number.start:
            raise Doubted(Doubt.NOT_UNDERSTOOD, f"`{one.text}` lies between two numbers, and the text names no two")


def _level(
    number: Mention, segment: Segment, heard: Heard, metrics: Metrics, lexicon: Lexicon, *, is_base: bool
) -> Bound:
    quantity = _quantity(number)
    names = fitting(metrics.names, quantity, lexicon)
    behind = segment.after(number)
    _refuse_counted(number, behind, metrics, lexicon)
    refuse_level(number, segment, metrics.mention)
    refuse_part(number, segment)
    if quantity.threshold is not Threshold.EXACT and behind is not None and behind.cue is Cue.OF:
        further = segment.after(behind)
        if further is not None and (further.kind is Kind.TIME or further.cue in {Cue.YEAR_AGO, Cue.PERIOD_AGO}):
            raise Doubted(Doubt.AMBIGUOUS, "two periods are set against each other")
    own_base = _own_base(number, segment) if is_base else None
    whens: tuple[When, ...]
    also_whens: tuple[When, ...] = ()
    is_named = is_told = True
    if is_base and own_base is not None and own_base.time is not None:
        whens = (When(window=own_base.time.window, grain=own_base.time.grain),)
    elif is_base:
        pairs, is_told = pairs_for(number, segment, heard)
        whens = tuple(pair.base for pair in pairs)
    else:
        found = whens_for(number, segment, heard)
        whens, also_whens, is_named = found.first, found.also, found.is_named
    is_joined = len(segment.of(Kind.TIME)) > 1 and bool(segment.cues(Cue.TOGETHER))
    if is_joined and (once := next((one for one in names if lexicon.traits[one].is_distinct), None)):
        raise Doubted(Doubt.AMBIGUOUS, f"`{once}` of several periods may count one twice")
    first, also = [], []
    for name in names:
        whens_here, timeless = _for_metric(name, whens, segment, lexicon, is_named=is_named)
        is_named = is_named or timeless
        slices = slices_for(number, segment, heard, metrics, name, lexicon)
        parts = slices.first
        is_told = _is_told_of_all(name, metrics.mention, lexicon)
        if is_of_whole(number, segment) and (any(parts) or is_told):
            whole = every_row(name, lexicon)[0] if is_told else name
            own = _beside_number(number, segment, name, lexicon)
            first += [level(whole, one, when) for one in own for when in whens_here]
            wider = [each for one in parts for each in _wider(one)]
            also += [level(each, one, when) for each in (whole, name) for one in wider for when in whens_here]
            continue
        if is_part_of(number, segment) and not any(parts) and not is_told:
            raise Doubted(Doubt.COHORT, f"the text does not say which part of `{name}` that is")
        first += [level(name, one, when) for one in parts for when in whens_here]
        also += [level(name, one, when) for one in slices.also for when in whens_here]
        also += [level(name, one, when) for one in slices.first for when in also_whens if lexicon.traits[name].has_time]
    bound = _bound(Amount(quantity=quantity), first, also, names)
    return replace(bound, is_timeless=not is_named, is_any=not is_told and len(names) == 1)


def _is_told_of_all(name: str, mention: Mention | None, lexicon: Lexicon) -> bool:
    """`311 of 6,027 orders were cancelled` says of all orders how many were; `of 311 cancelled orders` does not."""
    traits = lexicon.traits[name]
    if mention is None or traits.counts is None or traits.is_plain_count:
        return False
    return len(mention.text.split()) > len(phrase_of(name))


def _beside_number(number: Mention, segment: Segment, name: str, lexicon: Lexicon) -> tuple[Slice, ...]:
    """`of the 3,149 northern orders`: what stands between a number and its noun is said of it alone."""
    after = segment.after(number)
    if after is None or after.kind is not Kind.VALUE or after.start - number.end > 2:
        return ((),)
    return slices_of(((after,),), segment, name, lexicon).first


def _wider(where: Slice) -> list[Slice]:
    """The slice itself and what it lies in: the whole of `194 of 2,878 orders from the south were cancelled`."""
    return [each for size in range(len(where), 0, -1) for each in combinations(where, size)]


def _refuse_counted(number: Mention, behind: Mention | None, metrics: Metrics, lexicon: Lexicon) -> None:
    """`3.52 million orders` is a count, whatever metric in EUR stands beside it."""
    if number.number is None or behind is None or behind.kind is not Kind.NOUN or behind is metrics.mention:
        return
    units = {lexicon.traits[name].unit for name in metrics.names}
    if number.number.quantity.unit is Unit.PLAIN and units and units <= set(CURRENCIES.values()):
        raise Doubted(Doubt.UNIT, f"`{number.text} {behind.text}` is a count, and `{metrics.names[0]}` is in money")


def _for_metric(
    name: str, whens: tuple[When, ...], segment: Segment, lexicon: Lexicon, *, is_named: bool
) -> tuple[tuple[When, ...], bool]:
    """A metric without a time has one number for ever; a period said of it in so many words is a doubt."""
    if lexicon.traits[name].has_time:
        return whens, False
    if is_named and segment.of(Kind.TIME):
        raise Doubted(Doubt.AMBIGUOUS, f"`{name}` is not counted over time")
    return (When(window=None),), True


def _own_base(number: Mention, segment: Segment) -> Mention | None:
    """The period right behind a base number: `from 3.3m in Q2`."""
    after = segment.after(number, skip=frozenset({Cue.IN}))
    return after if after is not None and after.kind is Kind.TIME else None


# -- shares


def _share(number: Mention, segment: Segment, heard: Heard, metrics: Metrics, lexicon: Lexicon) -> Bound:
    quantity = _quantity(number)
    whens = whens_for(number, segment, heard)
    if heard.values and is_of_it(number, segment):
        raise Doubted(Doubt.AMBIGUOUS, f"of what `{number.text}` is a share, is not said")
    sides = part_of_another(number, segment)
    first: list[Sense] = []
    also: list[Sense] = []
    for name in metrics.names:
        traits = lexicon.traits[name]
        if traits.is_percent:
            raise Doubted(Doubt.UNIT, f"`{name}` is a share itself")
        if sides is not None:
            first += between(name, sides, segment, heard, lexicon, Formula.SHARE)
            continue
        told = Segment(mentions=tuple(one for one in segment.mentions if one.cue is not Cue.TOTAL), front=segment.front)
        told = replace(told, is_elliptic=segment.is_elliptic)  # `64 % of the total` is of a part all the same
        slices = slices_for(number, told, heard, metrics, name, lexicon)
        for target, found in ((first, slices.first), (also, slices.also)):
            for where in found:
                if not where and len(found) > 1:
                    continue  # all of it is no part
                meant, others = wholes_of(name, where, number, told, lexicon)
                target += [share(name, where, whole, when) for whole in meant for when in whens.first]
                also += [share(name, where, whole, when) for whole in others for when in whens.first]
    return _bound(Amount(quantity=quantity), first, also, metrics.names, is_timeless=not whens.is_named)


# -- changes


def _change(number: Mention, segment: Segment, heard: Heard, metrics: Metrics, lexicon: Lexicon, role: Role) -> Bound:
    refuse_beaten(segment)
    quantity = _quantity(number)
    names = metrics.names if role in {Role.GROWTH, Role.TIMES} else fitting(metrics.names, quantity, lexicon)
    mover = direction_of(number, segment)
    good = lexicon.traits[names[0]].good if names else 0
    expects = _signed(quantity, mover, good, sign=number.number.sign if number.number else "")
    formula = {Role.GROWTH: Formula.GROWTH, Role.TIMES: Formula.RATIO}.get(role, Formula.DIFFERENCE)
    sides = compared_values(segment)
    refuse_one_sided(segment, sides)
    first: list[Sense] = []
    also: list[Sense] = []
    is_told = True
    rivals = rivals_in(segment)
    if rivals:
        first = metrics_apart(rivals, segment, heard, metrics, lexicon, formula)
    for name in names if not rivals else ():
        if sides is not None:
            first += between(name, sides, segment, heard, lexicon, formula)
            continue
        pairs, is_told = pairs_for(number, segment, heard)
        if role is Role.TIMES and not is_told:
            raise Doubted(Doubt.AMBIGUOUS, f"`{number.text}` as much as what, is not said")
        slices = slices_for(number, segment, heard, metrics, name, lexicon)
        first += [change(name, one, pair, formula) for one in slices.first for pair in pairs]
        if lexicon.traits[name].is_percent and formula is not Formula.RATIO:
            other = Formula.DIFFERENCE if formula is Formula.GROWTH else Formula.GROWTH
            also += [change(name, one, pair, other) for one in slices.first for pair in pairs]
        also += [change(name, one, pair, formula) for one in slices.also for pair in pairs]
    bound = _bound(expects, first, also, names)
    is_one = len({cell.where for one in bound.readings for cell in one.cells}) == 1 and len(names) == 1
    return replace(bound, is_any=not is_told and is_one)


def _signed(quantity: Quantity, mover: Mention | None, good: int, *, sign: str) -> Amount:
    """The number with the direction the words give it; without one it says how far, not whereto."""
    if quantity.unit is Unit.TIMES:
        return Amount(quantity=quantity)
    way = is_up(mover.cue, good) if mover is not None else None
    if way is None:
        return Amount(quantity=quantity, is_signless=mover is not None or not sign)
    if way or quantity.value < 0:
        return Amount(quantity=quantity, is_up=way)
    flipped = {">": "<", ">=": "<=", "<": ">", "<=": ">="}.get(quantity.threshold.value, quantity.threshold.value)
    turned = replace(quantity, value=-quantity.value, threshold=type(quantity.threshold)(flipped))
    return Amount(quantity=turned, is_up=way)


# -- putting together


def _quantity(number: Mention) -> Quantity:
    assert number.number is not None  # noqa: S101 - a mention of kind NUMBER has one
    return number.number.quantity


def _bound(
    expects: Expectation,
    first: Sequence[Sense],
    also: Sequence[Sense],
    metrics: tuple[str, ...],
    *,
    is_timeless: bool = False,
) -> Bound:
    readings = tuple(dict.fromkeys(first))
    if not readings:
        raise Doubted(Doubt.NOT_UNDERSTOOD, "no reading could be made")
    if len(readings) > MOST_READINGS:
        raise Doubted(Doubt.AMBIGUOUS, f"it can be read in {len(readings)} ways")
    rest = tuple(one for one in dict.fromkeys(also) if one not in readings)
    return Bound(
        expects=expects, readings=readings, also=rest[:MOST_READINGS], is_timeless=is_timeless, metrics=metrics
    )


def doubted(start: int, end: int, text: str, expects: Expectation, doubt: Doubted) -> Claim:
    return Claim(start=start, end=end, text=text, expects=expects, doubt=doubt.doubt, because=doubt.because)
