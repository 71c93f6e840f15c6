"""An agent's measured write in; what it adds to the rows that agent took out of and put into tables, and the sums, out.

They are counted in the transaction that records the intent, as rates and totals are, and taken off again when nothing
was done. A person who thawed the agent has looked: the sums begin anew with it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from loadline.checks.effects import MANY_ROWS, Tally
from loadline.flow.acting import freezing
from loadline.flow.acting.nouns import ActPlan, Counted
from loadline.flow.acting.record import newest
from loadline.flow.ports import Store
from loadline.values.effect import TableEffect

_OUT, _INTO = "out", "in"
_NO_END = "Infinity"
_DAY = timedelta(days=1)


def tallied(store: Store, plan: ActPlan, at: datetime) -> Iterator[Counted]:
    """What is counted of it. What takes something back puts in what was there, and invents nothing."""
    agent = plan.act.principal.agent
    if agent is None or plan.target is None or plan.effect is None or plan.undoes is not None:
        return
    begins = _begins(store, agent, plan.target.name)
    for table in plan.effect.tables:
        for way, rows in ((_OUT, table.deleted if table.deleted >= MANY_ROWS else 0), (_INTO, table.inserted)):
            if rows:
                key = _key(begins, table, way, at)
                yield Counted(key=key, amount=str(rows), most=_NO_END, said=f"rows {way} of `{table.table}`")


def sums(store: Store, plan: ActPlan, at: datetime) -> Iterator[Tally]:
    """Of the tables into which it put rows, today and yesterday, with what it did itself."""
    agent = plan.act.principal.agent
    if agent is None or plan.target is None or plan.effect is None:
        return
    begins = _begins(store, agent, plan.target.name)
    for table in plan.effect.tables:
        if table.inserted:
            out, into = (
                sum(_sum(store, _key(begins, table, way, day)) for day in (at, at - _DAY)) for way in (_OUT, _INTO)
            )
            yield Tally(table=table.table, out=out, into=into)


def _begins(store: Store, agent: str, target: str) -> str:
    """With the newest freeze or thaw of the agent, which begins the sums anew."""
    last = newest(store, freezing.agent_key(agent))
    return f"rows:{agent}:{last.index if last is not None else 0}:{target}"


def _key(begins: str, table: TableEffect, way: str, at: datetime) -> str:
    return f"{begins}:{table.table}:{way}:{at.astimezone(UTC).date().isoformat()}"


def _sum(store: Store, key: str) -> int:
    entry = newest(store, key)
    return int(entry.payload["counts"][key]) if entry is not None else 0
