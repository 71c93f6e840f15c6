"""A place in a question about growth or a share in; what is said of it there, with the position after it, out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from loadline.semantics.time import Span
from loadline.semantics.wording import vocabulary as words
from loadline.semantics.wording.clauses_by import dimension
from loadline.semantics.wording.clauses_where import bound_at
from loadline.semantics.wording.comparing import A_YEAR_BEFORE, BEFORE
from loadline.semantics.wording.draft import Draft, GrowthSaid, Steps
from loadline.semantics.wording.lexicon import DatasetNamed, MetricNamed
from loadline.semantics.wording.sight import Sight
from loadline.semantics.wording.values_said import as_filter, value_list

PERCENT, DIFFERENCE = "percent", "difference"

_UNITS = ("day", "week", "month", "quarter", "year")
_STEPS = {
    **{f"{unit} {joint} {unit}": unit for unit in _UNITS for joint in ("over", "on", "to", "- over -", "- on -")},
    **{f"{short}o{short}": unit for short, unit in (("m", "month"), ("q", "quarter"), ("y", "year"), ("w", "week"))},
    **{f"{short} / {short}": unit for short, unit in (("m", "month"), ("q", "quarter"), ("y", "year"))},
}
_ADVERBS = {"annual": "year", "yearly": "year", "quarterly": "quarter", "monthly": "month", "weekly": "week"}
_LEADING = {
    "percentage": PERCENT, "percent": PERCENT, "%": PERCENT, "relative": PERCENT, "absolute": DIFFERENCE,
    "rate of": PERCENT, "the rate of": PERCENT,
}  # fmt: skip
_BEHIND = {
    "rate": PERCENT, "rates": PERCENT, "percentage": PERCENT, "in percent": PERCENT, "in %": PERCENT,
    "in percentage": PERCENT, "in percentage terms": PERCENT, "in relative terms": PERCENT, "percent": PERCENT,
    "in absolute terms": DIFFERENCE,
}  # fmt: skip
_ASKED = {
    "how fast": None, "how quickly": None, "how strongly": None, "how far": None, "how steeply": None,
    "by how much": None, "how much": None, "by what percentage": PERCENT, "by what percent": PERCENT,
    "by what %": PERCENT, "by how many percent": PERCENT, "how many percent": PERCENT, "what percentage": PERCENT,
    "what percent": PERCENT, "in percent": PERCENT, "in %": PERCENT, "in percentage terms": PERCENT,
}  # fmt: skip
RELATED = ("vs", "versus", "compared to", "compared with", "against", "relative to", "in comparison to", "over",
            "from", "compared against", "in comparison with", "than", "on")  # fmt: skip
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_OWN = ("day", "week", "month", "quarter", "year")


# -- growth


def grown(sight: Sight, draft: Draft, at: int) -> Steps:
    """`growth of`, `percentage increase in`, `grew by more than 5%`."""
    form, begin = sight.lookup(at, _LEADING) or (None, at)
    if draft.growth is not None or not sight.word(begin, words.GROWN) or sight.found(begin) is not None:
        return
    word, end = sight.tokens[begin].text, begin + 1
    if (behind := sight.lookup(end, _BEHIND)) is not None:
        form, end = behind
    said = GrowthSaid(word, form or draft.growth_form, is_down=word in words.SHRUNK)
    read = replace(draft, growth=said, is_open=False)
    if (sight.word(end, {"of", "in"}) and _names_number(sight, sight.skip(end + 1, {"the", "our", "total"}))) or (
        sight.word(end, {"by"}) and not _may_break_down(sight, end + 1)
    ):
        end += 1
    if (bound := bound_at(sight, end)) is not None:
        op, amounts, after = bound
        bounded = replace(said, op=op, bounds=tuple(one.value for one in amounts), unit=amounts[0].unit)
        yield replace(read, growth=bounded), after
    yield read, end


def _names_number(sight: Sight, at: int) -> bool:
    found = sight.found(at)
    return found is not None and any(isinstance(p.named, (MetricNamed, DatasetNamed)) for p in found.phrases)


def _may_break_down(sight: Sight, at: int) -> bool:
    return sight.found(at) is not None or (at < len(sight) and sight.stems[at] in words.GRAINS)


def growth_asked(sight: Sight, draft: Draft, at: int) -> Steps:
    """`how fast`, `by what percentage`, `in percent`."""
    asked = sight.lookup(at, _ASKED)
    if asked is None or sight.word(asked[1], {"of"}):
        return
    form, end = asked
    if form is None and draft.is_open:
        yield draft, end
    elif form is not None and draft.growth is None:
        yield replace(draft, growth_form=form, is_open=False), end
    elif form is not None and draft.growth is not None and draft.growth.form in {None, form}:
        yield replace(draft, growth=replace(draft.growth, form=form)), end


def grew_fastest(sight: Sight, draft: Draft, at: int) -> Steps:
    """`which region grew fastest`, `the 3 fastest growing regions`: by rates of growth."""
    counted = sight.count(sight.skip(at, words.TOP))
    begin = counted[1] if counted else at
    if not sight.word(begin, words.FASTEST) or draft.is_descending is not None or draft.growth_form == DIFFERENCE:
        return
    is_down = words.FASTEST[sight.tokens[begin].text]
    read = replace(draft, growth_form=PERCENT, is_descending=is_down, ranked_by=0, is_open=False)
    if sight.word(begin + 1, words.GROWN):
        growth = GrowthSaid(sight.tokens[begin + 1].text, PERCENT)
        if draft.growth is None and draft.which is None and growth.word not in words.SHRUNK:
            for said, end in dimension(sight, begin + 2):
                is_many = sight.tokens[end - 1].text != sight.stems[end - 1]
                named = (*draft.dimensions, said)
                limit = counted[0] if counted else None
                which = "many" if is_many else "one"
                yield replace(read, growth=growth, dimensions=named, which=which, limit=limit), end
        yield read, begin + 1
    elif draft.growth is not None and draft.growth.form in {None, PERCENT} and counted is None:
        yield replace(read, growth=replace(draft.growth, form=PERCENT)), at + 1


def where_grown(sight: Sight, draft: Draft, at: int) -> Steps:
    """`regions where booked revenue grew by more than 10%`."""
    if (
        draft.which is not None
        and sight.word(at, {"where", "whose", "in"})
        and _names_number(sight, sight.skip(at + 1, {"the"}))
    ):
        yield draft, at + 1


def stepped(sight: Sight, draft: Draft, at: int) -> Steps:
    """`month over month`, `yoy`, `annual growth`."""
    if draft.step is not None:
        return
    step = sight.lookup(at, _STEPS)
    if step is not None:
        yield replace(draft, step=step[0], is_open=False), step[1]
    elif sight.word(at, _ADVERBS) and sight.word(at + 1, words.GROWN):
        yield replace(draft, step=_ADVERBS[sight.tokens[at].text], is_open=False), at + 1


def from_to(sight: Sight, draft: Draft, at: int) -> Steps:
    """`from Q2 to Q3 2026`, `between July and August`: the two periods, and no range."""
    if draft.during is not None or draft.compared is not None or not sight.word(at, {"from", "between"}):
        return
    for then, now, end in periods_between(sight, at):
        yield replace(draft, during=now, compared=then, is_open=False), end


def periods_between(sight: Sight, at: int) -> Iterator[tuple[Span, Span, int]]:
    joints = {"to", "until", "through"} if sight.word(at, {"from"}) else {"and"}
    joint = next((place for place in range(at + 2, min(at + 9, len(sight))) if sight.word(place, joints)), None)
    if joint is None:
        return
    for end in range(min(len(sight), joint + 8), joint + 1, -1):
        said_now = sight.said(joint + 1, end)
        now = sight.window(said_now)
        if not isinstance(now, Span):
            continue
        said_then, year = sight.said(at + 1, joint), _YEAR.search(said_now)
        if year is not None and not _YEAR.search(said_then):
            said_then = f"{said_then} {year[0]}"
        then = sight.window(said_then)
        if isinstance(then, Span):
            yield then, now, end
        return


def based(sight: Sight, draft: Draft, at: int) -> Steps:
    """`vs Q2 2026`, `compared to last year`, wherever the question says it."""
    end = sight.phrase(at, RELATED)
    if end is None or draft.compared is not None or draft.base is not None or draft.during is not None:
        return  # behind the period, it is read as in any comparison
    end = sight.skip(end, {"the", "that", "of", "in", "it", "was"})
    before = sight.lookup(end, BEFORE)
    if (after := sight.phrase(end, A_YEAR_BEFORE)) is not None:
        yield replace(draft, base="year", is_open=False), after
    elif before is not None:
        yield replace(draft, base=before[0], is_open=False), before[1]
    elif not sight.word(at, {"over", "from", "on"}) and (read := sight.time(end)) is not None:
        yield replace(draft, compared=read[0], is_open=False), read[1]


def is_base(sight: Sight, at: int) -> bool:
    """Whether the time here is one side of a comparison, and not what is asked about: `from July to August`, `over last
    year`."""
    if not sight.is_grown:
        return False
    if sight.word(at, {"from", "between"}):
        return next(periods_between(sight, at), None) is not None
    begin = sight.skip(at + 1, {"the"})
    is_relative = sight.phrase(begin, A_YEAR_BEFORE) is not None or sight.phrase(begin, BEFORE) is not None
    is_relative = is_relative or (sight.word(begin, {"last"}) and sight.word(begin + 1, _OWN))
    return sight.word(at, {"over"}) and is_relative


# -- shares

_AS = ("as a", "as", "as the", "in", "expressed as a")
_WHOLES = frozenset({"total", "whole", "everything", "all", "overall"})
_SHARED = ("share of", "percentage of", "percent of", "% of", "proportion of", "fraction of", "portion of", "shares of",
           "percentages of")  # fmt: skip


def shared(sight: Sight, draft: Draft, at: int) -> Steps:
    """`what share of`, `the percentage of booked revenue`, `booked revenue share`."""
    begin = sight.skip(at, {"relative"})
    if draft.is_share or not sight.word(begin, words.SHARES) or sight.found(begin) is not None:
        return
    read, end = replace(draft, is_share=True, is_open=False), begin + 1
    of = sight.skip(end, {"of", "all", "the", "our", "total", "overall"})
    if sight.word(end, {"of"}) and _names_number(sight, of):
        yield read, of
    else:
        yield read, end
    if (
        sight.word(end, {"of"}) and not draft.is_how_many
    ):  # `share of orders`, `of express orders`: of how many there are
        yield replace(read, is_how_many=True), of


def as_share(sight: Sight, draft: Draft, at: int) -> Steps:
    """`as a share of recognized revenue`, `in percent of the total`."""
    begin = sight.phrase(at, _AS)
    end = sight.phrase(begin, _SHARED) if begin is not None else None
    if end is None or draft.is_share or not (draft.metrics or draft.counted):
        return
    of = sight.skip(end, {"the", "our", "all"})
    whole = sight.skip(of, _WHOLES)
    found = sight.found(whole)
    names = (
        tuple(dict.fromkeys(p.named.name for p in found.phrases if isinstance(p.named, MetricNamed))) if found else ()
    )
    if found is not None and names:
        yield replace(draft, is_share=True, whole=(found.word, names), is_open=False), found.end
    elif whole > of:
        yield replace(draft, is_share=True, is_open=False), whole


def share_joint(sight: Sight, draft: Draft, at: int) -> Steps:
    """`the north's share`; `share of Electronics in booked revenue`; `from the top 5 customers`."""
    for saying in value_list(sight, at, takes_noun=False):
        filtered = as_filter(sight, saying)
        is_owner = sight.tokens[saying.end - 1].is_possessive and sight.word(saying.end, words.SHARES)
        if filtered is not None and is_owner:
            yield replace(draft, filters=(*draft.filters, filtered), is_open=False), saying.end
    if not draft.is_share:
        return
    end = sight.skip(at + 1, {"the", "our", "total"})
    if sight.word(at, {"in", "of"}) and draft.filters and _names_number(sight, end) and not draft.metrics:
        yield draft, end
    ranked = sight.count(end)
    if sight.word(at, {"from", "of", "by", "in"}) and (ranked or sight.word(end, words.TOP | words.MOST)):
        yield draft, end


def ranked_by(sight: Sight, draft: Draft, at: int) -> Steps:
    """`top 3 countries by share of booked revenue`; `carriers with the smallest change in freight cost`."""
    end = sight.skip(at + 1, {"the", "their"})
    is_said = sight.word(end, words.SHARES | words.GROWN) or sight.lookup(end, _LEADING) is not None
    if sight.word(at, {"by"}) and is_said and draft.is_descending is not None and not draft.metrics:
        yield replace(draft, ranked_by=0), end
    if not draft.is_open or draft.which is not None:
        return
    for said, after in dimension(sight, at):
        ranked = sight.skip(after + 1, {"the"})
        is_down = sight.word(ranked, words.MOST)
        if not sight.word(after, {"with", "having"}) or not (is_down or sight.word(ranked, words.LEAST)):
            continue
        if sight.word(ranked + 1, words.SHARES | words.GROWN):
            is_many = sight.tokens[after - 1].text != sight.stems[after - 1]
            listed = replace(draft, dimensions=(*draft.dimensions, said), which="many" if is_many else "one")
            yield replace(listed, is_descending=is_down, ranked_by=0, is_open=False), ranked + 1


GROWTH_RULES = (ranked_by, grown, growth_asked, grew_fastest, where_grown, stepped, from_to, based)
SHARE_RULES = (ranked_by, shared, as_share, share_joint)
