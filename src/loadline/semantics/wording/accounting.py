"""A question and a query that somebody else made of it in; what it leaves out, and what was not said, out."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from loadline.errors import RequestError
from loadline.semantics.resolve import resolve
from loadline.semantics.wording import vocabulary as words
from loadline.semantics.wording.accounting_related import bases_said, says_relation, steps_of, unsaid_relations
from loadline.semantics.wording.lexicon import (
    DatasetNamed,
    FieldNamed,
    FlagNamed,
    Lexicon,
    MetricNamed,
    Named,
    RoleNamed,
    ValueNamed,
    names_of,
)
from loadline.semantics.wording.sight import Found, Sight
from loadline.semantics.wording.tokens import Kind, tokens_of
from loadline.semantics.wording.turned import turned
from loadline.semantics.words import phrase_by, phrase_filter
from loadline.values.model import Calendar
from loadline.values.query import Filter, Op, Query

_EXCLUDING = frozenset({Op.NE, Op.NOT_IN})
_BOUNDING = frozenset({Op.LT, Op.LE, Op.GT, Op.GE, Op.BETWEEN})
_JOINTS = frozenset(
    {"and", "or", "with", "of", "in", "for", "to", "at", "on", "by", "per", "each", "every", "which", "what", "how",
     "all", "from", "during", "within", "across"}
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """`unaccounted`: words of the question that the query does not hold. `unsaid`: parts of the query that the question
    does not say. A query may be used when both are empty."""

    unaccounted: tuple[str, ...]
    unsaid: tuple[str, ...]


def account(
    text: str, query: Query, lexicon: Lexicon, *, today: date, calendar: Calendar, audience: str | None = None
) -> Account:
    plain, tokens = tokens_of(text)
    sight = Sight(text=plain, tokens=tokens, lexicon=lexicon, today=today, calendar=calendar)
    founds = list(_founds(sight))
    said = [phrase.named for _, found in founds for phrase in found.phrases]
    covered = {
        place
        for at, found in founds
        if any(_holds(lexicon, query, phrase.named) for phrase in found.phrases)
        for place in range(at, found.end)
    }
    covered |= set(_times(sight, query))
    covered |= {place for ago, places in bases_said(sight, query) if ago in steps_of(query) for place in places}
    left = [place for place in range(len(sight)) if place not in covered and not _is_held(sight, place, query)]
    return Account(
        unaccounted=tuple(sight.said(place, place + 1) for place in left),
        unsaid=tuple(
            dict.fromkeys((*_unsaid(sight, lexicon, query, said), *turned(sight, lexicon, query, founds, audience)))
        ),
    )


def _founds(sight: Sight) -> Iterator[tuple[int, Found]]:
    at = 0
    while at < len(sight):
        found = sight.found(at)
        if found is None:
            at += 1
            continue
        yield at, found
        at = found.end


def _bare(query: Query) -> frozenset[str]:
    """The metrics, without what stands in brackets behind them."""
    return frozenset(name.partition("[")[0] for name in query.metrics)


def _holds(lexicon: Lexicon, query: Query, named: Named) -> bool:
    names = [*(by.name for by in query.by), *(one.name for one in query.where)]
    match named:
        case MetricNamed(name=name):
            return bool(_meant(lexicon, name) & _bare(query))
        case FieldNamed(field=field):
            return any(name.rpartition(".")[2] == field for name in names)
        case RoleNamed(role=role):
            return any(name.partition(".")[0] == role for name in names)
        case DatasetNamed(dataset=dataset):
            asked = [one for name in _bare(query) if (one := lexicon.metric(name)) is not None]
            facts = {measure.fact for one in asked for measure in one.measures}
            return dataset in facts or any(name.partition(".")[0] == dataset for name in names)
        case FlagNamed(field=field):
            return any(_is_on(one, field) for one in query.where)
        case ValueNamed(field=field, value=value):
            return any(_is_on(one, field) and value in map(str, one.values) for one in query.where)


def _meant(lexicon: Lexicon, name: str) -> set[str]:
    term = lexicon.linked.model.terms.get(name)
    return {name} if term is None else {name, *term.meanings.values()}


def _is_on(wanted: Filter, field: str) -> bool:
    return wanted.name.rpartition(".")[2] == field


def _times(sight: Sight, query: Query) -> Iterator[int]:
    """The places of the time that is the query's own."""
    for at in range(len(sight)):
        read = sight.time(at)
        if read is None or query.during is None:
            continue
        if (read[0].start, read[0].end) == (query.during.start, query.during.end):
            yield from range(at, read[1])


def _is_held(sight: Sight, place: int, query: Query) -> bool:
    """A word that is nobody's name: it says nothing, or the query has what it says."""
    token = sight.tokens[place]
    word = token.text
    if (is_said := says_relation(sight, word, query)) is not None:
        return is_said
    if word in {"many", "number", "count", "#"}:
        return any(name in names for names in sight.lexicon.counts.values() for name in query.metrics)
    if word in words.SILENT or word in words.FRAMES or word in words.LIGHT or word in _JOINTS:
        return True
    if token.kind is Kind.SIGN:
        return word in {",", "(", ")", ";", ":", "-", "&", "_", "."}
    if sight.stems[place] in words.GRAINS:
        return any(by.grain is words.GRAINS[sight.stems[place]] for by in query.by)
    if word in words.MOST | words.TOP:
        return bool(query.order) and query.order[0].is_descending
    if word in words.LEAST | words.BOTTOM:
        return bool(query.order) and not query.order[0].is_descending
    if any(word in phrase.split() for phrase in words.NOT):
        return any(one.op in _EXCLUDING for one in query.where)
    if any(word in phrase.split() for phrase in words.COMPARATORS):
        return any(one.op in _BOUNDING for one in query.where)
    if (amount := sight.amount(place)) is not None:
        numbers = {_number(value) for one in query.where for value in one.values} | {_number(query.limit)}
        return amount.value in numbers
    return False


def _number(value: object) -> Decimal | None:
    try:
        return None if value is None or isinstance(value, bool) else Decimal(str(value))
    except ArithmeticError:
        return None


def _unsaid(sight: Sight, lexicon: Lexicon, query: Query, said: list[Named]) -> Iterator[str]:
    yield from unsaid_relations(sight, query)
    for metric in sorted(_bare(query)):
        named = any(isinstance(one, MetricNamed) and metric in _meant(lexicon, one.name) for one in said)
        counted = any(isinstance(one, DatasetNamed) and metric in lexicon.counts.get(one.dataset, ()) for one in said)
        if not (named or (counted and sight.word(0, {"how", "number", "count"}))):
            yield metric
    for by in query.by:
        is_grain = by.grain is not None and any(words.GRAINS.get(stem) is by.grain for stem in sight.stems)
        if not is_grain and not any(_says_name(one, by.name) for one in said):
            yield phrase_by(by)
    for wanted in query.where:
        if not any(_says_filter(sight, query, one, wanted) for one in said):
            yield phrase_filter(wanted)
    times = [read[0] for at in range(len(sight)) if (read := sight.time(at)) is not None]
    if query.during is not None and not any(_same(query, one.start, one.end) for one in times):
        yield f"during {query.during.text}"
    every = range(len(sight))
    if query.order and not any(sight.word(at, words.MOST | words.LEAST | words.TOP | words.BOTTOM) for at in every):
        yield "an order"
    if query.limit is not None and not any((c := sight.count(at)) and c[0] == query.limit for at in every):
        yield f"limit {query.limit}"
    if any(one.op in _EXCLUDING for one in query.where) and not any(sight.phrase(at, words.NOT) for at in every):
        yield "an exclusion"
    yield from _chosen(lexicon, query, said)


def _chosen(lexicon: Lexicon, query: Query, said: list[Named]) -> Iterator[str]:
    """A field that several datasets or roles have is nobody's to choose: neither a planner's."""
    roles = set(itertools.chain.from_iterable(map(_roles, said)))
    for place, name in enumerate([*(by.name for by in query.by), *(wanted.name for wanted in query.where)]):
        owner, _, own = name.rpartition(".")
        if owner in roles or lexicon.precedents.get(own, ("", ()))[0] == name or name in query.metrics:
            continue
        for other in _others(lexicon, own, name, said):
            if _resolves(lexicon, _renamed(query, place, other)):
                yield f"{name} rather than {other}"
                break


def _roles(named: Named) -> tuple[str, ...]:
    match named:
        case RoleNamed(role=role):
            return (role,)
        case FieldNamed(roles=roles):
            return roles
        case _:
            return ()


def _others(lexicon: Lexicon, own: str, name: str, said: list[Named]) -> Iterator[str]:
    for one in said:
        match one:
            case FieldNamed(dataset=dataset, field=field) | ValueNamed(dataset=dataset, field=field) if field == own:
                yield from (other for other in names_of(lexicon.linked, dataset, field) if other != name)
            case _:
                pass


def _renamed(query: Query, place: int, other: str) -> Query:
    if place < len(query.by):
        return replace(query, by=tuple(replace(b, name=other) if n == place else b for n, b in enumerate(query.by)))
    at = place - len(query.by)
    return replace(query, where=tuple(replace(w, name=other) if n == at else w for n, w in enumerate(query.where)))


def _resolves(lexicon: Lexicon, query: Query) -> bool:
    try:
        resolve(lexicon.linked, replace(query, order=(), limit=None))
    except RequestError:
        return False
    return True


def _same(query: Query, start: date | None, end: date | None) -> bool:
    return query.during is not None and (query.during.start, query.during.end) == (start, end)


def _says_name(named: Named, name: str) -> bool:
    owner, _, field = name.rpartition(".")
    match named:
        case FieldNamed(field=own) | FlagNamed(field=own):
            return own == field
        case DatasetNamed(dataset=dataset):
            return dataset == owner
        case RoleNamed(role=role):
            return role == owner
        case MetricNamed() | ValueNamed():
            return False


def _says_filter(sight: Sight, query: Query, named: Named, wanted: Filter) -> bool:
    """Every value of a filter must have been said, for the field it is on."""
    match named:
        case ValueNamed(field=field):
            every = {
                value for _, found in _founds(sight) for one in found.phrases for value in _value(one.named, field)
            }
            return _is_on(wanted, field) and set(map(str, wanted.values)) <= every
        case FlagNamed(field=field):
            return _is_on(wanted, field)
        case FieldNamed(field=field):
            return _is_on(wanted, field) and wanted.op in _BOUNDING
        case MetricNamed(name=name):
            return wanted.name == name and wanted.op in _BOUNDING and name in query.metrics
        case DatasetNamed() | RoleNamed():
            return False


def _value(named: Named, field: str) -> Iterator[str]:
    match named:
        case ValueNamed(field=own, value=value) if own == field:
            yield value
        case _:
            pass
