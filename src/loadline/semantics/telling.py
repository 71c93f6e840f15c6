"""A resolved query in, what its receipt will say of it out: metrics used, dates, filters and assumptions in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from typing import assert_never

from loadline.semantics.linked import Change, Linked, LinkedMetric, Share
from loadline.semantics.nodes import Col, Measure
from loadline.semantics.requests import TIME
from loadline.semantics.scanning import back
from loadline.semantics.shapes import Ago, Shift
from loadline.semantics.versions import version_of_asked
from loadline.semantics.words import phrase_filter
from loadline.values.model import Metric
from loadline.values.plan import Dates, Meaning, MetricUse
from loadline.values.query import Grain, Part, Query


def uses(
    linked: Linked, asked: Sequence[LinkedMetric], compared: Sequence[str] = (), subjects: Sequence[str] = ()
) -> Iterator[MetricUse]:
    """The metrics asked for and those the question's own conditions compare (which tells about them, too); then those
    they are made of, and those that are looked at for each subject."""
    known = {one.metric.name: one for one in asked}
    names = [*known, *compared]
    others = (*(part for one in asked for part in one.parts), *subjects)
    further = (part for name in subjects for part in linked.metrics[name].parts)
    for name in dict.fromkeys((*names, *others, *further)):
        one = known.get(name) or linked.metrics[name]
        metric = one.metric
        times = dict.fromkeys(measure.time_name for measure in one.measures if measure.time_name)
        yield MetricUse(
            name=name,
            definition=formula(one) or definition(metric) + _shifts_in(name),
            version=version_of_asked(linked, one),
            owner=metric.owner,
            status=metric.status.value,
            unit=metric.unit,
            format=metric.format,
            is_asked=name in names,
            time=", ".join(times) or None,
            datasets=tuple(dict.fromkeys(measure.fact for measure in one.measures)),
            description=_described(one),
        )


def _shifts_in(name: str) -> str:
    """What a question adds to a metric's definition: ` of [1 year ago]`."""
    return f" of {name[name.index('[') :]}" if "[" in name else ""


def formula(one: LinkedMetric) -> str:
    """How a change or a share comes about, in the names of what it is made of; empty for what is neither."""
    match one.relation:
        case Change(is_percent=is_percent, then=then):
            name = one.parts[0]
            return f"({name} - {then}) / {then}" if is_percent else f"{name} - {then}"
        case Share(across=across, of=of):
            return f"{one.parts[0]} / {of or f'{one.parts[0]} over every ' + ' and every '.join(across)}"
        case None:
            return ""
        case _:
            assert_never(one.relation)


def _described(one: LinkedMetric) -> str:
    match one.relation:
        case Change(is_percent=is_percent, ago=ago):
            more = ", as a part of what it was" if is_percent else ""
            return f"How much {one.parts[0]} is above or below what it was {ago}{more}"
        case Share():
            return f"Which part {one.parts[0]} is of the whole"
        case None:
            return one.metric.description
        case _:
            assert_never(one.relation)


def definition(metric: Metric) -> str:
    """What a metric is, in the words it was written in."""
    said = [metric.expr.value]
    if metric.conversion is not None:
        conversion = metric.conversion
        said.append(f"followed by {conversion.to.value}")
        if conversion.within is not None:
            said.append(f"within {conversion.within.value}")
        said.append(f"per {', '.join(dict.fromkeys(text.value for text in conversion.per))}")
        said += [f"with {here.value} = {there.value}" for here, there in conversion.constant]
    if metric.where is not None:
        said.append(f"where {metric.where.value}")
    if metric.over is not None:
        said.append(f"over {metric.over.value}")
    if metric.take is not None:
        per = f" per {', '.join(text.value for text in metric.take_per)}" if metric.take_per else ""
        said.append(f"take {metric.take.value}{per}")
    if metric.fill is not None:
        said.append(f"filled with {metric.fill}")
    if metric.is_every_period:
        said.append("in every period")
    return " ".join(said)


def dates(query: Query, measures: Sequence[Measure]) -> Dates | None:
    during = query.during
    if during is None:
        return None
    fields = tuple(dict.fromkeys(measure.time_name for measure in measures if measure.time_name))
    return Dates(text=during.text, start=during.start, end=during.end, fields=fields)


def filters(linked: Linked, query: Query, asked: Sequence[LinkedMetric]) -> Iterator[str]:
    for wanted in query.where:
        yield phrase_filter(wanted)
    yield from query.conditions
    known = {one.metric.name: one for one in asked}
    for name in dict.fromkeys((*known, *(part for one in asked for part in one.parts))):
        if "[" in name:
            continue  # the metric itself is among the parts
        where = (known.get(name) or linked.metrics[name]).metric.where
        if where is not None:
            yield f"{where.value} (in {name})"


def meanings(written: Query, meant: Query) -> Iterator[Meaning]:
    """Every word of the query that is not the governed name of what it was taken to mean."""
    pairs = [
        *zip(written.metrics, meant.metrics, strict=True),
        *((w.name, m.name) for w, m in zip(written.by, meant.by, strict=True)),
        *((w.name, m.name) for w, m in zip(written.where, meant.where, strict=True)),
    ]
    for word, means in dict.fromkeys(pairs):
        if word != means:
            yield Meaning(word=word, means=means)


_WITHIN_DAYS = {Grain.HOUR, Grain.MINUTE, Grain.SECOND, Grain.MILLISECOND, Grain.MICROSECOND}


def shapes_told(linked: Linked, meant: Query, measures: Sequence[Measure], spines: Iterable[str]) -> Iterator[str]:
    """What shapes in time assume: where periods are read from, what months back mean by week, and what hours are where
    clocks change."""
    timezone = linked.model.calendar.timezone
    if timezone != "UTC" and any(by.grain in _WITHIN_DAYS or by.part is Part.HOUR for by in meant.by):
        yield f"hours are those on the clock in {timezone}: where it is set back, the hour it shows twice is one"
    for source in spines:
        yield f"which periods there are is read from `{source}`"
    back = [s for m in measures for s in m.shifts if isinstance(s, Ago) and not s.span.is_fixed]
    if back and any(by.grain is Grain.WEEK or by.part in {Part.WEEK, Part.WEEKDAY} for by in meant.by):
        yield (
            f"each day of a week brings the day {back[0].span} before it: where months differ in length, one day can "
            "count twice or not at all"
        )


def relations_told(meant: Query, asked: Sequence[LinkedMetric]) -> Iterator[str]:
    """Which two periods a change lies between, what the whole of a share is, and where there is neither."""
    for one in asked:
        name = one.metric.name
        match one.relation:
            case Change(is_percent=is_percent, ago=ago, shift=shift):
                said = "(now - then) / then" if is_percent else "now - then"
                empty = "then is zero, negative or missing" if is_percent else "either is missing"
                yield f"`{name}` is {said}: {_periods(meant, ago, shift)}; it is empty where {empty}"
            case Share(across=across, of=None):
                fields = " and every ".join(across)
                yield (
                    f"`{name}`: the whole is over every {fields}, with the same period and all other filters; it is "
                    "empty where the whole is zero, negative or missing"
                )
            case Share(of=of):
                yield f"every row that counts for {one.parts[0]} counts for {of}, too"
            case None:
                pass
            case _:
                assert_never(one.relation)


def _periods(meant: Query, ago: str, shift: Shift) -> str:
    during = meant.during
    if any(by.grain or by.own_grain for by in meant.by):
        return f"then is for each period {ago}"
    before = back(during, (shift,))
    if during is None or before is None or during.start is None or before.start is None:
        return f"then is {ago}"
    if during.end is None or before.end is None:
        return f"then is {ago}"
    day = timedelta(days=1)
    return f"now is {during.start} to {during.end - day}, then {before.start} to {before.end - day}, both included"


def assumptions(
    linked: Linked, written: Query, meant: Query, audience: str | None, measures: Sequence[Measure]
) -> Iterator[str]:
    for word, means in zip(written.metrics, meant.metrics, strict=True):
        term = linked.model.terms.get(word)
        if term is not None:
            is_theirs = audience is not None and audience in term.meanings
            whose = f"to the audience {audience}" if is_theirs else "unless an audience says otherwise"
            yield f"`{word}` means {means} {whose}"
    if meant.during is None and not any(by.grain or by.part or by.own_grain for by in meant.by):
        return
    timezone = linked.model.calendar.timezone
    yield f"days are counted in {timezone}"
    if any(by.name == TIME and not (by.grain or by.part or by.own_grain) for by in written.by):
        yield "time is cut into days, as no grain was named"
    during = meant.during
    if during is not None and during.start is not None and during.end is not None:
        last = during.end - timedelta(days=1)
        yield f"`{during.text}` is {during.start} to {last}, both included"
    undeclared = (measure.time_name for measure in measures if _states_no_zone(linked, measure))
    for name in dict.fromkeys(undeclared):
        yield f"{name} states no time zone and is read as {timezone}"


def _states_no_zone(linked: Linked, measure: Measure) -> bool:
    time = measure.time
    if not isinstance(time, Col) or time.kind.name != "timestamp":
        return False
    table = linked.model.datasets[time.dataset].table
    column = table.columns.get(time.column) if table else None
    return column is not None and not column.is_zoned and column.timezone is None
