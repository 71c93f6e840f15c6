"""The values, flags and directions of a filter as people say them in, what they may filter out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from loadline.semantics.wording.draft import Draft, FilterSaid
from loadline.semantics.wording.lexicon import (
    DatasetNamed,
    FieldNamed,
    FlagNamed,
    Lexicon,
    MetricNamed,
    RoleNamed,
    ValueNamed,
    names_of,
)
from loadline.semantics.wording.sight import Sight
from loadline.semantics.wording.vocabulary import FROM_ROLES, TO_ROLES
from loadline.values.query import Filter, Op

Place = tuple[str, str, str | bool]
"""dataset, field, value"""

_ARTICLES = frozenset({"the", "all", "any", "a", "our", "both", "either"})
_IS = frozenset({"is", "are", "was", "were", "=", "of", "equal", "equals", "to", ":"})


@dataclass(frozen=True, slots=True)
class Saying:
    """One value as said: the places it may be found at, and the position after it."""

    word: str
    places: tuple[Place, ...]
    end: int
    role: str | None = None


def _direction(name: str) -> str:
    """`to` for `destination.city` and `flights.dest`, `from` for `origin.city`, else ""."""
    words = set(name.replace(".", "_").split("_"))
    return "to" if words & TO_ROLES else "from" if words & FROM_ROLES else ""


def value_list(sight: Sight, at: int, *, takes_noun: bool) -> Iterator[Saying]:
    """`north`, `the north region`, `region north`, `Germany and France`, `damaged`: the values together, their places
    those that all of them share."""
    for first in _value(sight, at, takes_noun=takes_noun):
        yield first
        sayings, end = [first], first.end
        while True:
            joint = sight.phrase(
                end, (", and", ", or", ",", "and", "or", "&", "/", "and the", "or the", "plus", "vs", "versus", "vs .")
            )
            following = next(_value(sight, joint, takes_noun=takes_noun), None) if joint is not None else None
            if following is None:
                break
            sayings.append(following)
            end = following.end
            together = _together(sight, sayings, at)
            if together is not None:
                yield together


def _together(sight: Sight, sayings: list[Saying], at: int) -> Saying | None:
    shared = [{(dataset, field) for dataset, field, _ in one.places} for one in sayings]
    fields = set.intersection(*shared)
    places = tuple(
        place for one in sayings for place in one.places if (place[0], place[1]) in fields and isinstance(place[2], str)
    )
    role = {one.role for one in sayings}
    if not places or len(role) > 1:
        return None
    return Saying(sight.said(at, sayings[-1].end), places, sayings[-1].end, role.pop())


def _value(sight: Sight, at: int | None, *, takes_noun: bool) -> Iterator[Saying]:
    if at is None:
        return
    begin = sight.skip(at, _ARTICLES)
    found = sight.found(begin)
    if found is not None and takes_noun and all(isinstance(phrase.named, MetricNamed) for phrase in found.phrases):
        yield from _inside_metric(sight, begin, found.end)
        return
    if found is None:
        return
    places: list[Place] = []
    fields: list[FieldNamed] = []
    for phrase in found.phrases:
        match phrase.named:
            case ValueNamed(dataset=dataset, field=field, value=value):
                places.append((dataset, field, value))
            case FlagNamed(dataset=dataset, field=field):
                places.append((dataset, field, True))
            case FieldNamed() as named:
                fields.append(named)
            case _:
                pass
    if places:
        yield from _with_suffix(sight, begin, found.end, tuple(places), takes_noun=takes_noun)
    elif fields:
        yield from _after_field(sight, begin, found.end, fields)


def _inside_metric(sight: Sight, begin: int, end: int) -> Iterator[Saying]:
    """`of cancelled orders`, where a metric is called so, too: the value and its dataset's word, together all of it."""
    value = sight.value(begin)
    noun = sight.found(value.end) if value is not None else None
    if value is None or noun is None or noun.end != end:
        return
    datasets = {p.named.dataset for p in noun.phrases if isinstance(p.named, DatasetNamed)}
    places: list[Place] = []
    for phrase in value.phrases:
        match phrase.named:
            case ValueNamed(dataset=dataset, field=field, value=said) if dataset in datasets:
                places.append((dataset, field, said))
            case FlagNamed(dataset=dataset, field=field) if dataset in datasets:
                places.append((dataset, field, True))
            case _:
                pass
    if places:
        yield Saying(sight.said(begin, end), tuple(places), end)


def _with_suffix(
    sight: Sight, begin: int, end: int, places: tuple[Place, ...], *, takes_noun: bool
) -> Iterator[Saying]:
    """`the north region`: the field's own word; `large customers`: the dataset's."""
    after = sight.found(sight.skip(end, {"-"}))
    plain = Saying(sight.said(begin, end), places, end)
    if after is None:
        yield plain
        return
    named = [phrase.named for phrase in after.phrases]
    fields = {(one.dataset, one.field): one for one in named if isinstance(one, FieldNamed)}
    inside = tuple(place for place in places if (place[0], place[1]) in fields)
    if inside:
        roles = {role for one in fields.values() for role in one.roles}
        yield Saying(sight.said(begin, after.end), inside, after.end, roles.pop() if len(roles) == 1 else None)
        return
    datasets = {one.dataset for one in named if isinstance(one, DatasetNamed)}
    owned = tuple(place for place in places if place[0] in datasets)
    if owned and takes_noun:
        yield Saying(sight.said(begin, after.end), owned, after.end)
        return
    roles_said = {one.role for one in named if isinstance(one, RoleNamed) and any(p[0] == one.dataset for p in places)}
    if len(roles_said) == 1 and takes_noun:
        role = roles_said.pop()
        dataset = next(one.dataset for one in named if isinstance(one, RoleNamed))
        yield Saying(sight.said(begin, after.end), tuple(p for p in places if p[0] == dataset), after.end, role)
        return
    if owned or not datasets:
        yield Saying(plain.word, owned, end) if owned else plain
        return
    graph = sight.lexicon.linked.catalog.graph  # `express shipments`: a shipment leads to one order, and its service
    led = tuple(place for place in places if any(place[0] in graph.reachable(dataset) for dataset in datasets))
    if led:
        yield Saying(plain.word, led, end)


def _after_field(sight: Sight, begin: int, end: int, fields: list[FieldNamed]) -> Iterator[Saying]:
    """`region north`, `service = express`, `segment is large`."""
    at = sight.skip(end, _IS)
    found = sight.found(at)
    if found is None:
        return
    wanted = {(one.dataset, one.field): one for one in fields}
    places: tuple[Place, ...] = tuple(
        (one.named.dataset, one.named.field, one.named.value)
        for one in found.phrases
        if isinstance(one.named, ValueNamed) and (one.named.dataset, one.named.field) in wanted
    )
    if places:
        roles = {role for one in fields for role in one.roles}
        yield Saying(sight.said(begin, found.end), places, found.end, roles.pop() if len(roles) == 1 else None)


def as_filter(sight: Sight, saying: Saying, way: str = "", *, is_exclusion: bool = False) -> FilterSaid | None:
    """The filters a saying may stand for. `way` is `to` or `from`: then the role must fit it. None when none does."""
    by_field: dict[tuple[str, str], list[str | bool]] = {}
    for dataset, field, value in saying.places:
        by_field.setdefault((dataset, field), []).append(value)
    options = []
    names = [name for dataset, field in by_field for name in names_of(sight.lexicon.linked, dataset, field)]
    way = way if any(map(_direction, names)) else ""
    for (dataset, field), values in by_field.items():
        if is_exclusion and not _may_exclude(sight.lexicon, dataset, field):
            continue
        for name in names_of(sight.lexicon.linked, dataset, field):
            if saying.role is not None and name.partition(".")[0] != saying.role:
                continue
            if (way == "to" and _direction(name) != "to") or (way == "from" and _direction(name) == "to"):
                continue
            options.append(_filter(name, tuple(dict.fromkeys(values)), is_exclusion=is_exclusion))
    owns = {field for _, field in by_field}
    own = owns.pop() if len(owns) == 1 else ""
    if way == "from" and any(_direction(option.name) for option in options):
        own = ""  # where it started, or whose it is: only the asker knows
    if is_exclusion and not options and by_field:
        (dataset, field), values = next(iter(by_field.items()))
        others = [v for v in _values_of(sight.lexicon, dataset, field) if v not in values]
        return FilterSaid(saying.word, (), " and ".join(others) or field, is_exclusion)
    return FilterSaid(saying.word, tuple(options), own, is_exclusion) if options else None


def _values_of(lexicon: Lexicon, dataset: str, field: str) -> tuple[str, ...]:
    known = lexicon.values.get((dataset, field))
    return known.values if known is not None and len(known.values) <= 8 else ()


def _filter(name: str, values: tuple[str | bool, ...], *, is_exclusion: bool) -> Filter:
    if values == (True,):
        return Filter(name=name, op=Op.EQ, values=(not is_exclusion,))
    if len(values) == 1:
        return Filter(name=name, op=Op.NE if is_exclusion else Op.EQ, values=values)
    return Filter(name=name, op=Op.NOT_IN if is_exclusion else Op.IN, values=values)


def _may_exclude(lexicon: Lexicon, dataset: str, field: str) -> bool:
    """Rows without a value would silently fall away with the excluded ones: then the words do not say enough."""
    known = lexicon.values.get((dataset, field))
    table = lexicon.linked.model.datasets[dataset].table
    column = table.columns.get(field) if table else None
    return (known is not None and not known.has_empty) or (column is not None and column.is_required)


def has_read(draft: Draft) -> bool:
    return bool(draft.metrics or draft.counted or draft.noun)
