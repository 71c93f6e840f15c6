"""A metric and what stands in brackets behind it in; the metric as it changed, or as a share of a whole, out.

    booked[change from 1 year ago]            now - then
    booked[% change from 1 year ago]          (now - then) / then, where then is above zero
    booked[share across customers.region]     booked / booked over every region, where that is above zero
    platform[share of recognized]             one metric as a share of another that it is a part of

A whole is a measure of its own (`Measure.across`): read without the filters on what it goes across, and added up over
the groups of the answer. So a share is only of what adds up, and everything else is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from loadline.semantics import codes
from loadline.semantics.body import Scan
from loadline.semantics.linked import Change, Linked, LinkedMetric, Relation, Share, measures_of
from loadline.semantics.nodes import BOOLEAN, NUMBER, Call, Kind, Lit, Measure, Node, call, with_measures
from loadline.semantics.requests import TIME, Dimension, Target, find_field, find_metric, refusal
from loadline.semantics.shapes import Ago, OwnAgo, Span, earlier
from loadline.values.query import By, Grain, Query

PERCENT, POINTS = "percent", "percentage points"

_CHANGE = re.compile(r"(?P<percent>%\s*)?change from (?P<span>[1-9][0-9]* \w+ ago)\Z")
_ACROSS = re.compile(r"share across (?P<names>[\w.]+(?: and [\w.]+)*)\Z")
_OF = re.compile(r"share of (?P<whole>\w+)\Z")
_ADDED = frozenset({"sum", "count"})
_DAYS = {Grain.DAY: 1, Grain.WEEK: 7, Grain.MONTH: 28, Grain.QUARTER: 90, Grain.FISCAL_QUARTER: 90, Grain.YEAR: 365,
         Grain.FISCAL_YEAR: 365}  # fmt: skip
_SPANS = {"month": 28, "quarter": 90, "year": 365}
_ZERO = Lit(value=0, kind=Kind(name="integer"))


def related(linked: Linked, name: str, audience: str | None) -> LinkedMetric | None:
    """What `metric[change from 1 year ago]` means; None where the brackets hold something else. Raises RequestError."""
    head, _, rest = name.removesuffix("]").rpartition("[")
    written = " ".join(rest.split())
    if (changed := _CHANGE.match(written)) is not None:
        one = _plain(linked, head, audience, name)
        return _changed(linked, one, changed["span"], written, is_percent=changed["percent"] is not None)
    if (across := _ACROSS.match(written)) is not None:
        return _across(linked, _plain(linked, head, audience, name), across["names"].split(" and "))
    if (of := _OF.match(written)) is not None:
        return _part(_plain(linked, head, audience, name), find_metric(linked, of["whole"], audience))
    if re.match(r"%|change|share", written):
        raise refusal(
            codes.WRONG_RELATION,
            f"`{name}` is neither a change nor a share",
            "write `[change from 1 year ago]`, `[% change from 1 year ago]`, `[share across dataset.field]` or "
            "`[share of metric]` behind the metric",
        )
    return None


def _plain(linked: Linked, head: str, audience: str | None, name: str) -> LinkedMetric:
    one = find_metric(linked, head.strip(), audience)
    if one.relation is not None:
        raise refusal(
            codes.WRONG_RELATION,
            f"`{name}` relates what is a change or a share already",
            f"ask for one of them, as in `{one.metric.name}`",
        )
    return one


def _named(
    one: LinkedMetric, written: str, node: Node, relation: Relation, *, form: str | None, unit: str | None = None
) -> LinkedMetric:
    metric = replace(one.metric, name=f"{one.metric.name}[{written}]", format=form, unit=unit)
    return LinkedMetric(
        metric=metric,
        node=node,
        parts=(one.metric.name, *one.parts),
        measures=measures_of(node),
        relation=relation,
    )


def _over(part: Node, whole: Node) -> Node:
    """NULL where the whole is zero, negative or missing: there is no share or growth of that."""
    divided = call("/", part, whole, kind=NUMBER)
    is_there = call(">", whole, _ZERO, kind=BOOLEAN)
    return call("case", is_there, divided, Lit(value=None, kind=Kind(name="null")), kind=NUMBER)


# -- a change


def _changed(linked: Linked, one: LinkedMetric, ago: str, written: str, *, is_percent: bool) -> LinkedMetric:
    if one.node.kind.name not in {"integer", "number"}:
        raise refusal(
            codes.WRONG_RELATION, f"`{one.metric.name}` is no number, so it has no change", "ask for it by itself"
        )
    then = find_metric(linked, f"{one.metric.name}[{ago}]", None)
    shifts = {measure.shifts[-1] for measure in then.measures}
    difference = call("-", one.node, then.node, kind=one.node.kind)
    node = _over(difference, then.node) if is_percent else difference
    relation = Change(ago=ago, shift=next(iter(shifts)), is_percent=is_percent, then=then.metric.name)
    if is_percent:
        return _named(one, written, node, relation, form=PERCENT)
    form = POINTS if one.metric.format == PERCENT else one.metric.format
    return _named(one, written, node, relation, form=form, unit=one.metric.unit)


def demand_apart(query: Query, one: LinkedMetric, dimensions: Sequence[Dimension], targets: Sequence[Target]) -> None:
    """A change lies between two periods that do not overlap: of each period of the breakdown, or of the window.
    Raises RequestError."""
    match one.relation:
        case Change(ago=ago, shift=shift):
            pass
        case _:
            return
    times = {target.measure.time for target in targets if target.measure is not None}
    keys = [each.by for each in dimensions if times & set(each.raws) or each.by.name == TIME]
    cut = [by for by in keys if by.own_grain is not None or by.grain is not None]
    if cut:
        if all(_is_apart(by, shift) for by in cut):
            return
        what = f"`{one.metric.name}` by {' and '.join(str(by.own_grain or by.grain) for by in cut)} overlaps itself"
        raise refusal(codes.WRONG_RELATION, f"{what} {ago}", "compare with a period at least as long ago as it is long")
    during = query.during
    if during is None or during.start is None or during.end is None:
        raise refusal(
            codes.NEEDS_TIME,
            f"`{one.metric.name}` compares two periods, and nothing says which",
            "add `--during` with a start and an end, or `--by time:month`",
        )
    if isinstance(shift, Ago) and earlier(during.end, shift.span) > during.start:
        raise refusal(
            codes.WRONG_RELATION,
            f"`{during.text}` is longer than the step of `{one.metric.name}`, so the two periods overlap",
            f"add `--by time:{shift.span.unit}`, or compare with a period further back",
        )


def _is_apart(by: By, shift: object) -> bool:
    match shift:
        case Ago(span=Span(count=count, unit=unit) as span):
            if by.grain is None:
                return False
            days = span.seconds / 86_400 if span.is_fixed else count * _SPANS[unit]
            return days >= _DAYS.get(by.grain, 0)
        case OwnAgo(grain=grain):
            return by.own_grain == grain
        case _:
            return False


# -- a share


def _across(linked: Linked, one: LinkedMetric, names: Sequence[str]) -> LinkedMetric:
    demand_sum(one)
    targets = [Target(fact=measure.fact, metric=one.metric.name, measure=measure) for measure in one.measures]
    fields = tuple(name if name == TIME else find_field(linked.catalog, name, targets)[0] for name in names)

    def whole(measure: Measure) -> Measure:
        wide = replace(measure, across=fields)
        return linked.same.setdefault(wide, wide)

    node = _over(one.node, with_measures(one.node, whole))
    written = f"share across {' and '.join(fields)}"
    return _named(one, written, node, Share(across=fields), form=PERCENT)


def demand_sum(one: LinkedMetric) -> None:
    """Parts add up to a whole only where the metric is a sum or a count of rows, or sums and differences of those."""
    if one.metric.format != PERCENT and _adds_up(one.node):
        return
    raise refusal(
        codes.WRONG_RELATION,
        f"`{one.metric.name}` does not add up: its parts are no shares of a whole",
        f"ask for `{one.metric.name}` by the field itself, or for the share of a sum or a count",
    )


def _adds_up(node: Node) -> bool:
    match node:
        case Measure():
            is_shaped = node.over or node.take or node.shifts or node.converted or node.is_every_period
            return node.name in _ADDED and not is_shaped
        case Call(name="+" | "-" | "negative", args=args):
            return all(map(_adds_up, args))
        case Call(name="*", args=(first, second)):
            return _is_scaled(first, second) or _is_scaled(second, first)
        case Call(name="/", args=(first, second)):
            return _is_scaled(first, second)
        case Call(name="coalesce", args=(first, Lit(value=value))):
            return value == 0 and _adds_up(first)
        case _:
            return False


def _is_scaled(node: Node, by: Node) -> bool:
    return isinstance(by, Lit) and _adds_up(node)


def demand_parts(one: LinkedMetric, names: Sequence[str]) -> None:
    """What a share goes across is broken down or filtered: else it is the whole of itself. Raises RequestError."""
    match one.relation:
        case Share(across=across):
            missing = next((name for name in across if name not in names), None)
        case _:
            return
    if missing is not None:
        raise refusal(
            codes.WRONG_RELATION,
            f"`{one.metric.name}` goes across `{missing}`, and the question neither breaks it down nor filters it",
            f"add `--by {missing}`, or a filter on it",
        )


def _part(one: LinkedMetric, whole: LinkedMetric) -> LinkedMetric:
    if not is_part(one, whole):
        raise refusal(
            codes.WRONG_RELATION,
            f"`{one.metric.name}` is not known to be a part of `{whole.metric.name}`: the first must be the same sum "
            "or count as the second, of fewer rows",
            f"ask for both, `{one.metric.name}` and `{whole.metric.name}`, or define the ratio as a metric",
        )
    written = f"share of {whole.metric.name}"
    node = _over(one.node, whole.node)
    found = _named(one, written, node, Share(of=whole.metric.name), form=PERCENT)
    return replace(found, parts=tuple(dict.fromkeys((*found.parts, whole.metric.name, *whole.parts))))


def demand_once(scans: Iterable[Scan]) -> None:
    """Groups whose rows are in other groups, too, add up to more than their whole. Raises RequestError."""
    for scan in scans:
        if scan.identity and any(measure.across is not None for measure in scan.measures):
            raise refusal(
                codes.WRONG_RELATION,
                f"rows of `{scan.fact}` belong to several groups at once, so shares add up to more than the whole",
                "ask for the numbers by group, without the share",
            )


def wholes_of(asked: Iterable[LinkedMetric]) -> Iterator[str]:
    """The metrics that others are asked as a share of: whoever knows the part and the share knows them, too."""
    for one in asked:
        match one.relation:
            case Share(of=str(whole)):
                yield whole
            case _:
                pass


def is_part(one: LinkedMetric, whole: LinkedMetric) -> bool:
    """Whether every row that counts for the first counts for the second, in the same way."""
    match (one.node, whole.node):
        case (Measure() as part, Measure() as all_of):
            is_same = part.arg == all_of.arg or (part.name == "count" and all_of.arg is None)
            alike = replace(all_of, arg=part.arg, where=part.where, kind=part.kind)
            is_within = is_same and set(all_of.where) <= set(part.where) and part != all_of
            return is_within and _adds_up(part) and alike == part
        case _:
            return False
