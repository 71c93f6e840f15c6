"""Something to call and how long it may take in; what it returned, or the error that it did not, out."""

from __future__ import annotations

import threading
from collections.abc import Callable

from loadline.adapters.planners.faults import failed


def within(seconds: float, call: Callable[[], object], *, name: str) -> object:
    """Runs in a thread of its own: one that takes too long is left behind, and what it may return then is not used.
    Raises what `call` raises."""
    replies: list[object] = []
    faults: list[Exception] = []

    def run() -> None:
        try:
            replies.append(call())
        except Exception as error:  # noqa: BLE001 - handed on to whoever waits
            faults.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(seconds)
    if faults:
        raise faults[0]
    if not replies:
        raise failed(f"{name} took longer than {seconds:g} s")
    return replies[0]
