"""A metric's measures and what is written of their time in, measures with that shape out; or a Fault.

`over: 28 days`, `take: last of period`, `booked[1 year ago]`, `convert: … to: …`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from loadline.semantics import codes
from loadline.semantics.catalog import Catalog, parsed
from loadline.semantics.measuring import field_seen, subject
from loadline.semantics.nodes import NUMBER, Converted, Measure, Node, call, measures_in, with_measures
from loadline.semantics.shapes import (
    PERIODS,
    TAKES,
    UNITS,
    Ago,
    OwnAgo,
    Shift,
    Span,
    StartOf,
    read_over,
    read_span,
    read_take,
    singular,
)
from loadline.semantics.typed import Fault, pointing, wrong
from loadline.semantics.written import Name, Shifted
from loadline.values.model import Calendar, Conversion, Text

Change = Callable[[Measure], Measure]


def cumulative(text: Text) -> Change:
    over = read_over(text.value)
    if over is None:
        raise Fault(
            codes.UNREAD_SHAPE,
            f"`over: {text.value}` is not understood",
            "write `28 days`, `month to date` or `all`",
            length=len(text.value),
        )

    def change(measure: Measure) -> Measure:
        if measure.over is not None or measure.take is not None or measure.shifts or measure.converted is not None:
            raise Fault(
                codes.SHAPED_TWICE,
                f"`over` accumulates `{_called(measure)}`, which is cumulative, shifted or a conversion already",
                "accumulate a metric of plain aggregates, and shift the result",
                length=len(text.value),
            )
        return replace(measure, over=over)

    return change


def taken(catalog: Catalog, text: Text, per: Sequence[Text]) -> Change:
    take = read_take(text.value)
    if take is None:
        raise Fault(
            codes.UNREAD_SHAPE,
            f"`take: {text.value}` is not understood",
            f"write one of {', '.join(f'`{word} of period`' for word in TAKES)}",
            length=len(text.value),
        )

    def change(measure: Measure) -> Measure:
        if measure.take is not None or measure.shifts or measure.converted is not None:
            raise Fault(
                codes.SHAPED_TWICE,
                f"`take` stands on `{_called(measure)}`, which is shifted, a conversion, or taken already",
                "take of a plain or cumulative metric, and shift the result",
                length=len(text.value),
            )
        nodes = [_field(catalog, measure.fact, one) for one in per]
        return replace(measure, take=take, take_per=tuple(subject(catalog, node) for node in nodes))

    return change


def _field(catalog: Catalog, fact: str, text: Text) -> Node:
    """The one field that is named, seen from a fact."""
    with pointing(text):
        tree = parsed(text.value)
        if not isinstance(tree, Name):
            raise wrong(tree, f"`{text.value}` is an expression", "name one field, as `dataset.field`")
        return field_seen(catalog, fact, tree)


def _called(measure: Measure) -> str:
    return f"{measure.name}({measure.fact})"


def shifted(tree: Shifted, node: Node, calendar: Calendar) -> Node:
    """`node[1 year ago]`, `node[start of month]`."""
    shift = shift_of(tree, calendar)

    def change(measure: Measure) -> Measure:
        if measure.converted is not None:
            raise wrong(tree, "a conversion is shifted in time", "shift the metric it is compared with")
        return replace(measure, shifts=(*measure.shifts, shift))

    if not any(True for _ in measures_in(node)):
        raise wrong(tree, "nothing that is measured is shifted", "shift a metric, as in `booked[1 year ago]`")
    return with_measures(node, change)


def shift_of(tree: Shifted, calendar: Calendar) -> Shift:
    if tree.count is None:
        unit = singular(tree.unit)
        if unit not in PERIODS:
            raise wrong(tree, f"`{tree.unit}` is not a period", f"use one of {', '.join(PERIODS)}", codes.UNREAD_SHAPE)
        return StartOf(unit=unit)
    unit = singular(tree.unit)
    own = {name for spine in calendar.spines if spine.grain == "day" for name in spine.grains}
    grain = next((word for word in (tree.unit, tree.unit.removesuffix("s")) if word in own), None)
    if grain is not None:
        return OwnAgo(count=tree.count, grain=grain)
    if unit not in UNITS:
        raise wrong(
            tree,
            f"`{tree.unit}` is neither a unit of time nor a period that a daily spine of the calendar declares",
            f"use one of {', '.join((*UNITS, *sorted(own)))}",
            codes.SHIFT_OF_OWN_PERIOD,
        )
    return Ago(span=Span(count=tree.count, unit=unit))


# -- conversions


def conversion_of(catalog: Catalog, conversion: Conversion, base: Node, follows: Node) -> Node:
    """The share of `base` events that were followed, or their number."""
    first, second = _plain(conversion, base, "convert"), _plain(conversion, follows, "to")
    pairs = [_subjects(catalog, conversion, first, second)]
    for here, there in conversion.constant:
        pairs.append((_field(catalog, first.fact, here), _field(catalog, second.fact, there)))
    number = Measure(
        name=second.name,
        fact=first.fact,
        arg=None,
        where=first.where,
        time=first.time,
        time_name=first.time_name,
        share=second.share,
        converted=Converted(
            measure=second,
            first=tuple(pair[0] for pair in pairs),
            second=tuple(pair[1] for pair in pairs),
            within=_within(conversion.within),
        ),
        is_null_if_absent=first.is_null_if_absent,
        kind=second.kind,
    )
    return number if conversion.is_count else call("/", number, first, kind=NUMBER)


def _plain(conversion: Conversion, node: Node, key: str) -> Measure:
    is_plain = isinstance(node, Measure) and node.over is None and node.take is None and node.converted is None
    if not isinstance(node, Measure) or not is_plain or node.shifts:
        raise Fault(
            codes.WRONG_CONVERSION,
            f"`{key}` names a metric that is not one plain aggregate",
            "name a metric such as `{is: count(visits)}`",
            length=len(conversion.to.value),
        )
    if node.time is None:
        raise Fault(
            codes.WRONG_CONVERSION,
            f"`{key}` names a metric of `{node.fact}`, which has no time field, so nothing comes before or after",
            f"write `time:` under the dataset `{node.fact}`",
            length=len(conversion.to.value),
        )
    return node


def _subjects(catalog: Catalog, conversion: Conversion, first: Measure, second: Measure) -> tuple[Node, Node]:
    try:
        here = _field(catalog, first.fact, conversion.per[0])
        there = _field(catalog, second.fact, conversion.per[-1])
    except Fault as fault:
        if fault.code == codes.SEVERAL_PATHS_WRITTEN and len(conversion.per) == 1:
            fault.mend += f"; a list `[…, …]` names the way from `{first.fact}`, then the way from `{second.fact}`"
        raise
    return subject(catalog, here), subject(catalog, there)


def _within(text: Text | None) -> Span | None:
    if text is None:
        return None
    span = read_span(text.value)
    if span is None or span.unit not in UNITS:
        with pointing(text):
            raise Fault(
                codes.UNREAD_SHAPE,
                f"`within: {text.value}` is not understood",
                "write a number and a unit: `14 days`",
                length=len(text.value),
            )
    return span
