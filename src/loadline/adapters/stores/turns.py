"""Work from many threads in, one thread that does all that is waiting in one go out: group commit.

While one commit waits for the disk, whoever comes queues up; the next commit takes them all, so sixty-four callers
share one `fsync` instead of standing in line for sixty-four.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Generic, TypeVar

Work = TypeVar("Work")
Result = TypeVar("Result")


class Turns(Generic[Work, Result]):
    """`do` gets everything that waits, at most `most` pieces, and answers for each in order; when it raises, each of
    them gets the error. The thread starts with the first piece of work and never sees a signal."""

    def __init__(self, do: Callable[[Sequence[Work]], Sequence[Result]], *, name: str, most: int) -> None:
        self._do = do
        self._name = name
        self._most = most
        self._waiting: list[tuple[Work, Future[Result]]] = []
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._is_closed = False

    def submit(self, work: Work) -> Future[Result]:
        """Raises RuntimeError after `close`."""
        future: Future[Result] = Future()
        with self._changed:
            if self._is_closed:
                raise RuntimeError("closed")
            self._waiting.append((work, future))
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
                self._thread.start()
            self._changed.notify()
        return future

    def close(self) -> None:
        """Do what is waiting, then end. May be called twice."""
        with self._changed:
            self._is_closed = True
            self._changed.notify()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        while batch := self._next():
            try:
                results = self._do([work for work, _ in batch])
            except Exception as error:  # noqa: BLE001 - whatever it was, those who wait must hear of it
                for _, future in batch:
                    future.set_exception(error)
            else:
                for (_, future), result in zip(batch, results, strict=True):
                    future.set_result(result)

    def _next(self) -> list[tuple[Work, Future[Result]]]:
        """All that waits; nothing when there will be no more."""
        with self._changed:
            while not self._waiting and not self._is_closed:
                self._changed.wait()
            batch, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
            return batch
