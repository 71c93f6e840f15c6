"""A place in a question and what was read before it in; every way to read on from there out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from loadline.semantics.wording import vocabulary as words
from loadline.semantics.wording.draft import BoundSaid, DimensionSaid, Draft, HavingSaid, MetricSaid
from loadline.semantics.wording.lexicon import (
    DatasetNamed,
    FieldNamed,
    FlagNamed,
    MetricNamed,
    RoleNamed,
    ValueNamed,
    kind_of,
    label_of,
    names_of,
)
from loadline.semantics.wording.sight import Amount, Found, Sight
from loadline.semantics.wording.tokens import Kind
from loadline.semantics.wording.values_said import as_filter, has_read, value_list
from loadline.values.query import By, Grain, Op

Steps = Iterator[tuple[Draft, int]]
Rule = Callable[[Sight, Draft, int], Steps]

_JOINTS = (", and", "and", ",", "&", "as well as", "along with", "together with", "and the", "and also", "then by",
           "and by", "and then by", "x", "and per", "and for each", ", by")  # fmt: skip
_HOW_MANY = ("how many", "number of", "the number of", "count of", "total number of", "count", "counts of", "# of",
             "amount of", "quantity of")  # fmt: skip
_SORTED = ("sorted by", "ordered by", "ranked by", "sort by", "order by", "rank by", "ranked on", "sorted on",
           "sort them by", "ranked according to")  # fmt: skip
_DESCENDING = ("descending", "in descending order", "desc", "highest first", "largest first", "biggest first",
               "from highest to lowest", "from high to low", "high to low", "highest to lowest", "most first",
               "top first", "from largest to smallest", "ranked", "largest to smallest")  # fmt: skip
_ASCENDING = ("ascending", "in ascending order", "asc", "lowest first", "smallest first", "from lowest to highest",
              "from low to high", "low to high", "lowest to highest", "from smallest to largest",
              "fewest first")  # fmt: skip
_AMOUNTS_TO = ("amount to", "come to", "amounted to", "came to", "add up to")
_TRENDS = frozenset({"develop", "developed", "trend", "trending", "evolve", "evolved", "trended"})


def steps(sight: Sight, draft: Draft, at: int) -> Steps:
    """Every rule's ways on, each once."""
    for rule in RULES:
        yield from rule(sight, draft, at)


def _silent(sight: Sight, draft: Draft, at: int) -> Steps:
    """Articles, auxiliaries, commas, brackets; light verbs; asking words while nothing else was said."""
    token = sight.tokens[at]
    is_sign = token.kind is Kind.SIGN and token.text in {",", "(", ")", ":", ";"}
    end = sight.phrase(at, _AMOUNTS_TO) if has_read(draft) else None
    if end is not None and not (sight.word(at, words.AMOUNTING) and _is_count(sight, draft)):
        yield draft, end
    if is_sign or sight.word(at, words.SILENT) or (sight.word(at, words.LIGHT) and sight.found(at) is None):
        yield draft, at + 1
    elif draft.is_open and sight.word(at, words.FRAMES) and not sight.word(at + 1, {"many"}):
        if not (token.text in {"what", "how"} and sight.word(at + 1, {"if", "about"})):
            yield draft, at + 1
    elif _is_joint(sight, draft, at):
        yield draft, at + 1
    elif sight.word(at, words.TOTALS):
        yield (
            replace(draft, is_total=draft.is_total or token.text == "total", is_open=False),
            sight.skip(at + 1, {"of", "the"}),
        )


def _is_count(sight: Sight, draft: Draft) -> bool:
    """What cancelled orders amount to may be their number or their worth: nobody knows."""
    names = draft.metrics[-1].names if draft.metrics else ()
    found = [one for name in names if (one := sight.lexicon.metric(name)) is not None]
    return draft.is_how_many or any(m.is_count and not one.metric.unit for one in found for m in one.measures)


def _is_joint(sight: Sight, draft: Draft, at: int) -> bool:
    """`show me the value of …`; `all orders`; `… and in Germany`."""
    if draft.is_open and sight.word(at, {"all"}):
        found = sight.found(sight.skip(at + 1, {"the", "our", "of"}))
        return found is not None and any(isinstance(p.named, (MetricNamed, DatasetNamed)) for p in found.phrases)
    if draft.is_open:
        return at > 0 and sight.word(at, {"of", "for", "to", "on", "at", "in"})
    return sight.word(at, {"and", "&"}) and has_read(draft)


def _beside(sight: Sight, draft: Draft, at: int) -> Steps:
    """`recognized revenue vs booked revenue`: two metrics side by side, which is all that is said of them."""
    end = sight.phrase(at, ("vs", "versus", "against", "compared to", "compared with"))
    found = sight.found(end) if end is not None and draft.metrics else None
    if end is not None and found is not None and any(isinstance(p.named, MetricNamed) for p in found.phrases):
        yield draft, end


def _how_many(sight: Sight, draft: Draft, at: int) -> Steps:
    if (end := sight.phrase(at, _HOW_MANY)) is not None and not has_read(draft):
        yield replace(draft, is_how_many=True, is_open=False), end


def _metric(sight: Sight, draft: Draft, at: int) -> Steps:
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
        if (bound := _bound(sight, found.end)) is not None:
            op, amounts, end = bound
            yield _having(read, sight.said(at, end), len(metrics) - 1, op, amounts), end
    elif draft.is_how_many and not draft.counted:
        yield from _noun(sight, draft, at)


def _is_money(sight: Sight, name: str) -> bool:
    """Nobody asks how many of an amount or a rate."""
    one = sight.lexicon.metric(name)
    if one is None:
        return False
    return one.metric.format == "percent" or (one.metric.unit or "").upper() in words.CURRENCIES.values()


def _noun(sight: Sight, draft: Draft, at: int) -> Steps:
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
        if (bound := _bound(sight, end)) is not None:
            op, amounts, after = bound
            said = BoundSaid(sight.said(at, after), dataset, op, tuple(one.value for one in amounts))
            counted = noun if draft.is_how_many and draft.counted is None else draft.counted
            yield replace(draft, bound=said, counted=counted, noun=None if counted else noun, is_open=False), after


def _bound(sight: Sight, at: int) -> tuple[Op, tuple[Amount, ...], int] | None:
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


def _having(draft: Draft, word: str, metric: int, op: Op, amounts: tuple[Amount, ...]) -> Draft:
    said = HavingSaid(word, metric, op, tuple(one.value for one in amounts), amounts[0].unit)
    return replace(draft, having=(*draft.having, said))


def _more_than_of(sight: Sight, draft: Draft, at: int) -> Steps:
    """`more than 500,000 EUR of booked revenue`, `with at least 100 orders placed`."""
    begin = sight.skip(at, {"with", "having", "had", "have", "has"})
    bound = _bound(sight, begin)
    if bound is None:
        if begin > at:  # `with booked revenue over 500,000`
            yield from (
                (read, end) for read, end in _metric(sight, draft, begin) if len(read.having) > len(draft.having)
            )
        return
    op, amounts, end = bound
    found = sight.found(sight.skip(end, {"of", "in"}))
    if found is None:
        return
    names = tuple(dict.fromkeys(p.named.name for p in found.phrases if isinstance(p.named, MetricNamed)))
    if not names:
        return
    same = next((n for n, said in enumerate(draft.metrics) if said.names == names), None)
    metrics = draft.metrics if same is not None else (*draft.metrics, MetricSaid(found.word, names))
    read = replace(draft, metrics=metrics, is_open=False)
    place = same if same is not None else len(metrics) - 1
    yield _having(read, sight.said(at, found.end), place, op, amounts), found.end


# -- what it is broken down by


def dimension(sight: Sight, at: int, *, is_each: bool = False) -> Iterator[tuple[DimensionSaid, int]]:
    """`region`, `customer region`, `destination city`, `carrier`, `month`, `fiscal quarter`."""
    begin = sight.skip(at, {"the", "each", "every", "our", "calendar", "individual"})
    fiscal = begin + 1 if sight.word(begin, {"fiscal", "financial"}) else None
    if fiscal is not None and fiscal < len(sight) and sight.stems[fiscal] in words.GRAINS:
        grain = words.FISCAL_GRAINS.get(words.GRAINS[sight.stems[fiscal]])
        if grain is not None:
            yield DimensionSaid(sight.said(begin, fiscal + 1), (By(name="time", grain=grain),)), fiscal + 1
        return
    found = sight.found(begin)
    if begin < len(sight) and sight.stems[begin] in words.GRAINS and (found is None or found.end == begin + 1):
        if not sight.word(
            begin, words.GRAIN_ADJECTIVES
        ):  # `month` is the metric's own time, whatever columns are called
            grain = words.GRAINS[sight.stems[begin]]
            yield DimensionSaid(sight.said(begin, begin + 1), (By(name="time", grain=grain),)), begin + 1
        return
    options: dict[By, None] = {}
    owns: dict[str, None] = {}
    for phrase in found.phrases if found is not None else ():
        match phrase.named:
            case FieldNamed(dataset=dataset, field=name, roles=roles, is_owned=is_owned):
                if is_each and _is_number(sight, dataset, name):
                    continue  # `per employee` divides; it does not group by how many there are
                named = [f"{role}.{name}" for role in roles] or list(names_of(sight.lexicon.linked, dataset, name))
                options.update(dict.fromkeys(By(name=one) for one in (named[:1] if is_owned else named)))
                owns[name] = None
            case DatasetNamed(dataset=dataset):
                options.update(dict.fromkeys(_label(sight, dataset, dataset)))
            case RoleNamed(role=role, dataset=dataset):
                options.update(dict.fromkeys(_label(sight, dataset, role)))
            case MetricNamed() | FlagNamed() | ValueNamed():
                pass
    if found is not None and options:
        yield DimensionSaid(found.word, tuple(options), next(iter(owns)) if len(owns) == 1 else ""), found.end


def _is_number(sight: Sight, dataset: str, name: str) -> bool:
    if name in sight.lexicon.linked.model.datasets[dataset].key:
        return False
    return kind_of(sight.lexicon.linked, dataset, name) in {"integer", "number"}


def _label(sight: Sight, dataset: str, name: str) -> tuple[By, ...]:
    """What a row is called by; where there is no one field for it, its text fields, to be asked about."""
    linked = sight.lexicon.linked
    label = label_of(linked, dataset)
    if label is not None:
        return (By(name=f"{name}.{label}"),)
    key = linked.model.datasets[dataset].key
    if name == dataset and len(key) == 1:
        return (By(name=f"{name}.{key[0]}"),)
    return tuple(By(name=f"{name}.{field}") for owner, field in sight.lexicon.values if owner == dataset)


def _by(sight: Sight, draft: Draft, at: int) -> Steps:
    end = sight.phrase(at, words.EACH)
    if end is None:
        return
    is_each = not sight.word(at, {"by", "across", "along"}) and not sight.word(end - 1, {"by"})
    for first, after in dimension(sight, end, is_each=is_each):
        per = _per(sight, end) if sight.word(at, {"per"}) else None
        read = replace(draft, dimensions=(*draft.dimensions, first), per=per or draft.per, is_open=False)
        yield read, after
        while (joint := sight.phrase(after, _JOINTS)) is not None:
            following = next(dimension(sight, joint), None)
            if following is None:
                break
            said, after = following  # noqa: PLW2901 - the list goes on from there
            read = replace(read, dimensions=(*read.dimensions, said))
            yield read, after
    if sight.word(at, {"by"}) and draft.is_descending is not None:
        yield from _metric(sight, draft, end)
    if sight.word(at, {"by"}) and at > 0 and sight.tokens[at - 1].text.endswith("ed"):
        yield from _agent(sight, draft, end)


def _agent(sight: Sight, draft: Draft, at: int) -> Steps:
    """`orders placed by customers in Germany`: who did it, which says nothing new. Beside the breakdown, so that the
    asker is asked."""
    found = sight.found(at)
    if found is not None and all(isinstance(p.named, DatasetNamed) for p in found.phrases):
        yield replace(draft, is_open=False), found.end


def _per(sight: Sight, at: int) -> tuple[str, str] | None:
    """`per customer` may mean each customer's, or what there is on average."""
    found = sight.found(at)
    datasets = [p.named.dataset for p in found.phrases if isinstance(p.named, DatasetNamed)] if found else []
    return (found.word, datasets[0]) if found is not None and datasets else None


def _grain(sight: Sight, draft: Draft, at: int) -> Steps:
    """`monthly`, `month by month`."""
    if sight.word(at, words.GRAIN_ADJECTIVES):
        grain = words.GRAINS[sight.tokens[at].text]
        end = at + 1
    elif sight.word(at + 1, {"by"}) and at + 2 < len(sight) and sight.stems[at] == sight.stems[at + 2]:
        grain, end = words.GRAINS.get(sight.stems[at], Grain.DAY), at + 3
        if sight.stems[at] not in words.GRAINS:
            return
    else:
        return
    said = DimensionSaid(sight.said(at, end), (By(name="time", grain=grain),))
    yield replace(draft, dimensions=(*draft.dimensions, said), is_open=False), end


# -- filters


def _into(sight: Sight, draft: Draft, at: int) -> Steps:
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


def _adjective(sight: Sight, draft: Draft, at: int) -> Steps:
    """`express orders`, `disputed invoices`, `north booked revenue`: a value before what it is said of."""
    for saying in value_list(sight, at, takes_noun=False):
        after = sight.found(sight.skip(saying.end, {"-"}))
        if after is None or not _is_said_of(after):
            continue
        filtered = as_filter(sight, saying)
        if filtered is not None and saying.end > at and not sight.word(at, {"the", "all"}):
            yield replace(draft, filters=(*draft.filters, filtered), is_open=False), saying.end


def _predicate(sight: Sight, draft: Draft, at: int) -> Steps:
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


def _field_bound(sight: Sight, draft: Draft, at: int) -> Steps:
    """`with amount over 1000`, `where discount > 10`."""
    begin = sight.skip(at, {"with", "where", "whose", "the", "a", "an", "having"})
    found = sight.found(begin)
    bound = _bound(sight, found.end) if found is not None else None
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


# -- time, ranking, comparing


def _time(sight: Sight, draft: Draft, at: int) -> Steps:
    if (read := sight.time(at)) is not None and draft.during is None:
        yield replace(draft, during=read[0], is_open=False), read[1]


def _which(sight: Sight, draft: Draft, at: int) -> Steps:
    """`which region`, `in which three countries`, `what month`."""
    begin = sight.skip(at, {"in", "for", "from", "on", "at"})
    if not sight.word(begin, {"which", "what"}) or draft.which is not None:
        return
    counted = sight.count(begin + 1)
    for said, end in dimension(sight, counted[1] if counted else begin + 1):
        is_many = sight.tokens[end - 1].text != sight.stems[end - 1]
        read = replace(draft, dimensions=(*draft.dimensions, said), which="many" if is_many else "one", is_open=False)
        yield replace(read, limit=counted[0]) if counted else read, end


def _rows(sight: Sight, draft: Draft, at: int) -> Steps:
    """`regions with booked revenue over 500,000 EUR`: what is listed, then what it must have."""
    if not draft.is_open or draft.which is not None:
        return
    for said, end in dimension(sight, at):
        if (ranked_by := sight.phrase(end, _SORTED)) is not None:  # `carriers ranked by freight cost`
            named = (*draft.dimensions, said)
            ranked = replace(draft, dimensions=named, which="many", is_descending=True, is_open=False)
            yield from _metric(sight, ranked, ranked_by)
        if sight.word(end, {"with", "where", "having", "whose", "that"}):
            yield replace(draft, dimensions=(*draft.dimensions, said), which="many", is_open=False), end


def _ranked(sight: Sight, draft: Draft, at: int) -> Steps:
    """`top 5 countries`, `five largest customers`, `the most`, `highest`."""
    counted = sight.count(at)
    begin = counted[1] if counted else at
    is_down = sight.word(begin, words.MOST | words.TOP)
    if not (is_down or sight.word(begin, words.LEAST | words.BOTTOM)) or draft.is_descending is not None:
        return
    counted = counted or sight.count(begin + 1)
    end = max(begin + 1, counted[1] if counted else 0)
    read = replace(draft, is_descending=is_down, is_open=False)
    for said, after in dimension(sight, end):
        if draft.which is None:
            is_many = sight.tokens[after - 1].text != sight.stems[after - 1]
            limit = counted[0] if counted else None
            which = "many" if is_many else "one"
            yield replace(read, dimensions=(*read.dimensions, said), which=which, limit=limit), after
    if counted is None and not sight.word(begin, words.TOP | words.BOTTOM):
        yield read, end


def _sorted(sight: Sight, draft: Draft, at: int) -> Steps:
    """`highest first`, `sorted by booked revenue`."""
    for phrases, is_down in ((_DESCENDING, True), (_ASCENDING, False)):
        if (end := sight.phrase(at, phrases)) is not None and draft.dimensions and draft.is_descending is None:
            yield replace(draft, is_descending=is_down), end
    end = sight.phrase(at, _SORTED)
    found = sight.found(end) if end is not None else None
    if found is None or draft.is_descending is not None:
        return
    names = tuple(dict.fromkeys(p.named.name for p in found.phrases if isinstance(p.named, MetricNamed)))
    if draft.metrics and names == draft.metrics[0].names:
        after = found.end
        down = sight.phrase(after, _DESCENDING)
        up = sight.phrase(after, _ASCENDING)
        yield replace(draft, is_descending=up is None), down or up or after


def _compared(sight: Sight, draft: Draft, at: int) -> Steps:
    """`vs last year`, `compared to the previous quarter`."""
    joints = ("vs", "versus", "compared to", "compared with", "against", "relative to", "in comparison to", "over",
              "compared against", "in comparison with")  # fmt: skip
    end = sight.phrase(at, joints)
    if end is None and sight.word(0, {"compare"}) and sight.word(at, {"with", "to", "and"}):
        end = at + 1
    if end is None or draft.compared is not None:
        return
    from loadline.semantics.wording.comparing import compared_period  # noqa: PLC0415

    for span, after in compared_period(sight, draft, end):
        yield replace(draft, compared=span, is_open=False), after


def _echo(sight: Sight, draft: Draft, at: int) -> Steps:
    """A word of some metric's name, to be found in that of the one asked for (`placed` in `orders placed`); a trend
    word, which needs a grain."""
    token = sight.tokens[at]
    if token.text in _TRENDS:
        yield replace(draft, needs_grain=token.text, is_open=False), sight.skip(at + 1, {"over", "time"})
    elif (end := sight.phrase(at, ("over time", "through time"))) is not None:
        yield replace(draft, needs_grain="over time", is_open=False), end
    elif token.text in words.AGGREGATES and sight.found(at) is None:
        yield replace(draft, aggregate=token.text, is_open=False), at + 1
    elif token.text in words.UNSAYABLE:
        return
    elif token.kind is Kind.WORD and sight.found(at) is None and sight.stems[at] in sight.lexicon.vocabulary:
        yield replace(draft, loose=(*draft.loose, at), is_open=False), at + 1


RULES: tuple[Rule, ...] = (
    _how_many, _metric, _noun, _more_than_of, _by, _grain, _which, _rows, _ranked, _sorted, _time, _into, _field_bound,
    _adjective, _predicate, _compared, _beside, _silent, _echo,
)  # fmt: skip
