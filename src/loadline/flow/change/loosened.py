"""A promise before and after in; whether it promises less than it did, and why, out. What cannot be told is less."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from loadline.checks.data.promises import duration_of
from loadline.values.canonical import plain
from loadline.values.contract import Bound, Column, ContractTable, Limit, Must, QualityRule, Reference, Scope, Sla
from loadline.values.diagnostic import Severity
from loadline.values.right import Right
from loadline.values.rule import Effect


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part of a contract that changed, as it was and is written; `why` says what that means to who relies on it."""

    part: str
    before: str
    after: str
    is_breaking: bool
    why: str


def _part(part: str, before: object, after: object, *, breaks: bool, why: str) -> Part:
    return Part(part=part, before=_said(before), after=_said(after), is_breaking=breaks, why=why)


def _said(value: object) -> str:
    match value:
        case None | () | "" | False:
            return ""
        case True:
            return "yes"
        case Bound(value=end, is_exclusive=is_exclusive):
            return f"{end} (out)" if is_exclusive else str(end)
        case Limit(must=must, values=values):
            return f"{must} {' and '.join(map(str, values))}"
        case tuple():
            return ", ".join(map(_said, value))
        case str() | int() | Decimal():
            return str(value)
        case _:
            return str(plain(value))


# -- columns


def column_parts(old: Column, new: Column) -> Iterator[Part]:
    if old.logical_type != new.logical_type:
        why = "who reads it gets values of another type"
        yield _part("type", old.logical_type, new.logical_type, breaks=True, why=why)
    elif (old.is_zoned, old.timezone) != (new.is_zoned, new.timezone):
        clocks = [str(one.timezone or ("an instant" if one.is_zoned else "no clock")) for one in (old, new)]
        yield _part("timezone", *clocks, breaks=True, why="the same value means another moment")
    if old.in_warehouse != new.in_warehouse:
        why = "who reads the warehouse by its name no longer finds it"
        yield _part("physicalName", old.in_warehouse, new.in_warehouse, breaks=True, why=why)
    elif (old.physical_type or "").casefold() != (new.physical_type or "").casefold():
        why = "the promised kind of value is the same"
        yield _part("physicalType", old.physical_type, new.physical_type, breaks=False, why=why)
    yield from _flags(old, new)
    yield from _values(old, new)
    if (change := _class(old, new)) is not None:
        yield change
    yield from references(old.references, new.references)
    yield from rules(old.rules, new.rules)
    yield from _scope("promises of the column", old.scope, new.scope)


def _flags(old: Column, new: Column) -> Iterator[Part]:
    flags = (
        ("required", old.is_required, new.is_required, "a value may be missing now", "no value is missing any more"),
        ("unique", old.is_unique, new.is_unique, "a value may be there twice now", "no value is there twice any more"),
    )
    for part, before, after, looser, tighter in flags:
        if before != after:
            yield _part(part, before, after, breaks=before, why=looser if before else tighter)


def _values(old: Column, new: Column) -> Iterator[Part]:
    if set(old.allowed) != set(new.allowed):
        more = [value for value in new.allowed if value not in old.allowed]
        breaks = bool(old.allowed) and (not new.allowed or bool(more))
        new_words = ", ".join(map(str, more)) or "any value"
        why = f"values may come that nobody expects: {new_words}" if breaks else "fewer values may come than before"
        yield _part("enum", old.allowed, new.allowed, breaks=breaks, why=why)
    for part, low, high in (("minimum", old.minimum, new.minimum), ("maximum", old.maximum, new.maximum)):
        if low != high:
            breaks = low is not None and not _is_tighter(low, high, is_minimum=part == "minimum")
            why = "values may lie where none lay" if breaks else "no value lies outside of what was promised"
            yield _part(part, low, high, breaks=breaks, why=why)
    lengths = (
        ("minLength", old.least_length, new.least_length, 1),
        ("maxLength", old.most_length, new.most_length, -1),
    )
    for part, before, after, sign in lengths:
        if before != after:
            breaks = before is not None and (after is None or sign * after < sign * before)
            why = "texts may have another length than was promised" if breaks else "all lengths were promised before"
            yield _part(part, before, after, breaks=breaks, why=why)
    for part, one, other in (("pattern", old.pattern, new.pattern), ("format", old.format, new.format)):
        if one != other:
            why = "texts may look otherwise: whether it is narrower cannot be told" if one else "texts look alike now"
            yield _part(part, one, other, breaks=one is not None, why=why)
    if old.multiple_of != new.multiple_of:
        is_kept = old.multiple_of is None or (new.multiple_of is not None and new.multiple_of % old.multiple_of == 0)
        why = "every value is a multiple of what was promised" if is_kept else "values may lie between"
        yield _part("multipleOf", old.multiple_of, new.multiple_of, breaks=not is_kept, why=why)


def _is_tighter(old: Bound, new: Bound | None, *, is_minimum: bool) -> bool:
    if new is None:
        return False
    before, after = _comparable(old.value), _comparable(new.value)
    if before is None or after is None or type(before) is not type(after):
        return False
    if before == after:
        return new.is_exclusive or not old.is_exclusive
    return bool(after > before) if is_minimum else bool(after < before)


def _comparable(value: object) -> Any:
    """A number, or an ISO date or time, whose text orders as they do; None for what cannot be compared."""
    match value:
        case bool():
            return None
        case int() | Decimal():
            return Decimal(value)
        case str() if re.match(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
            return value
        case _:
            return None


_OPENNESS = {"public": 0, "open": 0, "internal": 1}
"""How far the classes go that are known to be open; no class at all is as open as these."""

_CLOSED = 2


def _class(old: Column, new: Column) -> Part | None:
    before, after = old.classification, new.classification
    if (before or "").strip().casefold() == (after or "").strip().casefold():
        return None
    low, high = _openness(before), _openness(after)
    if high > low or (high == low == _CLOSED):
        why = "who could read it may no longer be let to" if high > low else "which class is higher cannot be told"
        return _part("classification", before, after, breaks=True, why=why)
    return _part("classification", before, after, breaks=False, why="it is as open as it was, or more: is that meant?")


def _openness(label: str | None) -> int:
    return 0 if label is None else _OPENNESS.get(label.strip().casefold(), _CLOSED)


# -- tables


def table_parts(old: ContractTable, new: ContractTable) -> Iterator[Part]:
    if old.key != new.key:
        why = "rows are told apart by something else" if old.key else "rows can be told apart now"
        yield _part("primaryKey", old.key, new.key, breaks=bool(old.key), why=why)
    if old.physical_name != new.physical_name:
        why = "who reads the warehouse by its name no longer finds it"
        yield _part("physicalName", old.physical_name, new.physical_name, breaks=True, why=why)
    if old.volume_change != new.volume_change:
        before, after = old.volume_change, new.volume_change
        breaks = before is not None and (after is None or after > before)
        why = "the number of rows may move further" if breaks else "the number of rows moves less"
        yield _part("volumeChange", before, after, breaks=breaks, why=why)
    if old.taken_at != new.taken_at:
        yield _part("takenAt", old.taken_at, new.taken_at, breaks=False, why="the copy is of another moment")
    yield from references(old.references, new.references)
    yield from rules(old.rules, new.rules)
    yield from slas(old.slas, new.slas)
    yield from rights(old.rights, new.rights)
    yield from _scope("promises of the table", old.scope, new.scope)


def references(old: Sequence[Reference], new: Sequence[Reference]) -> Iterator[Part]:
    before = {_reference(one): one for one in old}
    after = {_reference(one): one for one in new}
    for said in dict.fromkeys((*before, *after)):
        if said not in after:
            yield _part("relationship", said, "", breaks=True, why="values may find no partner now")
        elif said not in before:
            yield _part("relationship", "", said, breaks=False, why="every value finds its partner now")
        else:
            yield from _scope(f"relationship {said}", before[said].scope, after[said].scope)


def _reference(one: Reference) -> str:
    return f"{'+'.join(one.columns)} -> {one.to_table}.{'+'.join(one.to_columns)}"


def _scope(of: str, old: Scope, new: Scope) -> Iterator[Part]:
    if old.tolerance != new.tolerance:
        breaks = new.tolerance > old.tolerance
        why = "more rows may break it" if breaks else "fewer rows may break it"
        yield _part(f"tolerance of {of}", old.tolerance, new.tolerance, breaks=breaks, why=why)
    if old.where != new.where:
        why = "it is about other rows than before" if new.where else "it is about all rows now"
        yield _part(f"where of {of}", old.where, new.where, breaks=new.where is not None, why=why)
    if old.severity != new.severity:
        yield _severity(of, old.severity or Severity.ERROR, new.severity or Severity.ERROR)


def _severity(of: str, old: Severity, new: Severity) -> Part:
    order = list(Severity)  # the gravest first
    breaks = order.index(new) > order.index(old)
    why = "a break of it stops fewer answers" if breaks else "a break of it stops more answers"
    return _part(f"severity of {of}", str(old), str(new), breaks=breaks, why=why)


# -- quality rules


def rules(old: Sequence[QualityRule], new: Sequence[QualityRule]) -> Iterator[Part]:
    before, after = _by_name(old), _by_name(new)
    for name in dict.fromkeys((*before, *after)):
        if name not in after:
            yield _part(f"rule {name}", "promised", "", breaks=True, why="nobody promises it any more")
        elif name not in before:
            yield _part(f"rule {name}", "", "promised", breaks=False, why="it is promised now")
        else:
            yield from _rule(name, before[name], after[name])


def _by_name(rules: Sequence[QualityRule]) -> dict[str, QualityRule]:
    found: dict[str, QualityRule] = {}
    for rule in rules:
        name, number = rule.name, 1
        while name in found:
            number += 1
            name = f"{rule.name} {number}"
        found[name] = rule
    return found


def _rule(name: str, old: QualityRule, new: QualityRule) -> Iterator[Part]:
    if old.limit != new.limit or old.unit != new.unit:
        breaks = not _is_narrower(old, new)
        why = "more may be wrong than was promised" if breaks else "less may be wrong than was promised"
        before, after = (f"{_said(one.limit)} {one.unit}".strip() for one in (old, new))
        yield _part(f"limit of rule {name}", before, after, breaks=breaks, why=why)
    looked = [(one.kind, one.metric, one.columns, one.values, one.pattern, one.query, one.tool) for one in (old, new)]
    if looked[0] != looked[1]:
        shown = [
            one.query or one.pattern or ", ".join(map(str, one.values)) or one.metric or one.kind for one in (old, new)
        ]
        why = "something else is looked at: whether it is more cannot be told"
        yield _part(f"rule {name}", str(shown[0]), str(shown[1]), breaks=True, why=why)
    if old.severity != new.severity:
        yield _severity(f"rule {name}", old.severity, new.severity)
    yield from _scope(f"rule {name}", old.scope, new.scope)


def _is_narrower(old: QualityRule, new: QualityRule) -> bool:
    """Does every value that the new limit lets pass also pass the old one?"""
    if old.limit is None:
        return True
    if new.limit is None or old.unit != new.unit:
        return False
    outer, inner = _interval(old.limit), _interval(new.limit)
    if outer is None or inner is None:
        return False
    return _from(inner) >= _from(outer) and _until(inner) <= _until(outer)


_Ends = tuple[Decimal, bool, Decimal, bool]  # from, is it in; until, is it in
_FAR = Decimal("Infinity")


def _interval(limit: Limit) -> _Ends | None:
    """What a measured number may be; None for what is no single stretch of numbers."""
    numbers = [_comparable(value) for value in limit.values]
    if not numbers or not all(isinstance(number, Decimal) for number in numbers):
        return None
    first, last = numbers[0], numbers[-1]
    match limit.must:
        case Must.BE:
            return first, True, first, True
        case Must.BE_BETWEEN:
            return first, True, last, True
        case Must.BE_AT_LEAST | Must.BE_ABOVE:
            return first, limit.must is Must.BE_AT_LEAST, _FAR, False
        case Must.BE_AT_MOST | Must.BE_BELOW:
            return -_FAR, False, first, limit.must is Must.BE_AT_MOST
        case _:
            return None


def _from(ends: _Ends) -> tuple[Decimal, bool]:
    return ends[0], not ends[1]  # from 3 on lies before what is above 3


def _until(ends: _Ends) -> tuple[Decimal, bool]:
    return ends[2], ends[3]  # up to 3 reaches farther than below 3


# -- service levels

_SHORTER_IS_TIGHTER = frozenset({"latency", "freshness", "frequency"})


def slas(old: Sequence[Sla], new: Sequence[Sla]) -> Iterator[Part]:
    before, after = _by_level(old), _by_level(new)
    for name in dict.fromkeys((*before, *after)):
        one, other = before.get(name), after.get(name)
        if one is None and other is not None:
            yield _part(name, "", _level(other), breaks=False, why="it is promised now")
        elif one is not None and other is None:
            yield _part(name, _level(one), "", breaks=True, why="nobody promises it any more")
        elif one is not None and other is not None:
            yield from _sla(name, one, other)


def _by_level(slas: Sequence[Sla]) -> dict[str, Sla]:
    found: dict[str, Sla] = {}
    for one in slas:
        name = one.property + (f" of {one.column}" if one.column else "")
        if one.more.get("arrival"):
            name += f" at {one.more['arrival']}"
        found[name if name not in found else f"{name} {len(found) + 1}"] = one
    return found


def _sla(name: str, old: Sla, new: Sla) -> Iterator[Part]:
    if (old.value, old.unit) != (new.value, new.unit):
        spans = [duration_of(one.value, one.unit) for one in (old, new)]
        seconds = [span[0] for span in spans if span is not None]
        is_kept = len(seconds) == 2 and (
            seconds[1] == seconds[0] or (old.property in _SHORTER_IS_TIGHTER and seconds[1] < seconds[0])
        )
        why = "rows may come later, or less often, than was promised"
        if old.property not in _SHORTER_IS_TIGHTER:
            why = "another level is promised"
        yield _part(name, _level(old), _level(new), breaks=not is_kept, why="no less is promised" if is_kept else why)
    if old.severity != new.severity:
        yield _severity(name, old.severity, new.severity)
    if dict(old.more) != dict(new.more):
        yield _part(f"{name}, in detail", dict(old.more), dict(new.more), breaks=True, why="it is about something else")


def _level(one: Sla) -> str:
    return f"{one.value} {one.unit}" if one.unit else str(one.value)


# -- rights


def rights(old: tuple[Right, ...] | None, new: tuple[Right, ...] | None) -> Iterator[Part]:
    """A use that was permitted must still be; what is forbidden may only become less."""
    if old is None and new is None:
        return
    if old is None:
        why = "answers needed no right before; only what a right permits may be done now"
        yield _part("aiRights", "none stated", "stated", breaks=True, why=why)
        return
    if new is None:
        why = "what rights permitted beside answers is permitted no more"
        yield _part("aiRights", "stated", "none stated", breaks=True, why=why)
        return
    before, after = {one.name: one for one in old}, {one.name: one for one in new}
    for name in dict.fromkeys((*before, *after)):
        one, other = before.get(name), after.get(name)
        if one is not None and other is None:
            breaks = one.effect is Effect.PERMIT
            why = "what it permitted is permitted no more" if breaks else "what it forbade may be permitted now"
            yield _part(f"right {name}", _right(one), "", breaks=breaks, why=why)
        elif one is None and other is not None:
            breaks = other.effect is not Effect.PERMIT
            why = "it forbids what may have been permitted" if breaks else "more may be done now: is that meant?"
            yield _part(f"right {name}", "", _right(other), breaks=breaks, why=why)
        elif one is not None and other is not None and _right(one) != _right(other):
            narrow, wide = (one, other) if one.effect is Effect.PERMIT else (other, one)
            breaks = one.effect is not other.effect or not _reaches_as_far(narrow, wide)
            why = "less may be done than before" if breaks else "no less may be done than before: is that meant?"
            yield _part(f"right {name}", _right(one), _right(other), breaks=breaks, why=why)


def _right(one: Right) -> str:
    parts = {
        "of": one.uses, "purposes": one.purposes, "people": one.people, "roles": one.roles, "columns": one.columns,
        "regions": one.regions, "providers": one.providers, "until": one.until,
        "consent": one.consent.value if one.consent else None,
    }  # fmt: skip
    said = ", ".join(
        f"{name} {', '.join(map(str, value)) if isinstance(value, tuple) else value}"
        for name, value in parts.items()
        if value
    )
    return f"{one.effect}s {said or 'every use'}"


def _reaches_as_far(narrow: Right, wide: Right) -> bool:
    """Is everything that the first speaks of spoken of by the second, too?"""
    pairs = (
        (narrow.uses, wide.uses),
        (narrow.purposes, wide.purposes),
        (narrow.people, wide.people),
        (narrow.roles, wide.roles),
        (narrow.columns, wide.columns),
        (narrow.regions, wide.regions),
        (narrow.providers, wide.providers),
    )
    if not all(not other or (one and set(one) <= set(other)) for one, other in pairs):
        return False
    if wide.until is not None and (narrow.until is None or narrow.until > wide.until):
        return False
    return wide.consent is None or (narrow.consent is not None and narrow.consent.value == wide.consent.value)
