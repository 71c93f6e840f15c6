"""What the ledger says of watches and who reads it in; the same without what rules and rights keep from them out.

Blame names values and shares of a column. Who may not see a watched column, or only some rows, is told that it moved,
and which watch says so, and no more.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from loadline.checks.drift import codes
from loadline.errors import RequestError
from loadline.flow.alarms import Alarm
from loadline.flow.looks_seen import Sight, column_of, sight_over
from loadline.flow.watch_run import chosen
from loadline.flow.watched import History
from loadline.flow.world import Ruled
from loadline.project import Watch
from loadline.values.diagnostic import Diagnostic
from loadline.values.rule import Principal

KEPT = "rules or rights keep from you what moved"


def status_as_seen_by(
    world: Ruled, principal: Principal, pairs: Iterable[tuple[Watch, History]], alarms: Iterable[Alarm]
) -> tuple[list[tuple[Watch, History]], list[Alarm]]:
    told = [
        (watch, history if _sees(world, principal, watch, _columns(watch)) else _without_notes(history))
        for watch, history in pairs
    ]
    return told, [_seen(world, principal, alarm) for alarm in alarms]


def check_drawn(world: Ruled, principal: Principal, column: str) -> None:
    """`column` is written `watch.column`. Raises RequestError where a picture of it would show what is kept from the
    principal."""
    name, _, field = column.partition(".")
    (watch,) = chosen(world.project, (name,))
    wanted = (field, *((watch.segment,) if watch.segment else ())) if field else _columns(watch)
    if _sees(world, principal, watch, wanted):
        return
    raise RequestError(
        Diagnostic(
            code=codes.NOTHING_TO_DRAW,
            what=f"rules or rights keep `{column}` from `{principal.name}`, or all but some of its rows",
            why="a picture shows shares of its values over all rows",
            mend="draw another column, or ask whoever may see all of it",
        )
    )


def _seen(world: Ruled, principal: Principal, alarm: Alarm) -> Alarm:
    moved = {column for _, column in alarm.newest.moved}
    watch = alarm.watch
    wanted = (*(name for name in _columns(watch) if name in moved), *((watch.segment,) if watch.segment else ()))
    if _sees(world, principal, watch, wanted or _columns(watch)):
        return alarm
    head = alarm.finding.what.partition(": ")[0]
    finding = replace(alarm.finding, what=f"{head}: {KEPT}")
    return replace(alarm, newest=replace(alarm.newest, blame=(KEPT,), blames=(), notes=()), finding=finding)


def _without_notes(history: History) -> History:
    if not history.seen:
        return history
    return replace(history, seen=(*history.seen[:-1], replace(history.seen[-1], notes=())))


def _columns(watch: Watch) -> tuple[str, ...]:
    more = (name for name in (watch.segment, watch.quality) if name)
    return tuple(dict.fromkeys((*watch.columns, *more)))


def _sees(world: Ruled, principal: Principal, watch: Watch, names: Iterable[str]) -> bool:
    """All values of these columns. What is told of answers is about no data."""
    if watch.dataset is None:
        return True
    sight: Sight = sight_over(world, principal, [column_of(world.project, watch.dataset, name) for name in names])
    return not (sight.hidden or sight.is_partial)
