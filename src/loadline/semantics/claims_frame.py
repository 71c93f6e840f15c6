"""A number (or a word of movement) in its statement in; the metrics, slices and periods it may be of, out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from loadline.semantics.claims_lexicon import Lexicon, Traits
from loadline.semantics.claims_mentions import Kind, Mention
from loadline.semantics.claims_segments import Segment
from loadline.semantics.claims_slices import Doubted, Slices, slices_of
from loadline.semantics.claims_words import Cue
from loadline.values.claim import Doubt, Quantity, Unit
from loadline.values.query import Window


@dataclass(frozen=True, slots=True, kw_only=True)
class When:
    window: Window | None
    grain: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What the text spoke of before: the metric, period and values last named, and those of the heading above."""

    metrics: tuple[str, ...] = ()
    whens: tuple[When, ...] = ()
    whens_here: tuple[When, ...] = ()  # of this very sentence
    values: tuple[Mention, ...] = ()
    has_values_here: bool = False  # `values` are of this very sentence
    heading_whens: tuple[When, ...] = ()
    heading_values: tuple[Mention, ...] = ()
    heading_metrics: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Metrics:
    """`names` are the metrics that fit the number; `is_own`: the statement names them itself."""

    names: tuple[str, ...]
    mention: Mention | None = None
    is_own: bool = True


_JOINTS = frozenset({Cue.OF, Cue.IN, Cue.EACH})


def metrics_for(number: Mention | None, segment: Segment, heard: Heard) -> Metrics:
    """Whose number it is: the metric right behind it, the nearest before it, the only one, else what was spoken of."""
    if number is not None and (counted := _counts_else(number, segment)) is not None:
        raise Doubted(Doubt.NOT_UNDERSTOOD, f"`{counted.text}` are counted, which no governed metric does")
    named = segment.of(Kind.METRIC)
    nouns = segment.of(Kind.NOUN)
    if number is not None and (behind := _right_behind(number, segment)) is not None:
        is_counted = _quantity(number).unit is Unit.PLAIN
        return Metrics(names=names_in(behind, is_counted=is_counted), mention=behind)
    if named:
        if number is None:
            return Metrics(names=names_in(named[0]), mention=named[0])
        peers = peers_of(number, segment)
        if len(named) > 1 and len(named) == len(peers) and all(one.end <= peers[0].start for one in named):
            chosen = named[peers.index(number)]  # `a and b were x and y`
        else:
            earlier = [one for one in named if one.end <= number.start]
            chosen = earlier[-1] if earlier else named[0]
        return Metrics(names=names_in(chosen), mention=chosen)
    if number is not None and (verb := _verb_for(number, segment)) is not None:
        return Metrics(names=names_in(verb), mention=verb)
    if number is not None and heard.metrics and _is_of_this(number, segment):
        return Metrics(names=heard.metrics, is_own=False)
    counting = list({names_in(one): one for one in nouns if names_in(one)}.values())
    if _is_worth(number, counting, segment) and heard.metrics and heard.has_values_here:
        return Metrics(names=heard.metrics, is_own=False)
    if (len(counting) == 1 and heard.metrics == ()) or (counting and not segment.is_elliptic and len(counting) == 1):
        return Metrics(names=names_in(counting[0]), mention=counting[0])
    inherited = heard.metrics or heard.heading_metrics
    if inherited:
        return Metrics(names=inherited, is_own=False)
    raise Doubted(Doubt.INVENTED, "no governed metric is named")


def _verb_for(number: Mention, segment: Segment) -> Mention | None:
    """`the south booked EUR 1.7m`, `EUR 1.7m was booked`: a verb is said of an amount in money or another unit."""
    verbs = segment.of(Kind.VERB)
    is_amount = _quantity(number).unit in {Unit.MONEY, Unit.MEASURE}
    is_amount = is_amount or (
        _quantity(number).unit in {Unit.PERCENT, Unit.TIMES} and bool(segment.cues(Cue.THAN, Cue.AS))
    )
    return verbs[0] if is_amount and len({one.refs for one in verbs}) == 1 else None


def _is_of_this(number: Mention, segment: Segment) -> bool:
    """`Of this, EUR 1.1m came from express orders`: a part of what was spoken of, in its unit."""
    said = [one.text.lower() for one in segment.mentions[:2]]
    is_amount = _quantity(number).unit is Unit.MONEY
    return is_amount and len(said) == 2 and said[0] == "of" and said[1] in {"this", "that", "these", "it", "which"}


def _is_worth(number: Mention | None, counting: Sequence[Mention], segment: Segment) -> bool:
    """`…, standard orders EUR 1.6m`: not how many, but how much of what was spoken of."""
    if number is None or _quantity(number).unit is not Unit.MONEY or len(counting) != 1:
        return False
    before = segment.before(counting[0])
    is_next = segment.after(counting[0]) is number and number.start - counting[0].end <= 5
    return is_next and before is not None and before.kind is Kind.VALUE


def names_in(mention: Mention, *, is_counted: bool = False) -> tuple[str, ...]:
    """The metrics a word may mean. `bookings` is money, and, right behind a number, may be orders too."""
    found = [name for ref in mention.metrics() for name in ref.names]
    if is_counted or not found:
        found += [name for ref in mention.nouns() for name in ref.metrics]
    return tuple(dict.fromkeys(found))


def _right_behind(number: Mention, segment: Segment) -> Mention | None:
    """`6,027 orders`, `EUR 3.5m of booked revenue`, `5 % of orders`."""
    after = segment.after(number)
    steps = 0
    while after is not None and after.cue in _JOINTS and steps < 2:
        after, steps = segment.after(after), steps + 1
    if after is not None and after.kind is Kind.VALUE and not steps:
        after = segment.after(after)  # `1,350 express orders`
    if after is None or not names_in(after) or after.start - number.end > 24:
        return None
    is_shared = after.kind is Kind.NOUN and any(one.end <= number.start for one in segment.of(Kind.METRIC))
    return None if is_shared else after


def _counts_else(number: Mention, segment: Segment) -> Mention | None:
    """`twelve countries`: what is counted is no row of anything."""
    after = segment.after(number)
    is_beside = after is not None and 0 < after.start - number.end <= 2
    is_bare = _quantity(number).unit is Unit.PLAIN
    if after is None or not is_beside or not is_bare or names_in(after):
        return None
    return after if after.kind in {Kind.DIMENSION, Kind.NOUN} else None


def peers_of(number: Mention, segment: Segment) -> list[Mention]:
    """The numbers of the same unit in the statement, itself included."""
    unit = _quantity(number).unit
    return [one for one in segment.of(Kind.NUMBER) if _quantity(one).unit is unit]


def _quantity(number: Mention) -> Quantity:
    assert number.number is not None  # noqa: S101 - a mention of kind NUMBER has one
    return number.number.quantity


def fitting(names: Sequence[str], quantity: Quantity, lexicon: Lexicon, *, is_change: bool = False) -> tuple[str, ...]:
    """The metrics whose unit the number can have. Raises Doubted: a wrong unit is final."""
    traits = [lexicon.traits[name] for name in names]
    found = tuple(one.name for one in traits if is_change or _fits(one, quantity))
    if found or not traits:
        return found
    one = traits[0]
    what = "percent" if one.is_percent else one.unit or "a count"
    said = quantity.of or quantity.unit.value
    raise Doubted(Doubt.UNIT, f"`{one.name}` is in {what}, and the text says {said}")


def _fits(one: Traits, quantity: Quantity) -> bool:
    match quantity.unit:
        case Unit.PERCENT | Unit.POINTS:
            return one.is_percent
        case Unit.MONEY:
            return one.unit == quantity.of
        case Unit.MEASURE:
            return one.unit == quantity.of
        case Unit.TIMES:
            return True
        case Unit.PLAIN:
            return not one.is_percent


# -- slices


def slices_for(
    number: Mention | None,
    segment: Segment,
    heard: Heard,
    metrics: Metrics,
    metric: str,
    lexicon: Lexicon,
) -> Slices:
    """The slices a number may be of."""
    values = list(segment.of(Kind.VALUE))
    if not values:
        return _inherited(segment, heard, metrics, metric, lexicon)
    mine = _of_this_number(number, values, segment) if number is not None else values
    front = [one for one in segment.front if one.kind is Kind.VALUE]
    own = {ref.dimension for one in mine for ref in one.values()}
    mine = [*mine, *(one for one in front if not own & {ref.dimension for ref in one.values()})]
    return slices_of(_grouped(mine), segment, metric, lexicon)


def _inherited(segment: Segment, heard: Heard, metrics: Metrics, metric: str, lexicon: Lexicon) -> Slices:
    front = tuple(one for one in segment.front if one.kind is Kind.VALUE)
    if segment.cues(Cue.TOTAL):
        return Slices()
    if front:
        return slices_of(_grouped(front), segment, metric, lexicon)
    if heard.values and (segment.is_elliptic or not metrics.is_own):
        found = slices_of(_grouped(heard.values), segment, metric, lexicon)
        return found if heard.has_values_here else Slices(first=found.first, also=((), *found.also))
    if heard.values and _is_of_it(metrics.mention, segment):
        found = slices_of(_grouped(heard.values), segment, metric, lexicon)
        return Slices(first=found.first, also=((), *found.also))
    if heard.values and heard.has_values_here:
        found = slices_of(_grouped(heard.values), segment, metric, lexicon)
        return Slices(first=((), *found.first), also=found.also)
    if heard.heading_values:
        found = slices_of(_grouped(heard.heading_values), segment, metric, lexicon)
        return Slices(first=found.first, also=((), *found.also))
    return Slices()


def _is_of_it(metric: Mention | None, segment: Segment) -> bool:
    """`… in the north, while its orders placed were …`; `the south … A year earlier it had booked …`."""
    if metric is None:
        return False
    earlier = [one for one in segment.mentions if one.end <= metric.start]
    is_its = bool(earlier) and earlier[-1].text.lower() in {"its", "their"}
    return is_its or (metric.kind is Kind.VERB and any(one.text.lower() in {"it", "they"} for one in earlier))


def _of_this_number(number: Mention, values: list[Mention], segment: Segment) -> list[Mention]:
    """Among several values of one field, the one this number is said of."""
    groups = _grouped(values)
    chosen: list[Mention] = []
    peers = peers_of(number, segment)
    for group in groups:
        if len(group) == 1:
            chosen += () if _is_told_of_another(group[0], number, peers, segment) else group
            continue
        told = [one for one in group if _is_told_of(one, number, segment)]
        if told:
            chosen += told
        elif len(group) == len(peers):
            chosen.append(group[peers.index(number)])
        elif len(peers) == 1:
            compared = [one for one in group if _is_compared(one, segment)]
            if not compared and not _are_listed(group, segment):
                raise Doubted(Doubt.AMBIGUOUS, f"of which of {len(group)} values the number is, is not said")
            chosen += [one for one in group if one not in compared]
        else:
            raise Doubted(Doubt.AMBIGUOUS, f"{len(group)} values and {len(peers)} numbers cannot be paired")
    return chosen


_PREDICATES = frozenset({Kind.NUMBER, Kind.METRIC, Kind.VERB, Kind.UNKNOWN})


def _are_listed(group: Sequence[Mention], segment: Segment) -> bool:
    """`in Italy, Germany and Spain`, and not `the north booked 1.8m, the south …`."""
    first, last = group[0], group[-1]
    between = [one for one in segment.mentions if first.end <= one.start and one.end <= last.start]
    return not any(one.kind in _PREDICATES for one in between)


def _is_told_of(value: Mention, number: Mention, segment: Segment) -> bool:
    """`the north (1.8m)`, `north: 1.8m`."""
    after = segment.after(value)
    if after is None or after.text not in {"(", ":"} or after.start - value.end > 2:
        return False
    return segment.after(after) is number or (segment.before(number) is after)


def _is_told_of_another(value: Mention, number: Mention, peers: list[Mention], segment: Segment) -> bool:
    """`3.5m (north: 1.8m`: the value behind the first number is of the second."""
    mark = segment.after(value)
    if mark is None or mark.text != ":" or mark.start - value.end > 2 or value.start < number.end:
        return False
    return any(one is not number and segment.after(mark) is one for one in peers)


def _is_compared(value: Mention, segment: Segment) -> bool:
    before = segment.before(value, skip=frozenset({Cue.IN, Cue.OF}))
    return before is not None and before.cue in {Cue.THAN, Cue.VERSUS, Cue.BEATS, Cue.TRAILS}


def _grouped(values: Sequence[Mention]) -> tuple[tuple[Mention, ...], ...]:
    """Values that share a field stand for any of them; those that share none restrict together."""
    groups: list[list[Mention]] = []
    for one in values:
        own = {ref.dimension for ref in one.values()}
        for group in groups:
            if own & {ref.dimension for ref in group[0].values()}:
                group.append(one)
                break
        else:
            groups.append([one])
    return tuple(tuple(group) for group in groups)
