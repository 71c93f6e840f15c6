"""Work for the engine in, its result out: bounded in time, stoppable from any thread and by the keyboard."""

from __future__ import annotations

import os
import queue
import threading
import time
from collections.abc import Callable
from enum import StrEnum
from typing import TypeVar

import duckdb

from loadline.adapters.warehouses import codes
from loadline.adapters.warehouses.said import fault
from loadline.errors import OutsideError

T = TypeVar("T")

_MOST_IDLE = 16
_NUDGE_SECONDS = 0.02  # an interrupt that falls just before the engine starts is lost, so it is repeated


READS = "loadline-warehouse-read"
"""The name of a thread that reads."""

_idle: list[queue.SimpleQueue[Callable[[], None]]] = []
"""Threads that wait for the next read: to start one takes longer than many a small query."""

os.register_at_fork(after_in_child=_idle.clear)  # threads stay behind with the parent


def _hand_over(run: Callable[[], None]) -> None:
    """`run` in a thread that has nothing else to do. `run` raises nothing."""
    try:
        waiting = _idle.pop()
    except IndexError:
        waiting = queue.SimpleQueue()
        threading.Thread(target=_work, args=(waiting,), daemon=True).start()
    waiting.put(run)


def _work(waiting: queue.SimpleQueue[Callable[[], None]]) -> None:
    thread = threading.current_thread()
    while True:
        run = waiting.get()
        thread.name = READS
        run()
        del run  # what it holds is the caller's
        thread.name = "loadline-warehouse-idle"
        if len(_idle) >= _MOST_IDLE:
            return
        _idle.append(waiting)


class Stop(StrEnum):
    TIMEOUT = "timeout"
    CANCELLED = "cancelled"


class Reading:
    """One cursor and its time budget. Only time spent in the engine counts, not what the caller does between batches.

    The engine works in a thread of its own while the caller waits for it: DuckDB holds the calling thread until a
    query ends, so this is what lets a timeout, `stop` and Ctrl-C reach it.
    """

    def __init__(self, cursor: duckdb.DuckDBPyConnection, *, timeout_seconds: float) -> None:
        self.cursor = cursor
        self._timeout_seconds = timeout_seconds
        self._left_seconds = timeout_seconds
        self._stopped: Stop | None = None
        self._woken = threading.Event()

    def call(self, work: Callable[[], T]) -> T:
        """Run `work` (which uses `cursor`). Raises OutsideError when stopped, else whatever `work` raises."""
        self._raise_if_stopped()
        outcome: list[T] = []
        problem: list[BaseException] = []
        ended = threading.Event()

        def run() -> None:
            try:
                outcome.append(work())
            except BaseException as error:  # noqa: BLE001  (handed to the caller's thread, which raises it)
                problem.append(error)
            finally:
                ended.set()
                self._woken.set()

        began = time.monotonic()
        _hand_over(run)
        try:
            self._wait(ended, began + self._left_seconds)
        except BaseException:  # Ctrl-C: leave no query behind
            self._halt(ended)
            raise
        finally:
            self._left_seconds -= time.monotonic() - began
            self._woken.clear()
        if problem:
            if isinstance(problem[0], duckdb.Error):
                self._raise_if_stopped(problem[0])
            raise problem[0]
        return outcome[0]

    def stop(self, why: Stop = Stop.CANCELLED) -> None:
        """From any thread: whoever waits in `call`, or calls next, gets an OutsideError."""
        self._stopped = self._stopped or why
        self._woken.set()

    def _wait(self, ended: threading.Event, deadline: float) -> None:
        while not ended.is_set():
            self._woken.wait(max(0.0, deadline - time.monotonic()))
            if not ended.is_set() and self._stopped is None and time.monotonic() >= deadline:
                self._stopped = Stop.TIMEOUT
            if self._stopped is not None:
                self._halt(ended)

    def _halt(self, ended: threading.Event) -> None:
        self.cursor.interrupt()
        while not ended.wait(_NUDGE_SECONDS):
            self.cursor.interrupt()

    def _raise_if_stopped(self, cause: BaseException | None = None) -> None:
        match self._stopped:
            case None:
                return
            case Stop.CANCELLED:
                raise fault(codes.CANCELLED, "the query was cancelled", "run it again", retryable=True) from cause
            case Stop.TIMEOUT:
                raise self._too_slow() from cause

    def _too_slow(self) -> OutsideError:
        what = f"the query was stopped after {self._timeout_seconds:g} seconds"
        mend = "ask for a shorter window or fewer groups, or raise `warehouse.timeout_seconds` in loadline.yaml"
        return fault(codes.TOO_SLOW, what, mend, retryable=True)
