"""A `Target` and a `Tool` in memory, which do what they are told to, fail when told to, and count what was done."""

# ruff: noqa: ARG002 - a fake has the arguments of what it stands for

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from loadline.errors import OutsideError
from loadline.values.canonical import digest
from loadline.values.diagnostic import Diagnostic
from loadline.values.effect import (
    Approved,
    ChangedSince,
    Exceeded,
    Inserted,
    Performed,
    Preview,
    Reconciled,
    ShownTable,
    TableEffect,
    Write,
    WriteEffect,
    excesses,
)
from loadline.values.tool_reply import Done, ToolReply

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)


def effect(table: str, *, inserted: int = 0, updated: int = 0, deleted: int = 0) -> WriteEffect:
    """An effect on one table, in which every row is written once."""
    rows = inserted + updated + deleted
    one = TableEffect(table=table, inserted=inserted, updated=updated, deleted=deleted, writes=rows)
    return WriteEffect(tables=(one,) if rows else (), lost=digest(["rows of", table, updated, deleted]))


@dataclass(slots=True)
class FakeTarget:
    """`effects` are the effects of the statements to come, in turn (the last one stays); every perform is counted in
    `performed`. `before_commit` is called inside the transaction, `after_commit` behind it."""

    name: str = "shop"
    dialect: str = "sqlite"
    effects: list[WriteEffect] = field(default_factory=lambda: [effect("main.orders", updated=1)])
    performed: dict[str, Performed] = field(default_factory=dict)
    undone: set[str] = field(default_factory=set)
    before_commit: Callable[[], None] = lambda: None
    after_commit: Callable[[], None] = lambda: None
    failures: list[OutsideError] = field(default_factory=list)
    cancelled: threading.Event = field(default_factory=threading.Event)
    measured: int = 0
    inserted: tuple[Inserted, ...] = ()
    shown: tuple[ShownTable, ...] = ()

    @property
    def gaps(self) -> tuple[str, ...]:
        return ()

    def measure(self, write: Write) -> WriteEffect:
        self._fail()
        self.measured += 1
        return self._next()

    def preview(self, write: Write, *, most: int) -> Preview:
        return Preview(effect=self.measure(write), tables=self.shown if most else ())

    def perform(self, write: Write, *, approved: Approved, marker: str) -> Performed | Exceeded:
        self._fail()
        if marker in self.performed:
            return self.performed[marker]
        now = self._next()
        why = excesses(now, approved)
        if why:
            return Exceeded(effect=now, bound=approved.bound, why=why)
        return self._commit(marker, now)

    def find_marker(self, marker: str) -> Performed | None:
        self._fail()
        return self.performed.get(marker)

    def read_inserted(self, marker: str, *, most: int) -> tuple[Inserted, ...]:
        return self.inserted if marker in self.performed else ()

    def measure_undo(self, marker: str) -> WriteEffect | ChangedSince:
        self._fail()
        return self.performed[marker].effect

    def preview_undo(self, marker: str, *, most: int) -> Preview | ChangedSince:
        match self.measure_undo(marker):
            case ChangedSince() as refusal:
                return refusal
            case found:
                return Preview(effect=found, tables=self.shown if most else ())

    def undo(self, marker: str, *, as_marker: str) -> Performed | ChangedSince:
        self._fail()
        self.undone.add(marker)
        return self._commit(as_marker, self.performed[marker].effect)

    def reconcile(self, since: datetime) -> Reconciled:
        return Reconciled(since=since, until=NOON, markers=tuple(self.performed))

    def cancel(self) -> None:
        self.cancelled.set()

    def close(self) -> None:
        pass

    def _next(self) -> WriteEffect:
        return self.effects.pop(0) if len(self.effects) > 1 else self.effects[0]

    def _commit(self, marker: str, now: WriteEffect) -> Performed:
        self.before_commit()
        if self.cancelled.is_set():
            raise failure("TGT005", "it was cancelled")
        self.performed[marker] = Performed(marker=marker, effect=now, at=NOON)
        self.after_commit()
        return self.performed[marker]

    def _fail(self) -> None:
        if self.failures:
            raise self.failures.pop(0)


@dataclass(slots=True)
class FakeTool:
    """`replies` are what it answers, in turn (the last one stays); every call is kept in `calls` with its key."""

    replies: list[ToolReply] = field(default_factory=lambda: [Done(result={"id": 7})])
    calls: list[tuple[str, Mapping[str, object]]] = field(default_factory=list)
    while_called: Callable[[], None] = lambda: None
    cancelled: threading.Event = field(default_factory=threading.Event)

    def call(self, arguments: Mapping[str, object], *, key: str, timeout_seconds: float) -> ToolReply:
        self.calls.append((key, dict(arguments)))
        self.while_called()
        return self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]

    def cancel(self) -> None:
        self.cancelled.set()

    def close(self) -> None:
        pass


def failure(code: str, what: str, *, retryable: bool = False) -> OutsideError:
    """As a target raises it."""
    diagnostic = Diagnostic(code=code, what=what, why="the outside failed", mend="mend it")
    return OutsideError(diagnostic, retryable=retryable)
