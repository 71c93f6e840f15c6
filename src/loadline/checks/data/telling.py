"""A look in, the same as plain JSON out: what is recorded, printed and read back."""

from __future__ import annotations

from typing import Any, assert_never

from loadline.values.canonical import plain
from loadline.values.promise import Broken, Kept, NotRun, PromiseRun, TableLook, Unseen


def told(look: TableLook, *, with_samples: bool) -> dict[str, Any]:
    """Samples are rows of the data: they are shown to whoever asks for a check, and never recorded."""
    said = {name: value for name, value in plain(look).items() if name != "runs"}
    return {**said, "promises": [_run(run, with_samples=with_samples) for run in look.runs]}


def _run(run: PromiseRun, *, with_samples: bool) -> dict[str, Any]:
    place = run.promise.place
    said = {**plain(run.promise), "file": place.file, "line": place.line, "verdict": verdict_of(run)}
    match run:
        case Kept(measured=measured, sql=sql):
            return {**said, "measured": measured, "sql": sql}
        case Broken():
            found = {name: value for name, value in plain(run).items() if name not in {"promise", "sample"}}
            sample = {"sample": plain(run.sample)} if with_samples else {}
            return {**said, "known_cause": said["cause"], **found, "share": run.share, **sample}
        case NotRun(why=why) | Unseen(why=why):
            return {**said, "why": why}
        case _:
            assert_never(run)


def verdict_of(run: PromiseRun) -> str:
    match run:
        case Kept():
            return "kept"
        case Broken():
            return "broken"
        case NotRun():
            return "not run"
        case Unseen():
            return "could not look"
        case _:
            assert_never(run)
