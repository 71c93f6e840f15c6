"""Entries in, how alike the answers to the same question were out."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from loadline.ledger.nouns import Entry
from loadline.ledger.views.asked import Wording, receipts
from loadline.ledger.views.difference import Aspect, ReceiptDifference, explain, is_known

IsRight = Callable[[Mapping[str, Any]], bool | None]
"""Whether a receipt's query is the one that was verified for its words; None where none was."""

TRIES = (2, 4, 8)


@dataclass(frozen=True, slots=True, kw_only=True)
class Passes:
    """pass^k: how likely `k` answers, taken at random of those to one question, are all as they should be; the mean
    over the `questions` that were asked at least `k` times, None where there is none.

    The unbiased estimate C(c, k) / C(n, k) of Yao et al., tau-bench (2024), https://arxiv.org/abs/2406.12045.
    """

    k: int
    questions: int
    rate: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongAnswer:
    """A question whose answers agree with each other, `count` of them, and not with what was verified."""

    question: str
    audience: str | None
    count: int
    receipt: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeat:
    question: str
    difference: ReceiptDifference


@dataclass(frozen=True, slots=True, kw_only=True)
class Consistency:
    """Of `answers` (delivered or withheld, over data whose version is known), `repeats` came to a question that its
    audience had already asked over the same data. `differences` are those that came out otherwise than the one before;
    `left_out` answers are over data whose version the warehouse cannot tell."""

    answers: int
    left_out: int
    repeats: int
    same_receipt: int
    same_values: int
    passes: tuple[Passes, ...]
    verified: int  # repeated questions that have a verified meaning
    consistent_but_wrong: tuple[WrongAnswer, ...]
    differences: tuple[Repeat, ...]

    @property
    def unexplained(self) -> tuple[Repeat, ...]:
        return tuple(one for one in self.differences if one.difference.unexplained)


def consistency(
    entries: Iterable[Entry], wording: Wording, is_right: IsRight, *, since: datetime, until: datetime
) -> Consistency:
    """Each answer is compared with the one before it that has its wording, audience and data version."""
    groups: dict[tuple[str, str | None, str], list[Mapping[str, Any]]] = {}
    left_out = 0
    for entry in receipts(entries, since=since, until=until):
        said = entry.payload
        if said.get("query") is None or said.get("rows_digest") is None:
            continue
        if not is_known(said.get("data_version")):
            left_out += 1
            continue
        groups.setdefault((wording(str(said["question"])), said.get("audience"), said["data_version"]), []).append(said)
    repeated = [group for group in groups.values() if len(group) > 1]
    pairs = [(old, new) for group in repeated for old, new in pairwise(group)]
    explained = [(new, explain(old, new)) for old, new in pairs]
    judged = [[is_right(one) for one in group] for group in groups.values()]
    return Consistency(
        answers=sum(map(len, groups.values())),
        left_out=left_out,
        repeats=len(pairs),
        same_receipt=sum(Aspect.RECEIPT not in found.differs for _, found in explained),
        same_values=sum(Aspect.VALUES not in found.differs for _, found in explained),
        passes=tuple(_passes(k, list(zip(groups.values(), judged, strict=True))) for k in TRIES),
        verified=sum(len(one) > 1 and one[-1] is not None for one in judged),
        consistent_but_wrong=tuple(_wrong(zip(groups.values(), judged, strict=True))),
        differences=tuple(
            Repeat(question=str(new["question"]), difference=found) for new, found in explained if found.differs
        ),
    )


_Judged = tuple[Sequence[Mapping[str, Any]], Sequence[bool | None]]


def _passes(k: int, groups: Sequence[_Judged]) -> Passes:
    rates = [
        math.comb(_good(group, rights), k) / math.comb(len(group), k) for group, rights in groups if len(group) >= k
    ]
    return Passes(k=k, questions=len(rates), rate=sum(rates) / len(rates) if rates else None)


def _good(group: Sequence[Mapping[str, Any]], rights: Sequence[bool | None]) -> int:
    """How many answers are as they should be: right where a meaning was verified, else like most of the others."""
    if any(right is not None for right in rights):
        return sum(right is True for right in rights)
    return max(Counter(one["rows_digest"] for one in group).values())


def _wrong(groups: Iterable[_Judged]) -> Iterator[WrongAnswer]:
    for group, rights in groups:
        if len(group) > 1 and set(rights) == {False} and len({one["rows_digest"] for one in group}) == 1:
            newest = group[-1]
            yield WrongAnswer(
                question=str(newest["question"]),
                audience=newest.get("audience"),
                count=len(group),
                receipt=str(newest["id"]),
            )
