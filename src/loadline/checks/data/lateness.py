"""Rows that arrived too late in; how late they and all others came, and what that says, out."""

from __future__ import annotations

from dataclasses import replace

from sqlglot import exp

from loadline.checks.data.causes import may_be_shown
from loadline.checks.data.conditions import apart_seconds, broken_if, scope_tree
from loadline.checks.data.known import Known, Steps
from loadline.checks.data.nouns import Arrives, Promised
from loadline.checks.data.primitives import Dialect, Tree, both, call
from loadline.checks.data.scans import table_tree
from loadline.values.finding import Row, SqlNeed
from loadline.values.promise import Broken

_GAP = 3
"""So many times longer than any other row the late ones took: then they were not slow but held back."""
_UNITS = ((86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second"))


def told_how_late(known: Known, one: Promised, dialect: Dialect) -> Steps[None]:
    """Adds to the cause of one promise, when its rows may be spoken of."""
    run, test = known.runs[one.promise.id], one.test
    if not (isinstance(run, Broken) and run.count and isinstance(test, Arrives)):
        return
    if not (may_be_shown(test.column) and may_be_shown(test.arrival)):
        return
    need = _lags(known.relation, one, test, dialect)
    found = (yield (need,)).get(need)
    if not isinstance(found, Row) or found.values[0] is None or found.values[1] is None:
        return
    least, most, others = (float(str(value)) if value is not None else None for value in found.values)
    if least is not None and most is not None:
        said = _words(test, least, most, others)
        known.runs[one.promise.id] = replace(run, cause=f"{said}; {run.cause}" if run.cause else said)


def _lags(relation: str, one: Promised, test: Arrives, dialect: Dialect) -> SqlNeed:
    """The least and the most seconds of the rows that came too late, and the most of all others."""
    lag, late = apart_seconds(test.column, test.arrival, dialect), broken_if(test, dialect)

    def among(condition: Tree) -> Tree:
        return exp.Case(ifs=[exp.If(this=condition, true=lag.copy())])

    in_time = exp.Not(this=exp.Paren(this=late.copy()))
    wanted = [call("MIN", among(late)), call("MAX", among(late.copy())), call("MAX", among(in_time))]
    select = exp.select(*wanted).from_(table_tree(relation, dialect))
    if one.where:
        select = select.where(both([scope_tree(one.where, dialect)]))
    return SqlNeed(sql=select.sql(dialect=dialect.name), dialect=dialect.name)


def _words(test: Arrives, least: float, most: float, others: float | None) -> str:
    between = f"they came {_spelled(least)} to {_spelled(most)} after `{test.column.name}`"
    if others is None or others <= 0:
        return between
    if least < _GAP * others:
        return f"{between}, where the others took up to {_spelled(others)}"
    return f"{between}, where no other row took more than {_spelled(others)}: they look held back on the way"


def _spelled(seconds: float) -> str:
    size, unit = next(((size, unit) for size, unit in _UNITS if seconds >= 2 * size), _UNITS[-1])
    many = round(seconds / size)
    return f"{many:,} {unit}{'' if many == 1 else 's'}"
