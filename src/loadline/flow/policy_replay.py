"""What the ledger says of past decisions, and rules, in; which would be decided otherwise now, out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from loadline.flow.record import JUDGED
from loadline.ledger import Entry, Kind
from loadline.policy import decide, effect_of, from_recorded
from loadline.values.rule import Effect, Rule

_KINDS = frozenset({Kind.INTENT, Kind.DECISION})


@dataclass(frozen=True, slots=True, kw_only=True)
class Otherwise:
    """Decisions that would change from `before` to `after`, by these rules; `run` is one of them."""

    before: Effect
    after: Effect
    rules_before: tuple[str, ...]
    rules_after: tuple[str, ...]
    because: str
    count: int
    run: str
    who: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """`decided` could be decided again, `unread` not: entries of a version that kept less. `same_otherwise` are decided
    the same by other rules."""

    decided: int
    unread: int
    same_otherwise: int
    changed: tuple[Otherwise, ...]

    @property
    def changes(self) -> int:
        return sum(one.count for one in self.changed)


def past_decisions(entries: Iterable[Entry]) -> Iterator[tuple[str, Mapping[str, Any] | None]]:
    """Each decision's run, and what the rules were asked and said; None where the ledger does not say."""
    for entry in entries:
        if entry.kind in _KINDS and (JUDGED in entry.payload or "rules" in entry.payload):
            yield entry.run, entry.payload.get(JUDGED)


def replay_policy(rules: Sequence[Rule], past: Iterable[tuple[str, Mapping[str, Any] | None]]) -> Replayed:
    decided = unread = same_otherwise = 0
    found: dict[tuple[str, Effect, tuple[str, ...], tuple[str, ...]], Otherwise] = {}
    for run, judged in past:
        if judged is None:
            unread += 1
            continue
        try:
            matter = from_recorded(judged["matter"])
        except (KeyError, ValueError, TypeError):
            unread += 1
            continue
        decision = decide(rules, matter)
        decided += 1
        after, before, names = effect_of(decision), judged["effect"], tuple(judged["rules"])
        if after == before:
            same_otherwise += decision.rules != names
            continue
        key = (before, after, names, decision.rules)
        known = found.get(key)
        found[key] = Otherwise(
            before=Effect(before),
            after=after,
            rules_before=names,
            rules_after=decision.rules,
            because=getattr(decision, "because", ""),
            count=known.count + 1 if known else 1,
            run=known.run if known else run,
            who=known.who if known else matter.principal.name,
        )
    changed = tuple(sorted(found.values(), key=lambda one: (-one.count, one.rules_after, one.rules_before)))
    return Replayed(decided=decided, unread=unread, same_otherwise=same_otherwise, changed=changed)
