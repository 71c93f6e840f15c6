"""A draft that asks which part of a whole something is in; the metric and its share out, or what the part may be.

The part is what is broken down, or what a filter names. Where both are there, or several, which of them is the part and
which belongs to the whole is not said by the words alone, and is asked about.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import replace

from loadline.errors import RequestError
from loadline.semantics.nodes import Call
from loadline.semantics.relating import PERCENT, demand_sum, is_part
from loadline.semantics.resolve import resolve
from loadline.semantics.wording.draft import Draft
from loadline.semantics.wording.meant import Meant, Unsettled
from loadline.semantics.wording.settle import may_offer, settle, settle_into
from loadline.semantics.wording.sight import Sight
from loadline.semantics.words import phrase_filter
from loadline.values.plan import Meaning
from loadline.values.query import Filter, Order, Query

_MOST_PARTS = 3


def share(sight: Sight, draft: Draft, audience: str | None) -> tuple[Meant, ...]:
    """Raises Unsettled where the part is not said, or the whole has none; RequestError where the model refuses."""
    plain = replace(draft, is_share=False, whole=None, is_total=False, growth_form=None, is_compared=True)
    if draft.whole is not None:
        of = [one for one in settle(sight, plain, audience) if not _is_same(sight, one.query, draft.whole[1], audience)]
        if of:
            return tuple(_of_metric(sight, one, draft.whole, audience) for one in of)
    read = settle_into(sight, plain, audience, lambda one: _shares(sight, draft, one, audience))
    if draft.limit is not None and draft.limit > 1 and draft.ranked_by is None:
        raise Unsettled(
            "the share of several together is not one that is kept, and each by itself is",
            "choose it, or add them up",
            kind="unsayable",
            options=read,
        )
    return read


def _is_same(sight: Sight, query: Query, names: Sequence[str], audience: str | None) -> bool:
    metrics = resolve(sight.lexicon.linked, query, audience=audience).query.metrics
    wholes = {resolve(sight.lexicon.linked, Query(metrics=(name,)), audience=audience).query.metrics for name in names}
    return metrics in wholes


def _of_metric(sight: Sight, one: Meant, whole: tuple[str, tuple[str, ...]], audience: str | None) -> Meant:
    """`platform revenue as a share of recognized revenue`; both side by side, where the first is no part of it."""
    word, names = whole
    part = resolve(sight.lexicon.linked, one.query, audience=audience).query.metrics[0]
    of = resolve(sight.lexicon.linked, Query(metrics=names[:1]), audience=audience).query.metrics[0]
    asked = replace(one.query, metrics=(part, of, f"{part}[share of {of}]"))
    try:
        resolve(sight.lexicon.linked, asked, audience=audience)
    except RequestError as error:
        raise Unsettled(
            error.diagnostics[0].what,
            "ask for both, or define the ratio as a metric",
            kind="unsayable",
            options=(replace(one, query=replace(asked, metrics=(part, of)), label=f"{part} and {of}, side by side"),),
        ) from None
    means = Meaning(word=f"share of {word}", means=f"share of {of}")
    return replace(one, query=asked, meanings=(*one.meanings, means))


def _shares(sight: Sight, draft: Draft, one: Meant, audience: str | None) -> Iterator[Meant]:
    query = resolve(sight.lexicon.linked, one.query, audience=audience).query
    if len(query.metrics) > 1:
        raise Unsettled("a share of one number is asked at a time", "ask for each by itself", kind="unsayable")
    parts = tuple(_parts(query))
    if not parts:
        raise Unsettled(
            f"a share of `{query.metrics[0]}` is asked for, and not whose",
            "add `by` a dimension, or `for` a value",
            kind="unsayable",
            options=tuple(_of_others(sight, one, query.metrics[0])),
        )
    linked = sight.lexicon.linked
    try:
        demand_sum(linked.metrics[query.metrics[0]])
    except RequestError as error:
        plain = replace(one, label=f"{query.metrics[0]}, without the share")
        said = error.diagnostics[0]
        raise Unsettled(said.what, said.mend, kind="unsayable", options=(plain,)) from None
    for across, label in parts:
        relation = f"share across {' and '.join(across)}"
        name = f"{query.metrics[0]}[{relation}]"
        asked = replace(one.query, metrics=(query.metrics[0], name), order=_ordered(one.query, name, draft))
        yield replace(one, query=asked, label=label, meanings=(*one.meanings, Meaning(word="share", means=relation)))
    # `share of damaged shipments by carrier`: of all that are damaged, or of what the carrier moved
    yield from _of_others(sight, one, query.metrics[0])


def _of_others(sight: Sight, one: Meant, name: str) -> Iterator[Meant]:
    """`what percentage of orders were cancelled`: the rates that divide what is named, and what it is a part of."""
    metrics = sight.lexicon.linked.metrics
    for other, whole in metrics.items():
        if not may_offer(sight.lexicon, other):
            continue
        is_rate = whole.metric.format == PERCENT and isinstance(whole.node, Call) and whole.node.name == "/"
        if is_rate and isinstance(whole.node, Call) and whole.node.args[0] == metrics[name].node:
            yield replace(one, query=_by_rank(replace(one.query, metrics=(other,)), other), label=other)
        elif is_part(metrics[name], whole):
            share_of = f"{name}[share of {other}]"
            asked = _by_rank(replace(one.query, metrics=(name, other, share_of)), share_of)
            yield replace(one, query=asked, label=f"{name} as a share of {other}")


def _by_rank(query: Query, name: str) -> Query:
    """Ranked by the share where anything is ranked."""
    return replace(query, order=tuple(Order(name=name, is_descending=one.is_descending) for one in query.order[:1]))


def _ordered(query: Query, name: str, draft: Draft) -> tuple[Order, ...]:
    if draft.is_descending is None or not query.order:
        return query.order
    return (Order(name=name, is_descending=query.order[0].is_descending),)


def _parts(query: Query) -> Iterator[tuple[tuple[str, ...], str]]:
    """Every way to tell the part from the whole: the fields the share goes across, and the same in words."""
    times = tuple(by for by in query.by if by.grain is not None or by.part is not None or by.own_grain is not None)
    fields = tuple(dict.fromkeys(by.name for by in query.by if by not in times))
    filters = tuple(one for one in query.where if one.name not in query.metrics)
    named = tuple(dict.fromkeys(one.name for one in filters if one.name not in fields))
    if not fields and not named:
        if times:
            yield tuple(by.name for by in times), "each period's part of all of them"
        return
    if fields:
        yield fields, f"each {_said(fields)}'s part of all" + (f", where {_filters(filters, named)}" if named else "")
        if len(fields) > 1:
            for one in fields:
                rest = tuple(name for name in fields if name != one)
                yield (one,), f"each {_said((one,))}'s part of its {_said(rest)}"
        if named:
            yield named, f"the part with {_filters(filters, named)} of each {_said(fields)}"
        return
    for size in range(len(named), 0, -1):
        for picked in itertools.islice(itertools.combinations(named, size), _MOST_PARTS):
            rest = tuple(name for name in named if name not in picked)
            whole = f"of what has {_filters(filters, rest)}" if rest else "of all"
            yield picked, f"the part with {_filters(filters, picked)} {whole}"


def _said(names: Sequence[str]) -> str:
    return " and ".join(name.rpartition(".")[2].replace("_", " ") for name in names)


def _filters(filters: Sequence[Filter], names: Sequence[str]) -> str:
    return " and ".join(phrase_filter(one) for one in filters if one.name in names)
