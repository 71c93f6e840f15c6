"""Held actions, workers that are killed with `kill -9` in the middle of it, and what was executed how often.

    python bench/act_kills.py [--acts 520] [--kills 60]

Each act is one row of an SQLite target that counts how often it was written. Workers vote and perform in a random
order; they are killed at random moments, between and inside every step. Then one clean pass finishes what is open. Ends
with 1 unless every eligible act was executed exactly once, no other was, and the ledger proves.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from loadline.app import App, init_project, open_app
from loadline.errors import OutsideError, RequestError
from loadline.values.acting import ActReceipt, ActStatus
from loadline.values.rule import Principal

MANIFEST = """
name: kills
warehouse: {kind: duckdb, files: {shop.rows: data/rows.csv}}
people: {ana: {roles: [clerk]}, carl: {roles: [lead]}, dora: {roles: [lead]}}
targets: {crm: {kind: sqlite, database: data/crm.db}}
"""
ACTIONS = """
actions:
  close: &close
    sql: "UPDATE tickets SET times = times + 1 WHERE id = :id"
    target: crm
    arguments: {id: integer}
    effect: write
  close_by_two: *close
  mail: {python: "act_kills:mail", arguments: {id: integer}, effect: call}
"""
RULES = """
rules:
  - {name: bots-act, permit: act, who: {agents: ["*"]}, on: {actions: ["*"]}}
  - {name: a-lead-looks, hold: act, on: {actions: [close, mail]}, approval: {role: lead}}
  - {name: two-leads-look, hold: act, on: {actions: [close_by_two]}, approval: {role: lead, count: 2}}
"""
BOT = Principal(name="ana", roles=("clerk",), agent="bot")
CARL = Principal(name="carl", roles=("lead",))
DORA = Principal(name="dora", roles=("lead",))
LONGEST_LIFE = 0.6  # seconds
CALLS_IN = 10  # every tenth act is a call, whose far side has no marker


def write_project(root: Path, acts: int) -> None:
    for folder in ("data", "actions", "policies", "context"):
        (root / folder).mkdir(parents=True)
    (root / "loadline.yaml").write_text(MANIFEST, encoding="utf-8")
    (root / "actions/a.yaml").write_text(ACTIONS, encoding="utf-8")
    (root / "policies/p.yaml").write_text(RULES, encoding="utf-8")
    (root / "data/rows.csv").write_text("a\n1\n", encoding="utf-8")
    crm = sqlite3.connect(root / "data/crm.db")
    with crm:
        crm.execute("CREATE TABLE tickets (id INTEGER PRIMARY KEY, times INTEGER NOT NULL)")
        crm.executemany("INSERT INTO tickets VALUES (?, 0)", [(number,) for number in range(acts)])
    crm.close()
    init_project(root)


def kind_of(number: int) -> str:
    return "mail" if number % CALLS_IN == 9 else "close_by_two" if number % CALLS_IN == 7 else "close"


def voters(number: int) -> tuple[tuple[Principal, bool], ...]:
    """Who says what of an act: most are approved; some are rejected, some nobody votes on, some lack a second yes."""
    match number % CALLS_IN:
        case 0:
            return ((CARL, False),)
        case 1:
            return ()
        case 7:
            return ((CARL, True), (DORA, True)) if number % 20 == 7 else ((CARL, True),)
        case _:
            return ((CARL, True),)


def is_eligible(number: int) -> bool:
    said = voters(number)
    return bool(said) and all(is_yes for _, is_yes in said) and not (number % CALLS_IN == 7 and len(said) < 2)


def open_with_mail(root: Path) -> App:
    app = open_app(root)
    sent = root / "data/sent.txt"

    def mail(id: int) -> None:  # noqa: A002 - the action's argument is called so
        with sent.open("a", encoding="utf-8") as file:
            file.write(f"{id}\n")

    app.register("act_kills:mail", mail)
    return app


def work(app: App, runs: dict[int, str], chance: random.Random) -> None:
    """Vote on and perform everything, in a random order; others do the same at the same time."""
    numbers = list(runs)
    chance.shuffle(numbers)
    for number in numbers:
        for voter, is_yes in voters(number):
            try:
                if is_yes:
                    app.approve(runs[number], principal=voter, is_performed=False)
                else:
                    app.reject(runs[number], principal=voter)
            except RequestError:  # somebody was faster
                continue
        settle(app, runs[number])


def settle(app: App, run: str) -> ActReceipt | None:
    try:
        (receipt,) = app.resume(run)
    except OutsideError:  # the database was locked by another worker: it is looked at again
        return None
    return receipt


def fork_worker(root: Path, runs: dict[int, str], seed: int) -> tuple[int, int]:
    """A process of its own, which opens everything itself; its id, and a pipe that says when it is at work."""
    ready, tell = os.pipe()
    child = os.fork()
    if child:
        os.close(tell)
        return child, ready
    try:
        with open_with_mail(root) as app:
            os.write(tell, b"!")
            work(app, runs, random.Random(seed))  # noqa: S311 - an order, not a secret
    finally:
        os._exit(0)


def kill_workers(root: Path, runs: dict[int, str], kills: int, chance: random.Random) -> int:
    """Keep two workers at work, and kill one of them after a moment, again and again."""
    killed = 0
    workers = [fork_worker(root, runs, chance.randrange(2**32)) for _ in range(2)]
    while killed < kills:
        worker, ready = workers.pop(0)
        os.read(ready, 1)
        time.sleep(chance.uniform(0.0, LONGEST_LIFE))
        killed += kill(worker, ready)
        workers.append(fork_worker(root, runs, chance.randrange(2**32)))
    return killed + sum(kill(worker, ready) for worker, ready in workers)


def kill(worker: int, ready: int) -> bool:
    """Whether it was still at work when it was killed."""
    os.kill(worker, signal.SIGKILL)
    os.close(ready)
    return os.WIFSIGNALED(os.waitpid(worker, 0)[1])


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--acts", type=int, default=520)
    parser.add_argument("--kills", type=int, default=60)
    parser.add_argument("--seed", type=int, default=7)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="loadline-kills-") as folder:
        root = Path(folder) / "shop"
        write_project(root, wanted.acts)
        started = time.monotonic()
        with open_with_mail(root) as app:
            runs = {n: app.act(kind_of(n), {"id": n}, principal=BOT).run for n in range(wanted.acts)}
        held = time.monotonic() - started
        killed = kill_workers(root, runs, wanted.kills, random.Random(wanted.seed))  # noqa: S311 - moments, no secrets
        with open_with_mail(root) as app:
            open_before = len(app.unfinished())
            work(app, runs, random.Random(0))  # noqa: S311 - an order, not a secret
            return told(app, root, runs, killed=killed, held=held, open_before=open_before)


def told(app: App, root: Path, runs: dict[int, str], *, killed: int, held: float, open_before: int) -> int:
    crm = sqlite3.connect(root / "data/crm.db")
    times = dict(crm.execute("SELECT id, times FROM tickets"))
    crm.close()
    sent_file = root / "data/sent.txt"
    sent = Counter(map(int, sent_file.read_text(encoding="utf-8").split())) if sent_file.exists() else Counter()
    status = {number: app.act_status(run).status for number, run in runs.items()}
    writes = [n for n in runs if kind_of(n) != "mail"]
    eligible = [n for n in writes if is_eligible(n)]
    calls = [n for n in runs if kind_of(n) == "mail"]
    once = [n for n in eligible if times[n] == 1 and status[n] is ActStatus.DONE]
    twice = [n for n in runs if times[n] > 1 or sent[n] > 1]
    lost = [n for n in eligible if times[n] == 0]
    wrongly = [n for n in writes if not is_eligible(n) and times[n]]
    unclear = [n for n in calls if status[n] is ActStatus.UNKNOWN]
    called = [n for n in calls if status[n] is ActStatus.DONE and sent[n] == 1]
    proven = app.prove()
    print(f"{len(runs)} held actions in {held:.1f} s, {killed} kills with SIGKILL, {open_before} open after them")
    print(f"writes: {len(eligible)} eligible, {len(once)} executed exactly once, {len(twice)} twice, {len(lost)} lost")
    others = len(writes) - len(eligible)
    print(f"not eligible (rejected, not voted on, one yes of two): {others}, executed: {len(wrongly)}")
    print(f"calls without a marker: {len(called)} done once, {len(unclear)} said to be unknown and never repeated")
    print(f"the ledger proves: {proven.size} entries")
    is_told = len(called) + len(unclear) == len(calls)
    is_right = len(once) == len(eligible) and not (twice or lost or wrongly) and is_told
    print("HOLDS" if is_right else "BROKEN")
    return 0 if is_right else 1


if __name__ == "__main__":
    sys.exit(main())
