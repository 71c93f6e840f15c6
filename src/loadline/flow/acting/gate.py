"""The last look before an act is recorded as begun, and the recording itself: one transaction of the ledger.

What is looked at: freezes, an earlier act under the same key, running totals. The entry is written only while all of it
is still so; otherwise it is looked at again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

from loadline.flow.acting import codes, freezing
from loadline.flow.acting.freezing import Freeze
from loadline.flow.acting.judging import limit_reason
from loadline.flow.acting.nouns import Counted
from loadline.flow.acting.record import Story, newest, story
from loadline.flow.acting.world import ActWorld
from loadline.flow.ports import Store
from loadline.ledger import Draft, Entry, read_personal_key
from loadline.values.acting import ActStatus
from loadline.values.receipt import Reason

MOST_TRIES = 200
_LETS_ANOTHER = frozenset(
    {
        ActStatus.REJECTED,
        ActStatus.EXPIRED,
        ActStatus.EXCEEDED,
        ActStatus.STOPPED,
        ActStatus.FAILED,
        ActStatus.FORBIDDEN,
        ActStatus.REFUSED,
        ActStatus.WOULD,
    }
)
"""After these nothing was done, so another request under the same key is a new one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What an act has to pass. `once` is its key, `counted` what it adds to running totals, `after` the entries that
    have to be the newest of a key, like that of its own run."""

    agent: str | None
    workflow: str | None
    once: str | None = None
    counted: tuple[Counted, ...] = ()
    after: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entered:
    """Recorded: from here on it may be performed."""

    entry: Entry
    counts: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Overtaken:
    """Somebody else moved the run on."""


Passed = Entered | Freeze | Story | Reason | Overtaken


def enter(world: ActWorld, wanted: Wanted, draft: Callable[[Mapping[str, str]], Draft]) -> Passed:
    """Record `draft` (made with the totals as they will be), or say what is in the way: a freeze, the story of an act
    under the same key, a limit that would be passed."""
    for _ in range(MOST_TRIES):
        heads, frozen = freezing.look(world.store, freezing.keys_for(wanted.agent, wanted.workflow))
        if frozen is not None:
            return frozen
        heads = {**heads, **wanted.after}
        if wanted.once is not None:
            earlier = newest(world.store, wanted.once)
            heads[wanted.once] = earlier.index if earlier else None
            if earlier is not None and (told := _standing(world.store, earlier)) is not None:
                return told
            if earlier is not None and (reason := _forgotten(world.store, earlier)) is not None:
                return reason
        counts: dict[str, str] = {}
        for one in wanted.counted:
            heads[one.key], total = _total(world.store, one)
            if total > Decimal(one.most):
                return _over(one, total)
            counts[one.key] = format(total, "f")
        entries = world.store.append_if([_with_keys(draft(_counted_as(counts)), wanted, counts)], heads)
        if entries is not None:
            return Entered(entry=entries[0], counts=counts)
        if wanted.after and any(_moved(world.store, key, index) for key, index in wanted.after.items()):
            return Overtaken()
    what = "others kept being faster at what this act counts or is frozen by"
    return Reason(code=codes.BUSY, what=what, why=codes.CODES[codes.BUSY].why, mend="ask again")


def standing(store: Store, once: str | None) -> Story | None:
    """The act under this key that stands in the way of another; None when there is none, or it did nothing."""
    earlier = newest(store, once) if once is not None else None
    return _standing(store, earlier) if earlier is not None else None


def _standing(store: Store, earlier: Entry) -> Story | None:
    told = story(store, earlier.run)
    return told if told is not None and told.status not in _LETS_ANOTHER else None


def _forgotten(store: Store, earlier: Entry) -> Reason | None:
    """An act under this key may have been done of which nobody can say any more what it was: not done again."""
    last = newest(store, earlier.run)
    if story(store, earlier.run) is not None or last is None:
        return None
    if ActStatus(last.payload.get("act_status", ActStatus.DONE)) in _LETS_ANOTHER:
        return None
    what = f"this key was used by `{earlier.run}`, of which nothing is known any more: whom it was about was forgotten"
    return Reason(code=codes.KEY_REUSED, what=what, why=codes.CODES[codes.KEY_REUSED].why, mend="use another key")


def _counted_as(counts: Mapping[str, str]) -> dict[str, str]:
    """Totals as the ledger keeps them: under what is counted, without whose it is."""
    return {_what(key): total for key, total in counts.items()}


def _what(key: str) -> str:
    read = read_personal_key(key)
    return read[1] if read is not None else key


def _with_keys(draft: Draft, wanted: Wanted, counts: Mapping[str, str]) -> Draft:
    keys = (*draft.keys, *((wanted.once,) if wanted.once else ()), *counts)
    return replace(draft, keys=tuple(dict.fromkeys(keys)))


def over_totals(store: Store, counted: Iterable[Counted]) -> Reason | None:
    """Why it would be forbidden as the running totals stand now; nothing is counted."""
    for one in counted:
        _, total = _total(store, one)
        if total > Decimal(one.most):
            return _over(one, total)
    return None


def over_by_itself(counted: Iterable[Counted]) -> Reason | None:
    """Why it would be forbidden in any minute, hour or day: it comes to more than the whole total may."""
    for one in counted:
        if Decimal(one.amount) > Decimal(one.most):
            return limit_reason(f"{one.said}, and this one alone is {one.amount}", "ask for less")
    return None


def _over(counted: Counted, total: Decimal) -> Reason:
    return limit_reason(f"{counted.said}, and with this one it would be {total}", "wait, or ask for less")


def _total(store: Store, counted: Counted) -> tuple[int | None, Decimal]:
    """The newest entry that counts here, and what the total would be with this act."""
    entry = newest(store, counted.key)
    before = Decimal(str(entry.payload["counts"][_what(counted.key)])) if entry else Decimal(0)
    return (entry.index if entry else None), before + Decimal(counted.amount)


def _moved(store: Store, key: str, index: int) -> bool:
    entry = newest(store, key)
    return entry is None or entry.index != index


def release(
    world: ActWorld, run: str, amounts: Mapping[str, str], make: Callable[[Mapping[str, str]], Draft], *, after: int
) -> Entry | None:
    """Record an outcome that did nothing, and take what it had counted off the totals again; None when somebody else
    recorded one before."""
    for _ in range(MOST_TRIES):
        heads: dict[str, int | None] = {run: after}
        counts: dict[str, str] = {}
        for key, amount in amounts.items():
            entry = newest(world.store, key)
            heads[key] = entry.index if entry else None
            before = Decimal(str(entry.payload["counts"][_what(key)])) if entry else Decimal(0)
            counts[key] = format(max(before - Decimal(amount), Decimal(0)), "f")
        draft = make(_counted_as(counts))
        keyed = replace(draft, keys=(*draft.keys, *counts))
        entries = world.store.append_if([keyed], heads)
        if entries is not None:
            return entries[0]
        if _moved(world.store, run, after):
            return None
    # Too many others count at once: the outcome itself must not be lost, so the totals stay as they are, too high.
    entries = world.store.append_if([make({})], {run: after})
    return entries[0] if entries else None
