"""A draft in; every reading it may have, each a query with what its words were taken for, out."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TypeVar

from loadline.semantics.time import Span
from loadline.semantics.wording.draft import BoundSaid, DimensionSaid, Draft, FilterSaid
from loadline.semantics.wording.lexicon import Lexicon
from loadline.semantics.wording.sight import Sight
from loadline.semantics.wording.vocabulary import COMPARING
from loadline.semantics.words import phrase_by, phrase_filter
from loadline.values.plan import Meaning
from loadline.values.query import By, Filter, Op, Order, Query, Window

MOST_READINGS = 96
_LEAD = re.compile(r"\A((in|during|for|on|over|within|throughout|across|of|the)\s+)+", re.IGNORECASE)

Part = TypeVar("Part", DimensionSaid, FilterSaid)


@dataclass(frozen=True, slots=True, kw_only=True)
class Meant:
    """One reading: a query every name of which is governed, what its words were taken for, and how it differs."""

    query: Query
    meanings: tuple[Meaning, ...]
    assumptions: tuple[str, ...]
    label: str
    chosen: tuple[str, ...] = ()  # the name each dimension and filter was taken for, in order


class Unsettled(Exception):
    """The draft means nothing that can be asked: `what` says so, `mend` how to go on."""

    def __init__(self, what: str, mend: str, *, kind: str = "unfit", options: tuple[Meant, ...] = ()) -> None:
        super().__init__(what)
        self.what, self.mend, self.kind, self.options = what, mend, kind, options


def readings(sight: Sight, draft: Draft) -> Iterator[Meant]:
    bounds = _bounds(sight, draft)
    parts = [[(said.word, name) for name in said.names] for said in draft.metrics]
    dimensions = [[(said.word, option) for option in said.options] for said in draft.dimensions]
    filters = [[(said.word, option) for option in said.options] for said in (*draft.filters, *bounds)]
    total = 1
    for size in (*map(len, parts), *map(len, dimensions), *map(len, filters)):
        total *= size
    if total > MOST_READINGS:
        raise Unsettled(
            "it may be read in very many ways", "name the fields with their datasets, as in `customer region`"
        )
    for metrics in itertools.product(*parts):
        for by in itertools.product(*dimensions):
            for where in itertools.product(*filters):
                yield _meant(
                    sight,
                    draft,
                    tuple(name for _, name in metrics),
                    tuple(one for _, one in by),
                    tuple(w for _, w in where),
                )


def _bounds(sight: Sight, draft: Draft) -> tuple[FilterSaid, ...]:
    bound = draft.bound
    if bound is None:
        return ()
    if not bound.dataset:
        return (FilterSaid(bound.word, (Filter(name=bound.word, op=bound.op, values=bound.values),)),)
    raise Unsettled(
        f"`{bound.word}` does not say which number of it is bounded",
        f"name the field: {_bound_fields(sight, bound)}",
        kind="which field",
        options=tuple(_bounded(sight, draft, bound)),
    )


def _numeric_fields(sight: Sight, dataset: str) -> list[str]:
    catalog = sight.lexicon.linked.catalog
    model = sight.lexicon.linked.model.datasets[dataset]
    names = []
    for name in catalog.fields_of(dataset):
        if name in model.key or name.endswith("_id"):
            continue
        try:
            if catalog.field(dataset, name).kind.name in {"number", "integer"}:
                names.append(name)
        except Exception:  # noqa: BLE001, S112 - a field that cannot be read is reported by `check`
            continue
    return names


def _bound_fields(sight: Sight, bound: BoundSaid) -> str:
    numbers = f"{bound.op} {' and '.join(map(str, bound.values))}"
    return " or ".join(f"`{bound.dataset}.{name} {numbers}`" for name in _numeric_fields(sight, bound.dataset)[:5])


def bound_example(sight: Sight, bound: BoundSaid) -> str:
    fields = _numeric_fields(sight, bound.dataset)
    numbers = " and ".join(map(str, bound.values))
    return f"{fields[0] if fields else 'a field'} {bound.op} {numbers}"


def _bounded(sight: Sight, draft: Draft, bound: BoundSaid) -> Iterator[Meant]:
    if not draft.metrics:
        return
    for name in _numeric_fields(sight, bound.dataset)[:5]:
        said = replace(bound, word=f"{bound.dataset}.{name}", dataset="")
        for meant in itertools.islice(readings(sight, replace(draft, bound=said)), 1):
            numbers = " and ".join(map(str, bound.values))
            yield replace(meant, label=f"{bound.dataset}.{name} {bound.op} {numbers}")


def _meant(
    sight: Sight, draft: Draft, metrics: tuple[str, ...], by: tuple[By, ...], where: tuple[Filter, ...]
) -> Meant:
    lexicon = sight.lexicon
    having = tuple(_having_filter(lexicon, draft, n, metrics) for n in range(len(draft.having)))
    order: tuple[Order, ...] = ()
    if draft.is_descending is not None:
        ranks = draft.ranked_by if draft.ranked_by is not None and draft.ranked_by < len(draft.metrics) else 0
        order = (Order(name=metrics[ranks], is_descending=draft.is_descending),)
    limit = draft.limit or (1 if draft.which == "one" and draft.is_descending is not None else None)
    query = Query(
        metrics=tuple(dict.fromkeys(metrics)),
        by=tuple(dict.fromkeys((*by, *_sides(sight, draft, where)))),
        where=(*where, *having),
        during=_window(draft.during) if draft.during is not None else None,
        order=order,
        limit=limit,
    )
    said = [
        *((one.word, name) for one, name in zip(draft.metrics, metrics, strict=True)),
        *((one.word, phrase_by(chosen)) for one, chosen in zip(draft.dimensions, by, strict=True)),
        *((one.word, phrase_filter(chosen)) for one, chosen in zip(draft.filters, where, strict=False)),
    ]
    label = ", ".join(phrase_filter(one) for one in where) if where else ", ".join(map(phrase_by, by))
    return Meant(
        query=query,
        meanings=tuple(Meaning(word=word, means=means) for word, means in dict.fromkeys(said) if word != means),
        assumptions=tuple(_assumptions(draft, limit)),
        label=label or ", ".join(metrics),
        chosen=(*(one.name for one in by), *(one.name for one in where)),
    )


def is_beside(sight: Sight, draft: Draft) -> bool:
    """Whether values are put side by side: `compare north and south`, `north vs south`."""
    words = {token.text for token in sight.tokens}
    return bool(words & COMPARING) and not draft.is_compared and len(draft.metrics) == 1


def _sides(sight: Sight, draft: Draft, where: tuple[Filter, ...]) -> tuple[By, ...]:
    """What the values that are compared are values of: their sum would say nothing of either."""
    if not is_beside(sight, draft):
        return ()
    return tuple(By(name=one.name) for one in where if one.op is Op.IN and len(one.values) > 1)


def _window(span: Span) -> Window:
    """The window, its text without the `in` or `during` it was said with: the same as where it is written by itself."""
    text = _LEAD.sub("", span.text).strip(" ,;.")
    return replace(span.window(), text=text)


def _assumptions(draft: Draft, limit: int | None) -> Iterator[str]:
    if draft.during is None:
        yield "no period was asked for: all time is answered"
    if limit == 1 and draft.which == "one":
        yield "one is asked for: where several are equal, the first by name is shown"


def _having_filter(lexicon: Lexicon, draft: Draft, number: int, metrics: tuple[str, ...]) -> Filter:
    said = draft.having[number]
    name = metrics[said.metric]
    one = lexicon.metric(name)
    unit = (one.metric.unit or "").upper() if one is not None else ""
    values = said.values
    if one is not None and one.metric.format == "percent":
        if said.unit != "%":
            raise Unsettled(f"`{said.word}` bounds a share by a number that is not a percentage", "write it with `%`")
        values = tuple(value / 100 for value in values)
    elif said.unit is not None and said.unit != unit:
        raise Unsettled(f"`{said.word}` is in {said.unit}, and `{name}` in {unit or 'no unit'}", f"write it in {unit}")
    return Filter(name=name, op=said.op, values=tuple(_plain(value) for value in values))


def _plain(value: Decimal) -> int | Decimal:
    return int(value) if value == value.to_integral_value() else value


def narrowed(lexicon: Lexicon, draft: Draft) -> tuple[Draft, tuple[str, ...]]:
    """Where verified questions have taken a field's word to mean one thing only, that is what it means here."""
    said: list[str] = []

    def narrow(part: Part) -> Part:
        name, ids = lexicon.precedents.get(part.own, ("", ()))
        kept = tuple(option for option in part.options if option.name == name)
        if len(part.options) < 2 or not kept:
            return part
        said.append(f"`{part.word}` is about {name}, as in {' and '.join(ids[:2])}")
        return replace(part, options=kept)

    dimensions = tuple(narrow(one) for one in draft.dimensions)
    filters = tuple(narrow(one) for one in draft.filters)
    return replace(draft, dimensions=dimensions, filters=filters), tuple(said)
