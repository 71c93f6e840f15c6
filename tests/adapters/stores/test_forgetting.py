"""Somebody forgotten: no byte of what was said of them stays, every proof holds, and a kill leaves all or nothing."""

from __future__ import annotations

import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from loadline.adapters.signers.ed25519 import Ed25519Signer
from loadline.adapters.stores.forgetting import Order, forget, take_out
from loadline.adapters.stores.sqlite import SqliteStore, create_store, open_store
from loadline.adapters.stores.vault import Scope, vault_path
from loadline.errors import OutsideError, TamperError
from loadline.ledger import Draft, Entry, Kind, personal_key, prove
from loadline.ledger.sealed import EntryClass
from loadline.testing.store_suite import NOON, draft

KEY = Ed25519Signer("test.example/ledger", bytes(range(32)))
FORGETTER = Path(__file__).with_name("forgetter.py")
ANNA = "anna-of-the-northern-office"


def about(*subjects: str, run: str = "run-1", kind: Kind = Kind.OUTCOME, at: datetime = NOON, **said: object) -> Draft:
    keys = tuple(personal_key(one, "acts") for one in subjects)
    payload = {"status": "verified", "asked_by": subjects[0], **said}
    return Draft(kind=kind, run=run, at=at, payload=payload, keys=keys, subjects=subjects, open=("status",))


def made(path: Path) -> SqliteStore:
    return create_store(path, signer=KEY, verifier=KEY.verifier)


def opened(path: Path) -> SqliteStore:
    return open_store(path, signer=KEY, verifier=KEY.verifier)


def order(run: str = "erase-1", **more: object) -> Order:
    said = {"run": run, "by": "sam", "because": "asked for it", "at": NOON, **more}
    return Order(**said)  # type: ignore[arg-type]


def proven(store: SqliteStore) -> int:
    found = prove(store.read_entries(), store.read_checkpoints(), KEY.verifier, read_node=store.read_node)
    return found.removed


def files_holding(folder: Path, text: str) -> list[str]:
    return [one.name for one in folder.rglob("*") if one.is_file() and text.encode() in one.read_bytes()]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.db"


@pytest.fixture
def store(path: Path) -> Iterator[SqliteStore]:
    with made(path) as store:
        yield store


def test_a_file_of_keys_that_another_process_has_only_begun_holds_nothing_yet(path: Path) -> None:
    made(path).close()
    vault_path(path).touch(0o600)  # between making the file and making its tables
    store = opened(path)
    assert not store.vault.unfinished()
    store.append([about(ANNA, note="fine")])
    assert [entry.payload["note"] for entry in store.read_entries()] == ["fine"]
    store.close()


def test_keys_that_a_killed_process_left_half_written_are_rolled_back_by_the_next(path: Path, tmp_path: Path) -> None:
    store = made(path)
    store.append([about(ANNA, note="fine")])
    store.close()
    after = tmp_path / "after"
    after.mkdir()
    with closing(sqlite3.connect(vault_path(path), isolation_level=None)) as killed:
        killed.execute("PRAGMA cache_size = 1")  # what is written reaches the file before it is committed
        killed.execute("BEGIN IMMEDIATE")
        killed.execute("DELETE FROM content_key")
        many = [(f"{n:040}", "token", b"secret" * 100) for n in range(500)]
        killed.executemany("INSERT INTO subject VALUES (?, ?, ?)", many)
        for one in path.parent.glob(f"{path.stem}*"):
            shutil.copy(one, after)
        killed.execute("ROLLBACK")
    assert (after / f"{vault_path(path).name}-journal").stat().st_size > 0
    with opened(after / path.name) as store:
        assert [entry.payload["note"] for entry in store.read_entries()] == ["fine"]


def test_what_is_said_of_a_person_is_sealed_and_read_back(store: SqliteStore, path: Path) -> None:
    (entry,) = store.append([about(ANNA, question="how am I doing", values=["1.5", None])])
    assert store.read_entry(0) == entry
    assert entry.payload["question"] == "how am I doing"
    assert store.find_entries(personal_key(ANNA, "acts")) == (entry,)
    assert proven(store) == 0
    store.close()
    assert files_holding(path.parent, "how am I doing") == []
    assert files_holding(path.parent, ANNA) == [vault_path(path).name]


def test_a_ledger_without_its_keys_proves_and_says_nothing(store: SqliteStore, path: Path) -> None:
    store.append([about(ANNA, question="secret"), draft("run-2", n=1)])
    store.close()
    vault_path(path).unlink()
    with opened(path) as bare:
        first, second = bare.read_entries()
        assert (first.payload, first.is_readable) == ({"status": "verified"}, False)
        assert second.payload == {"n": 1}
        assert proven(bare) == 0


def test_what_is_forgotten_is_in_no_file(store: SqliteStore, path: Path) -> None:
    store.append([about(ANNA, question="secret of anna"), about("ben", question="ben's"), draft(n=1)])
    done = forget(store, Scope(subject=ANNA), order())
    assert (done.keys, done.removed, done.index) == (1, 0, 3)
    assert [e.payload.get("question") for e in store.read_entries()] == [None, "ben's", None, None]
    erasure = store.read_entry(3)
    assert (erasure.kind, erasure.payload["by"], erasure.payload["because"]) == (Kind.ERASURE, "sam", "asked for it")
    assert str(erasure.payload["subject"]).startswith("subject-")
    assert store.find_entries(personal_key(ANNA, "acts")) == ()
    assert proven(store) == 0
    store.close()
    assert files_holding(path.parent, ANNA) == []
    assert files_holding(path.parent, "secret of anna") == []


def test_a_copy_of_the_ledger_made_before_does_not_say_it_either(
    store: SqliteStore, path: Path, tmp_path: Path
) -> None:
    store.append([about(ANNA, question="secret")])
    (tmp_path / "copy").mkdir()
    copy = tmp_path / "copy" / "ledger.db"
    with sqlite3.connect(path) as source, sqlite3.connect(copy) as target:
        source.backup(target)
    source.close()
    target.close()
    forget(store, Scope(subject=ANNA), order())
    with opened(copy) as kept:
        assert not kept.read_entry(0).is_readable


def test_an_entry_about_two_people_goes_with_either(store: SqliteStore) -> None:
    store.append([about(ANNA, "customer_id=4711", question="both")])
    assert store.read_entry(0).is_readable
    forget(store, Scope(subject="customer_id=4711"), order())
    assert not store.read_entry(0).is_readable


def test_another_process_that_has_the_ledger_open_forgets_too(store: SqliteStore, path: Path) -> None:
    store.append([about(ANNA, question="secret")])
    with opened(path) as other:
        assert other.read_entry(0).is_readable
        forget(store, Scope(subject=ANNA), order())
        assert not other.read_entry(0).is_readable
        (new,) = other.append([about(ANNA, question="once more")])  # under a new key, not the one destroyed
        assert store.read_entry(new.index).payload["question"] == "once more"


def test_only_the_days_of_a_class_that_have_passed_are_let_go(store: SqliteStore) -> None:
    days = [NOON + timedelta(days=n) for n in range(4)]
    store.append([about(ANNA, at=at, n=n) for n, at in enumerate(days)])
    store.append([about(ANNA, at=days[0], kind=Kind.FEEDBACK, n=9)])
    done = forget(store, Scope(before={EntryClass.QUESTIONS: days[2].date().isoformat()}), order())
    assert done.keys == 2
    assert [e.payload.get("n") for e in store.read_entries()][:5] == [None, None, 2, 3, 9]
    assert proven(store) == 0


# -- entries that were never sealed


def plainly(store: SqliteStore, count: int) -> None:
    """As a version that knew no sealing wrote them."""
    for n in range(count):
        store.append([draft(f"run-{n}", asked_by=ANNA if n % 2 else "ben", question=f"{'secret ' * 300}{n}")])


def test_plain_entries_lose_their_content_and_the_ledger_proves(store: SqliteStore, path: Path) -> None:
    plainly(store, 30)
    rows = [e.index for e in store.read_entries() if e.payload["asked_by"] == ANNA]
    done = forget(store, Scope(subject=ANNA), order(rows=rows))
    assert done.removed == 15
    assert proven(store) == 15
    gone = store.read_entry(1)
    assert (gone.is_removed, gone.is_readable, gone.payload, gone.run) == (True, False, {}, "run-1")
    store.append([draft("after")])
    assert proven(store) == 15
    store.close()
    assert files_holding(path.parent, ANNA) == []


def test_content_that_nobody_says_they_took_is_tampering(store: SqliteStore) -> None:
    plainly(store, 4)
    take_out(store, [1])
    with pytest.raises(TamperError) as raised:
        proven(store)
    assert raised.value.diagnostics[0].code == "LED015"


def test_a_ledger_of_the_first_format_is_read_continued_and_forgets(store: SqliteStore, path: Path) -> None:
    plainly(store, 2)
    store.close()
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 1")
    connection.close()
    with opened(path) as again:
        again.append([about(ANNA, question="sealed from now on")])
        forget(again, Scope(subject=ANNA), order(rows=[1]))
        assert [e.is_readable for e in again.read_entries()] == [True, False, False, True]
        assert proven(again) == 1
    with sqlite3.connect(path) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (2,)
    connection.close()


def test_a_reader_in_the_way_is_said_and_what_was_begun_is_finished_later(
    store: SqliteStore, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plainly(store, 4)
    monkeypatch.setattr("loadline.adapters.stores.forgetting.WAIT_SECONDS", 0.05)
    blocker = sqlite3.connect(path, isolation_level=None)
    blocker.execute("BEGIN")
    blocker.execute("SELECT count(*) FROM entry").fetchone()
    with pytest.raises(OutsideError) as raised:
        forget(store, Scope(subject=ANNA), order(rows=[1, 3]))
    assert (raised.value.diagnostics[0].code, raised.value.retryable) == ("STO005", True)
    blocker.close()
    store.close()
    with opened(path) as again:
        assert proven(again) == 2
        assert again.vault.unfinished() == []
    assert files_holding(path.parent, ANNA) == []


# -- killed in the middle


def test_a_kill_leaves_somebody_forgotten_or_not_and_never_a_broken_ledger(tmp_path: Path) -> None:
    chance = random.Random(20260701)  # noqa: S311 - when to kill is no secret
    seen: set[bool] = set()
    for kill in range(10):
        folder = tmp_path / str(kill)
        folder.mkdir()
        path = folder / "ledger.db"
        with made(path) as store:
            plainly(store, 6)
            store.append([about(ANNA, question="sealed")])
        child = subprocess.Popen([sys.executable, str(FORGETTER), str(path), ANNA], stdout=subprocess.PIPE)
        assert child.stdout is not None
        child.stdout.readline()  # it begins now
        time.sleep(chance.uniform(0.0, 0.02) if kill else 1.0)
        child.send_signal(signal.SIGKILL)
        child.stdout.close()
        child.wait()
        with opened(path) as store:
            entries = list(store.read_entries())
            is_forgotten = not entries[6].is_readable
            seen.add(is_forgotten)
            assert proven(store) == (3 if is_forgotten else 0)
            assert [e.is_readable for e in entries[1:6:2]] == [not is_forgotten] * 3
            assert _erasures(entries) == int(is_forgotten)
            store.append([draft("goes on")])
        assert files_holding(folder, ANNA) == [] or not is_forgotten
    assert True in seen


def _erasures(entries: list[Entry]) -> int:
    return sum(entry.kind is Kind.ERASURE for entry in entries)
