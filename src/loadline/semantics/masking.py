"""A plan's body and the columns a rule masks in; the same body, showing only what the masks leave, out.

A masked column may be shown and grouped by, as its mask shows it: groups are made of masked values. Any other use of
it (a filter, a condition, a number, a field made of it) would tell what the mask hides, and is refused. What joins
rows, and what a rule's own row filter reads, stays as it is: nobody sees it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import assert_never

from loadline.semantics import codes
from loadline.semantics.body import Body, Scan
from loadline.semantics.nodes import (
    BOOLEAN,
    INTEGER,
    NUMBER,
    STRING,
    Call,
    Col,
    Kind,
    Lit,
    Node,
    call,
    columns_in,
    pers_in,
)
from loadline.semantics.requests import refusal
from loadline.values.decision import ColumnMask
from loadline.values.plan import ResultColumn
from loadline.values.rule import MaskKind

SHOWN = "***"
"""What stands for a value that is masked by a constant."""

_NUMBERS = frozenset({"integer", "number"})


def masked(body: Body, masks: Sequence[ColumnMask]) -> Body:
    """Raises RequestError where a masked column is used in another way than to be shown."""
    wanted = {one.column: one for one in masks}
    for node in _other_uses(body):
        for column in columns_in(node):
            name = f"{column.dataset}.{column.column}"
            if name in wanted:
                raise _refused(wanted[name], "is used in a filter, a condition or a number")
    return replace(body, scans=tuple(_scan(scan, wanted) for scan in body.scans))


def masked_columns(columns: Sequence[ResultColumn], body: Body) -> tuple[ResultColumn, ...]:
    """The answer's columns, with the type that a mask leaves them."""
    types = {at: key.kind.name for at, key in enumerate(body.scans[0].keys) if _is_mask(key)}
    return tuple(
        replace(column, type=types[at], unit=None, format=None) if at in types else column
        for at, column in enumerate(columns)
    )


def in_words(masks: Iterable[ColumnMask]) -> tuple[str, ...]:
    """As a receipt prints them."""
    return tuple(f"{one.column}: {said(one)}" for one in masks)


def said(mask: ColumnMask) -> str:
    match mask.kind:
        case MaskKind.NOTHING:
            return "not shown"
        case MaskKind.CONSTANT:
            return f"shown as `{SHOWN}`"
        case MaskKind.HASH:
            return "shown as a hash"
        case MaskKind.LAST4:
            return "only the last four letters shown"
        case MaskKind.BUCKET:
            return f"shown in steps of {mask.size}"
        case _:
            assert_never(mask.kind)


def _other_uses(body: Body) -> Iterator[Node]:
    """Every node that is read and not shown as it is: subjects' metrics included."""
    for scan in body.scans:
        yield from _unshown(scan)
        for key in scan.keys:
            for per in pers_in(key):
                yield from per.outer
    for _, scans in body.subjects:
        for scan in scans:
            yield from scan.keys
            yield from _unshown(scan)
    yield from body.having


def _unshown(scan: Scan) -> Iterator[Node]:
    yield from scan.where
    if scan.shape is not None:
        yield from (scan.shape.time, *scan.shape.take_per, *scan.shape.apart)
        for at in scan.shape.time_keys:
            yield scan.keys[at]
    for measure in scan.measures:
        yield measure
        if measure.converted is not None:
            yield from (*measure.converted.first, *measure.converted.second, measure.converted.measure)


def _scan(scan: Scan, wanted: Mapping[str, ColumnMask]) -> Scan:
    return replace(scan, keys=tuple(_shown(key, wanted) for key in scan.keys))


def _shown(key: Node, wanted: Mapping[str, ColumnMask]) -> Node:
    for column in columns_in(key):
        mask = wanted.get(f"{column.dataset}.{column.column}")
        if mask is None:
            continue
        if not isinstance(key, Col):
            raise _refused(mask, "is part of what is shown, and a mask covers only the column as it is")
        return _through(mask, key)
    return key


def _through(mask: ColumnMask, column: Col) -> Node:
    text = column if column.kind.name == "string" else call("to_string", column, kind=STRING)
    is_null = call("is null", column, kind=BOOLEAN)
    match mask.kind:
        case MaskKind.NOTHING:
            return call(_MASK, is_null, column, Lit(value=None, kind=column.kind), kind=column.kind)
        case MaskKind.CONSTANT:
            return call(_MASK, is_null, _text(SHOWN), _text(SHOWN), kind=STRING)
        case MaskKind.HASH:
            hashed = call("hashed", text, kind=STRING)
            return _unless_null(is_null, call("substr", hashed, _whole(1), _whole(16), kind=STRING), STRING)
        case MaskKind.LAST4:
            long = call(">", call("length", text, kind=INTEGER), _whole(4), kind=BOOLEAN)
            start = call("-", call("length", text, kind=INTEGER), _whole(3), kind=INTEGER)
            end = call("concat", _text(SHOWN), call("substr", text, start, kind=STRING), kind=STRING)
            return call(_MASK, is_null, Lit(value=None, kind=STRING), long, end, _text(SHOWN), kind=STRING)
        case MaskKind.BUCKET:
            if column.kind.name not in _NUMBERS or mask.size is None:
                raise _refused(mask, f"is a {column.kind.name}, and only numbers have steps")
            steps = call("floor", call("/", column, _whole(mask.size), kind=NUMBER), kind=NUMBER)
            return _unless_null(is_null, call("*", steps, _whole(mask.size), kind=NUMBER), NUMBER)
        case _:
            assert_never(mask.kind)


_MASK = "case"


def _unless_null(is_null: Node, node: Node, kind: Kind) -> Node:
    return call(_MASK, is_null, Lit(value=None, kind=kind), node, kind=kind)


def _is_mask(key: Node) -> bool:
    """A dimension is a column, a field or a time; a `case` of its own begins only a mask or a field, whose type it has
    anyway."""
    return isinstance(key, Call) and key.name == _MASK


def _text(value: str) -> Lit:
    return Lit(value=value, kind=STRING)


def _whole(value: int) -> Lit:
    return Lit(value=value, kind=INTEGER)


def _refused(mask: ColumnMask, why: str) -> Exception:
    rules = " and ".join(f"`{rule}`" for rule in mask.rules)
    return refusal(
        codes.MASKED,
        f"`{mask.column}` is {said(mask)} by rule {rules}, and it {why}",
        f"ask without it, or only show it: `--by {mask.column}`",
    )
