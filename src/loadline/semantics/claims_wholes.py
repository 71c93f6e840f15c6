"""The slice of a share in; what it is a part of, as its words stand, out.

`In the north, express made up 13 % of orders` is a part of the north's, and `13 % of orders in the north were express`
may be read in several ways.
"""

from __future__ import annotations

import itertools

from loadline.semantics.claims_lexicon import Lexicon
from loadline.semantics.claims_mentions import Kind, Mention
from loadline.semantics.claims_segments import Segment
from loadline.semantics.claims_slices import Doubted, Slice
from loadline.semantics.claims_words import Cue
from loadline.values.claim import Doubt
from loadline.values.query import Filter

Whole = tuple[str, Slice]


def wholes_of(
    name: str, where: Slice, number: Mention, segment: Segment, lexicon: Lexicon
) -> tuple[tuple[Whole, ...], tuple[Whole, ...]]:
    """Those that the words mean, and those that they might; where nothing tells, they mean any of them. Raises Doubted
    where the part is not said."""
    if not where:
        return (every_row(name, lexicon),), ()
    every = tuple((name, rest) for size in range(len(where)) for rest in itertools.combinations(where, size))
    told = _told(where, number, segment)
    if told is None:
        return every, ()
    return ((name, told),), tuple(one for one in every if one[1] != told)


def every_row(name: str, lexicon: Lexicon) -> Whole:
    """Of a metric that counts some rows, all rows."""
    traits = lexicon.traits[name]
    every = [one.name for one in lexicon.traits.values() if one.counts == traits.counts and one.is_plain_count]
    if traits.counts and not traits.is_plain_count and len(every) == 1:
        return every[0], ()
    raise Doubted(Doubt.AMBIGUOUS, f"the text does not say which part of `{name}`")


def _told(where: Slice, number: Mention, segment: Segment) -> Slice | None:
    """`In the north, express made up 13 % …`, `express made up 13 % of orders placed in the north`: one value is spoken
    of before the number, and the other leads, or stands behind the `of`."""
    if len(where) == 1:
        return ()
    after = segment.after(number)
    is_of = after is not None and after.cue is Cue.OF
    parts, rest = [], []
    for one in where:
        mention = _mention_of(one, segment)
        if mention is None or _leads(mention, segment) or (mention.start >= number.end and is_of):
            rest.append(one)
        elif mention.end <= number.start:
            parts.append(one)
    return tuple(rest) if len(parts) == len(rest) == 1 else None


def _mention_of(one: Filter, segment: Segment) -> Mention | None:
    """None where it was said before: a heading, or the sentence before."""
    for mention in segment.of(Kind.VALUE):
        if any(ref.dimension == one.name and ref.value in one.values for ref in mention.values()):
            return mention
    return None


def _leads(mention: Mention, segment: Segment) -> bool:
    first = segment.mentions[0]
    return mention in segment.front or (first.cue is Cue.IN and segment.after(first) is mention)
