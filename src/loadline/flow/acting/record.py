"""The one place that records actions: drafts out; and entries of a run in, the story they tell out.

A run's entries are a chain: each is written only while the one before it is still the newest of the run. So the state
of a run is its newest entry, there is no second place that could say otherwise, and two who act on the same run at once
cannot both go on.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from loadline.errors import RequestError
from loadline.flow.acting import codes
from loadline.flow.acting.world import ActWorld
from loadline.flow.ports import Store
from loadline.ledger import Draft, Entry, Kind, carries, personal_key
from loadline.values.acting import ActReceipt, ActStatus
from loadline.values.approval import OnHold, Vote
from loadline.values.canonical import digest, plain
from loadline.values.diagnostic import Diagnostic
from loadline.values.effect import ShownTable
from loadline.values.revive import revive

ACTS = "acts"
"""What every action's entries are found by."""
SHOWN = "shown"
"""Where an intent keeps some of the rows that would change."""
HELD = "acts-held"
"""What the intents that wait for a yes are found by, among however many that did not."""
MOST_LISTED = 10_000
MOST_LATELY = 2_000
_OPEN = frozenset({ActStatus.WAITING, ActStatus.APPROVED, ActStatus.PERFORMING})


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """A run as the ledger tells it: `intent` is what was asked, resolved and judged; `receipt` what is known by now;
    `shown` some of the rows it would change; `index` and `at` its newest entry; `worker` who performs it, when somebody
    does."""

    run: str
    intent: ActReceipt
    receipt: ActReceipt
    status: ActStatus
    votes: tuple[Vote, ...]
    index: int
    at: datetime
    worker: str = ""
    shown: tuple[ShownTable, ...] = ()

    @property
    def held(self) -> OnHold:
        """What its approval is about. Only of what was held."""
        intent = self.intent
        assert intent.expires_at is not None  # noqa: S101 - every held intent has it
        return OnHold(
            run=self.run,
            digest=intent.digest,
            requesters=tuple(name for name in (intent.person, intent.agent) if name),
            approvals=intent.approvals,
            asked_at=intent.at,
            expires_at=intent.expires_at,
        )


def newest(store: Store, key: str) -> Entry | None:
    """The newest entry that carries exactly this key."""
    found = next(iter(store.find_entries(key, limit=1)), None)
    return found if found is not None and carries(found, key) else None


def story(store: Store, run: str) -> Story | None:
    """The story of exactly this run; None where it is none of an action, or whom it was about has been forgotten."""
    entries = [entry for entry in store.find_entries(run, limit=1_000) if entry.run == run][::-1]
    entries = [entry for entry in entries if "act_status" in entry.payload]
    return told(entries) if entries and "act" in entries[0].payload else None


def story_of(store: Store, run: str) -> Story:
    """Raises RequestError when there is no such run of an action, or nothing is known of it any more."""
    found = story(store, run)
    if found is not None:
        return found
    last = newest(store, run)
    if last is None or last.run != run or "act_status" not in last.payload:
        raise no_such_run(run)
    what = f"of the run `{run}` only its end is known (`{last.payload['act_status']}`): whom it was about was forgotten"
    mend = "nothing of it can be shown, undone or approved any more"
    raise RequestError(Diagnostic(code=codes.NO_RUN, what=what, why=codes.CODES[codes.NO_RUN].why, mend=mend))


def find_run(store: Store, begins: str) -> str:
    """The one run that begins so. Raises RequestError when there is none, or several."""
    runs = {e.run for e in store.find_entries(begins) if "act_status" in e.payload and e.run.startswith(begins)}
    if len(runs) == 1:
        return runs.pop()
    raise no_such_run(begins, runs)


def no_such_run(begins: str, runs: Iterable[str] = ()) -> RequestError:
    """Also what somebody hears who may not see it, as if it were not there."""
    found = unknown(codes.NO_RUN, "run of an action", begins, runs)
    return RequestError(found if runs else replace(found, mend="`loadline ledger list` shows what is recorded"))


def unfinished(store: Store, *, lately: int | None = None) -> tuple[Story, ...]:
    """Everything that waits, is approved and not performed, or is being performed; newest first. Of what nobody had to
    approve, which is performed at once, only what began among the last `lately` entries (`MOST_LATELY` if None)."""
    held = store.find_entries(HELD, limit=MOST_LISTED)
    begun = _begun_lately(store, MOST_LATELY if lately is None else lately)
    began = {entry.run: entry.index for entry in (*held, *begun)}
    runs = sorted(began, key=lambda run: began[run], reverse=True)
    found = (story(store, run) for run in runs if _is_open(store, run))
    return tuple(one for one in found if one is not None and one.status in _OPEN)


def _begun_lately(store: Store, most: int) -> Iterator[Entry]:
    """The intents whose outcome is not there beside them."""
    seen: set[str] = set()
    for entry in store.find_entries(ACTS, limit=most):
        if entry.run not in seen and entry.kind is Kind.INTENT:
            yield entry
        seen.add(entry.run)


def _is_open(store: Store, run: str) -> bool:
    """By its newest entry alone: most of what ever waited has ended."""
    last = newest(store, run)
    return last is not None and (last.run != run or last.payload.get("act_status") in _OPEN)


def unknown(code: str, what: str, name: str, known: Iterable[str]) -> Diagnostic:
    names = sorted(known)
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.6)
    there = ", ".join(f"`{one}`" for one in names[:8])
    others = f"there is {there}" if there else "`loadline act list` shows what there is"
    return Diagnostic(
        code=code,
        what=f"there is no {what} `{name[:60]}`",
        why=codes.CODES[code].why,
        mend=f"write `{near[0]}`" if near else others,
    )


def told(entries: list[Entry]) -> Story:
    """`entries` are those of one run, oldest first."""
    first, last = entries[0], entries[-1]
    receipts = [entry for entry in entries if "act" in entry.payload]
    votes = tuple(revive(Vote, entry.payload["vote"]) for entry in entries if "vote" in entry.payload)
    findings = tuple(str(one) for entry in entries for one in entry.payload.get("findings", ()))
    status = ActStatus(last.payload["act_status"])
    intent = replace(revive(ActReceipt, first.payload["act"]), ledger_index=first.index)
    newest_receipt = replace(revive(ActReceipt, receipts[-1].payload["act"]), ledger_index=receipts[-1].index)
    return Story(
        run=first.run,
        intent=intent,
        receipt=replace(newest_receipt, status=status, votes=votes, findings=findings),
        status=status,
        votes=votes,
        index=last.index,
        at=last.at,
        worker=str(last.payload.get("worker", "")),
        shown=tuple(revive(ShownTable, one) for one in first.payload.get(SHOWN, ())),
    )


def draft_of(
    receipt: ActReceipt,
    kind: Kind,
    *,
    at: datetime,
    keys: Iterable[str] = (),
    more: Mapping[str, Any] | None = None,
) -> Draft:
    """An entry that says what is known of a run."""
    said = {name: value for name, value in plain(receipt).items() if name != "ledger_index"}
    payload = {"act_status": receipt.status.value, "act": said, **(more or {})}
    subjects = (*subjects_of(receipt), *voters_in(payload))
    made = Draft(kind=kind, run=receipt.run, at=at, payload=payload, keys=tuple(dict.fromkeys((ACTS, *keys))))
    return replace(made, subjects=subjects, open=OPEN)


def step_of(receipt: ActReceipt, status: ActStatus, kind: Kind, *, at: datetime, more: Mapping[str, Any]) -> Draft:
    """An entry that moves a run on, and says no more than that."""
    payload = {"act_status": status.value, **more}
    subjects = (*subjects_of(receipt), *voters_in(payload))
    return Draft(kind=kind, run=receipt.run, at=at, payload=payload, subjects=subjects, open=OPEN)


OPEN = ("act_status", "worker", "counts", "far_side")
"""What stays readable of an act whose people are forgotten: that it was, how it ended, and what others are bound by."""


def subjects_of(receipt: ActReceipt) -> tuple[str, ...]:
    """Who an act is about: who it was done for, and whoever its arguments name."""
    return (receipt.person, *receipt.subjects)


def voters_in(payload: Mapping[str, Any]) -> tuple[str, ...]:
    vote = payload.get("vote")
    return (vote.by,) if isinstance(vote, Vote) else ()


def record_refusal(world: ActWorld, receipt: ActReceipt, more: Mapping[str, Any] | None = None) -> ActReceipt:
    """A "no" before anything was performed; recorded like everything else."""
    keys = keys_of(receipt)
    (entry,) = world.store.append([draft_of(receipt, Kind.DECISION, at=world.clock(), keys=keys, more=more)])
    return replace(receipt, ledger_index=entry.index)


def record_outcome(
    world: ActWorld, receipt: ActReceipt, *, after: int, more: Mapping[str, Any] | None = None
) -> ActReceipt:
    """What became of it, once: where somebody else was faster, what they recorded is what became of it."""
    draft = draft_of(receipt, Kind.OUTCOME, at=world.clock(), keys=outcome_keys(receipt, more), more=more)
    entries = world.store.append_if([draft], {receipt.run: after})
    if entries is not None:
        return replace(receipt, ledger_index=entries[0].index)
    other = story(world.store, receipt.run)
    assert other is not None  # noqa: S101 - its intent is there
    return other.receipt


def keys_of(receipt: ActReceipt) -> tuple[str, ...]:
    """What a run is found by: its action, and who it was done by."""
    return (f"action:{receipt.action}", actor_key(receipt))


def outcome_keys(receipt: ActReceipt, more: Mapping[str, Any] | None) -> tuple[str, ...]:
    """Also by its action's far side, when that was called."""
    return (*keys_of(receipt), *((tool_key(receipt.action),) if more and "far_side" in more else ()))


def actor_key(receipt: ActReceipt) -> str:
    """What everything is found by that this agent did, or where there is none, this person."""
    return agents_key(receipt.agent) if receipt.agent else personal_key(receipt.person, "acts")


def agents_key(agent: str) -> str:
    return f"acts:{agent}"


def tool_key(action: str) -> str:
    """What the calls of an action's far side are found by."""
    return f"outcome:{action}"


def once_key(action: str, key: str) -> str:
    """The same action under the same key has the same; long keys, and what they say, stay out of the leaf."""
    return f"once:{action}:{digest(key).removeprefix('sha256:')[:32]}"
