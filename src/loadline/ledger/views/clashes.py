"""Entries in, names that meant two things to those who asked at the same time out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from loadline.ledger.nouns import Entry
from loadline.ledger.views.asked import receipts


@dataclass(frozen=True, slots=True, kw_only=True)
class Clash:
    """`name` was answered as each of `meanings`, in turn; each with the agents (or audiences) that got it. It is a word
    of questions where `is_word`, else a metric."""

    name: str
    meanings: Mapping[str, tuple[str, ...]]
    is_word: bool
    count: int


@dataclass(slots=True)
class _Heard:
    """What one name was taken for, in the order it was."""

    turns: list[str] = field(default_factory=list)
    said: dict[str, str] = field(default_factory=dict)
    by: dict[str, dict[str, None]] = field(default_factory=dict)
    count: int = 0

    def hear(self, meaning: str, said: str, who: str) -> None:
        self.count += 1
        self.said[meaning] = said
        self.by.setdefault(meaning, {})[who] = None
        if not self.turns or self.turns[-1] != meaning:
            self.turns.append(meaning)

    @property
    def is_redefined(self) -> bool:
        """Whether each meaning came once and went for good: then it was changed, and nobody had another meanwhile."""
        return len(self.turns) == len(set(self.turns))


def clashes(entries: Iterable[Entry], *, since: datetime, until: datetime) -> tuple[Clash, ...]:
    """A metric whose versions were answered in turn, and a word that was taken for different metrics. Who asked is the
    agent, else the audience, else the person."""
    metrics: dict[str, _Heard] = {}
    words: dict[str, _Heard] = {}
    for entry in receipts(entries, since=since, until=until):
        said = entry.payload
        who = str(said.get("agent") or said.get("audience") or said.get("asked_by"))
        known = {str(one["name"]) for one in said.get("metrics", ())}
        for one in said.get("metrics", ()):
            metrics.setdefault(str(one["name"]), _Heard()).hear(str(one["version"]), str(one["definition"]), who)
        for one in said.get("meanings", ()):
            if one["means"] in known:
                words.setdefault(str(one["word"]), _Heard()).hear(str(one["means"]), str(one["means"]), who)
    return (*_found(metrics, is_word=False), *_found(words, is_word=True))


def _found(heard: Mapping[str, _Heard], *, is_word: bool) -> Iterator[Clash]:
    for name, one in sorted(heard.items()):
        if len(one.by) < 2 or (not is_word and one.is_redefined):
            continue
        meanings: dict[str, tuple[str, ...]] = {}
        for meaning, who in one.by.items():
            said: Any = one.said[meaning]
            said = f"{said} ({meaning.removeprefix('sha256:')[:8]})" if said in meanings else said
            meanings[said] = tuple(sorted(who))
        yield Clash(name=name, meanings=meanings, is_word=is_word, count=one.count)
