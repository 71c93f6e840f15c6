"""A statement in, what it claims without printing a number out: directions, comparisons, superlatives, places."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from functools import partial

from loadline.semantics.claims_bind import Bound, refuse_residue
from loadline.semantics.claims_frame import Heard, Metrics, When, metrics_for, slices_for
from loadline.semantics.claims_lexicon import Lexicon
from loadline.semantics.claims_mentions import Kind, Mention
from loadline.semantics.claims_periods import Whens, is_base_time, pairs_for, whens_for
from loadline.semantics.claims_qualified import is_in_time, is_most_of, is_of_best, refuse_beaten, refuse_told
from loadline.semantics.claims_roles import Role, direction_of, is_mark, is_up, role_of
from loadline.semantics.claims_segments import Segment
from loadline.semantics.claims_senses import change, said_of
from loadline.semantics.claims_series import Series, before, periods, series_in, steps
from loadline.semantics.claims_sides import between, compared_values, metrics_apart, refuse_one_sided, rivals_in
from loadline.semantics.claims_slices import Doubted, choose
from loadline.semantics.claims_vocabulary import words
from loadline.semantics.claims_words import TIMES, Cue
from loadline.values.claim import (
    Amount,
    Direction,
    Doubt,
    Expectation,
    Formula,
    Hedge,
    Members,
    Quantity,
    Sense,
    Standing,
    Unit,
)
from loadline.values.claim import Threshold as How

Told = tuple[Mention, Expectation, Bound | Doubted]
_Binder = Callable[[Segment, Heard, Lexicon, Mention], Bound]
_LEADING = frozenset(words("led leads topped ranked ranks was is"))
_HEDGES = {
    frozenset({"almost", "nearly"}): Hedge.NEARLY,
    frozenset({"about", "roughly", "around", "approximately", "some"}): Hedge.ABOUT,
}
_JUDGING = frozenset(words("best worst strongest weakest leading stronger weaker"))


def told_in(segment: Segment, heard: Heard, lexicon: Lexicon) -> Iterator[Told]:
    """Each claim with the mention that stands for it in the text."""
    places = [one for one in segment.mentions if one.place]
    ranks = segment.cues(Cue.TOP, Cue.BOTTOM) or (segment.cues(Cue.RANK) if places else ())
    if (series := series_in(segment)) is not None:
        if (mover := direction_of(None, segment)) is not None:
            binder = partial(_series, series=series)
            yield _tried(binder, segment, heard, lexicon, mover, Direction(is_up=True))
    elif times := segment.cues(Cue.TIMES):
        yield _tried(_multiple, segment, heard, lexicon, times[0], _times(times[0], segment))
    elif is_most_of(segment):
        yield ranks[0], Standing(place=1), Doubted(Doubt.TOO_VAGUE, "`most of` is more than half: write the share")
    elif ranks and is_of_best(segment):
        return
    elif ranks and segment.of(Kind.VALUE) and not is_in_time(ranks[0], segment):
        word = places[0] if places else ranks[0]
        yield _tried(_standing, segment, heard, lexicon, word, Standing(place=word.place or 1))
    elif ranks and segment.of(Kind.TIME) and segment.of(Kind.METRIC):
        # `peaked in July (at 1.12m)`: the number may be right, and the month is ranked among nobody knows which
        because = Doubted(Doubt.AMBIGUOUS, f"`{ranks[0].text}` does not say among which periods or values")
        yield ranks[0], Standing(place=1), because
    elif (mover := _direction_word(segment) or _mover_to(segment)) is not None:
        yield _tried(_direction, segment, heard, lexicon, mover, Direction(is_up=True))


def _tried(
    binder: _Binder, segment: Segment, heard: Heard, lexicon: Lexicon, word: Mention, expects: Expectation
) -> Told:
    try:
        bound = binder(segment, heard, lexicon, word)
    except Doubted as doubt:
        return word, expects, doubt
    return word, bound.expects, bound


def _metrics(segment: Segment, heard: Heard, lexicon: Lexicon) -> Metrics:
    metrics = metrics_for(None, segment, heard)
    refuse_residue(segment, metrics, lexicon)
    refuse_told(segment)
    return metrics


def _named(segment: Segment, heard: Heard) -> Whens:
    whens = whens_for(None, segment, heard)
    if not whens.is_named:
        raise Doubted(Doubt.AMBIGUOUS, "no period is named")
    return whens


def _bound(expects: Expectation, readings: list[Sense], metrics: Metrics) -> Bound:
    found = tuple(dict.fromkeys(readings))
    if not found:
        raise Doubted(Doubt.NOT_UNDERSTOOD, "no reading could be made")
    return Bound(expects=expects, readings=found, metrics=metrics.names)


def _is_good(metrics: Metrics, lexicon: Lexicon, word: str) -> bool:
    good = lexicon.traits[metrics.names[0]].good if metrics.names else 0
    if good == 0:
        raise Doubted(Doubt.TOO_VAGUE, f"nobody has said whether more of it is `{word}`")
    return good > 0


# -- which way, and which is more


def _direction_word(segment: Segment) -> Mention | None:
    """A word of movement or comparison that no number says better: `rose 5 %` is claimed by its number."""
    mover = direction_of(None, segment)
    if mover is None or segment.of(Kind.NUMBER):
        return None
    has_base = bool(segment.cues(Cue.YEAR_AGO, Cue.PERIOD_AGO)) or len(segment.of(Kind.TIME)) == 2
    is_own = mover.cue in {Cue.UP, Cue.DOWN} and len(segment.of(Kind.METRIC)) == len(segment.of(Kind.TIME)) == 1
    return mover if has_base or is_own or rivals_in(segment) or compared_values(segment) else None


def _mover_to(segment: Segment) -> Mention | None:
    """`climbed to 5.2 %`: the number says how much it is now, the word that it was less before."""
    moving = segment.cues(Cue.UP, Cue.DOWN)
    numbers = [(one, role_of(one, segment, is_percent_metric=True)) for one in segment.of(Kind.NUMBER)]
    if len(moving) != 1 or any(role not in {Role.LEVEL, Role.WAS} for _, role in numbers):
        return None
    is_level = [
        one
        for one, _ in numbers
        if (lead := segment.before(one)) is not None and (lead.cue is Cue.TO or _crosses(one, lead))
    ]
    if not is_level and _comes_from(moving[0], segment):
        return moving[0]
    return moving[0] if len(is_level) == 1 and moving[0].end <= is_level[0].start else None


def _comes_from(word: Mention, segment: Segment) -> bool:
    """`EUR 615, up from EUR 576`: both numbers may be right, and where it went, wrong."""
    lead = segment.after(word)
    number = segment.after(lead) if lead is not None and lead.cue is Cue.FROM else None
    return number is not None and number.kind is Kind.NUMBER


def _crosses(number: Mention, lead: Mention) -> bool:
    """`dropped below 3.5m`: it was above; `fell short of 3.5m` says nothing of before."""
    return is_mark(number, lead) and number.number is not None and not number.number.bound.endswith("short of")


def _direction(segment: Segment, heard: Heard, lexicon: Lexicon, mover: Mention) -> Bound:
    metrics = _metrics(segment, heard, lexicon)
    if shared := segment.cues(Cue.SHARE):
        raise Doubted(Doubt.NOT_UNDERSTOOD, f"whether the `{shared[0].text}` moved is not told by its number")
    refuse_beaten(segment)
    way = is_up(mover.cue, lexicon.traits[metrics.names[0]].good if metrics.names else 0)
    if way is None:
        raise Doubted(Doubt.TOO_VAGUE, f"nobody has said whether more of `{metrics.names[0]}` is `{mover.text}`")
    readings: list[Sense] = []
    is_told = True
    sides, rivals = compared_values(segment), rivals_in(segment)
    refuse_one_sided(segment, sides)
    for name in metrics.names:
        if sides is not None:
            readings += between(name, sides, segment, heard, lexicon, Formula.DIFFERENCE)
        elif rivals:
            readings += metrics_apart(rivals, segment, heard, metrics, lexicon, Formula.DIFFERENCE)
        else:
            pairs, is_told = pairs_for(None, segment, heard)
            slices = slices_for(None, segment, heard, metrics, name, lexicon)
            readings += [change(name, one, pair, Formula.DIFFERENCE) for one in slices.first for pair in pairs]
    bound = _bound(Direction(is_up=way), readings, metrics)
    return replace(bound, is_any=not is_told and len(metrics.names) == 1)


# -- every month


def _series(segment: Segment, heard: Heard, lexicon: Lexicon, mover: Mention, *, series: Series) -> Bound:
    """`rose every month from February to June`, `fell quarter after quarter`."""
    if left := segment.cues(Cue.EXCEPT):
        raise Doubted(Doubt.NOT_UNDERSTOOD, f"`{left[0].text}` leaves some of them out")
    if series.hedge:
        raise Doubted(Doubt.TOO_VAGUE, f"`{series.hedge} every {series.unit}` leaves open which it was not")
    metrics = _metrics(series.rest, heard, lexicon)
    way = is_up(mover.cue, lexicon.traits[metrics.names[0]].good if metrics.names else 0)
    if way is None or compared_values(series.rest) or segment.cues(Cue.SHARE, Cue.MORE, Cue.LESS):
        raise Doubted(Doubt.NOT_UNDERSTOOD, f"what is said of every {series.unit} is not understood")
    times = series.rest.of(Kind.TIME)
    unit, narrow, wide = series.unit, list[When](), list[When]()
    if len(times) == 2:
        first, last = (whens_for(None, replace(series.rest, mentions=(one,)), heard).first for one in times)
        narrow = periods(unit, first[0], last[0])
    else:
        (named, *others) = _named(series.rest, heard).first
        if others:
            raise Doubted(Doubt.AMBIGUOUS, "it does not say which period it speaks of")
        narrow = periods(unit, named, named)
        wide = [before(unit, narrow[0]), *narrow]
    first_read, also = list[Sense](), list[Sense]()
    for name in metrics.names:
        slices = slices_for(None, series.rest, heard, metrics, name, lexicon)
        first_read += [steps(name, one, unit, wide or narrow, is_up=way) for one in slices.first]
        also += [steps(name, one, unit, narrow, is_up=way) for one in slices.first if len(narrow) > 1]
        also += [steps(name, one, unit, wide or narrow, is_up=way) for one in slices.also]
    bound = _bound(Direction(is_up=way), first_read, metrics)
    return replace(bound, also=tuple(one for one in dict.fromkeys(also) if one not in bound.readings))


# -- doubled, halved


def _times(word: Mention, segment: Segment) -> Amount:
    factor = TIMES[word.text.lower()]
    value = Decimal(factor) if factor > 0 else Decimal("0.5")
    lead = [one.text.lower() for one in segment.mentions if one.end <= word.start][-2:]
    hedge = next((hedge for said, hedge in _HEDGES.items() if lead[-1:] and lead[-1] in said), Hedge.NONE)
    more = How.ABOVE if factor > 0 else How.BELOW
    bound = more if lead == ["more", "than"] else How.EXACT
    return Amount(quantity=Quantity(value=value, half_step=value / 40, unit=Unit.TIMES, threshold=bound, hedge=hedge))


_AS_MUCH = frozenset({"twice", "thrice", "double"})


def _has_base(segment: Segment) -> bool:
    is_named = any(is_base_time(one, segment) for one in segment.of(Kind.TIME))
    return is_named or bool(segment.cues(Cue.YEAR_AGO, Cue.PERIOD_AGO, Cue.THAN))


def _multiple(segment: Segment, heard: Heard, lexicon: Lexicon, word: Mention) -> Bound:
    metrics = _metrics(segment, heard, lexicon)
    sides = compared_values(segment)
    readings: list[Sense] = []
    for name in metrics.names:
        if sides is not None:
            readings += between(name, sides, segment, heard, lexicon, Formula.RATIO)
        else:
            if word.text.lower() in _AS_MUCH and not _has_base(segment):
                raise Doubted(Doubt.AMBIGUOUS, f"`{word.text}` as much as what, is not said")
            pairs, _ = pairs_for(None, segment, heard)
            slices = slices_for(None, segment, heard, metrics, name, lexicon)
            readings += [change(name, one, pair, Formula.RATIO) for one in slices.first for pair in pairs]
    return _bound(_times(word, segment), readings, metrics)


# -- places


def _standing(segment: Segment, heard: Heard, lexicon: Lexicon, word: Mention) -> Bound:
    metrics = _metrics(segment, heard, lexicon)
    values = segment.of(Kind.VALUE)
    leading = [one for one in values if one.end <= word.start]
    values = tuple(leading) if len(leading) == 1 and word.text.lower() in _LEADING else values
    if any(
        one.number and one.number.quantity.unit is Unit.PLAIN
        for one in (segment.before(word), segment.after(word))
        if one
    ):
        raise Doubted(Doubt.AMBIGUOUS, "several places stand in one statement")
    if moving := segment.cues(Cue.UP, Cue.DOWN, Cue.BETTER, Cue.WORSE):
        raise Doubted(Doubt.NOT_UNDERSTOOD, f"`{moving[0].text}` is ranked, not a number")
    if len(values) != 1 or sum(bool(one.place) for one in segment.mentions) > 1:
        raise Doubted(Doubt.AMBIGUOUS, "several places or values stand in one statement")
    is_bottom = any(one.cue is Cue.BOTTOM for one in segment.mentions)
    if judging := [one for one in segment.mentions if one.text.lower() in _JUDGING]:
        is_bottom = is_bottom == _is_good(metrics, lexicon, judging[0].text)
    whens = _named(segment, heard)
    readings = [
        Sense(
            formula=Formula.RANK,
            members=Members(metric=name, by=field, during=when.window),
            member=member,
            said=f"place of {member} among {field} by {said_of(name, (), when)}",
        )
        for name in metrics.names
        for field, member in choose(values[0], segment, name, lexicon)[0]
        for when in whens.first
    ]
    return _bound(Standing(place=word.place or 1, is_from_bottom=is_bottom), readings, metrics)
