"""A statement that sets two values or two metrics side by side in, what is computed of them out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from loadline.semantics.claims_frame import Heard, Metrics, names_in, slices_for
from loadline.semantics.claims_lexicon import Lexicon
from loadline.semantics.claims_mentions import Kind, Mention
from loadline.semantics.claims_periods import whens_for
from loadline.semantics.claims_roles import is_apart
from loadline.semantics.claims_segments import Segment
from loadline.semantics.claims_senses import cell, said_of
from loadline.semantics.claims_slices import Doubted, Slice, Slices, slices_of
from loadline.semantics.claims_words import Cue
from loadline.semantics.words import phrase_filter
from loadline.values.claim import Doubt, Formula, Sense, Unit
from loadline.values.query import Filter


@dataclass(frozen=True, slots=True, kw_only=True)
class Sides:
    """`left` is said to be so much more (or less) than `right`."""

    left: Mention
    right: Mention


_BETWEEN = frozenset({Cue.THAN, Cue.BEATS, Cue.TRAILS, Cue.VERSUS, Cue.MORE, Cue.LESS})


def compared_values(segment: Segment) -> Sides | None:
    """Two values of one field with `than`, `exceeded` or `that of` between them."""
    values = segment.of(Kind.VALUE)
    if len(values) != 2:
        return None
    left, right = values
    shared = {ref.dimension for ref in left.values()} & {ref.dimension for ref in right.values()}
    between = [one for one in segment.mentions if left.end <= one.start and one.end <= right.start]
    is_compared = any(one.cue in _BETWEEN for one in between) or (
        any(one.text.lower() == "that" for one in between)
        and any(one.cue is Cue.OF or one.cue is Cue.IN for one in between)
    )
    is_compared = is_compared or is_apart(segment)
    is_as = sum(one.cue is Cue.AS for one in between) >= 1 and bool(
        segment.cues(Cue.TIMES)
        or any(n.number and n.number.quantity.unit is Unit.TIMES for n in segment.of(Kind.NUMBER))
    )
    is_as = is_as or _is_multiple_of(between)
    if shared and left.text.isdigit() and _spans(segment, left, right):
        return Sides(left=right, right=left)
    return Sides(left=left, right=right) if shared and (is_compared or is_as) else None


def refuse_one_sided(segment: Segment, sides: Sides | None) -> None:
    """`booked revenue exceeded that of the south`: the south is what something is set beside, and no slice of it.
    `the south grew less than the north` sets two changes beside each other. Raises Doubted."""
    if sides is not None:
        if moving := segment.cues(Cue.UP, Cue.DOWN):
            raise Doubted(Doubt.NOT_UNDERSTOOD, f"`{moving[0].text}` is compared, not a number")
        return
    for one in segment.cues(Cue.THAN, Cue.VERSUS, Cue.BEATS, Cue.TRAILS, Cue.MORE, Cue.LESS):
        is_adjective = one.cue in {Cue.MORE, Cue.LESS}
        skipped = frozenset({Cue.OF} if is_adjective else {Cue.OF, Cue.IN, Cue.TO})
        after = segment.after(one, skip=skipped)
        if after is not None and after.kind is Kind.VALUE:
            raise Doubted(Doubt.NOT_UNDERSTOOD, f"what is set beside `{after.text}` is not said")


def part_of_another(number: Mention, segment: Segment) -> Sides | None:
    """`the south was 91 % of the north`, `91 % of that of the north`: what is behind the `of` is the other one."""
    after = segment.after(number)
    values = segment.of(Kind.VALUE)
    if after is None or after.cue is not Cue.OF or len(values) != 2:
        return None
    left, right = values
    shared = {ref.dimension for ref in left.values()} & {ref.dimension for ref in right.values()}
    is_behind = left.end <= number.start and segment.after(number, skip=frozenset({Cue.OF})) is right
    return Sides(left=left, right=right) if shared and is_behind else None


def _is_multiple_of(between: Sequence[Mention]) -> bool:
    """`the south has twice the rate of the north`."""
    is_times = any(
        one.cue is Cue.TIMES or (one.number is not None and one.number.quantity.unit is Unit.TIMES) for one in between
    )
    return is_times and bool(between) and any(one.cue is Cue.OF for one in between[-3:])


def _spans(segment: Segment, first: Mention, last: Mention) -> bool:
    """`from 2018 to 2019`, where a table has years for values."""
    before, between = segment.before(first), segment.before(last)
    return before is not None and before.cue is Cue.FROM and between is not None and between.cue in {Cue.TO, Cue.AND}


def between(name: str, sides: Sides, segment: Segment, heard: Heard, lexicon: Lexicon, formula: Formula) -> list[Sense]:
    whens = whens_for(None, segment, heard)
    if not whens.is_named:
        raise Doubted(Doubt.AMBIGUOUS, "no period is named")
    return [
        Sense(
            formula=formula,
            cells=(cell(name, where, when), cell(name, other, when)),
            said=f"{said_of(name, where, when)} against {', '.join(map(phrase_filter, other))}",
        )
        for where, other in zip(*_same_fields(name, sides, segment, lexicon), strict=True)
        for when in whens.first
    ]


def _same_fields(name: str, sides: Sides, segment: Segment, lexicon: Lexicon) -> tuple[list[Slice], list[Slice]]:
    """Both sides by the same field."""
    front = tuple((one,) for one in segment.front if one.kind is Kind.VALUE)
    rest = slices_of(front, segment, name, lexicon).first if front else Slices().first
    left = {one[0].name: one[0] for one in slices_of(((sides.left,),), segment, name, lexicon).first}
    right = {one[0].name: one[0] for one in slices_of(((sides.right,),), segment, name, lexicon).first}
    shared = [field for field in left if field in right]
    if not shared:
        raise Doubted(Doubt.AMBIGUOUS, f"`{sides.left.text}` and `{sides.right.text}` are values of different fields")
    return (
        [_merged(left[field], one) for field in shared for one in rest],
        [_merged(right[field], one) for field in shared for one in rest],
    )


def _merged(one: Filter, rest: Slice) -> Slice:
    return tuple(sorted((one, *(other for other in rest if other.name != one.name)), key=lambda f: f.name))


# -- two metrics


def rivals_in(segment: Segment) -> tuple[Mention, ...]:
    """Two metrics with `exceeded` or `was higher than` between them."""
    found = segment.of(Kind.METRIC)
    if len(found) != 2:
        return ()
    between = [one for one in segment.mentions if found[0].end <= one.start and one.end <= found[1].start]
    return found if any(one.cue in {Cue.BEATS, Cue.TRAILS, Cue.MORE, Cue.LESS} for one in between) else ()


def metrics_apart(
    rivals: tuple[Mention, ...], segment: Segment, heard: Heard, metrics: Metrics, lexicon: Lexicon, formula: Formula
) -> list[Sense]:
    """The one less the other, on the same slice in the same period. Raises Doubted."""
    left, right = (names_in(one) for one in rivals)
    if len(left) != 1 or len(right) != 1:
        raise Doubted(Doubt.AMBIGUOUS, "a metric has several meanings")
    one, other = lexicon.traits[left[0]], lexicon.traits[right[0]]
    if (one.unit, one.is_percent) != (other.unit, other.is_percent):
        raise Doubted(Doubt.UNIT, f"`{one.name}` and `{other.name}` have different units")
    whens = whens_for(None, segment, heard)
    if not whens.is_named:
        raise Doubted(Doubt.AMBIGUOUS, "no period is named")
    slices = slices_for(None, segment, heard, metrics, one.name, lexicon)
    return [
        Sense(
            formula=formula,
            cells=(cell(one.name, where, when), cell(other.name, where, when)),
            said=f"{said_of(one.name, where, when)} against {other.name}",
        )
        for where in slices.first
        for when in whens.first
    ]
