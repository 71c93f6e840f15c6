"""Entries in, the receipts of what was asked out, and how often each thing was."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from loadline.ledger.nouns import Entry, Kind
from loadline.ledger.reach import COMPARISON

Wording = Callable[[str], str]
"""A question in, the wording that counts out: two questions with one wording are the same question."""


def receipts(entries: Iterable[Entry], *, since: datetime, until: datetime) -> Iterator[Entry]:
    """The entries that hold a receipt; not those of failures, which have none, nor of `diff`, which is no traffic."""
    for entry in entries:
        if entry.kind not in {Kind.OUTCOME, Kind.DECISION} or not since <= entry.at <= until:
            continue
        if entry.run.startswith(COMPARISON) or "checks_not_run" not in entry.payload:
            continue  # every receipt has it
        yield entry


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenQuestion:
    """A question in words that got no answer, `count` times; `asked_by` people, `codes` say why, `last` is the last."""

    question: str
    count: int
    asked_by: tuple[str, ...]
    codes: tuple[str, ...]
    what: str
    last: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Of `asked` questions, how many rest on each metric, column as `(dataset, column)`, dataset and word. `open` are
    those whose last asking was not answered, most asked first."""

    asked: int
    metrics: Mapping[str, int]
    columns: Mapping[tuple[str, str], int]
    datasets: Mapping[str, int]
    words: Mapping[str, int]
    open: tuple[OpenQuestion, ...]

    def share(self, count: int) -> float | None:
        """Between 0 and 1; None when nothing was asked."""
        return count / self.asked if self.asked else None


def usage(entries: Iterable[Entry], wording: Wording, *, since: datetime, until: datetime) -> Usage:
    """Each receipt counts once for each thing, however often it names it."""
    asked = 0
    metrics: Counter[str] = Counter()
    columns: Counter[tuple[str, str]] = Counter()
    datasets: Counter[str] = Counter()
    words: Counter[str] = Counter()
    questions: dict[str, list[Entry]] = {}
    for entry in receipts(entries, since=since, until=until):
        asked += 1
        said = entry.payload
        metrics.update({one["name"] for one in said.get("metrics", ())})
        words.update({one["word"] for one in said.get("meanings", ())})
        sources = said.get("sources", ())
        datasets.update({one["dataset"] for one in sources})
        columns.update({(one["dataset"], column) for one in sources for column in one["columns"]})
        questions.setdefault(wording(str(said["question"])), []).append(entry)
    still = [found for same in questions.values() if (found := _open(same)) is not None]
    still.sort(key=lambda one: (-one.count, one.question))
    return Usage(asked=asked, metrics=metrics, columns=columns, datasets=datasets, words=words, open=tuple(still))


def _open(same: list[Entry]) -> OpenQuestion | None:
    if not is_unresolved(same[-1]):
        return None
    refused = [entry for entry in same if is_unresolved(entry)]
    said: Mapping[str, Any] = same[-1].payload
    return OpenQuestion(
        question=str(said["question"]),
        count=len(refused),
        asked_by=tuple(sorted({str(entry.payload.get("asked_by")) for entry in refused})),
        codes=tuple(reason["code"] for reason in said.get("reasons", ())),
        what=next((str(reason["what"]) for reason in said.get("reasons", ())), ""),
        last=same[-1].at,
    )


def is_unresolved(entry: Entry) -> bool:
    """Whether nothing was found that was meant: a "no" of the policy is no such thing, nor is a withheld answer."""
    codes = [str(reason["code"]) for reason in entry.payload.get("reasons", ())]
    return entry.kind is Kind.DECISION and not any(code.startswith(("POL", "RGT")) for code in codes)
