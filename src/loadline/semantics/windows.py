"""A function over other rows of a dataset as written in (`rank() over (…)`), the node it means out; or a Fault."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from loadline.semantics import codes
from loadline.semantics.near import a
from loadline.semantics.nodes import INTEGER, NUMBER, Kind, Node, Win
from loadline.semantics.typed import Scope, is_a, typed, wrong
from loadline.semantics.written import Windowed

_ARGS: Mapping[str, int] = MappingProxyType(
    {
        **dict.fromkeys(("row_number", "rank", "dense_rank"), 0),
        **dict.fromkeys(("sum", "avg", "min", "max", "count", "lag", "lead", "first_value", "last_value"), 1),
    }
)
_RANKS = ("row_number", "rank", "dense_rank")
_NEED_ORDER = (*_RANKS, "lag", "lead", "first_value", "last_value")


def window_of(dataset: str, field: str, tree: Windowed, scope: Scope) -> Win:
    """Raises Fault."""
    call = tree.call
    wanted = _ARGS.get(call.name)
    if wanted is None:
        raise wrong(call, f"`{call.name}` is not a function over rows", f"use one of {', '.join(_ARGS)}")
    if call.is_distinct or call.is_star or len(call.args) != wanted:
        form = f"{call.name}({'amount' if wanted else ''}) over (…)"
        raise wrong(call, f"`{call.name}` over rows is not written so", f"write it as `{form}`")
    scope = replace(scope, window=_within_another)
    args = tuple(typed(arg, scope) for arg in call.args)
    partition = tuple(typed(key, scope) for key in tree.partition)
    order = tuple((typed(key, scope), is_down, is_null_first) for key, is_down, is_null_first in tree.order)
    if call.name in _NEED_ORDER and not order:
        raise wrong(
            tree, f"`{call.name}` has no order, so any row could be first", "add `order by …` within `over (…)`"
        )
    return Win(
        dataset=dataset,
        field=field,
        name=call.name,
        args=args,
        partition=partition,
        order=order,
        frame=tree.frame,
        kind=_kind(tree, args),
    )


def _within_another(tree: Windowed) -> Node:
    raise wrong(
        tree,
        f"`{tree.call.name}` over rows stands within another function over rows",
        "compute the inner one in the warehouse, or rank by plain columns",
        codes.NESTED_WINDOW,
    )


def _kind(tree: Windowed, args: tuple[Node, ...]) -> Kind:
    name = tree.call.name
    if name in {*_RANKS, "count"}:
        return INTEGER
    if name in {"sum", "avg"} and not is_a(args[0], "integer", "number"):
        raise wrong(tree.call.args[0], f"`{name}` is given {a(args[0].kind.name)}", "use a field of type number")
    return NUMBER if name == "avg" else args[0].kind
