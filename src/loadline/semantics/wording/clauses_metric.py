"""A place in a question in; the metric or the counted thing that is named there, with the position after it, out."""

from __future__ import annotations

from dataclasses import replace

from loadline.semantics.wording import vocabulary as words
from loadline.semantics.wording.clauses_where import bound_at
from loadline.semantics.wording.draft import BoundSaid, Draft, HavingSaid, MetricSaid, Steps
from loadline.semantics.wording.lexicon import DatasetNamed, MetricNamed
from loadline.semantics.wording.sight import Amount, Sight
from loadline.semantics.wording.values_said import has_read
from loadline.values.query import Op

_HOW_MANY = ("how many", "number of", "the number of", "count of", "total number of", "count", "counts of", "# of",
             "amount of", "quantity of")  # fmt: skip


def how_many(sight: Sight, draft: Draft, at: int) -> Steps:
    if (end := sight.phrase(at, _HOW_MANY)) is not None and not has_read(draft):
        yield replace(draft, is_how_many=True, is_open=False), end


def metric(sight: Sight, draft: Draft, at: int) -> Steps:
    found = sight.found(at)
    if found is not None and not any(isinstance(p.named, MetricNamed) for p in found.phrases):
        found = sight.metric(at) or found  # `subscriptions ended on …`: a metric, and the beginning of a field's name
    if found is None:
        return
    names = tuple(dict.fromkeys(p.named.name for p in found.phrases if isinstance(p.named, MetricNamed)))
    if names and not (draft.is_how_many and all(_is_money(sight, name) for name in names)):
        metrics = (*draft.metrics, MetricSaid(found.word, names))
        read = replace(draft, metrics=metrics, is_open=False, noun=None)
        yield read, found.end
        if (bound := bound_at(sight, found.end)) is not None:
            op, amounts, end = bound
            yield having(read, sight.said(at, end), len(metrics) - 1, op, amounts), end
    elif draft.is_how_many and not draft.counted:
        yield from read_noun(sight, draft, at)


def _is_money(sight: Sight, name: str) -> bool:
    """Nobody asks how many of an amount or a rate."""
    one = sight.lexicon.metric(name)
    if one is None:
        return False
    return one.metric.format == "percent" or (one.metric.unit or "").upper() in words.CURRENCIES.values()


def read_noun(sight: Sight, draft: Draft, at: int) -> Steps:
    """`orders`: how many of them, where that was asked; else nobody knows what of them."""
    found = sight.found(at)
    if found is None:
        return
    for dataset in dict.fromkeys(p.named.dataset for p in found.phrases if isinstance(p.named, DatasetNamed)):
        noun = (found.word, dataset)
        end = found.end + 1 if sight.word(found.end, {"count", "counts"}) else found.end
        if draft.counted is None and not draft.metrics and (draft.is_how_many or draft.is_total or end > found.end):
            yield replace(draft, counted=noun, noun=None, is_how_many=True, is_total=False, is_open=False), end
        elif not has_read(draft) and draft.which is None:
            # a metric may follow, of which this word must then be an echo: `customer satisfaction`
            yield replace(draft, noun=noun, loose=(*draft.loose, *range(at, found.end)), is_open=False), end
        else:
            yield replace(draft, loose=(*draft.loose, *range(at, found.end)), is_open=False), found.end
        if (bound := bound_at(sight, end)) is not None:
            op, amounts, after = bound
            said = BoundSaid(sight.said(at, after), dataset, op, tuple(one.value for one in amounts))
            counted = noun if draft.is_how_many and draft.counted is None else draft.counted
            yield replace(draft, bound=said, counted=counted, noun=None if counted else noun, is_open=False), after


def having(draft: Draft, word: str, metric: int, op: Op, amounts: tuple[Amount, ...]) -> Draft:
    said = HavingSaid(word, metric, op, tuple(one.value for one in amounts), amounts[0].unit)
    return replace(draft, having=(*draft.having, said))
