"""A place in a question and what was read before it in; every way to read on from there out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from loadline.semantics.wording import vocabulary as words
from loadline.semantics.wording.clauses_by import broken_down, by_grain, dimension
from loadline.semantics.wording.clauses_metric import having, how_many, metric, read_noun
from loadline.semantics.wording.clauses_related import GROWTH_RULES, SHARE_RULES, is_base
from loadline.semantics.wording.clauses_where import adjective, bound_at, field_bound, into, predicate
from loadline.semantics.wording.comparing import compared_period
from loadline.semantics.wording.draft import DimensionSaid, Draft, MetricSaid, Steps
from loadline.semantics.wording.lexicon import (
    DatasetNamed,
    MetricNamed,
)
from loadline.semantics.wording.sight import Sight
from loadline.semantics.wording.tokens import Kind
from loadline.semantics.wording.values_said import has_read

Rule = Callable[[Sight, Draft, int], Steps]

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
    if sight.is_grown:
        for rule in GROWTH_RULES:
            yield from rule(sight, draft, at)
    if sight.is_shared:
        for rule in SHARE_RULES:
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


def _more_than_of(sight: Sight, draft: Draft, at: int) -> Steps:
    """`more than 500,000 EUR of booked revenue`, `with at least 100 orders placed`."""
    begin = sight.skip(at, {"with", "having", "had", "have", "has"})
    bound = bound_at(sight, begin)
    if bound is None:
        if begin > at:  # `with booked revenue over 500,000`
            yield from (
                (read, end) for read, end in metric(sight, draft, begin) if len(read.having) > len(draft.having)
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
    yield having(read, sight.said(at, found.end), place, op, amounts), found.end


# -- time, ranking, comparing


def _time(sight: Sight, draft: Draft, at: int) -> Steps:
    if (read := sight.time(at)) is not None and draft.during is None and not is_base(sight, at):
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
            ranked = replace(draft, dimensions=named, which="many", is_descending=True, ranked_by=0, is_open=False)
            yield from metric(sight, ranked, ranked_by)
        if sight.word(end, {"with", "having"}):
            yield from _rows_ranked(sight, draft, said, end)
        if sight.word(end, {"with", "where", "having", "whose", "that"}):
            yield replace(draft, dimensions=(*draft.dimensions, said), which="many", is_open=False), end


def _rows_ranked(sight: Sight, draft: Draft, said: DimensionSaid, at: int) -> Steps:
    """`regions with the highest booked revenue`; of `the region with …` there is one."""
    ranked = sight.skip(at + 1, {"the"})
    is_down = sight.word(ranked, words.MOST)
    if is_down or sight.word(ranked, words.LEAST):
        is_many = sight.tokens[at - 1].text != sight.stems[at - 1]
        which, named = "many" if is_many else "one", (*draft.dimensions, said)
        listed = replace(draft, dimensions=named, which=which, is_descending=is_down, ranked_by=0, is_open=False)
        yield from metric(sight, listed, ranked + 1)


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
        yield replace(read, ranked_by=len(draft.metrics)), end


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
        yield replace(draft, is_descending=up is None, ranked_by=0), down or up or after


def _compared(sight: Sight, draft: Draft, at: int) -> Steps:
    """`vs last year`, `compared to the previous quarter`."""
    joints = ("vs", "versus", "compared to", "compared with", "against", "relative to", "in comparison to", "over",
              "compared against", "in comparison with")  # fmt: skip
    end = sight.phrase(at, joints)
    if end is None and sight.word(0, {"compare"}) and sight.word(at, {"with", "to", "and"}):
        end = at + 1
    if end is None or draft.compared is not None:
        return
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
    elif token.text in words.UNSAYABLE or token.text in words.GROWN or token.text in words.SHARES:
        return
    elif token.kind is Kind.WORD and sight.found(at) is None and sight.stems[at] in sight.lexicon.vocabulary:
        yield replace(draft, loose=(*draft.loose, at), is_open=False), at + 1


RULES: tuple[Rule, ...] = (
    how_many, metric, read_noun, _more_than_of, broken_down, by_grain, _which, _rows, _ranked, _sorted, _time, into,
    field_bound, adjective, predicate, _compared, _beside, _silent, _echo,
)  # fmt: skip
