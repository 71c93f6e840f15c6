"""A function of the user's own as a planner: an offer in, whatever it returns out."""

from __future__ import annotations

import threading
from collections.abc import Callable

from loadline.adapters.planners.faults import failed
from loadline.flow.ports import Offer


class CallablePlanner:
    """`function` is given an Offer and returns a mapping with `metrics`, `by`, `where`, `during`, `order`, `limit`. It
    runs in a thread of its own: one that takes too long is left behind, and its reply is not used."""

    def __init__(
        self,
        function: Callable[[Offer], object],
        *,
        name: str = "callable",
        provider: str = "callable",
        region: str | None = None,
    ) -> None:
        """`provider` is who is handed the offer, as the rights of contracts call them: `inside` where the function
        hands it to nobody."""
        self._function = function
        self._name = name
        self._provider = provider
        self._region = region

    @property
    def provider(self) -> str:
        return self._provider

    @property
    def region(self) -> str | None:
        return self._region

    @property
    def name(self) -> str:
        return self._name

    def draft_query(self, offer: Offer, *, timeout_seconds: float) -> object:
        replies: list[object] = []
        faults: list[BaseException] = []

        def call() -> None:
            try:
                replies.append(self._function(offer))
            except Exception as error:  # noqa: BLE001 - a stranger's code; what it raises is told, once, below
                faults.append(error)

        thread = threading.Thread(target=call, daemon=True)
        thread.start()
        thread.join(timeout_seconds)
        if faults:
            raise failed(f"`{self._name}` failed ({type(faults[0]).__name__}: {faults[0]})") from faults[0]
        if not replies:
            raise failed(f"`{self._name}` took longer than {timeout_seconds:g} s")
        return replies[0]
