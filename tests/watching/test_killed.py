"""`kill -9` at the worst moments: no window is lost, none is run twice, and no alarm is lost or doubled."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections import Counter

import pytest

from loadline.ledger import Kind
from watching.conftest import Shop

# A child that watches as the command line does, and is killed when the function named is called for the n-th time.
CHILD = """
import importlib, os, signal, sys
from pathlib import Path
from datetime import datetime
module, name, count, when, root, now = sys.argv[1:]
from loadline.app import App
from loadline.project import read_folder

holder = importlib.import_module(module)
*inside, attribute = name.split(".")
for one in inside:
    holder = getattr(holder, one)
original = getattr(holder, attribute)
calls = 0

def deadly(*words, **more):
    global calls
    calls += 1
    is_last = calls == int(count)
    if is_last and when == "before":
        os.kill(os.getpid(), signal.SIGKILL)
    result = original(*words, **more)
    if is_last:
        os.kill(os.getpid(), signal.SIGKILL)
    return result

setattr(holder, attribute, deadly)
with App(read_folder(Path(root)).accept(), now=lambda: datetime.fromisoformat(now)) as app:
    WATCH
"""
ONCE = CHILD.replace("WATCH", "app.watch()")
DAEMON = CHILD.replace("WATCH", "import threading; list(app.keep_watching(threading.Event()))")
APPEND = ("loadline.adapters.stores.sqlite", "SqliteStore.append")
SEND = ("loadline.adapters.events.file", "FileEvents.send")


@pytest.mark.parametrize(
    ("target", "count", "when"),
    [
        pytest.param(APPEND, 2, "before", id="windows looked at, not yet recorded"),
        pytest.param(APPEND, 2, "after", id="windows recorded, alarm not yet sent"),
        pytest.param(SEND, 1, "after", id="alarm sent, sending not yet recorded"),
        pytest.param(APPEND, 3, "after", id="sending recorded"),
    ],
)
def test_a_watch_that_is_killed_goes_on_where_it_was(
    shop: Shop, target: tuple[str, str], count: int, when: str
) -> None:
    shop.fill(36, amount=lambda day: 1.5 if day >= 30 else 1)
    words = [*target, str(count), when, str(shop.root), shop.now.isoformat()]
    killed = subprocess.run([sys.executable, "-c", ONCE, *words], check=False, capture_output=True, text=True)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    app = shop.app()
    assert not app.watch().has_failed
    app.watch()
    entries = [entry.payload for entry in app.world.store.read_entries() if entry.kind is Kind.DRIFT]
    windows = Counter(entry["window"] for entry in entries if entry["what"] == "window")
    assert len(windows) == 36
    assert set(windows.values()) == {1}
    assert sum(entry["what"] == "baseline" for entry in entries) == 1
    assert sum(entry["what"] == "sent" for entry in entries) == 1
    assert len((shop.root / "alarms" / "drift.jsonl").read_text("utf-8").splitlines()) == 1
    assert app.prove().size


def started(shop: Shop) -> tuple[subprocess.Popen[str], int]:
    """The daemon of the command line, after its first round; and how many windows that looked at."""
    program = "import sys; from loadline.surfaces.cli import main; main(sys.argv[1:])"
    command = [sys.executable, "-u", "-c", program, "watch", "-C", str(shop.root), "--format", "json"]
    daemon = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert daemon.stdout is not None
    return daemon, int(json.loads(daemon.stdout.readline())["watches"][0]["windows_looked_at"])


@pytest.mark.parametrize(("when", "left"), [("before", 36), ("after", 0)])
def test_a_daemon_that_is_killed_in_a_round_and_at_rest_goes_on_and_repeats_nothing(
    shop: Shop, when: str, left: int
) -> None:
    contract = shop.root / "contracts" / "orders.yaml"
    rule = "    quality: [{metric: rowCount, mustBeGreaterThan: 0, schedule: '0 6 1 1 *'}]\n"
    contract.write_text(contract.read_text("utf-8").replace("    properties:", f"{rule}    properties:"), "utf-8")
    shop.fill(36, amount=lambda day: 1.5 if day >= 30 else 1)
    words = [*APPEND, "2", when, str(shop.root), shop.now.isoformat()]
    killed = subprocess.run([sys.executable, "-c", DAEMON, *words], check=False, capture_output=True, text=True)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    daemon, windows = started(shop)
    assert windows == left, "what was recorded is not looked at again, and what was not is"
    daemon.kill()
    daemon.communicate()
    daemon, windows = started(shop)
    assert windows == 0
    daemon.send_signal(signal.SIGTERM)
    daemon.communicate(timeout=60)
    assert daemon.returncode == 0
    entries = list(shop.app().world.store.read_entries())
    drifted = [entry.payload for entry in entries if entry.kind is Kind.DRIFT]
    counts = Counter(one["window"] for one in drifted if one["what"] == "window")
    assert (len(counts), set(counts.values())) == (36, {1})
    assert len((shop.root / "alarms" / "drift.jsonl").read_text("utf-8").splitlines()) == 1
    assert sum(entry.kind is Kind.CHECK for entry in entries) == 1, "its contract was due once"


def test_the_daemon_looks_stays_and_ends_when_it_is_told_to(shop: Shop) -> None:
    shop.fill(25)
    program = "import sys; from loadline.surfaces.cli import main; main(sys.argv[1:])"
    command = [sys.executable, "-u", "-c", program, "watch", "-C", str(shop.root), "--format", "json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as daemon:
        assert daemon.stdout is not None
        first = json.loads(daemon.stdout.readline())
        assert first["watches"][0]["windows_looked_at"] == 25
        beside = subprocess.run([*command, "--once"], check=False, capture_output=True, text=True)
        assert (beside.returncode, "DRF009" in beside.stderr) == (3, True)
        daemon.send_signal(signal.SIGTERM)
        assert daemon.wait(timeout=60) == 0


def test_a_daemon_that_was_killed_leaves_no_lock_behind(shop: Shop) -> None:
    shop.fill(25)
    lock = shop.root / ".loadline" / "watch.lock"
    holds = (
        "import sys, time; from pathlib import Path; from loadline.adapters.stores.watch_lock import hold_watch\n"
        "with hold_watch(Path(sys.argv[1])):\n    print('held', flush=True); time.sleep(600)"
    )
    with subprocess.Popen([sys.executable, "-c", holds, str(lock)], stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        holder.kill()
        holder.wait()
    assert shop.app().watch().turns[0].windows == 25
    assert lock.exists()
