"""A question and a query somebody else made of it in; where every word is there and says the opposite, or another, out.

The right names and numbers can still be put together wrongly: `over` as less, `top` ordered by a name, the included
value excluded, a flag turned around, a grain or a meaning nobody asked for. Each is told, and none is mended.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from loadline.semantics.wording import vocabulary as words
from loadline.semantics.wording.clauses_where import bound_at
from loadline.semantics.wording.lexicon import FieldNamed, FlagNamed, Lexicon, MetricNamed, Named, ValueNamed
from loadline.semantics.wording.sight import Found, Sight
from loadline.semantics.words import phrase_by, phrase_filter
from loadline.values.query import Filter, Op, Query

_EXCLUDING = frozenset({Op.NE, Op.NOT_IN})
_INCLUDING = frozenset({Op.EQ, Op.IN})
_BOUNDING = frozenset({Op.LT, Op.LE, Op.GT, Op.GE, Op.BETWEEN})


def turned(
    sight: Sight, lexicon: Lexicon, query: Query, founds: list[tuple[int, Found]], audience: str | None
) -> Iterator[str]:
    said = [phrase.named for _, found in founds for phrase in found.phrases]
    yield from _metrics(lexicon, query, founds, audience)
    yield from _breakdown(sight, query, said)
    yield from _order(query)
    for one in query.where:
        if one.op in _BOUNDING:
            yield from _bound(sight, lexicon, one)
        elif one.op not in _EXCLUDING | _INCLUDING or (_is_flag(one, said) and not _is_on(sight, one)):
            yield phrase_filter(one)
    ops = {one.op for one in query.where if any(isinstance(n, ValueNamed) and _of(one, n.field) for n in said)}
    if ops & _EXCLUDING and ops & _INCLUDING:
        yield "which values are left out"


def _metrics(lexicon: Lexicon, query: Query, founds: list[tuple[int, Found]], audience: str | None) -> Iterator[str]:
    """A word that means several metrics is nobody's to choose, and a term means what it means to who asks."""
    for _, found in founds:
        named = [phrase.named for phrase in found.phrases]
        if not named or not all(isinstance(one, MetricNamed) for one in named):
            continue
        meant = {_meant(lexicon, one, audience) for one in named}
        if len(meant) > 1 or not meant <= {name.partition("[")[0] for name in query.metrics}:
            yield f"one meaning of `{found.word}`"


def _meant(lexicon: Lexicon, named: Named, audience: str | None) -> str:
    name = named.name if isinstance(named, MetricNamed) else ""
    term = lexicon.linked.model.terms.get(name)
    if term is None:
        return name
    return (term.meanings.get(audience) if audience is not None else None) or term.otherwise or name


def _breakdown(sight: Sight, query: Query, said: list[Named]) -> Iterator[str]:
    for by in query.by:
        named = any(isinstance(one, FieldNamed) and one.field == by.name.rpartition(".")[2] for one in said)
        if by.part is not None or by.own_grain is not None:
            yield phrase_by(by)
        elif by.grain is not None:
            is_said = any(words.GRAINS.get(stem) is by.grain for stem in sight.stems)
            if not is_said or not (by.name == "time" or named):
                yield phrase_by(by)


def _order(query: Query) -> Iterator[str]:
    """`top five regions by revenue`: by the revenue, and not by the names of the regions."""
    if query.order and (len(query.metrics) != 1 or [one.name for one in query.order] != list(query.metrics)):
        yield f"ordered by {', '.join(one.name for one in query.order)}"


def _bound(sight: Sight, lexicon: Lexicon, wanted: Filter) -> Iterator[str]:
    """The bound as it was said: its direction, and the numbers behind it."""
    metric = lexicon.metric(wanted.name)
    is_percent = metric is not None and metric.metric.format == "percent"
    for at in range(len(sight)):
        if (bound := bound_at(sight, at)) is None or bound[0] is not wanted.op:
            continue
        numbers = [one.value / 100 if is_percent and one.unit == "%" else one.value for one in bound[1]]
        if numbers == [_number(value) for value in wanted.values]:
            return
    yield phrase_filter(wanted)


def _number(value: object) -> Decimal | None:
    try:
        return None if isinstance(value, bool) else Decimal(str(value))
    except ArithmeticError:
        return None


def _of(wanted: Filter, field: str) -> bool:
    return wanted.name.rpartition(".")[2] == field


def _is_flag(wanted: Filter, said: list[Named]) -> bool:
    return any(isinstance(one, FlagNamed) and _of(wanted, one.field) for one in said)


def _is_on(sight: Sight, wanted: Filter) -> bool:
    """`damaged shipments` have the flag; `not damaged` is left to the grammar, which knows about rows without one."""
    is_turned = any(sight.phrase(at, words.NOT) is not None for at in range(len(sight)))
    return wanted.op is Op.EQ and [str(value).lower() for value in wanted.values] == ["true"] and not is_turned
