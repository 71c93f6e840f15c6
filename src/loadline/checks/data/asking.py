"""Promises of cadence and rules that ask a query of their own in; what their rows and values say out."""

from __future__ import annotations

from collections.abc import Sequence

from loadline.checks.data.cadence import regular
from loadline.checks.data.judging import valued
from loadline.checks.data.known import Known, Steps, why_not
from loadline.checks.data.nouns import Asked, Promised, Regular
from loadline.checks.data.primitives import Dialect
from loadline.checks.data.scans import MOST_PERIODS, asked, periods
from loadline.values.finding import Evidence, Row, RowsNeed, SqlNeed, Table
from loadline.values.promise import PromiseRun, Unseen


def of_time_and_asked(known: Known, waiting: Sequence[Promised], dialect: Dialect) -> Steps[None]:
    needs: dict[str, tuple[Promised, SqlNeed | RowsNeed]] = {}
    for one in waiting:
        match one.test:
            case Regular() as test:
                by_period = periods(known.relation, test, one.where, dialect, known.setting.zone)
                needs[one.promise.id] = (one, by_period)
            case Asked() as test:
                needs[one.promise.id] = (one, asked(known.relation, test, dialect))
            case _:
                pass
    evidence = yield tuple(need for _, need in needs.values())
    for name, (one, need) in needs.items():
        known.runs[name] = _run(known, one, evidence.get(need), need.sql)


def _run(known: Known, one: Promised, found: Evidence | None, sql: str) -> PromiseRun:
    if isinstance(found, Table) and isinstance(one.test, Regular):
        if len(found.rows) > MOST_PERIODS:
            return Unseen(promise=one.promise, why="there are more periods than are looked at")
        return regular(one, one.test, found.rows, known.clock, sql)
    if isinstance(found, Row) and isinstance(one.test, Asked):
        return valued(one, found.values[0], sql=sql, of="the rule's value")
    return Unseen(promise=one.promise, why=why_not(found))
