"""What every receiver of events must do. An adapter's test derives from `EventsSuite` and gives it the fixtures
`receiver` (the adapter), `received` (what arrived so far, each event once by its id) and `broken` (one that fails)."""

# ruff: noqa: S101 - a suite is made of asserts

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from loadline.errors import OutsideError
from loadline.flow.ports import Events

Received = Callable[[], Mapping[str, Mapping[str, Any]]]


def event(name: str = "drift-1", **more: object) -> dict[str, object]:
    said: dict[str, object] = {"specversion": "1.0", "id": name, "source": "loadline/shop", "type": "loadline.test"}
    return said | {"data": {"blame": ["`größe` moved\n"]}} | more


class EventsSuite:
    def test_what_was_sent_arrives_equal(self, receiver: Events, received: Received) -> None:
        receiver.send(event())
        assert received() == {"drift-1": event()}

    def test_events_arrive_beside_each_other(self, receiver: Events, received: Received) -> None:
        receiver.send(event("a"))
        receiver.send(event("b"))
        assert set(received()) == {"a", "b"}

    def test_the_same_event_again_is_the_same_event(self, receiver: Events, received: Received) -> None:
        receiver.send(event())
        receiver.send(event())
        assert received() == {"drift-1": event()}

    def test_what_cannot_be_handed_over_is_said_and_may_be_tried_again(self, broken: Events) -> None:
        with pytest.raises(OutsideError) as caught:
            broken.send(event())
        assert caught.value.retryable
        assert {one.code for one in caught.value.diagnostics} == {"DRF010"}
