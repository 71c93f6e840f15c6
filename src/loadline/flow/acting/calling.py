"""A call and what is known of its far side in; one reply out: retries where they are safe, the breaker, Retry-After."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import takewhile
from typing import assert_never

from loadline.flow.acting import codes
from loadline.flow.acting.record import tool_key
from loadline.flow.acting.world import ActWorld
from loadline.flow.ports import Store, Tool
from loadline.ledger import Entry
from loadline.values.action import DeclaredAction
from loadline.values.receipt import Reason
from loadline.values.tool_reply import Done, NotDone, ToolReply, Unclear


@dataclass(frozen=True, slots=True, kw_only=True)
class Called:
    """The last reply, how many tries it took, and until when the far side asked to be left alone."""

    reply: ToolReply
    attempts: int
    not_before: datetime | None = None


def call(world: ActWorld, action: DeclaredAction, tool: Tool, arguments: Mapping[str, object], *, key: str) -> Called:
    """Tries again only what is declared idempotent: for anything else, a try that seems to have failed may have been
    carried out. A far side that asks to wait longer than one try may take is not waited for here. Each try that fails
    counts for the breaker: one that would come after the last it allows is not made."""
    wait = action.retries.backoff_seconds
    most = min(action.retries.most + 1, max(1, action.breaker.failures - _failures(_called(world.store, action))))
    for attempt in range(1, most + 1):
        reply = tool.call(arguments, key=key, timeout_seconds=action.timeout_seconds)
        asked = _asked_to_wait(reply)
        until = world.clock() + timedelta(seconds=asked) if asked else None
        called = Called(reply=reply, attempts=attempt, not_before=until)
        is_last = attempt == most or not action.is_idempotent
        if is_last or not _may_pass(reply) or (asked or 0) > action.timeout_seconds:
            return called
        world.sleep(max(asked or 0.0, wait))
        wait *= 2
    raise AssertionError("there is always a first try")


def _may_pass(reply: ToolReply) -> bool:
    match reply:
        case Done():
            return False
        case NotDone(may_pass=may_pass):
            return may_pass
        case Unclear():
            return True
        case unreachable:
            assert_never(unreachable)


def _asked_to_wait(reply: ToolReply) -> float | None:
    match reply:
        case Done():
            return None
        case NotDone(after_seconds=after) | Unclear(after_seconds=after):
            return after
        case unreachable:
            assert_never(unreachable)


def left_alone(store: Store, action: DeclaredAction, now: datetime) -> Reason | None:
    """Why nothing is sent to this far side now: it asked to wait, or it keeps failing. A fold over its last outcomes,
    so that every process knows it."""
    called = _called(store, action)
    if not called:
        return None
    until = called[0].payload["far_side"].get("not_before")
    if until is not None and now < datetime.fromisoformat(until):
        what = f"`{action.name}` was asked not to be sent again before {until}"
        return _left(codes.TOO_SOON, what)
    failures, last = _failures(called), called[0].at
    if failures >= action.breaker.failures and now < last + timedelta(seconds=action.breaker.open_seconds):
        what = f"`{action.name}` failed {failures} times in a row, last at {last.isoformat(timespec='seconds')}"
        return _left(codes.BREAKER_OPEN, what)
    return None


def _called(store: Store, action: DeclaredAction) -> list[Entry]:
    """The last calls of it, newest first: as many as can open the breaker, were each of one try."""
    entries = store.find_entries(tool_key(action.name), limit=action.breaker.failures)
    return [entry for entry in entries if "far_side" in entry.payload]


def _failures(called: Iterable[Entry]) -> int:
    """Tries that failed in a row, up to now. A call that came to be done ended a row, however often it was tried."""
    failed = takewhile(lambda entry: not entry.payload["far_side"]["is_done"], called)
    return sum(entry.payload["far_side"].get("tries", 1) for entry in failed)


def _left(code: str, what: str) -> Reason:
    return Reason(code=code, what=what, why=codes.CODES[code].why, mend="wait, or mend the far side")
