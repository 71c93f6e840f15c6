"""The SQLite store: the suite of every store, and what only a file can do wrong."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from loadline.adapters.signers.ed25519 import Ed25519Signer
from loadline.adapters.stores.sqlite import SqliteStore, _Group, create_store, open_store
from loadline.errors import Bug, LoadlineError, OutsideError, TamperError
from loadline.ledger import Entry, prepare, prove, seal
from loadline.testing.store_suite import StoreSuite, draft

KEY = Ed25519Signer("test.example/ledger", bytes(range(32)))


def made(path: Path) -> SqliteStore:
    return create_store(path, signer=KEY, verifier=KEY.verifier)


def opened(path: Path, *, wait_seconds: float = 10.0) -> SqliteStore:
    return open_store(path, signer=KEY, verifier=KEY.verifier, wait_seconds=wait_seconds)


def altered(path: Path, *statements: str) -> None:
    """Do what someone with write access to the file could do."""
    connection = sqlite3.connect(path, isolation_level=None)
    for statement in statements:
        connection.execute(statement)
    connection.close()


def prove_all(store: SqliteStore) -> int:
    return prove(store.read_entries(), store.read_checkpoints(), KEY.verifier, read_node=store.read_node).size


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.db"


@pytest.fixture
def ledger(path: Path) -> Path:
    """A closed ledger of twenty entries in ten transactions."""
    with made(path) as store:
        for n in range(10):
            store.append([draft(f"run-{n}", n=n), draft(f"run-{n}", "answer", n=n)])
    return path


class TestSqliteStore(StoreSuite):
    @pytest.fixture
    def store(self, path: Path) -> Iterator[SqliteStore]:
        with made(path) as store:
            yield store


def test_a_ledger_survives_being_closed(ledger: Path) -> None:
    with opened(ledger) as store:
        assert [e.payload["n"] for e in store.read_entries()] == [n // 2 for n in range(20)]
        assert store.append([draft()])[0].index == 20
        assert prove_all(store) == 21


def test_a_ledger_is_readable_by_its_owner_alone(path: Path) -> None:
    umask = os.umask(0)
    try:
        with made(path) as store:
            store.append([draft()])
            modes = {stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
    finally:
        os.umask(umask)
    assert modes == {0o600}


def test_every_commit_waits_for_the_disk(path: Path) -> None:
    with made(path) as store:
        store.append([draft()])
        assert store._writer is not None
        assert store._writer.execute("PRAGMA synchronous").fetchone() == (2,)
        assert store._writer.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_callers_who_come_together_share_a_commit(path: Path) -> None:
    with made(path) as store:
        groups = [_Group(prepared=[prepare(draft(f"run-{n}"), bytes(32))] * 2) for n in range(16)]
        results = store._write(groups)
        assert [[e.run for e in entries or ()] for entries in results] == [[f"run-{n}"] * 2 for n in range(16)]
        assert [c.size for c in store.read_checkpoints()] == [0, 32]
        assert prove_all(store) == 32


def test_of_callers_who_come_together_and_saw_the_same_the_first_gets_in(path: Path) -> None:
    with made(path) as store:
        groups = [
            _Group(prepared=[prepare(draft(f"run-{n}", "turn"), bytes(32))], heads={("turn",): None}) for n in "ab"
        ]
        assert [entries is None for entries in store._write([*groups, _Group(prepared=groups[0].prepared)])] == [
            False, True, False,
        ]  # fmt: skip
        assert store._write(groups) == [None, None]
        assert prove_all(store) == 2


def test_two_open_stores_see_each_others_entries(ledger: Path) -> None:
    with opened(ledger) as one, opened(ledger) as two:
        for n in range(5):
            assert one.append([draft()])[0].index == 20 + 2 * n
            assert two.append([draft()])[0].index == 21 + 2 * n
        assert [e.index for e in one.read_entries(20)] == list(range(20, 30))
        assert prove_all(two) == 30


def test_a_ledger_opened_without_its_key_can_be_read_only(ledger: Path) -> None:
    with open_store(ledger, verifier=KEY.verifier) as store:
        assert prove_all(store) == 20
        assert code_of(OutsideError, lambda: store.append([draft()])) == "STO011"


def test_a_ledger_on_a_read_only_disk_can_be_read(ledger: Path, tmp_path: Path) -> None:
    """Run as somebody who may not write, because for the superuser nothing is read-only."""
    script = f"""
        import os, sys
        from pathlib import Path
        from loadline.adapters.signers.ed25519 import Ed25519Signer
        from loadline.adapters.stores.sqlite import open_store
        from loadline.errors import OutsideError
        from loadline.testing.store_suite import draft
        if os.geteuid() == 0:
            os.setgroups([]); os.setgid(65534); os.setuid(65534)
        key = Ed25519Signer("test.example/ledger", bytes(range(32)))
        with open_store(Path({str(ledger)!r}), signer=key, verifier=key.verifier) as store:
            assert len(list(store.read_entries())) == 20
            try:
                store.append([draft()])
            except OutsideError as error:
                print(error.diagnostics[0].code)
        """
    ledger.chmod(0o444)
    folder = ledger.parent
    before = {parent: stat.S_IMODE(parent.stat().st_mode) for parent in (folder, *folder.parents[:3])}
    try:
        for parent, mode in before.items():
            parent.chmod(0o555 if parent == folder else mode | 0o111)
        done = subprocess.run(
            [sys.executable, "-c", textwrap.dedent(script)], capture_output=True, text=True, check=False
        )
    finally:
        for parent, mode in before.items():
            parent.chmod(mode)
    assert (done.stdout.strip(), done.stderr) == ("STO007", "")


# what can be wrong with a file


def code_of(kind: type[LoadlineError], use: Callable[[], object]) -> str:
    with pytest.raises(kind) as raised:
        use()
    assert all(d.what and d.why and d.mend for d in raised.value.diagnostics)
    return raised.value.diagnostics[0].code


def test_a_missing_ledger_is_not_made_on_the_way(path: Path) -> None:
    assert code_of(OutsideError, lambda: opened(path)) == "STO001"
    assert not path.exists()


def test_a_ledger_is_never_overwritten(ledger: Path) -> None:
    before = ledger.read_bytes()
    assert code_of(OutsideError, lambda: made(ledger)) == "STO002"
    assert ledger.read_bytes() == before


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert code_of(OutsideError, lambda: made(tmp_path / "file" / "ledger.db")) == "STO007"


@pytest.mark.parametrize("content", [b"date,amount\n" * 500, b"SQLite format 3\x00" + b"\xff" * 4096])
def test_a_file_that_is_no_database_is_not_a_ledger(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    assert code_of(OutsideError, lambda: opened(path)) == "STO003"
    assert code_of(OutsideError, lambda: made(path)) == "STO003"
    assert path.read_bytes() == content


def test_another_programs_database_is_not_a_ledger(path: Path) -> None:
    altered(path, "CREATE TABLE note (text TEXT)")
    assert code_of(OutsideError, lambda: opened(path)) == "STO003"
    assert code_of(OutsideError, lambda: made(path)) == "STO003"


def test_an_interrupted_creation_can_be_finished(path: Path) -> None:
    path.touch()
    assert code_of(OutsideError, lambda: opened(path)) == "STO001"
    with made(path) as store:
        assert store.append([draft()])[0].index == 0


def test_a_newer_format_is_refused(ledger: Path) -> None:
    altered(ledger, "PRAGMA user_version = 3")
    assert code_of(OutsideError, lambda: opened(ledger)) == "STO004"


def test_a_locked_ledger_is_waited_for_and_then_said(ledger: Path) -> None:
    blocker = sqlite3.connect(ledger, isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    with opened(ledger, wait_seconds=0.05) as store:
        with pytest.raises(OutsideError) as raised:
            store.append([draft()])
        assert (raised.value.diagnostics[0].code, raised.value.retryable) == ("STO005", True)
        assert len(list(store.read_entries())) == 20  # reading goes on beside a writer
        blocker.execute("ROLLBACK")
        assert store.append([draft()])[0].index == 20
        assert prove_all(store) == 21
    blocker.close()


def test_a_full_disk_records_nothing_and_breaks_nothing(ledger: Path) -> None:
    with opened(ledger) as store:
        store.append([draft()])
        assert store._writer is not None
        (pages,) = store._writer.execute("PRAGMA page_count").fetchone()
        store._writer.execute(f"PRAGMA max_page_count = {pages + 2}")  # SQLite then fails just as on a full disk
        assert code_of(OutsideError, lambda: store.append([draft(text="x" * 50_000)])) == "STO006"
        assert store.append([draft()])[0].index == 21
        assert prove_all(store) == 22


def test_a_disk_that_refuses_to_grow_a_file_breaks_nothing(ledger: Path) -> None:
    """The same from below: the system refuses the write itself."""
    script = f"""
        import resource, signal
        from pathlib import Path
        from loadline.adapters.signers.ed25519 import Ed25519Signer
        from loadline.adapters.stores.sqlite import open_store
        from loadline.errors import OutsideError
        from loadline.testing.store_suite import draft
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
        key = Ed25519Signer("test.example/ledger", bytes(range(32)))
        count = 20
        with open_store(Path({str(ledger)!r}), signer=key, verifier=key.verifier) as store:
            try:
                while True:
                    count = store.append([draft(text="x" * 5000)])[0].index + 1
            except OutsideError as error:
                print(count, error.diagnostics[0].code)
        """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(script)], capture_output=True, text=True, check=False)
    count, code = done.stdout.split()
    assert code in ("STO006", "STO009")
    with opened(ledger) as store:
        assert prove_all(store) == int(count) > 20
        assert store.append([draft()])[0].index == int(count)


def test_a_damaged_file_is_said_and_not_written_to(ledger: Path) -> None:
    content = bytearray(ledger.read_bytes())
    for at in range(4096, len(content), 4096):  # each page's own header, but the first page's
        content[at : at + 8] = b"\xff" * 8
    ledger.write_bytes(content)
    assert code_of(TamperError, lambda: opened(ledger)) == "STO008"


def test_a_ledger_whose_tables_were_altered_is_said(ledger: Path) -> None:
    altered(ledger, "ALTER TABLE node RENAME TO knot")
    assert code_of(TamperError, lambda: opened(ledger)) == "STO008"


def test_a_ledger_without_its_checkpoints_is_said(ledger: Path) -> None:
    altered(ledger, "DELETE FROM checkpoint")
    assert code_of(TamperError, lambda: opened(ledger)) == "STO008"


# what can be done to a ledger by someone who may write the file


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("DELETE FROM entry WHERE idx >= 18", "LED007"),
        ("INSERT INTO entry SELECT 20, leaf, salt, payload FROM entry WHERE idx = 19", "LED010"),
        ("UPDATE node SET hash = zeroblob(32) WHERE id = 30", "LED004"),  # the root over entries 0 to 15
        ("DELETE FROM node WHERE id = 30", "LED003"),
        ("UPDATE checkpoint SET note = replace(note, '20', '21') WHERE size = 20", "LED005"),
        ("UPDATE checkpoint SET note = 'x' WHERE size = 20", "LED006"),
    ],
)
def test_a_head_that_does_not_prove_is_found_on_opening(ledger: Path, statement: str, code: str) -> None:
    altered(ledger, statement)
    assert code_of(TamperError, lambda: opened(ledger)) == code


@pytest.mark.parametrize(
    ("statement", "code", "said"),
    [
        ("UPDATE entry SET payload = replace(payload, '3', '4') WHERE idx = 7", "LED001", "entry 7 "),
        ("UPDATE entry SET salt = zeroblob(32) WHERE idx = 7", "LED001", "entry 7 "),
        ("UPDATE entry SET leaf = replace(leaf, 'run-3', 'run-4') WHERE idx = 7", "LED003", "entry 7 "),
        ("UPDATE entry SET leaf = replace(leaf, '\"index\":7', '\"index\":8') WHERE idx = 7", "LED002", "at 7 "),
        ("UPDATE entry SET leaf = leaf || ' ' WHERE idx = 7", "LED002", "at 7 "),
        ("UPDATE entry SET leaf = 'x' WHERE idx = 7", "LED002", "at 7 "),
        ("UPDATE entry SET leaf = 7 WHERE idx = 7", "LED002", "at 7 "),
        ("UPDATE entry SET leaf = CAST(x'ff80' AS TEXT) WHERE idx = 7", "LED002", "at 7 "),
        ("UPDATE entry SET payload = 3, salt = 2.5 WHERE idx = 7", "LED001", "entry 7 "),
        ("UPDATE node SET hash = 32 WHERE id = 11", "LED003", "entry 7 "),
        ("UPDATE checkpoint SET root = 32, note = 5 WHERE size = 8", "LED006", "not a signed checkpoint"),
        ("DELETE FROM entry WHERE idx = 7", "LED008", "entry 7 "),
        ("UPDATE node SET hash = zeroblob(32) WHERE id = 11", "LED003", "entry 7 "),
        ("UPDATE checkpoint SET note = replace(note, 'test', 'best') WHERE size = 8", "LED005", "checkpoint of size 8"),
        ("UPDATE checkpoint SET root = zeroblob(32) WHERE size = 8", "LED005", "size 8"),
    ],
)
def test_whatever_is_changed_is_named(ledger: Path, statement: str, code: str, said: str) -> None:
    altered(ledger, statement)
    with opened(ledger) as store, pytest.raises(TamperError) as raised:
        prove_all(store)
    assert raised.value.diagnostics[0].code == code
    assert said in raised.value.diagnostics[0].what


def test_a_changed_entry_is_never_read_as_if_it_were_true(ledger: Path) -> None:
    altered(ledger, "UPDATE entry SET payload = replace(payload, '3', '4') WHERE idx = 7")
    with opened(ledger) as store:
        assert code_of(TamperError, lambda: store.read_entry(7)) == "LED001"
        assert code_of(TamperError, lambda: store.find_entries("run-3")) == "LED001"
        assert store.read_entry(8).index == 8


def test_a_change_with_matching_hashes_is_caught_by_the_next_checkpoint(ledger: Path) -> None:
    """Someone who knows the format recomputes leaf, commitment and tree; what they cannot do is sign."""
    with opened(ledger) as store:
        entries = list(store.read_entries())
        checkpoints = list(store.read_checkpoints())
    forged = rewritten(entries, at=7)
    with pytest.raises(TamperError) as raised:
        prove(forged, checkpoints, KEY.verifier)
    assert raised.value.diagnostics[0].code == "LED004"
    assert "entries 6 to 7 " in raised.value.diagnostics[0].what  # the checkpoint of size 6 still holds


def rewritten(entries: list[Entry], *, at: int) -> list[Entry]:
    forged = seal(prepare(draft("run-3", lie=True), bytes(32)), at)
    return [*entries[:at], forged, *entries[at + 1 :]]


def test_nothing_is_appended_to_a_ledger_that_does_not_prove(ledger: Path) -> None:
    with opened(ledger) as one, opened(ledger) as two:
        one.append([draft()])
        altered(ledger, "UPDATE node SET hash = zeroblob(32) WHERE id = 30")
        assert code_of(TamperError, lambda: two.append([draft()])) == "LED004"
        assert len(list(two.read_entries())) == 21


def test_a_ledger_signed_with_another_key_is_not_this_ledger(ledger: Path) -> None:
    other = Ed25519Signer("test.example/ledger", bytes(32))
    assert code_of(TamperError, lambda: open_store(ledger, signer=other, verifier=other.verifier)) == "LED005"
    assert code_of(OutsideError, lambda: open_store(ledger, signer=other, verifier=KEY.verifier)) == "STO015"


def test_an_older_copy_is_told_from_the_ledger_by_a_checkpoint_someone_kept(ledger: Path, tmp_path: Path) -> None:
    shutil.copy(ledger, tmp_path / "older.db")
    with opened(ledger) as store:
        store.append([draft()])
        kept = store.read_checkpoint()
    assert kept is not None
    with opened(tmp_path / "older.db") as store, pytest.raises(TamperError) as raised:
        prove(store.read_entries(), store.read_checkpoints(), KEY.verifier, held=[kept.note])
    assert raised.value.diagnostics[0].code == "LED007"


def test_a_fork_of_the_ledger_contradicts_a_checkpoint_someone_kept(ledger: Path, tmp_path: Path) -> None:
    shutil.copy(ledger, tmp_path / "fork.db")
    with opened(ledger) as store:
        store.append([draft()])
        kept = store.read_checkpoint()
    assert kept is not None
    with opened(tmp_path / "fork.db") as fork:
        fork.append([draft(other=True)])
        with pytest.raises(TamperError) as raised:
            prove(fork.read_entries(), fork.read_checkpoints(), KEY.verifier, held=[kept.note])
    assert raised.value.diagnostics[0].code == "LED009"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_a_store_carried_across_a_fork_says_so(ledger: Path) -> None:
    with opened(ledger) as store:
        process = os.getpid()
        store._process = process + 1  # what a forked child would find
        try:
            assert code_of(Bug, lambda: store.append([draft()])) == "STO017"
            assert code_of(Bug, lambda: store.read_entry(0)) == "STO017"
        finally:
            store._process = process
