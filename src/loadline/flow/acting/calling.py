"""A call and what is known of its far side in; one reply out: retries where they are safe, the breaker, Retry-After."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import assert_never

from loadline.flow.acting import codes
from loadline.flow.acting.record import tool_key
from loadline.flow.acting.world import ActWorld
from loadline.flow.ports import Store, Tool
from loadline.ledger import Entry
from loadline.values.action import Breaker, DeclaredAction
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
    carried out. A far side that asks to wait longer than one try may take is not waited for here."""
    wait = action.retries.backoff_seconds
    for attempt in range(1, action.retries.most + 2):
        reply = tool.call(arguments, key=key, timeout_seconds=action.timeout_seconds)
        asked = _asked_to_wait(reply)
        until = world.clock() + timedelta(seconds=asked) if asked else None
        called = Called(reply=reply, attempts=attempt, not_before=until)
        is_last = attempt > action.retries.most or not action.is_idempotent
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
    entries = store.find_entries(tool_key(action.name), limit=action.breaker.failures)
    called = [entry for entry in entries if "far_side" in entry.payload]
    if not called:
        return None
    until = called[0].payload["far_side"].get("not_before")
    if until is not None and now < datetime.fromisoformat(until):
        what = f"`{action.name}` was asked not to be sent again before {until}"
        return _left(codes.TOO_SOON, what)
    opened = _opened(called, action.breaker)
    if opened is not None and now < opened + timedelta(seconds=action.breaker.open_seconds):
        last = opened.isoformat(timespec="seconds")
        what = f"`{action.name}` failed {action.breaker.failures} times in a row, last at {last}"
        return _left(codes.BREAKER_OPEN, what)
    return None


def _opened(called: Iterable[Entry], breaker: Breaker) -> datetime | None:
    """When the last of `failures` failures in a row was; None when they were not all failures."""
    last = list(called)
    has_failed = len(last) >= breaker.failures and not any(entry.payload["far_side"]["is_done"] for entry in last)
    return last[0].at if has_failed else None


def _left(code: str, what: str) -> Reason:
    return Reason(code=code, what=what, why=codes.CODES[code].why, mend="wait, or mend the far side")
