"""What every `Store` must do. An adapter's test derives from `StoreSuite` and gives it a fixture named `store`."""

# ruff: noqa: S101 - a suite is made of asserts

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

from loadline.errors import Bug, LoadlineError, RequestError
from loadline.flow.ports import Store
from loadline.ledger import (
    EMPTY_ROOT,
    Draft,
    Kind,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    verify_consistency,
    verify_inclusion,
)

NOON = datetime(2025, 7, 1, 12, tzinfo=UTC)


def draft(run: str = "run-1", *keys: str, kind: Kind = Kind.OUTCOME, at: datetime = NOON, **payload: Any) -> Draft:
    """A draft with little to say."""
    return Draft(kind=kind, run=run, at=at, payload=payload, keys=keys)


class StoreSuite:
    def test_what_was_appended_is_read_back_equal(self, store: Store) -> None:
        appended = store.append([draft("run-1", "key-1", a=1), draft("run-2", b=[{"c": None}], kind=Kind.INTENT)])
        assert [store.read_entry(0), store.read_entry(1)] == list(appended)
        assert tuple(store.read_entries()) == appended
        assert [(e.index, e.kind, e.run, e.keys, e.payload) for e in appended] == [
            (0, Kind.OUTCOME, "run-1", ("key-1",), {"a": 1}),
            (1, Kind.INTENT, "run-2", (), {"b": [{"c": None}]}),
        ]

    def test_values_are_recorded_in_their_canonical_form(self, store: Store) -> None:
        said: dict[str, Any] = {
            "amount": Decimal("12.50"),
            "day": date(2025, 7, 1),
            "words": "Zürich 🚢 \u0000 \u2028",
            "ratio": 0.1,
        }
        (entry,) = store.append([draft(**said)])
        assert entry.payload == {**said, "amount": "12.50", "day": "2025-07-01"}
        assert store.read_entry(0).payload == entry.payload

    def test_an_instant_is_the_same_instant_in_every_zone(self, store: Store) -> None:
        elsewhere = NOON.astimezone(timezone(timedelta(hours=2)))
        one, two = store.append([draft(at=NOON), draft(at=elsewhere)])
        assert one.at == two.at == store.read_entry(1).at == NOON
        assert b'"at":"2025-07-01T12:00:00.000000Z"' in two.leaf

    def test_entries_are_numbered_without_a_gap(self, store: Store) -> None:
        indexes = [entry.index for count in (1, 3, 2) for entry in store.append([draft()] * count)]
        assert indexes == [0, 1, 2, 3, 4, 5]

    def test_equal_drafts_have_different_leaves(self, store: Store) -> None:
        one, two = store.append([draft(), draft()])
        assert one.salt != two.salt
        assert one.leaf != two.leaf

    def test_appending_nothing_records_and_signs_nothing(self, store: Store) -> None:
        before = store.read_checkpoint()
        assert store.append([]) == ()
        assert store.read_checkpoint() == before
        assert list(store.read_entries()) == []

    def test_drafts_are_recorded_together_or_not_at_all(self, store: Store) -> None:
        error = _raised(RequestError, lambda: store.append([draft(), draft(question="\ud800")]))
        assert [d.code for d in error.diagnostics] == ["LED013"]
        assert list(store.read_entries()) == []
        assert store.append([draft()])[0].index == 0

    def test_names_that_do_not_fit_into_a_leaf_are_refused(self, store: Store) -> None:
        error = _raised(RequestError, lambda: store.append([draft("run", "k" * 66_000)]))
        assert [d.code for d in error.diagnostics] == ["LED013"]
        assert store.append([draft("run", "k" * 60_000)])[0].index == 0

    def test_an_entry_that_is_not_there_is_a_request_error(self, store: Store) -> None:
        store.append([draft()])
        for index in (1, -1, 10**30):
            error = _raised(RequestError, lambda index=index: store.read_entry(index))  # type: ignore[misc]
            assert [d.code for d in error.diagnostics] == ["LED012"]

    def test_a_range_is_half_open(self, store: Store) -> None:
        store.append([draft()] * 5)
        assert [e.index for e in store.read_entries(1, 3)] == [1, 2]
        assert [e.index for e in store.read_entries(3)] == [3, 4]
        assert [e.index for e in store.read_entries(3, 99)] == [3, 4]
        assert list(store.read_entries(5)) == []

    def test_reading_ends_where_the_ledger_ended_when_it_began(self, store: Store) -> None:
        store.append([draft()] * 3)
        reading = store.read_entries()
        first = next(reading)
        store.append([draft()] * 3)
        assert [first.index, *(e.index for e in reading)] == [0, 1, 2]

    # finding

    def test_entries_are_found_by_run_and_by_key_newest_first(self, store: Store) -> None:
        store.append([draft("run-1"), draft("run-1", "receipt-1"), draft("run-2", "receipt-1")])
        assert [e.index for e in store.find_entries("run-1")] == [1, 0]
        assert [e.index for e in store.find_entries("receipt-1")] == [2, 1]
        assert [e.index for e in store.find_entries("receipt-1", limit=1)] == [2]
        assert store.find_entries("receipt-9") == ()

    def test_six_characters_may_be_a_prefix_and_five_may_not(self, store: Store) -> None:
        store.append([draft("r", "abcdef12"), draft("r", "abcdef34"), draft("r", "abcdxx")])
        assert [e.index for e in store.find_entries("abcdef")] == [1, 0]
        assert [e.index for e in store.find_entries("abcdef1")] == [0]
        assert store.find_entries("abcde") == ()

    def test_an_exact_key_is_never_taken_for_a_prefix(self, store: Store) -> None:
        store.append([draft("r", "abcdef"), draft("r", "abcdef34"), draft("s", "ab")])
        assert [e.index for e in store.find_entries("abcdef")] == [0]
        assert [e.index for e in store.find_entries("ab")] == [2]

    def test_no_character_of_a_key_is_a_wildcard(self, store: Store) -> None:
        store.append([draft("r", "abcdefgh")])
        for key in ("%%%%%%", "______", "abc*ef", "abc%ef", "abcdef%", "\ud800" * 6, "ABCDEF"):
            assert store.find_entries(key) == ()

    def test_a_key_carried_twice_is_found_once(self, store: Store) -> None:
        store.append([draft("same-run", "same-run", "same-key", "same-key")])
        assert len(store.find_entries("same-run")) == 1
        assert len(store.find_entries("same-k")) == 1

    # checkpoints and proofs

    def test_a_new_ledger_has_a_signed_checkpoint_of_size_zero(self, store: Store) -> None:
        checkpoint = store.read_checkpoint()
        assert checkpoint is not None
        assert (checkpoint.size, checkpoint.root) == (0, EMPTY_ROOT)

    def test_every_append_ends_with_a_checkpoint_that_covers_it(self, store: Store) -> None:
        for count in (1, 4, 2):
            last = store.append([draft()] * count)[-1]
            checkpoint = store.read_checkpoint()
            assert checkpoint is not None
            assert checkpoint.size == last.index + 1
        assert [c.size for c in store.read_checkpoints()] == [0, 1, 5, 7]
        at_five = store.read_checkpoint(5)
        assert at_five is not None
        assert at_five.note.split("\n")[1] == "5"
        assert [store.read_checkpoint(size) for size in (3, -1, 10**30)] == [None, None, None]

    def test_every_entry_is_provable_in_every_checkpoint_over_it(self, store: Store) -> None:
        leaves = [leaf_hash(store.append([draft()])[0].leaf) for _ in range(9)]
        for checkpoint in list(store.read_checkpoints())[1:]:
            for index in range(checkpoint.size):
                proof = inclusion_proof(store.read_node, index=index, size=checkpoint.size)
                assert verify_inclusion(proof, leaf=leaves[index], root=checkpoint.root)

    def test_every_checkpoint_is_provably_the_beginning_of_every_later_one(self, store: Store) -> None:
        for _ in range(9):
            store.append([draft()])
        checkpoints = list(store.read_checkpoints())
        for old in checkpoints:
            for new in checkpoints[old.size :]:
                proof = consistency_proof(store.read_node, old_size=old.size, size=new.size)
                assert verify_consistency(proof, old_root=old.root, root=new.root)

    # many at once

    def test_many_threads_leave_no_gap_and_keep_each_group_together(self, store: Store) -> None:
        mine: dict[int, list[tuple[int, ...]]] = {n: [] for n in range(8)}

        def append(number: int) -> None:
            for _ in range(10):
                entries = store.append([draft(f"thread-{number}")] * 3)
                mine[number].append(tuple(e.index for e in entries))

        threads = [threading.Thread(target=append, args=(number,)) for number in mine]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        groups = [group for groups in mine.values() for group in groups]
        assert all(group == tuple(range(group[0], group[0] + 3)) for group in groups)
        assert sorted(index for group in groups for index in group) == list(range(240))
        assert all(store.read_entry(g[0]).run == f"thread-{n}" for n, groups in mine.items() for g in groups)

    # only while nobody else was faster

    def test_entries_are_recorded_while_the_newest_of_a_key_is_still_the_one_seen(self, store: Store) -> None:
        first = store.append_if([draft("run-1", "state:a")], {"state:a": None})
        assert first is not None
        second = store.append_if([draft("run-1", "state:a", n=2)], {"state:a": first[0].index, "state:b": None})
        assert second is not None
        assert [entry.index for entry in store.find_entries("state:a")] == [second[0].index, first[0].index]

    def test_what_was_overtaken_is_not_recorded_at_all(self, store: Store) -> None:
        (first,) = store.append([draft("run-1", "state:a")])
        store.append([draft("run-2", "state:a")])
        late: tuple[dict[str, int | None], ...] = ({"state:a": first.index}, {"state:a": None}, {"state": 0})
        before = store.read_checkpoint()
        for heads in late:
            assert store.append_if([draft("late"), draft("late", "state:a")], heads) is None
        assert store.read_checkpoint() == before
        assert store.find_entries("late") == ()

    def test_a_key_is_no_prefix_where_states_are_kept(self, store: Store) -> None:
        store.append([draft("run-1", "freeze:agent:bot2")])
        assert store.append_if([draft("run-2", "freeze:agent:bot")], {"freeze:agent:bot": None}) is not None

    def test_of_many_threads_that_saw_the_same_one_gets_in(self, store: Store) -> None:
        won: list[int] = []

        def count(number: int) -> None:
            for turn in range(6):
                seen = store.find_entries("turn:count", limit=1)
                head = seen[0].index if seen else None
                if store.append_if([draft(f"thread-{number}", "turn:count", turn=turn)], {"turn:count": head}):
                    won.append(number)

        threads = [threading.Thread(target=count, args=(number,)) for number in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(store.find_entries("turn:count")) == len(won) > 0

    # the end

    def test_a_closed_store_says_so(self, store: Store) -> None:
        store.append([draft()])
        store.close()
        store.close()
        uses: tuple[Callable[[], object], ...] = (
            lambda: store.append([draft()]),
            lambda: store.read_entry(0),
            store.read_checkpoint,
        )
        for use in uses:
            assert [d.code for d in _raised(Bug, use).diagnostics] == ["STO010"]


def _raised(kind: type[LoadlineError], use: Callable[[], object]) -> LoadlineError:
    try:
        use()
    except kind as error:
        return error
    raise AssertionError(f"no {kind.__name__} was raised")
