"""Group commit: who comes while one commit waits for the disk shares the next one."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import pytest

from loadline.adapters.stores.turns import Turns


class Slow:
    """Does nothing until it may, and remembers what it was given together."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.started = threading.Event()
        self.may_end = threading.Event()

    def __call__(self, batch: Sequence[int]) -> list[int]:
        self.batches.append(list(batch))
        self.started.set()
        self.may_end.wait()
        if 13 in batch:
            raise ArithmeticError
        return [10 * n for n in batch]


def test_who_waits_is_served_together() -> None:
    slow = Slow()
    turns = Turns(slow, name="test", most=100)
    first = turns.submit(1)
    slow.started.wait()
    others = [turns.submit(n) for n in range(2, 10)]
    slow.may_end.set()
    assert [first.result(), *(o.result() for o in others)] == [10 * n for n in range(1, 10)]
    assert slow.batches == [[1], list(range(2, 10))]
    turns.close()


def test_no_batch_is_larger_than_allowed() -> None:
    slow = Slow()
    turns = Turns(slow, name="test", most=3)
    first = turns.submit(1)
    slow.started.wait()
    others = [turns.submit(n) for n in range(2, 9)]
    slow.may_end.set()
    assert [o.result() for o in [first, *others]] == [10 * n for n in range(1, 9)]
    assert slow.batches == [[1], [2, 3, 4], [5, 6, 7], [8]]
    turns.close()


def test_a_failure_reaches_everyone_in_its_batch_and_nobody_else() -> None:
    slow = Slow()
    turns = Turns(slow, name="test", most=2)
    first = turns.submit(1)
    slow.started.wait()
    failed = [turns.submit(12), turns.submit(13)]
    after = turns.submit(14)
    slow.may_end.set()
    assert [type(f.exception()) for f in failed] == [ArithmeticError, ArithmeticError]
    assert (first.result(), after.result()) == (10, 140)
    turns.close()


def test_closing_finishes_what_waits_and_takes_no_more() -> None:
    slow = Slow()
    turns = Turns(slow, name="test", most=2)
    futures = [turns.submit(n) for n in range(5)]
    slow.may_end.set()
    turns.close()
    assert [f.result(timeout=0) for f in futures] == [0, 10, 20, 30, 40]
    with pytest.raises(RuntimeError):
        turns.submit(6)
    turns.close()
