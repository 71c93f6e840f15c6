"""A function of the user's own as a planner: an offer in, whatever it returns out."""

from __future__ import annotations

from collections.abc import Callable

from loadline.adapters.planners.faults import failed
from loadline.adapters.planners.timed import within
from loadline.errors import OutsideError
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
        try:
            return within(timeout_seconds, lambda: self._function(offer), name=f"`{self._name}`")
        except OutsideError:
            raise
        except Exception as error:  # a stranger's code may raise anything; it is told, once
            raise failed(f"`{self._name}` failed ({type(error).__name__}: {error})") from error
