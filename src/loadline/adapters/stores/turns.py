"""Work from many threads in, the same work done in shared turns out: group commit.

Whoever comes while nobody is at work does the work at once, in their own thread. Whoever comes meanwhile queues up;
when the turn ends, the first of the queue does the work of all who wait. So one caller pays no thread switch, and
sixty-four share one `fsync` instead of standing in line for sixty-four.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

Work = TypeVar("Work")
Result = TypeVar("Result")


class _Turn(Generic[Work, Result]):
    """One caller's work, and what came of it. `woken` is held until there is something to do or to return."""

    __slots__ = ("error", "result", "woken", "work")

    def __init__(self, work: Work) -> None:
        self.work = work
        self.woken = threading.Lock()
        self.woken.acquire()
        self.result: Result | None = None
        self.error: Exception | None = None


class Turns(Generic[Work, Result]):
    """`perform` gets everything that waits, at most `most` pieces, and answers for each in order; when it raises,
    each of them gets the error. It never runs twice at once."""

    def __init__(self, perform: Callable[[Sequence[Work]], Sequence[Result]], *, most: int) -> None:
        self._perform = perform
        self._most = most
        self._lock = threading.Lock()
        self._waiting: list[_Turn[Work, Result]] = []
        self._leader: _Turn[Work, Result] | None = None
        self._is_closed = False
        self._idle = threading.Event()
        self._idle.set()

    def share(self, work: Work) -> tuple[Result | None, Exception | None]:
        """Have `work` done, by this thread or by another, and return its result or the error.

        The error is returned, not raised: everyone in the turn gets the same one, and an exception that is raised in
        several threads mixes up their tracebacks. Raises RuntimeError after `close`.
        """
        mine: _Turn[Work, Result] = _Turn(work)
        try:
            with self._lock:
                if self._is_closed:
                    raise RuntimeError("closed")  # noqa: TRY301 - it must not be queued
                self._waiting.append(mine)
                if self._leader is None:
                    self._leader = mine
                    self._idle.clear()
            if self._leader is not mine:
                mine.woken.acquire()
            if self._leader is mine:
                self._lead()
        except BaseException:  # an interrupt may come at any point: never leave the queue without a leader
            self._give_up(mine)
            raise
        return mine.result, mine.error

    def close(self) -> None:
        """Wait until what is queued is done, and take no more. May be called twice."""
        with self._lock:
            self._is_closed = True
        self._idle.wait()

    def _lead(self) -> None:
        with self._lock:
            batch, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
        try:
            for turn, result in zip(batch, self._perform([turn.work for turn in batch]), strict=True):
                turn.result = result
        except Exception as error:  # noqa: BLE001 - whatever it was, everyone who waits must hear of it
            for turn in batch:
                turn.error = error
        except BaseException:
            for turn in batch:
                turn.error = InterruptedError("the caller who was doing the work of all was interrupted")
            raise
        finally:
            for turn in batch:
                turn.woken.release()
            with self._lock:
                self._appoint()

    def _appoint(self) -> None:
        """Let the first who waits lead, or note that nobody does. The lock is held."""
        self._leader = self._waiting[0] if self._waiting else None
        if self._leader is not None:
            self._leader.woken.release()
        else:
            self._idle.set()

    def _give_up(self, mine: _Turn[Work, Result]) -> None:
        with self._lock:
            if mine in self._waiting:
                self._waiting.remove(mine)
            if self._leader is mine:
                self._appoint()
