"""A whole draft in; the one query it can only mean, the several it may, or why it means none out."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import date

from loadline.errors import RequestError
from loadline.semantics import codes
from loadline.semantics.linked import Linked, LinkedMetric
from loadline.semantics.resolve import resolve
from loadline.semantics.wording.draft import DimensionSaid, Draft, MetricSaid
from loadline.semantics.wording.lexicon import Lexicon, words_of
from loadline.semantics.wording.meant import Meant, Unsettled, bound_example, is_beside, narrowed, readings
from loadline.semantics.wording.sight import Sight
from loadline.semantics.wording.vocabulary import AGGREGATES
from loadline.values.query import By, Grain

HOW_MANY = "how many"
_UNREACHABLE = frozenset({codes.FAN_OUT, codes.UNKNOWN_DIMENSION, codes.WHICH_PATH, codes.WHICH_DATASET, codes.NO_GRAIN,
                          codes.NO_SHARED_DATASET, codes.WRONG_VALUE, codes.TWO_MEANINGS})  # fmt: skip


def settle(sight: Sight, draft: Draft, audience: str | None) -> tuple[Meant, ...]:
    """The readings that resolve; one is an answer. Raises RequestError when the model refuses all of them, Unsettled
    when the words do not add up."""
    lexicon = sight.lexicon
    draft = _metrics_named(lexicon, draft)
    _demand_sense(sight, draft)
    narrow, precedents = narrowed(lexicon, draft)
    settled, errors = _resolved(sight, narrow, audience)
    settled = tuple(replace(one, assumptions=(*one.assumptions, *precedents)) for one in settled)
    if not settled and precedents:
        settled, errors = _resolved(sight, draft, audience)
    if not settled:
        raise errors[0]
    settled = _echoed(sight, draft, settled, audience)
    return (*settled, *_ratios(sight, draft), *_named_so(sight, draft))


def settle_into(
    sight: Sight, draft: Draft, audience: str | None, make: Callable[[Meant], Iterable[Meant]]
) -> tuple[Meant, ...]:
    """The readings of a draft, each made into what else its question asks of it: a change, a share, a second period.
    What is only offered is made so, too, or not offered: an option that leaves words out is another question."""
    try:
        found = settle(sight, draft, audience)
    except Unsettled as one:
        options = tuple(made for option in one.options for made in _offers(sight, option, audience, make))
        raise Unsettled(one.what, one.mend, kind=one.kind, options=options) from None
    return tuple(made for one in found for made in make(one))


def _offers(
    sight: Sight, option: Meant, audience: str | None, make: Callable[[Meant], Iterable[Meant]]
) -> Iterator[Meant]:
    try:
        for made in make(option):
            resolve(sight.lexicon.linked, made.query, audience=audience)
            yield made if made.label == option.label else replace(made, label=f"{option.label}, {made.label}")
    except (Unsettled, RequestError):
        return


def _resolved(sight: Sight, draft: Draft, audience: str | None) -> tuple[tuple[Meant, ...], list[RequestError]]:
    settled: dict[str, Meant] = {}  # by what decides the SQL: two names of one column are one reading
    errors: list[RequestError] = []
    for meant in readings(sight, draft):
        try:
            plan = resolve(sight.lexicon.linked, meant.query, audience=audience)
        except RequestError as error:
            if error.diagnostics[0].code not in _UNREACHABLE:
                raise
            errors.append(error)
        else:
            settled.setdefault(plan.digest, meant)
    return tuple(settled.values()), errors


def _named_so(sight: Sight, draft: Draft) -> Iterator[Meant]:
    """`how many flights were on time`: rows with such a value, or what a metric of that name counts?"""
    if draft.counted is None or len(draft.metrics) > 1:
        return
    dataset = draft.counted[1]
    for said in draft.filters:
        words = set(words_of(said.word)) - set(words_of(draft.counted[0]))
        for name, one in sight.lexicon.linked.metrics.items():
            is_count = bool(one.measures) and all(m.is_count and m.fact == dataset for m in one.measures)
            named = any(words and words <= set(words_of(text)) for text in (name, *one.metric.synonyms))
            if is_count and named and one.metric.format != "percent" and may_offer(sight.lexicon, name):
                others = tuple(other for other in draft.filters if other is not said)
                for meant in itertools.islice(readings(sight, replace(_named(draft, name), filters=others)), 1):
                    yield replace(meant, label=name)


def _ratios(sight: Sight, draft: Draft) -> Iterator[Meant]:
    """`booked revenue per customer` may mean the metric that divides by them."""
    if draft.per is None:
        return
    word, dataset = draft.per
    noun = set(words_of(dataset)) | set(words_of(word))
    divided = {word for said in draft.metrics for text in (said.word, *said.names) for word in words_of(text)}
    for name in sight.lexicon.linked.metrics:
        own = words_of(name)
        at = own.index("per") if "per" in own else len(own)
        if divided & set(own[:at]) and noun & set(own[at:]) and may_offer(sight.lexicon, name):
            kept = tuple(one for one in draft.dimensions if one.word != word)
            for meant in itertools.islice(readings(sight, replace(_named(draft, name), dimensions=kept)), 1):
                yield replace(meant, label=name)


def _named(draft: Draft, name: str) -> Draft:
    return replace(draft, metrics=(MetricSaid(name, (name,)),), counted=None, noun=None, per=None)


# -- which metric


def _metrics_named(lexicon: Lexicon, draft: Draft) -> Draft:
    if draft.counted is not None and not draft.metrics:
        word, dataset = draft.counted
        names = lexicon.counts.get(dataset, ())
        if names:
            return replace(draft, metrics=(MetricSaid(f"{HOW_MANY} {word}", names),))
    return draft


def _demand_sense(sight: Sight, draft: Draft) -> None:
    lexicon = sight.lexicon
    if not draft.metrics or (draft.counted is not None and not draft.metrics[0].word.startswith(HOW_MANY)):
        _refuse_without_metric(sight, draft)
    said_as = {(said.names, words_of(said.word)) for said in draft.metrics}
    if len({names for names, _ in said_as}) < len(said_as):
        raise Unsettled(  # `sales revenue`: one thing said twice, or revenue as sales counts it
            f"`{' '.join(said.word for said in draft.metrics)}` says one thing in two words, which may mean another",
            "say it in one word",
            kind="residue",
        )
    if draft.is_total and any(not adds_up(lexicon, name) for said in draft.metrics for name in said.names):
        raise Unsettled(
            f"`total` is said of `{draft.metrics[0].word}`, which does not add up", "ask for it without `total`"
        )
    if draft.aggregate is not None:
        _demand_aggregate(lexicon, draft, draft.aggregate)
    if draft.per is not None and any(_is_fact(lexicon, name, draft.per[1]) for s in draft.metrics for name in s.names):
        raise Unsettled(
            f"`per {draft.per[0]}` divides, and no governed metric does",
            "ask for a governed average, if there is one",
            kind="unsayable",
        )
    if draft.is_descending is not None and not draft.dimensions:
        raise Unsettled(
            "the highest or lowest is asked for, and not of what", "say of what, as in `which region had the highest …`"
        )
    if draft.which is not None and draft.is_descending is None and not (draft.having or draft.filters or draft.bound):
        raise Unsettled("it asks which, and not by what measure", "say `which … had the highest …`")
    if draft.which is not None and draft.is_descending is None and not draft.having:
        raise Unsettled("it asks which, and not by what measure", "say `which … had the highest …`, or a bound")
    grains = [one for said in draft.dimensions for one in said.options if one.grain is not None]
    if draft.needs_grain and not grains:
        raise Unsettled(
            f"`{draft.needs_grain}` needs a grain of time",
            "add `by month`, `by week` or another grain",
            kind="grain",
            options=tuple(_by_grain(sight, draft)),
        )
    _demand_whole_quarters(sight, draft)
    closed = next((said for said in draft.filters if not said.options), None)
    if closed is not None:
        raise Unsettled(
            f"`{closed.word}`: some rows have none, and leaving out the others does not say what becomes of them",
            f"say which are to be counted, as in `for {closed.own}`",
        )
    _demand_sides(sight, draft)
    _demand_parts(sight, draft)
    _demand_one_ranking(draft)
    if draft.having and not draft.dimensions:
        raise Unsettled(f"`{draft.having[0].word}` bounds a whole that is one number", "say by what it is broken down")


def _demand_whole_quarters(sight: Sight, draft: Draft) -> None:
    """`by quarter in FY2026`, a year that begins in February: the calendar's first and last would be cut."""
    span, grain = draft.during, Grain.QUARTER
    if span is None or not span.grain.startswith("fiscal") or not any(_is_cut(one) for one in (span.start, span.end)):
        return
    said = next(
        (one for one in draft.dimensions for by in one.options if by.grain is grain and by.name == "time"), None
    )
    if said is None:
        return
    fiscal = replace(said, options=(By(name="time", grain=Grain.FISCAL_QUARTER),))
    whole = replace(draft, dimensions=tuple(fiscal if one is said else one for one in draft.dimensions))
    narrow, _ = narrowed(sight.lexicon, whole)
    options = tuple(itertools.islice(readings(sight, narrow), 1))
    raise Unsettled(
        f"`{said.word}` may be the fiscal one, and of the calendar's `{span.text}` holds parts",
        "say `by fiscal quarter`, or name a period of whole calendar quarters",
        kind="grain",
        options=tuple(replace(one, label="by fiscal quarter") for one in options),
    )


def _is_cut(day: date | None) -> bool:
    return day is not None and (day.day, day.month % 3) != (1, 1)


def _demand_one_ranking(draft: Draft) -> None:
    if len(draft.dimensions) > 1 and draft.is_descending is not None and (draft.limit or draft.which == "one"):
        raise Unsettled(
            f"so many of each `{draft.dimensions[-1].word}`, or of all together, is not said, and one answer ranks all",
            "ask for one of them, as in `top 3 industries by booked revenue for the north`",
            kind="unsayable",
        )
    is_cut = draft.is_descending is not None and (draft.limit or draft.which == "one")
    is_said = draft.ranked_by is not None and draft.ranked_by < len(draft.metrics)
    if is_cut and not is_said and len({one.names for one in draft.metrics}) > 1:
        first, second = (one.word for one in draft.metrics[:2])
        raise Unsettled(
            f"`{first}` and `{second}` are both asked for, and by which of them the rows are ranked is not said",
            f"say it, as in `top 5 … by {first}`",
            kind="unsayable",
        )


def _demand_sides(sight: Sight, draft: Draft) -> None:
    has_sides = draft.dimensions or any(len(one.values) > 1 for said in draft.filters for one in said.options)
    if is_beside(sight, draft) and not has_sides:
        raise Unsettled(
            "it compares, and names one thing alone",
            "say what is compared, as in `compare … in north and south`, or `by` what it is broken down",
            kind="unsayable",
        )


def _demand_parts(sight: Sight, draft: Draft) -> None:
    """`breakdown of booked revenue`: its total is none."""
    words = {token.text for token in sight.tokens}
    is_parted = "breakdown" in words or ("break" in words and "down" in words)
    if is_parted and not draft.dimensions and not draft.is_compared:
        raise Unsettled(
            "a breakdown is asked for, and not by what",
            "add `by region`, `by month` or another dimension",
            kind="unsayable",
            options=tuple(_by_grain(sight, draft)),
        )


def _demand_aggregate(lexicon: Lexicon, draft: Draft, word: str) -> None:
    """`average` is said of a metric that is an average, and of no other."""
    for said in draft.metrics:
        for name in said.names:
            one = lexicon.metric(name)
            if one is None or {measure.name for measure in one.measures} != {AGGREGATES[word]} or len(one.measures) > 1:
                raise Unsettled(
                    f"`{word}` is said of `{said.word}`, which is not made so: {word} is a metric of its own",
                    f"ask for `{said.word}` without it, or for a governed metric that is one",
                    kind="unsayable",
                )


def _is_fact(lexicon: Lexicon, name: str, dataset: str) -> bool:
    one = lexicon.metric(name)
    metrics = [one] if one else [lexicon.metric(m) for m in _meanings(lexicon, name)]
    return any(measure.fact == dataset for metric in metrics if metric is not None for measure in metric.measures)


def _meanings(lexicon: Lexicon, term: str) -> tuple[str, ...]:
    found = lexicon.linked.model.terms.get(term)
    return tuple(found.meanings.values()) if found is not None else ()


def _refuse_without_metric(sight: Sight, draft: Draft) -> None:
    lexicon = sight.lexicon
    noun = draft.counted or draft.noun
    if noun is None:
        raise Unsettled("it names no governed metric", f"ask for one of {_offered(lexicon)}", kind="nothing")
    word, dataset = noun
    names = [
        name
        for name, one in lexicon.linked.metrics.items()
        if may_offer(lexicon, name) and dataset in {measure.fact for measure in one.measures}
    ]
    names += [
        name
        for name in lexicon.linked.metrics
        if may_offer(lexicon, name) and name not in names and set(words_of(dataset)) & set(words_of(name))
    ]
    if draft.bound is not None:  # no option may leave out what bounds it
        raise Unsettled(
            f"`{word}` says what it is about, not which number of it, and `{draft.bound.word}` not what is bounded",
            f"name both, as in `{names[0] if names else 'a metric'} with {bound_example(sight, draft.bound)}`",
            kind="residue",
        )
    asked = {stem[:6] for stem in sight.stems}
    names.sort(
        key=lambda name: (-len({own[:6] for own in words_of(name)} & asked), len(lexicon.linked.metrics[name].parts))
    )
    raise Unsettled(
        f"`{word}` says what it is about, not which number of it",
        "ask for " + (" or ".join(f"`{name}`" for name in names[:6]) or _offered(lexicon)),
        kind="which metric",
        options=tuple(itertools.chain.from_iterable(_offer(sight, draft, name) for name in names[:8])),
    )


def may_offer(lexicon: Lexicon, name: str) -> bool:
    return lexicon.seen is None or name in lexicon.seen


def _offer(sight: Sight, draft: Draft, name: str) -> Iterator[Meant]:
    named = _named(draft, name)
    if not _is_offerable(sight, draft, named, name):
        return
    narrow, _ = narrowed(sight.lexicon, named)
    for meant in itertools.islice(readings(sight, narrow), 1):
        yield replace(meant, label=name)


def _is_offerable(sight: Sight, draft: Draft, named: Draft, name: str) -> bool:
    """Not where words stand beside the dataset's that this metric has nothing to do with, nor where it is not made as
    the question says."""
    noun = draft.counted or draft.noun
    own = _own_words(sight.lexicon.linked, sight.lexicon.linked.metrics[name])
    beside = {sight.stems[place] for place in draft.loose} - set(words_of(noun[0]) if noun else ())
    if beside and not {word[:5] for word in beside} & {word[:5] for word in own}:
        return False
    if draft.aggregate is not None:
        try:
            _demand_aggregate(sight.lexicon, named, draft.aggregate)
        except Unsettled:
            return False
    return True


def _offered(lexicon: Lexicon) -> str:
    names = [name for name in lexicon.linked.metrics if may_offer(lexicon, name)]
    more = f" and {len(names) - 6} more" if len(names) > 6 else ""
    return ", ".join(f"`{name}`" for name in names[:6]) + more


def adds_up(lexicon: Lexicon, name: str) -> bool:
    one = lexicon.metric(name)
    if one is None:
        return name in lexicon.linked.model.terms
    return one.metric.format != "percent" and all(m.name in {"sum", "count", "count_distinct"} for m in one.measures)


def _by_grain(sight: Sight, draft: Draft) -> Iterator[Meant]:
    for grain in (Grain.MONTH, Grain.QUARTER, Grain.WEEK, Grain.YEAR):
        said = DimensionSaid(grain.value, (By(name="time", grain=grain),))
        narrow, _ = narrowed(sight.lexicon, replace(draft, dimensions=(*draft.dimensions, said)))
        for meant in itertools.islice(readings(sight, narrow), 1):
            yield replace(meant, label=f"by {grain.value}")


# -- what is left


def _echoed(sight: Sight, draft: Draft, settled: tuple[Meant, ...], audience: str | None) -> tuple[Meant, ...]:
    """The readings that every echo fits: of `companies in Germany`, not the customers' homes. Raises Unsettled where it
    fits none."""
    kept: list[Meant] = []
    first: Unsettled | None = None
    for meant in settled:
        try:
            _check_echoes(sight, draft, meant, audience)
        except Unsettled as error:
            first = first or error
        else:
            kept.append(meant)
    if first is not None and not kept:
        raise first
    return tuple(kept)


def _check_echoes(sight: Sight, draft: Draft, meant: Meant, audience: str | None) -> None:
    """An echo must be of the metric that was really meant."""
    linked = sight.lexicon.linked
    known: set[str] = set()
    for metric in resolve(linked, meant.query, audience=audience).metrics:
        if metric.is_asked:
            known |= _own_words(linked, linked.metrics[metric.name.partition("[")[0]])
    for name in (*(by.name for by in meant.query.by), *(one.name for one in meant.query.where)):
        known |= _nouns_of(linked, name.rpartition(".")[0])
    for place in draft.loose:
        if sight.stems[place] not in known:
            word = sight.said(place, place + 1)
            raise Unsettled(
                f"`{word}` says nothing that is known about `{draft.metrics[0].word}`",
                "leave it out, or name the metric or field it belongs to",
                kind="residue",
            )


def _nouns_of(linked: Linked, dataset: str) -> set[str]:
    """What rows of the dataset are called that a filter or a breakdown is of: `in companies in Germany`."""
    found = linked.model.datasets.get(dataset)
    return {word for text in (found.name, *found.synonyms) for word in words_of(text)} if found is not None else set()


def _own_words(linked: Linked, one: LinkedMetric) -> set[str]:
    texts = [one.metric.name, *one.metric.synonyms]
    for measure in one.measures:
        # a row of the fact, and what each of them belongs to one of: `customer satisfaction`, `revenue from customers`
        belongs = [r.target for r in linked.model.relationships if r.source == measure.fact and r.role is None]
        for name in (measure.fact, *belongs):
            dataset = linked.model.datasets[name]
            texts += [dataset.name, *dataset.synonyms]
    return {word for text in texts for word in words_of(text)}
