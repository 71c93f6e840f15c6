"""What an expression is once it was read: a closed sum of trees, with the names in them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import assert_never

Value = str | int | Decimal | bool | date | datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """`orders.amount`: parts in order. `at` and `length` are in characters of the text, here and below."""

    parts: tuple[str, ...]
    at: int
    length: int

    def __str__(self) -> str:
        return ".".join(self.parts)

    @property
    def is_quoted(self) -> bool:
        """Whether one word stands in double quotes: a name here, and a text to many other tools."""
        return len(self.parts) == 1 and self.length == len(self.parts[0]) + 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Constant:
    value: Value
    at: int
    length: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Apply:
    """A call or an operator applied: `sum(x)` is `sum`, `a + b` is `+`, `x is null` is `is null`.

    `case` has condition, value, condition, value, … and the value otherwise; `cast` and `extract` have the word
    (a type, a part) as a constant.
    """

    name: str
    args: tuple[Written, ...]
    is_distinct: bool = False
    is_star: bool = False
    at: int
    length: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Windowed:
    """`rank() over (partition by a order by b desc nulls first)`; `order` has for each key whether it is descending and
    whether what is missing comes first, `frame` is upper case."""

    call: Apply
    partition: tuple[Written, ...]
    order: tuple[tuple[Written, bool, bool], ...]
    frame: str | None
    at: int
    length: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Shifted:
    """`tree[1 year ago]`, or `tree[start of month]`, where there is no count."""

    tree: Written
    count: int | None
    unit: str
    at: int
    length: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Each:
    """`metric[per customers.customer_id]`: the metric of the subject that a row belongs to. Each pair has the subject's
    field as the row sees it, and as the metric's own rows see it where that is written after a `=`."""

    tree: Written
    per: tuple[tuple[Name, Name], ...]
    at: int
    length: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Only:
    """`tree filter (where condition)`."""

    tree: Written
    condition: Written
    at: int
    length: int


Written = Name | Constant | Apply | Windowed | Shifted | Each | Only


def names_in(tree: Written) -> Iterator[Name]:
    """The names of fields; a metric before `[per …]` has no place among the fields of a row."""
    if isinstance(tree, Name):
        yield tree
    for part in _parts(tree):
        yield from names_in(part)


def subject_metrics_in(tree: Written) -> Iterator[Written]:
    """What stands before `[per …]`."""
    if isinstance(tree, Each):
        yield tree.tree
    for part in _parts(tree):
        yield from subject_metrics_in(part)


def _parts(tree: Written) -> tuple[Written, ...]:
    match tree:
        case Apply(args=args):
            return args
        case Windowed(call=call, partition=partition, order=order):
            return (call, *partition, *(key for key, *_ in order))
        case Each(per=per):
            return tuple(here for here, _ in per)
        case Shifted(tree=inner):
            return (inner,)
        case Only(tree=inner, condition=condition):
            return (inner, condition)
        case Name() | Constant():
            return ()
        case unreachable:
            assert_never(unreachable)
