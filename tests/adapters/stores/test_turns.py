"""Group commit: who comes while one turn waits for the disk shares the next one."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from loadline.adapters.stores.turns import Turns

Outcome = tuple[int | None, Exception | None]


class Slow:
    """Ends no turn until it may, and remembers which works shared one. 13 fails, 99 is interrupted."""

    def __init__(self, *, most: int = 100) -> None:
        self.batches: list[list[int]] = []
        self.may_end = threading.Event()
        self.turns: Turns[int, int] = Turns(self.perform, most=most)
        self.pool = ThreadPoolExecutor(20)

    def perform(self, batch: Sequence[int]) -> list[int]:
        self.batches.append(list(batch))
        self.may_end.wait()
        if 13 in batch:
            raise ArithmeticError
        if 99 in batch:
            raise KeyboardInterrupt
        return [10 * n for n in batch]

    def start(self, leader: int, *others: int) -> list[Future[Outcome]]:
        """`leader` has its turn, and the others have queued up behind it in this order."""
        futures = [self.pool.submit(self.turns.share, leader)]
        wait_until(lambda: bool(self.batches))
        for work in others:
            queued = len(self.turns._waiting)
            futures.append(self.pool.submit(self.turns.share, work))
            wait_until(lambda queued=queued: len(self.turns._waiting) > queued)  # type: ignore[misc]
        return futures


def wait_until(is_so: Callable[[], bool]) -> None:
    pause = threading.Event()
    while not is_so():
        pause.wait(0.001)


@pytest.fixture
def slow() -> Iterator[Slow]:
    slow = Slow()
    yield slow
    slow.may_end.set()
    slow.pool.shutdown()


def test_a_lone_caller_works_in_its_own_thread() -> None:
    turns: Turns[int, int] = Turns(lambda batch: [threading.get_ident() for _ in batch], most=9)
    assert turns.share(1) == (threading.get_ident(), None)


def test_who_waits_is_served_together(slow: Slow) -> None:
    futures = slow.start(1, *range(2, 10))
    slow.may_end.set()
    assert [f.result() for f in futures] == [(10 * n, None) for n in range(1, 10)]
    assert slow.batches == [[1], list(range(2, 10))]


def test_no_turn_is_larger_than_allowed(slow: Slow) -> None:
    slow.turns = Turns(slow.perform, most=3)
    futures = slow.start(1, *range(2, 9))
    slow.may_end.set()
    assert [f.result() for f in futures] == [(10 * n, None) for n in range(1, 9)]
    assert slow.batches == [[1], [2, 3, 4], [5, 6, 7], [8]]


def test_a_failure_reaches_everyone_in_its_turn_and_nobody_else(slow: Slow) -> None:
    slow.turns = Turns(slow.perform, most=2)
    futures = slow.start(1, 12, 13, 14)
    slow.may_end.set()
    errors = [f.result()[1] for f in futures]
    assert [type(error) for error in errors] == [type(None), ArithmeticError, ArithmeticError, type(None)]
    assert futures[3].result() == (140, None)


def test_an_interrupt_of_the_leader_reaches_the_others_as_an_error_and_the_rest_goes_on(slow: Slow) -> None:
    slow.turns = Turns(slow.perform, most=2)
    futures = slow.start(1, 98, 99, 2)
    slow.may_end.set()
    assert isinstance(futures[1].exception(), KeyboardInterrupt)  # it led, so it was the one interrupted
    assert isinstance(futures[2].result()[1], InterruptedError)
    assert futures[3].result() == (20, None)
    assert slow.turns.share(3) == (30, None)


def test_a_caller_interrupted_while_waiting_leaves_the_queue_and_its_work_undone(slow: Slow) -> None:
    futures = slow.start(1, 2, 3)
    gone = slow.turns._waiting[0]
    slow.turns._give_up(gone)  # what `share` does when the wait is interrupted
    slow.may_end.set()
    assert futures[2].result() == (30, None)
    assert slow.batches == [[1], [3]]
    gone.woken.release()  # so that its thread can end


def test_a_caller_interrupted_when_its_turn_to_lead_has_come_hands_it_on() -> None:
    turns: Turns[int, int] = Turns(lambda batch: [10 * n for n in batch], most=9)
    with pytest.raises(RuntimeError, match="between two bytecodes"):
        InterruptedTurns(turns).share(1)
    assert turns.share(2) == (20, None)


class InterruptedTurns(Turns[int, int]):
    """The same queue, for a caller whose interrupt comes just before it begins to lead."""

    def __init__(self, turns: Turns[int, int]) -> None:
        self.__dict__ = turns.__dict__

    def _lead(self) -> None:
        raise RuntimeError("an interrupt, between two bytecodes")


def test_closing_waits_for_what_is_queued_and_takes_no_more(slow: Slow) -> None:
    futures = slow.start(1, 2, 3)
    closing = slow.pool.submit(slow.turns.close)
    wait_until(lambda: slow.turns._is_closed)
    with pytest.raises(RuntimeError, match="closed"):
        slow.turns.share(4)
    assert not closing.done()
    slow.may_end.set()
    closing.result()
    assert [f.result() for f in futures] == [(10, None), (20, None), (30, None)]
    slow.turns.close()


def test_closing_without_work_returns_at_once() -> None:
    turns: Turns[int, int] = Turns(list, most=9)
    turns.share(1)
    turns.close()
