"""A place in a question in; the values and bounds that filter there, with the position after them, out."""

from __future__ import annotations

from dataclasses import replace

from loadline.semantics.wording import vocabulary as words
from loadline.semantics.wording.draft import BoundSaid, Draft, Steps
from loadline.semantics.wording.lexicon import DatasetNamed, FieldNamed, FlagNamed, MetricNamed, ValueNamed
from loadline.semantics.wording.sight import Amount, Found, Sight
from loadline.semantics.wording.values_said import as_filter, has_read, value_list
from loadline.values.query import Op


def bound_at(sight: Sight, at: int) -> tuple[Op, tuple[Amount, ...], int] | None:
    """`over 1,000 EUR`, `between 5 and 10`, `of at least 3`."""
    begin = sight.skip(at, {"of", "is", "are", "was", "were", "that", "worth", "with"})
    if (compared := sight.lookup(begin, words.COMPARATORS)) is not None:
        op, end = compared
        amount = sight.amount(end)
        return None if amount is None else (op, (amount,), amount.end)
    if sight.word(begin, {"between"}) and (low := sight.amount(begin + 1)) is not None and sight.word(low.end, {"and"}):
        high = sight.amount(low.end + 1)
        if high is not None and low.unit in {high.unit, None}:
            return Op.BETWEEN, (Amount(low.value, high.unit, low.end), high), high.end
    return None


def into(sight: Sight, draft: Draft, at: int) -> Steps:
    """`in Germany`, `for large customers`, `to Hamburg`, `with status open`; `excluding cancelled`."""
    for phrases, is_exclusion in ((words.INTO, False), (words.NOT, True), (("by", "placed by", "made by"), False)):
        end = sight.phrase(at, phrases)
        if end is None or (sight.word(at, {"by"}) and draft.is_descending is not None):
            continue
        said = {token.text for token in sight.tokens[at:end]}
        way = "to" if said & words.TOWARDS else "from" if said & words.OUT_OF and not is_exclusion else ""
        for saying in value_list(sight, end, takes_noun=True):
            filtered = as_filter(sight, saying, way, is_exclusion=is_exclusion)
            if filtered is not None and not _is_unit(sight, at, saying.places):
                yield replace(draft, filters=(*draft.filters, filtered), is_open=False), saying.end
        if not is_exclusion:
            yield from _own_rows(sight, draft, end)
            yield from _unit(sight, draft, at)


def _is_unit(sight: Sight, at: int, places: tuple[tuple[str, str, str | bool], ...]) -> bool:
    """`in CHF` asks for another currency, not for the rows that are in it."""
    return sight.word(at, {"in"}) and all(value in words.CURRENCIES.values() for _, _, value in places)


def _unit(sight: Sight, draft: Draft, at: int) -> Steps:
    """`in EUR` where that is what the metric is in anyhow."""
    if not sight.word(at, {"in"}) or at + 1 >= len(sight) or not draft.metrics:
        return
    unit = words.CURRENCIES.get(sight.stems[at + 1])
    for said in draft.metrics:
        for name in said.names:
            one = sight.lexicon.metric(name)
            if one is not None and (one.metric.unit or "") in {unit, sight.tokens[at + 1].text}:
                yield draft, at + 2
                return


def _own_rows(sight: Sight, draft: Draft, at: int) -> Steps:
    """`revenue from orders`, said of a metric that is measured on orders: an echo."""
    begin = sight.skip(at, {"the", "all", "our", "of"})
    found = sight.found(begin)
    if found is not None and all(isinstance(p.named, DatasetNamed) for p in found.phrases) and draft.metrics:
        yield replace(draft, loose=(*draft.loose, *range(begin, found.end))), found.end


def adjective(sight: Sight, draft: Draft, at: int) -> Steps:
    """`express orders`, `disputed invoices`, `north booked revenue`: a value before what it is said of."""
    for saying in value_list(sight, at, takes_noun=False):
        after = sight.found(sight.skip(saying.end, {"-"}))
        if after is None or not _is_said_of(after):
            continue
        filtered = as_filter(sight, saying)
        if filtered is not None and saying.end > at and not sight.word(at, {"the", "all"}):
            yield replace(draft, filters=(*draft.filters, filtered), is_open=False), saying.end


def predicate(sight: Sight, draft: Draft, at: int) -> Steps:
    """`how many orders were open`, `booked revenue Germany 2025`: a value after what it is said of."""
    if not has_read(draft):
        return
    if sight.word(at - 1, {"and", "or", ",", "&", "of", "than"}):
        return
    is_predicate = sight.word(at - 1, {"is", "are", "was", "were", "been", "still"})
    for saying in value_list(sight, at, takes_noun=False):
        is_last = saying.end >= len(sight) or sight.time(saying.end) is not None
        if not (is_predicate or is_last or sight.phrase(saying.end, words.EACH) is not None):
            continue
        if not is_predicate and any(value is True for _, _, value in saying.places):
            continue
        filtered = as_filter(sight, saying)
        if filtered is not None and not sight.word(at, {"the", "all"}):
            yield replace(draft, filters=(*draft.filters, filtered), is_open=False), saying.end


def _is_said_of(found: Found) -> bool:
    return any(isinstance(p.named, (DatasetNamed, MetricNamed, ValueNamed, FlagNamed)) for p in found.phrases)


def field_bound(sight: Sight, draft: Draft, at: int) -> Steps:
    """`with amount over 1000`, `where discount > 10`."""
    begin = sight.skip(at, {"with", "where", "whose", "the", "a", "an", "having"})
    found = sight.found(begin)
    bound = bound_at(sight, found.end) if found is not None else None
    if found is None or bound is None or not has_read(draft):
        return
    for phrase in found.phrases:
        if isinstance(phrase.named, FieldNamed):
            op, amounts, end = bound
            numbers = tuple(one.value for one in amounts)
            said = BoundSaid(f"{phrase.named.dataset}.{phrase.named.field}", "", op, numbers)
            if amounts[0].unit is None or _has_unit(sight, phrase.named, amounts[0].unit):
                yield replace(draft, bound=said, is_open=False), end


def _has_unit(sight: Sight, named: FieldNamed, unit: str) -> bool:
    """Whether a metric over this very column is in that unit, so that the field is, too."""
    for one in sight.lexicon.linked.metrics.values():
        if one.metric.unit == unit and one.metric.expr.value.endswith(f"({named.dataset}.{named.field})"):
            return True
    return False
