"""A metric's own condition and a query's filters in, the filters that its definition leaves nothing of, out.

`booked_revenue` counts no cancelled orders, so its value for cancelled orders is empty whatever the data is. Only plain
comparisons with a value are looked at: a filter that is not told about here may leave nothing all the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from loadline.semantics.linked import LinkedMetric
from loadline.semantics.words import phrase_filter
from loadline.values.query import Filter, Op

_Kept = tuple[bool, frozenset[str]]
"""Whether the values are those that are kept (or those that are left out), and the values."""


def emptied(metrics: Iterable[LinkedMetric], where: Iterable[Filter]) -> Iterator[str]:
    """What to say of each metric that a filter leaves nothing of, by the metric's own definition."""
    filters = [one for one in where if one.op in {Op.EQ, Op.IN} and one.values]
    if not filters:
        return
    for one in metrics:
        for field, said, kept in _conditions(one):
            for each in filters:
                if each.name == field and _is_nothing(each, kept):
                    left = phrase_filter(each)
                    name = one.metric.name
                    yield f"`{name}` leaves out {left} by its own definition ({said}): there is nothing of it"


def _is_nothing(one: Filter, kept: _Kept) -> bool:
    is_kept, values = kept
    return all((str(value) in values) is not is_kept for value in one.values)


def _conditions(one: LinkedMetric) -> Iterator[tuple[str, str, _Kept]]:
    """Each comparison that all of the metric's rows keep: the dimension, how it is written, and its values."""
    facts = {measure.fact for measure in one.measures}
    metric = one.metric
    if metric.where is None or len(facts) != 1:
        return
    try:
        tree = sqlglot.parse_one(metric.where.value)
    except SqlglotError:
        return
    for part in tree.flatten() if isinstance(tree, exp.And) else [tree]:
        found = _comparison(part, next(iter(facts)))
        if found is not None:
            yield found[0], part.sql(), found[1]


def _comparison(part: exp.Expr, fact: str) -> tuple[str, _Kept] | None:
    match part:
        case exp.EQ(this=exp.Column() as column, expression=exp.Literal() as value):
            return _name(column, fact), (True, frozenset({value.name}))
        case exp.NEQ(this=exp.Column() as column, expression=exp.Literal() as value):
            return _name(column, fact), (False, frozenset({value.name}))
        case exp.In(this=exp.Column() as column, expressions=values) if _are_literals(values):
            return _name(column, fact), (True, frozenset(one.name for one in values))
        case exp.Not(this=exp.In(this=exp.Column() as column, expressions=values)) if _are_literals(values):
            return _name(column, fact), (False, frozenset(one.name for one in values))
        case _:
            return None


def _are_literals(values: list[exp.Expr]) -> bool:
    return bool(values) and all(isinstance(one, exp.Literal) for one in values)


def _name(column: exp.Column, fact: str) -> str:
    return f"{column.table or fact}.{column.name}"
