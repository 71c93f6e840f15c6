"""The mentions of a sentence in, its statements out: parts that each say something of their own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from loadline.semantics.claims_mentions import SHY, Kind, Mention
from loadline.semantics.claims_words import Cue

_DIRECTIONS = frozenset({Cue.UP, Cue.DOWN, Cue.BETTER, Cue.WORSE, Cue.TIMES, Cue.BEATS, Cue.TRAILS})
_GOES_ON = frozenset(
    {Cue.VERSUS, Cue.FROM, Cue.UP, Cue.DOWN, Cue.THAN, Cue.TO, Cue.RESPECTIVELY, Cue.TOGETHER, Cue.BY, Cue.YEAR_AGO}
    | {Cue.PERIOD_AGO}
)

_SUBJECTS = frozenset({Kind.METRIC, Kind.NOUN, Kind.VERB, Kind.VALUE, Kind.TIME, Kind.UNKNOWN})


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """One statement. `front` are the mentions of the sentence that stand before its first metric or number and hold
    for all of it (`In the north, …`). `is_elliptic`: it names no metric of its own and lives on what came before."""

    mentions: tuple[Mention, ...]
    front: tuple[Mention, ...] = ()
    is_elliptic: bool = False

    def of(self, *kinds: Kind) -> tuple[Mention, ...]:
        return tuple(one for one in self.mentions if one.kind in kinds)

    def cues(self, *cues: Cue) -> tuple[Mention, ...]:
        return tuple(one for one in self.mentions if one.cue in cues)

    def before(self, mention: Mention, *, skip: frozenset[Cue] = frozenset()) -> Mention | None:
        """What stands before it and means something."""
        earlier = [
            one
            for one in self.mentions
            if one.end <= mention.start and one.kind is not Kind.NEUTRAL and one.cue not in skip
        ]
        return earlier[-1] if earlier else None

    def after(self, mention: Mention, *, skip: frozenset[Cue] = frozenset()) -> Mention | None:
        later = [
            one
            for one in self.mentions
            if one.start >= mention.end and one.kind is not Kind.NEUTRAL and one.cue not in skip
        ]
        return later[0] if later else None


def segments_of(mentions: Sequence[Mention]) -> tuple[Segment, ...]:
    """Split where a new statement begins: at `while`, at a semicolon, and at a comma or `and` behind which stands a
    subject with a predicate of its own."""
    parts: list[list[Mention]] = [[]]
    relative: dict[int, tuple[Mention, ...]] = {}
    is_listed = any(one.cue is Cue.RESPECTIVELY for one in mentions)
    for at, one in enumerate(mentions):
        is_but_not = one.cue is Cue.BREAK and at + 1 < len(mentions) and mentions[at + 1].cue is Cue.NOT
        is_of_which = at > 1 and _is_number_of_which(mentions[at - 2 : at + 1])
        if (one.cue in {Cue.BREAK, Cue.BECAUSE} and not is_but_not and not is_of_which) or one.text == ";":
            if one.text.lower() == "where":  # `in the south, where …`: what follows is of the south
                whole = Segment(mentions=tuple(parts[-1]))
                relative[len(parts)] = tuple(settle(each, whole) for each in whole.of(Kind.VALUE))
            parts.append([])
            continue
        is_joint = (one.cue is Cue.AND or one.text == ",") and not is_listed
        if (
            is_joint
            and _says_something(parts[-1])
            and _begins_another(mentions, at)
            and not _pairs_up(parts[-1], mentions, at)
            and not _opens_range(parts[-1])
        ):
            parts.append([])
            continue
        parts[-1].append(one)
    first = Segment(mentions=tuple(parts[0]))
    front = tuple(settle(one, first) if one.kind is Kind.VALUE else one for one in _front(parts[0]))
    found: list[Segment] = []
    for at, part in enumerate(parts):
        if not part:
            continue
        is_elliptic = bool(found) and not any(one.kind in {Kind.METRIC, Kind.NOUN, Kind.VERB} for one in part)
        carried = _carried(parts[at - 1], part) if is_elliptic else ()
        before = (*(front if found else ()), *relative.get(at, ()))
        found.append(Segment(mentions=(*carried, *part), front=before, is_elliptic=is_elliptic))
    return tuple(found)


def _carried(last: Sequence[Mention], part: Sequence[Mention]) -> tuple[Mention, ...]:
    """`…rose by 5 % year on year, the north by 3 %`: where it went, and against what, is said once."""
    told = [one for one in part if one.kind is not Kind.NEUTRAL]
    is_by = any(one.cue is Cue.BY and after.kind is Kind.NUMBER for one, after in pairwise(told))
    if not is_by or any(one.cue in _DIRECTIONS for one in part):
        return ()
    return tuple(one for one in last if one.cue in _DIRECTIONS or one.cue in {Cue.YEAR_AGO, Cue.PERIOD_AGO})


def _says_something(part: Sequence[Mention]) -> bool:
    """`At 6,027, orders placed …`: a number alone waits for what it is of."""
    told = [one for one in part if one.kind is not Kind.NEUTRAL and one.cue is not Cue.IN]
    if len(told) == 1 and told[0].kind is Kind.NUMBER and len(part) > 1 and part[0].text.lower() in {"at", "with"}:
        return False
    return any(one.kind is Kind.NUMBER or one.cue in _DIRECTIONS for one in part)


def _opens_range(part: Sequence[Mention]) -> bool:
    """`between 3m and 4m`: what follows the `and` is the other end."""
    said = [one for one in part if one.kind is not Kind.NEUTRAL]
    return len(said) > 1 and said[-1].kind is Kind.NUMBER and said[-2].text.lower() == "between"


def _pairs_up(part: Sequence[Mention], mentions: Sequence[Mention], at: int) -> bool:
    """`a and b were 1 and 2`: several subjects before the first number, and a bare number to come."""
    first = next((one.start for one in part if one.kind is Kind.NUMBER), None)
    if first is None:
        return False
    rest = [one for one in mentions[at + 1 :] if one.kind is not Kind.NEUTRAL]
    is_bare = (
        bool(rest)
        and rest[0].kind is Kind.NUMBER
        and not any(one.kind in {Kind.METRIC, Kind.VALUE} for one in rest[:3])
    )
    return is_bare and any(
        sum(one.kind is kind and one.end <= first for one in part) > 1 for kind in (Kind.METRIC, Kind.VALUE)
    )


def _begins_another(mentions: Sequence[Mention], at: int) -> bool:
    rest = list(mentions[at + 1 :])
    while rest and (rest[0].cue is Cue.AND or rest[0].text == ","):
        rest = rest[1:]
    part: list[Mention] = []
    for one in rest:
        if one.text in {",", ";"} or one.cue in {Cue.AND, Cue.BREAK, Cue.BECAUSE}:
            break
        part.append(one)
    first = next((one for one in part if one.kind is not Kind.NEUTRAL), None)
    if first is None or first.cue in _GOES_ON:
        return False
    if _is_number_of_which(rest[:3]):
        return True
    is_predicate = any(
        one.kind is Kind.NUMBER or one.cue in _DIRECTIONS or one.cue in {Cue.TOP, Cue.BOTTOM} for one in part
    )
    is_predicate = is_predicate or (first.kind is Kind.VALUE and any(one.cue in {Cue.MORE, Cue.LESS} for one in part))
    is_subject = any(one.kind in _SUBJECTS for one in part)
    is_subject = is_subject or first.cue is Cue.TOTAL
    return is_predicate and is_subject


def _is_number_of_which(three: Sequence[Mention]) -> bool:
    """`…, 311 of which were cancelled` says something of its own."""
    if len(three) < 3:
        return False
    number, of, which = three
    return number.kind is Kind.NUMBER and of.cue is Cue.OF and which.cue is Cue.BECAUSE


def _front(part: Sequence[Mention]) -> tuple[Mention, ...]:
    """`In the north, …`: periods and values set off by a comma before anything is said."""
    found: list[Mention] = []
    for one in part:
        if one.text == ",":
            return tuple(found)
        if one.kind in {Kind.TIME, Kind.VALUE}:
            found.append(one)
        elif one.kind in {Kind.METRIC, Kind.NUMBER, Kind.UNKNOWN} or one.cue in _DIRECTIONS:
            return ()
    return ()


# -- a value and the words beside it


def settle(mention: Mention, segment: Segment) -> Mention:
    """The value with what stands beside it taken into account: `large customers` is no large company, `to Hamburg` a
    destination. One that is an everyday word too stays unsettled unless something beside it says that it is a value."""
    beside = [*_beside(mention, segment), *_ranked_among(segment)]
    exact = {dimension for one in beside for dimension in one.dimensions()}
    fields = {dimension.partition(".")[2] for dimension in exact}
    datasets = {noun.dataset for one in beside for noun in one.nouns()}
    narrowings = (
        lambda ref: ref.dimension in exact,
        lambda ref: ref.dimension.partition(".")[2] in fields,
        lambda ref: ref.dimension.partition(".")[0] in datasets,
    )
    narrowed = next((found for keeps in narrowings if (found := tuple(filter(keeps, mention.values())))), ())
    before = segment.before(mention)
    is_through = before is not None and before.text.lower() in {"via", "through", "by"}
    own = {ref.dimension for ref in mention.values()}
    is_listed = any(  # `express (1.2m), standard (1.6m)`
        other is not mention and own & {ref.dimension for ref in other.values()} for other in segment.of(Kind.VALUE)
    )
    is_everyday = mention.text.lower() in SHY and not narrowed and not is_through and not is_listed
    return replace(
        mention,
        refs=narrowed or mention.refs,
        cue=before.cue if before is not None and before.cue in {Cue.TO, Cue.FROM} else None,
        is_settled=not is_everyday,
        is_not=is_excluded(mention, segment),
    )


def is_excluded(mention: Mention, segment: Segment) -> bool:
    before = segment.before(mention, skip=frozenset({Cue.IN, Cue.OF, Cue.FROM}))
    while before is not None and before.kind is Kind.VALUE:
        before = segment.before(before, skip=frozenset({Cue.IN, Cue.OF, Cue.AND}))
    return before is not None and before.cue is Cue.EXCEPT


def _ranked_among(segment: Segment) -> list[Mention]:
    """`Paper was the largest industry`: what it is ranked among says what it is."""
    return [
        after
        for one, after in pairwise(segment.mentions)
        if one.cue in {Cue.TOP, Cue.BOTTOM} and after.kind is Kind.DIMENSION
    ]


def _beside(mention: Mention, segment: Segment) -> list[Mention]:
    """The words right before and right after: `large customers`, `the paper industry`, `carrier Tollgate`."""
    found = []
    for other in (segment.before(mention), segment.after(mention)):
        if other is None or other.kind not in {Kind.DIMENSION, Kind.NOUN, Kind.METRIC}:
            continue
        if abs(other.start - mention.end) <= 2 or abs(mention.start - other.end) <= 5:
            found.append(other)
    return found
