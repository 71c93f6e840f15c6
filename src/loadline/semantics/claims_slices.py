"""The values named beside a number in, the filters they stand for out; several, where a value is in several fields."""

from __future__ import annotations

from dataclasses import dataclass

from loadline.semantics.claims_lexicon import Lexicon
from loadline.semantics.claims_mentions import SHY, Mention
from loadline.semantics.claims_segments import Segment, is_excluded, settle
from loadline.semantics.claims_words import Cue
from loadline.semantics.wording.vocabulary import FROM_ROLES, TO_ROLES
from loadline.values.claim import Doubt
from loadline.values.query import Filter, Op

Slice = tuple[Filter, ...]
_MOST = 6


class Doubted(Exception):  # a finding on the way to a claim, never shown as an error
    """A claim cannot be bound, and why."""

    def __init__(self, doubt: Doubt, because: str) -> None:
        super().__init__(because)
        self.doubt, self.because = doubt, because


@dataclass(frozen=True, slots=True, kw_only=True)
class Slices:
    """`first` are the readings that come to mind, `also` those that would surprise."""

    first: tuple[Slice, ...] = ((),)
    also: tuple[Slice, ...] = ()


def fields_for(mention: Mention, segment: Segment, metric: str, lexicon: Lexicon) -> tuple[tuple[str, str], ...]:
    """(dimension, value) pairs the word may mean for this metric, the likely first; Doubted when there is none."""
    settled = mention if mention.is_settled else settle(mention, segment)
    if settled.text.lower() in SHY and not settled.is_settled:
        raise Doubted(Doubt.NOT_UNDERSTOOD, f"`{mention.text}` may be a value or an everyday word")
    refs = [(ref.dimension, ref.value) for ref in settled.values()]
    reached = [ref for ref in refs if lexicon.reaches(metric, ref[0])]
    if not reached:
        raise Doubted(Doubt.COHORT, f"`{metric}` cannot be broken down by what `{mention.text}` is")
    return tuple(dict.fromkeys(reached))


def choose(
    mention: Mention, segment: Segment, metric: str, lexicon: Lexicon
) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """The readings of one value: first, and also."""
    found = fields_for(mention, segment, metric, lexicon)
    plain = [ref for ref in found if not lexicon.is_role(ref[0])]
    roles = [ref for ref in found if lexicon.is_role(ref[0])]
    cue = mention.cue if mention.is_settled else settle(mention, segment).cue
    aimed = [ref for ref in roles if ref[0].partition(".")[0] in TO_ROLES]
    left = [ref for ref in roles if ref[0].partition(".")[0] in FROM_ROLES]
    if cue is Cue.TO and aimed:
        return aimed, [ref for ref in found if ref not in aimed]
    if cue is Cue.FROM and left and not plain:
        return left, [ref for ref in roles if ref not in left]
    if plain:
        return plain, roles
    return roles, []


def slices_of(groups: tuple[tuple[Mention, ...], ...], segment: Segment, metric: str, lexicon: Lexicon) -> Slices:
    """All combinations: each group is one demand; several values in a group are any of them."""
    first: list[Slice] = [()]
    also: list[Slice] = []
    for group in groups:
        is_not = any(one.is_not or is_excluded(one, segment) for one in group)
        readings, others = _group(group, segment, metric, lexicon, is_not=is_not)
        also = [(*one, add) for one in first for add in others] + [
            (*one, add) for one in also for add in (*readings, *others)
        ]
        first = [(*one, add) for one in first for add in readings]
        if len(first) > _MOST:
            raise Doubted(Doubt.AMBIGUOUS, "the slice can be read in too many ways")
    return Slices(
        first=tuple(tuple(sorted(one, key=lambda f: f.name)) for one in first),
        also=tuple(tuple(sorted(one, key=lambda f: f.name)) for one in also[: 3 * _MOST]),
    )


def _group(
    group: tuple[Mention, ...], segment: Segment, metric: str, lexicon: Lexicon, *, is_not: bool
) -> tuple[list[Filter], list[Filter]]:
    per_value = [choose(one, segment, metric, lexicon) for one in group]
    shared = [name for name, _ in per_value[0][0] if all(name in dict(first) for first, _ in per_value)]
    others = [
        name
        for name, _ in (*per_value[0][0], *per_value[0][1])
        if name not in shared and all(name in dict([*first, *also]) for first, also in per_value)
    ]
    if not shared:
        raise Doubted(
            Doubt.AMBIGUOUS, f"{' and '.join(f'`{one.text}`' for one in group)} are values of different fields"
        )

    def as_filter(name: str) -> Filter:
        values = tuple(dict.fromkeys(dict([*first, *also])[name] for first, also in per_value))
        if len(values) == 1:
            return Filter(name=name, op=Op.NE if is_not else Op.EQ, values=values)
        return Filter(name=name, op=Op.NOT_IN if is_not else Op.IN, values=values)

    return [as_filter(name) for name in dict.fromkeys(shared)], [as_filter(name) for name in dict.fromkeys(others)]
