"""While something is performed: whether a freeze is recorded meanwhile, and then the stop of what is running."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from loadline.errors import LoadlineError
from loadline.flow.acting import freezing
from loadline.flow.acting.freezing import Freeze
from loadline.flow.ports import Store

POLL_SECONDS = 0.1


@dataclass(slots=True, kw_only=True)
class Watch:
    """`freeze` is what stopped it; None as long as nothing did."""

    freeze: Freeze | None = None
    ended: threading.Event = field(default_factory=threading.Event)


@contextmanager
def stopped_by_freeze(
    store: Store, keys: Sequence[str], cancel: Callable[[], None], *, seconds: float | None = None
) -> Iterator[Watch]:
    """Look at the ledger every tenth of a second, and cancel as soon as a freeze is there, or `seconds` are over. A
    ledger that cannot be read stops it, too: what nobody could stop is not let run."""
    watch = Watch()

    def look() -> None:
        left = seconds
        while not watch.ended.wait(POLL_SECONDS if left is None else min(left, POLL_SECONDS)):
            if left is not None and (left := left - POLL_SECONDS) <= 0:
                cancel()
                return
            try:
                _, watch.freeze = freezing.look(store, keys)
            except LoadlineError:
                cancel()
                return
            if watch.freeze is not None:
                cancel()
                return

    thread = threading.Thread(target=look, daemon=True, name="loadline-freeze")
    thread.start()
    try:
        yield watch
    finally:
        watch.ended.set()
        thread.join()
