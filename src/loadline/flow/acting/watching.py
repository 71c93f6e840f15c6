"""While something is performed: whether a freeze is recorded meanwhile, and then the stop of what is running.

One thread of the process looks for all that runs; to start one for each act would cost more than the rest of the act.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from loadline.errors import LoadlineError
from loadline.flow.acting import freezing
from loadline.flow.acting.freezing import Freeze
from loadline.flow.ports import Store

POLL_SECONDS = 0.1


@dataclass(slots=True, kw_only=True, eq=False)
class Watch:
    """`freeze` is what stopped it; None as long as nothing did. `lock` is held while it is looked at: what has ended is
    never cancelled, because what runs then is somebody else's."""

    store: Store
    keys: Sequence[str]
    cancel: Callable[[], None]
    left: float | None  # seconds it may still take
    freeze: Freeze | None = None
    is_over: bool = False
    fault: Exception | None = None  # what its cancel raised
    lock: threading.Lock = field(default_factory=threading.Lock)

    def look(self) -> None:
        with self.lock:
            if self.is_over:
                return
            try:
                _, self.freeze = freezing.look(self.store, self.keys)
                is_stopped = self.freeze is not None
            except LoadlineError:  # what nobody could stop is not let run
                is_stopped = True
            if self.left is not None:
                self.left -= POLL_SECONDS
                is_stopped = is_stopped or self.left <= 0
            if is_stopped:
                self.is_over = True
                self.cancel()


class Watchman:
    """Looks at every watch each tenth of a second, in a thread that sleeps while there is none."""

    def __init__(self) -> None:
        self.process = os.getpid()
        self._lock = threading.Lock()
        self._watches: list[Watch] = []
        self._has_some = threading.Event()
        threading.Thread(target=self._run, daemon=True, name="loadline-freeze").start()

    def begin(self, watch: Watch) -> None:
        with self._lock:
            self._watches.append(watch)
            self._has_some.set()

    def end(self, watch: Watch) -> None:
        with watch.lock:
            watch.is_over = True
        with self._lock:
            self._watches.remove(watch)
            if not self._watches:
                self._has_some.clear()

    def _run(self) -> None:
        never = threading.Event()
        while self._has_some.wait():
            never.wait(POLL_SECONDS)
            with self._lock:
                watches = tuple(self._watches)
            for watch in watches:
                try:
                    watch.look()
                except Exception as error:  # noqa: BLE001 - whatever one cancel raises, the others are still looked after
                    watch.fault = error


_appointed: list[Watchman] = []
_appointing = threading.Lock()


def _watchman() -> Watchman:
    """That of this process: a thread does not live on in a process that was forked."""
    with _appointing:
        if not _appointed or _appointed[0].process != os.getpid():
            _appointed[:] = [Watchman()]
        return _appointed[0]


os.register_at_fork(after_in_child=_appointed.clear)


@contextmanager
def stopped_by_freeze(
    store: Store, keys: Sequence[str], cancel: Callable[[], None], *, seconds: float | None = None
) -> Iterator[Watch]:
    """Look at the ledger every tenth of a second, and cancel as soon as a freeze is there, or `seconds` are over. A
    ledger that cannot be read stops it, too."""
    watch = Watch(store=store, keys=keys, cancel=cancel, left=seconds)
    watchman = _watchman()
    watchman.begin(watch)
    try:
        yield watch
    finally:
        watchman.end(watch)
