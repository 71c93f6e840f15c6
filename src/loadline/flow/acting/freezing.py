"""Freezes: who or what is stopped, as the ledger says; and recording that somebody froze or thawed it.

A freeze is an entry under the key of what it stops. What is performed is recorded only while the newest entry under
each such key is still the one that was looked at: after a freeze is in the ledger, nothing begins.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from loadline.errors import RequestError
from loadline.flow.acting import codes
from loadline.flow.acting.record import newest
from loadline.flow.ports import Clock, NewId, Store
from loadline.ledger import Draft, Entry, Kind
from loadline.values.diagnostic import Diagnostic
from loadline.values.receipt import Reason

FREEZES = "freezes"
"""What every freeze and thaw is found by."""
ALL = "freeze:all"


@dataclass(frozen=True, slots=True, kw_only=True)
class Freeze:
    """`what` is `all`, `agent NAME` or `workflow NAME`; `by` and `because` are of whoever froze, or thawed it last."""

    key: str
    is_frozen: bool
    by: str
    because: str
    at: datetime
    evidence: tuple[str, ...] = ()
    index: int

    @property
    def what(self) -> str:
        return self.key.removeprefix("freeze:").replace(":", " ", 1)


def agent_key(name: str) -> str:
    return f"freeze:agent:{name}"


def workflow_key(name: str) -> str:
    return f"freeze:workflow:{name}"


def keys_for(agent: str | None, workflow: str | None) -> tuple[str, ...]:
    """Everything by which an act of this agent in this workflow can be stopped."""
    return (ALL, *((agent_key(agent),) if agent else ()), *((workflow_key(workflow),) if workflow else ()))


def look(store: Store, keys: Iterable[str]) -> tuple[Mapping[str, int | None], Freeze | None]:
    """The newest entry under each key, and a freeze among them that holds."""
    heads: dict[str, int | None] = {}
    found: Freeze | None = None
    for key in keys:
        entry = newest(store, key)
        heads[key] = entry.index if entry else None
        if entry is not None and (freeze := _of(key, entry)).is_frozen:
            found = found or freeze
    return heads, found


def frozen(store: Store) -> tuple[Freeze, ...]:
    """Everything that is frozen now."""
    latest: dict[str, Freeze] = {}
    for entry in store.find_entries(FREEZES, limit=10_000):
        for key in entry.keys:
            if key.startswith("freeze:"):
                latest.setdefault(key, _of(key, entry))
    return tuple(one for one in sorted(latest.values(), key=lambda one: one.key) if one.is_frozen)


def reason_of(freeze: Freeze) -> Reason:
    return Reason(
        code=codes.FROZEN,
        what=f"{freeze.what} is frozen since {freeze.at.isoformat(timespec='seconds')} by {freeze.by}: {freeze.because}",
        why=codes.CODES[codes.FROZEN].why,
        mend=f"have somebody else than {freeze.by} look, and `loadline thaw {_option(freeze.key)}`",
    )


def freeze(
    store: Store, clock: Clock, new_id: NewId, key: str, *, by: str, because: str, evidence: tuple[str, ...] = ()
) -> Freeze:
    """Stop it. What is frozen already is frozen once more, with the new reason: it never fails for being so."""
    return _record(store, clock, new_id, key, is_frozen=True, by=by, because=because, evidence=evidence)


def thaw(store: Store, clock: Clock, new_id: NewId, key: str, *, by: str, because: str) -> Freeze:
    """Let it go on. Raises RequestError when it is not frozen, or `by` is one of those who froze it since the last
    thaw."""
    entry = newest(store, key)
    current = _of(key, entry) if entry else None
    if current is None or not current.is_frozen:
        raise RequestError(_may_not(f"{_named(key)} is not frozen", "`loadline freeze --list` says what is"))
    if by in _freezers(store, key):
        raise RequestError(_may_not(f"`{by}` froze {_named(key)}, and another person thaws it", "ask somebody else"))
    thawed = _record(store, clock, new_id, key, is_frozen=False, by=by, because=because, after=current.index)
    return thawed


def _freezers(store: Store, key: str) -> set[str]:
    found = set()
    for entry in store.find_entries(key, limit=1_000):
        if not entry.payload["is_frozen"]:
            break
        found.add(str(entry.payload["by"]))
    return found


def _record(
    store: Store,
    clock: Clock,
    new_id: NewId,
    key: str,
    *,
    is_frozen: bool,
    by: str,
    because: str,
    evidence: tuple[str, ...] = (),
    after: int | None = None,
) -> Freeze:
    payload = {"is_frozen": is_frozen, "by": by, "because": because, "evidence": evidence}
    draft = Draft(kind=Kind.FREEZE, run=new_id(), at=clock(), payload=payload, keys=(FREEZES, key))
    heads = {} if after is None else {key: after}
    entries = store.append_if([draft], heads)
    if entries is None:
        raise RequestError(_may_not(f"{_named(key)} was frozen again meanwhile", "look why, and thaw it again"))
    return _of(key, entries[0])


def _of(key: str, entry: Entry) -> Freeze:
    said = entry.payload
    return Freeze(
        key=key,
        is_frozen=bool(said["is_frozen"]),
        by=str(said["by"]),
        because=str(said["because"]),
        at=entry.at,
        evidence=tuple(said.get("evidence", ())),
        index=entry.index,
    )


def _named(key: str) -> str:
    return "everything" if key == ALL else f"`{key.removeprefix('freeze:').replace(':', ' ', 1)}`"


def _option(key: str) -> str:
    return "--all" if key == ALL else "--" + key.removeprefix("freeze:").replace(":", " ", 1)


def _may_not(what: str, mend: str) -> Diagnostic:
    return Diagnostic(code=codes.MAY_NOT_THAW, what=what, why=codes.CODES[codes.MAY_NOT_THAW].why, mend=mend)
