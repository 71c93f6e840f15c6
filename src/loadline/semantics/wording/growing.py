"""A draft that says how much something grew in; the metrics as they are, as they were and their change, out.

A base that is said is taken. One that is not is asked about: the period before, and the same period a year before, are
two answers. So is a period that is not over, which nobody compares with a whole one by meaning to.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal

from loadline.semantics.relating import PERCENT as PERCENT_FORMAT
from loadline.semantics.resolve import resolve
from loadline.semantics.time import Span
from loadline.semantics.wording.clauses_related import DIFFERENCE, PERCENT
from loadline.semantics.wording.comparing import apart, shift_of
from loadline.semantics.wording.draft import DimensionSaid, Draft, GrowthSaid
from loadline.semantics.wording.meant import Meant, Unsettled
from loadline.semantics.wording.settle import settle_into
from loadline.semantics.wording.sight import Sight
from loadline.values.plan import Meaning
from loadline.values.query import By, Filter, Grain, Op, Order, Query

_LONG = {"day": Grain.DAY, "week": Grain.WEEK, "month": Grain.MONTH, "quarter": Grain.QUARTER, "year": Grain.YEAR}
_UNITS = {
    Grain.DAY: "day", Grain.WEEK: "week", Grain.MONTH: "month", Grain.QUARTER: "quarter", Grain.YEAR: "year",
    Grain.FISCAL_QUARTER: "quarter", Grain.FISCAL_YEAR: "year",
}  # fmt: skip
_MONTHS = {"month": 1, "quarter": 3, "year": 12}
_WAYS = {"change from": "by the change", "% change from": "by the change in percent"}
_MIRRORED = {Op.GT: Op.LT, Op.GE: Op.LE, Op.LT: Op.GT, Op.LE: Op.GE}
_NEITHER = frozenset({"growth", "change", "changes", "changed", "changing", "difference"})
"""Words that do not say which way it went."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """One way to compare: the period `during` (as it was said, where None) by `grain`, beside the one so long `ago`."""

    ago: str
    label: str
    during: Span | None = None
    grain: Grain | None = None


def grow(sight: Sight, draft: Draft, audience: str | None) -> tuple[Meant, ...]:
    """Raises Unsettled with every base there may be, where none is said; RequestError where the model refuses."""
    growth = _growth(draft)
    bases = tuple(_bases(sight, draft, audience))
    found: list[Meant] = []
    unsettled: list[tuple[Comparison, Unsettled]] = []
    for base in bases:
        try:
            found += _grown(sight, draft, growth, base, audience)
        except Unsettled as one:
            unsettled.append((base, one))
    if unsettled:
        first = unsettled[0][1]
        options = tuple(option for _, one in unsettled for option in one.options)
        raise Unsettled(first.what, first.mend, kind=first.kind, options=options)
    if len(bases) == 1:
        return tuple(found)
    if not found:
        raise Unsettled(
            f"`{growth.word}` lies between two periods, and the question names none",
            "name a period, and what it is compared with, as in `in Q3 2026 vs Q2 2026`",
            kind="unsayable",
        )
    raise Unsettled(
        f"`{growth.word}` lies between two periods, and which they are is not said",
        "say what it is compared with, as in `vs last year`, or choose",
        kind="unsayable",
        options=tuple({one.query: one for one in found}.values()),
    )


def _growth(draft: Draft) -> GrowthSaid:
    said = draft.growth or GrowthSaid(word=f"{draft.step} over {draft.step}", form=draft.growth_form)
    if draft.is_share:
        raise Unsettled("it asks how a share grew, which is two things", "ask for the share by month", kind="unsayable")
    if said.word == "difference" and (len(draft.metrics) > 1 or draft.compared is None):
        raise Unsettled(
            "a difference of two numbers is a metric of its own", "ask for each number by itself", kind="unsayable"
        )
    if said.op is not None and said.form is None:
        return replace(said, form=PERCENT if said.unit == "%" else DIFFERENCE)
    return said


# -- what it is compared with


def _bases(sight: Sight, draft: Draft, audience: str | None) -> Iterator[Comparison]:
    grain = next((by.grain for said in draft.dimensions for by in said.options if by.grain is not None), None)
    span = draft.during
    if span is not None and (span.start is None or span.end is None):
        raise Unsettled(
            f"`{span.text}` has no end, so nothing as long lies before it",
            "say two periods, as in `from July to August 2026`",
            kind="unsayable",
        )
    if span is not None and span.start is not None and span.start > sight.today:
        raise Unsettled(f"`{span.text}` has not begun", "ask for a period that has begun", kind="unsayable")
    if draft.compared is not None and span is not None:
        yield from _between(sight, draft, span, draft.compared, audience)
    elif grain is not None:
        yield from _by_period(_UNITS.get(grain, "day"), draft.step or draft.base)
    elif span is None:
        yield from _of_last(sight, draft.step or draft.base, draft.step)
    else:
        yield from _of_period(sight, span, draft.step or draft.base, is_base=draft.step is None)


def _between(sight: Sight, draft: Draft, now: Span, then: Span, audience: str | None) -> Iterator[Comparison]:
    ago = shift_of(now, then)
    if ago is None:
        raise apart(sight, replace(draft, growth=None, growth_form=None, step=None), (now, then), audience)
    yield Comparison(ago, f"{now.text} vs {then.text}")
    if (begun := _so_far(sight, now)) is not None:
        yield Comparison(ago, f"{begun.text}, vs the same days {ago}", begun)


def _by_period(unit: str, step: str | None) -> Iterator[Comparison]:
    if step is not None:
        yield Comparison(f"1 {unit if step == 'period' else step} ago", f"each {unit} vs the {step} before")
        return
    yield Comparison(f"1 {unit} ago", f"each {unit} vs the {unit} before")
    if unit in {"month", "quarter"}:
        yield Comparison("1 year ago", f"each {unit} vs the same {unit} a year before")


def _of_last(sight: Sight, unit: str | None, step: str | None) -> Iterator[Comparison]:
    """Where no period is said: the last whole ones."""
    for each in (unit,) if unit in _LONG else ("quarter", "month", "year"):
        last = sight.window(f"last {each}")
        if isinstance(last, Span):
            yield Comparison(f"1 {each} ago", f"last {each} vs the {each} before", last)
    if step in _LONG:
        yield Comparison(f"1 {step} ago", f"every {step} vs the {step} before", grain=_LONG[step])
    if unit == "year" and step is None:
        begun = sight.window("year to date")
        if isinstance(begun, Span):
            yield Comparison("1 year ago", "this year so far vs the same days last year", begun)


def _of_period(sight: Sight, span: Span, unit: str | None, *, is_base: bool) -> Iterator[Comparison]:
    begun = _so_far(sight, span)
    whole = span if begun is None else begun
    for ago, label in _steps_back(sight, span, unit, is_base=is_base):
        if ago.startswith("by "):
            step = ago.removeprefix("by ")
            yield Comparison(f"1 {step} ago", f"each {step} of {span.text} vs the {step} before", grain=_LONG[step])
        else:
            yield Comparison(ago, f"{whole.text} vs {label}", begun)
            if begun is not None:
                yield Comparison(ago, f"{span.text}, which is not over, vs {label}", span)


def _steps_back(sight: Sight, span: Span, unit: str | None, *, is_base: bool) -> Iterator[tuple[str, str]]:
    months = _months(span)
    if unit in _MONTHS and not is_base and months is not None and months > _MONTHS[unit]:
        yield f"by {unit}", ""  # `month over month growth in 2026`
        return
    if unit in _LONG:
        if unit == "year" or span.grain.removeprefix("fiscal_") == unit:
            yield f"1 {unit} ago", f"the {unit} before"
            return
        raise Unsettled(
            f"`{span.text}` is no {unit}, so what it is compared with is not clear",
            f"name a {unit}, or say two periods",
            kind="unsayable",
        )
    if unit is None:
        yield "1 year ago", "the same period a year before"
    before = sight.window("previous period", span)
    ago = shift_of(span, before) if isinstance(before, Span) else None
    if ago is not None and not (unit is None and ago == "1 year ago"):
        yield ago, "the period before"


def _months(span: Span) -> int | None:
    if span.start is None or span.end is None or (span.start.day, span.end.day) != (1, 1):
        return None
    return (span.end.year - span.start.year) * 12 + span.end.month - span.start.month


def _so_far(sight: Sight, span: Span) -> Span | None:
    """The days of a period that there are, where it is not over."""
    following = sight.today + timedelta(days=1)
    if span.start is None or span.end is None or not span.start <= sight.today or span.end <= following:
        return None
    return Span(text=f"{span.start}..{sight.today}", start=span.start, end=following, grain="day")


# -- the query


def _grown(sight: Sight, draft: Draft, growth: GrowthSaid, base: Comparison, audience: str | None) -> tuple[Meant, ...]:
    dimensions = draft.dimensions
    if base.grain is not None:
        by = DimensionSaid(base.grain.value, (By(name="time", grain=base.grain),))
        dimensions = (*dimensions, by)
    is_picked = draft.is_descending is not None or growth.op is not None
    plain = replace(
        draft, growth=None, growth_form=None, step=None, base=None, compared=None, is_compared=True,
        during=base.during or draft.during, dimensions=dimensions, which=draft.which if growth.op is None else None,
    )  # fmt: skip
    if growth.op is not None and not draft.dimensions:
        raise Unsettled(
            f"`{growth.word}` bounds a whole that is one number", "say by what it is broken down", kind="unsayable"
        )
    ranked = replace(growth, is_picked=is_picked)
    return settle_into(sight, plain, audience, lambda one: _changes(sight, one, ranked, base, audience))


def _changes(sight: Sight, one: Meant, growth: GrowthSaid, base: Comparison, audience: str | None) -> Iterator[Meant]:
    names = resolve(sight.lexicon.linked, one.query, audience=audience).query.metrics
    forms = [_forms(sight, name, growth.form) for name in names]
    ways = forms[0] if growth.is_picked or _is_rate(sight, names[0]) else ("",)
    means = Meaning(word=growth.word, means=" and ".join(f"{form} {base.ago}" for form in forms[0]))
    for way in ways:
        label = f"{base.label}, {_WAYS[way]}" if way else base.label
        changed = f"{names[0]}[{way} {base.ago}]"
        query = _with_changes(one.query, names, forms, base.ago)
        if way and not growth.is_picked:
            query = replace(query, metrics=(names[0], f"{names[0]}[{base.ago}]", changed))
        ordered = _ordered(query, changed, growth) if growth.is_picked else query
        for where, more in _bounds(sight, names[0], changed, growth):
            asked = replace(ordered, where=(*query.where, *where))
            yield replace(one, query=asked, label=f"{label}{more}", meanings=(*one.meanings, means))


def _is_rate(sight: Sight, name: str) -> bool:
    one = sight.lexicon.metric(name.partition("[")[0])
    return one is not None and one.metric.format == PERCENT_FORMAT


def _forms(sight: Sight, name: str, form: str | None) -> tuple[str, ...]:
    """Of a rate, `by 5 %` may be percentage points or a part of it."""
    both = ("change from", "% change from")
    if form is None:
        return both[:1] if _is_rate(sight, name) else both
    if form == PERCENT:
        return both if _is_rate(sight, name) else both[1:]
    return both[:1]


def _with_changes(query: Query, names: tuple[str, ...], forms: list[tuple[str, ...]], ago: str) -> Query:
    metrics = tuple(
        said
        for name, ways in zip(names, forms, strict=True)
        for said in (name, f"{name}[{ago}]", *(f"{name}[{way} {ago}]" for way in ways))
    )
    return replace(query, metrics=metrics)


def _ordered(query: Query, changed: str, growth: GrowthSaid) -> Query:
    """What fell most comes first where the largest fall is asked for."""
    if not query.order:
        return query
    is_descending = query.order[0].is_descending is not growth.is_down
    return replace(query, order=(Order(name=changed, is_descending=is_descending),))


def _bounds(sight: Sight, name: str, changed: str, growth: GrowthSaid) -> Iterator[tuple[tuple[Filter, ...], str]]:
    """The filters a bounded change means, and what sets each meaning apart: what fell grew by less than 10 %, too, or
    it did not grow at all."""
    if growth.op is None:
        yield (), ""
        return
    is_percent = "% change" in changed
    one = sight.lexicon.metric(name)
    unit = one.metric.unit if one is not None else None
    if (growth.unit == "%") is not is_percent or (growth.unit not in {"%", None, unit}) or _is_rate(sight, name):
        raise Unsettled(
            f"`{growth.word}` is bounded in another unit than `{name}` has",
            "write the bound with `%`" if not _is_rate(sight, name) else "ask for the change, and look at it",
            kind="unsayable",
        )
    sign = -1 if growth.is_down else 1
    bounds = tuple(_plain(sign * value / (100 if is_percent else 1)) for value in growth.bounds)[::sign]
    bound = Filter(name=changed, op=_MIRRORED.get(growth.op, growth.op) if growth.is_down else growth.op, values=bounds)
    if growth.op not in {Op.LT, Op.LE} or growth.word in _NEITHER:
        yield (bound,), ""
        return
    yield (bound, Filter(name=changed, op=Op.LT if growth.is_down else Op.GT, values=(0,))), f", and {growth.word}"
    yield (bound,), ", whatever grew included" if growth.is_down else ", whatever fell included"


def _plain(value: Decimal) -> int | Decimal:
    return int(value) if value == value.to_integral_value() else value
