"""The ledger's entries about one watch in; its baseline, windows and standing alarm out. And back: drafts to append.

Everything a person sees of drift is a fold over entries; there is no other place where it is kept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from loadline.checks import drift
from loadline.checks.drift import LEARNED, Bins, Blame, Judgement, Profiled, State
from loadline.checks.drift.nouns import BinKind, Key
from loadline.flow.ports import Store
from loadline.ledger import Draft, Entry, Kind

MOST_ENTRIES = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """What a watch judges by: bins, and how many windows from `start` on are learned from. `by` is the person who
    accepted it; the first one is nobody's."""

    id: str
    watch: str
    every: str
    start: str
    learn: int
    bins: Mapping[str, Bins]
    segments: tuple[str, ...] = ()
    by: str | None = None
    because: str = ""
    index: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One window that was looked at. `blame` is in words."""

    window: Profiled
    role: str  # `learned` or `judged`
    evidence: float = 0.0
    is_alarm: bool = False
    state: State = field(default_factory=State)
    moved: tuple[Key, ...] = ()
    blames: tuple[Blame, ...] = ()
    blame: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    through: int = 0  # for answers: the ledger entries before this one are counted
    index: int | None = None

    @property
    def start(self) -> datetime:
        return datetime.fromisoformat(self.window.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A run that could not look: how many in a row, and when to try again."""

    count: int
    why: str
    retry_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """All that is known of one watch under its newest baseline. `sent` are the ids of events that went out, with the
    window each was about."""

    watch: str
    baseline: Baseline | None = None
    seen: tuple[Seen, ...] = ()
    failure: Failure | None = None
    sent: Mapping[str, str] = field(default_factory=dict)

    @property
    def quiet(self) -> tuple[Profiled, ...]:
        return tuple(one.window for one in self.seen if not one.is_alarm)

    @property
    def state(self) -> State:
        return self.seen[-1].state if self.seen else State()

    @property
    def alarm(self) -> Seen | None:
        """The newest window, when it is under an alarm."""
        return self.seen[-1] if self.seen and self.seen[-1].is_alarm else None

    @property
    def episode(self) -> Seen | None:
        """The first window of the alarm that stands."""
        first = None
        for one in reversed(self.seen):
            if not one.is_alarm:
                break
            first = one
        return first


def read_history(store: Store, watch: str) -> History:
    """The fold."""
    entries = [e for e in store.find_entries(key_of(watch), limit=MOST_ENTRIES) if e.payload.get("watch") == watch]
    entries.sort(key=lambda entry: entry.index)
    baseline: Baseline | None = None
    seen: dict[str, Seen] = {}
    failure: Failure | None = None
    sent: dict[str, str] = {}
    for entry in entries:
        said = entry.payload
        match said.get("what"):
            case "baseline":
                baseline, seen = _read_baseline(entry), {}
            case "window" if baseline is not None and said["baseline"] == baseline.id:
                seen.setdefault(said["window"], _read_seen(entry))
                failure = None
            case "failure":
                retry_at = datetime.fromisoformat(said["retry_at"])
                failure = Failure(count=said["count"], why=said["why"], retry_at=retry_at)
            case "looked":
                failure = None
            case "sent":
                sent[said["event"]] = said["window"]
            case _:
                pass
    ordered = tuple(sorted(seen.values(), key=lambda one: one.window.name))
    return History(watch=watch, baseline=baseline, seen=ordered, failure=failure, sent=sent)


def key_of(watch: str) -> str:
    return f"drift:{watch}"


def draft(watch: str, run: str, at: datetime, **said: Any) -> Draft:
    """Of a baseline that somebody accepted, who and why can be forgotten, and not what is judged by."""
    payload = {"watch": watch, **said}
    made = Draft(kind=Kind.DRIFT, run=run, at=at, payload=payload, keys=(key_of(watch),))
    by = said.get("by")
    return replace(made, subjects=(str(by),), open=tuple(set(payload) - {"by", "because"})) if by else made


def baseline_as_json(baseline: Baseline) -> dict[str, Any]:
    return {
        "what": "baseline",
        "baseline": baseline.id,
        "every": baseline.every,
        "start": baseline.start,
        "learn": baseline.learn,
        "bins": drift.bins_as_json(baseline.bins),
        "segments": list(baseline.segments),
        "by": baseline.by,
        "because": baseline.because,
    }


def _read_baseline(entry: Entry) -> Baseline:
    said = entry.payload
    return Baseline(
        id=said["baseline"],
        watch=said["watch"],
        every=said["every"],
        start=said["start"],
        learn=said["learn"],
        bins=drift.read_bins(said["bins"]),
        segments=tuple(said["segments"]),
        by=said.get("by"),
        because=said.get("because", ""),
        index=entry.index,
    )


def seen_of(window: Profiled, judgement: Judgement | None, *, through: int = 0) -> Seen:
    """A window as judged; learned from, when there is no judgement."""
    if judgement is None or LEARNED in judgement.notes:
        return Seen(window=window, role="learned", through=through)
    return Seen(
        window=window,
        role="judged",
        evidence=judgement.evidence,
        is_alarm=judgement.is_alarm,
        state=judgement.state,
        moved=judgement.moved,
        blames=judgement.blames[:_MOST_BLAMES],
        blame=drift.judgement_in_words(judgement),
        notes=judgement.notes,
        through=through,
    )


_MOST_BLAMES = 12


def seen_as_json(seen: Seen, baseline: Baseline) -> dict[str, Any]:
    return {
        "what": "window",
        "baseline": baseline.id,
        "window": seen.window.name,
        "role": seen.role,
        "rows": seen.window.profile.rows,
        "profile": drift.profile_as_json(seen.window.profile),
        "evidence": seen.evidence,
        "is_alarm": seen.is_alarm,
        "state": drift.state_as_json(seen.state),
        "moved": [list(key) for key in seen.moved],
        "blames": [_blame_as_json(blame) for blame in seen.blames],
        "blame": list(seen.blame),
        "notes": list(seen.notes),
        "through": seen.through,
    }


def _read_seen(entry: Entry) -> Seen:
    said = entry.payload
    start = datetime.fromisoformat(said["window"])
    return Seen(
        window=Profiled(name=said["window"], profile=drift.read_profile(said["profile"]), phases=_phases(said, start)),
        role=said["role"],
        evidence=said["evidence"],
        is_alarm=said["is_alarm"],
        state=drift.read_state(said["state"]),
        moved=tuple((segment, column) for segment, column in said["moved"]),
        blames=tuple(_read_blame(one) for one in said["blames"]),
        blame=tuple(said["blame"]),
        notes=tuple(said["notes"]),
        through=said["through"],
        index=entry.index,
    )


def _phases(said: Mapping[str, Any], start: datetime) -> tuple[int, ...]:
    return drift.phases_of(start, said.get("every", ""))


def _blame_as_json(blame: Blame) -> dict[str, Any]:
    return {
        "segment": blame.segment,
        "column": blame.column,
        "bin": blame.bin,
        "share": blame.share,
        "expected": blame.expected,
        "low": blame.low,
        "high": blame.high,
        "is_rise": blame.is_rise,
        "evidence": blame.evidence,
        "kind": blame.kind.value,
    }


def _read_blame(said: Mapping[str, Any]) -> Blame:
    return Blame(**{**said, "kind": BinKind(said["kind"])})


def drafts_of(baseline: Baseline, seen: Sequence[Seen], run: str, at: datetime, *, is_new: bool) -> list[Draft]:
    """What to append, all at once: a new baseline, and the windows under it."""
    head = [draft(baseline.watch, run, at, **baseline_as_json(baseline))] if is_new else []
    return head + [draft(baseline.watch, run, at, every=baseline.every, **seen_as_json(one, baseline)) for one in seen]
