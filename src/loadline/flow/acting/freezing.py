"""Freezes: who or what is stopped, as the ledger says; and recording that somebody froze or thawed it.

A freeze is an entry under the key of what it stops. What is performed is recorded only while the newest entry under
each such key is still the one that was looked at: after a freeze is in the ledger, nothing begins.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from loadline.errors import RequestError
from loadline.flow.acting import codes
from loadline.flow.acting.record import agents_key, newest, unknown
from loadline.flow.ports import Clock, NewId, Store
from loadline.ledger import Draft, Entry, Kind
from loadline.project import Project
from loadline.values.diagnostic import Diagnostic
from loadline.values.receipt import Reason

FREEZES = "freezes"
"""What every freeze and thaw is found by."""
ALL = "freeze:all"
LOADLINE = "loadline"
"""Who freezes when a check does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Freeze:
    """`what` is `everything`, `agent NAME` or `workflow NAME`; `by` and `because` are of whoever froze or thawed it
    last."""

    key: str
    is_frozen: bool
    by: str
    because: str
    at: datetime
    evidence: tuple[str, ...] = ()
    index: int

    @property
    def what(self) -> str:
        return "everything" if self.key == ALL else self.key.removeprefix("freeze:").replace(":", " ", 1)


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
    since = freeze.at.isoformat(timespec="seconds")
    return Reason(
        code=codes.FROZEN,
        what=f"{freeze.what} is frozen since {since} by {freeze.by}: {freeze.because}",
        why=codes.CODES[codes.FROZEN].why,
        mend=f"have somebody else than {freeze.by} look, and `loadline thaw {_option(freeze.key)} --because …`",
    )


def is_known_agent(project: Project, store: Store, name: str) -> bool:
    """Whether the project lists it, or it has asked for anything."""
    return name in project.agents or newest(store, agents_key(name)) is not None


def require_known(project: Project, store: Store, *, agent: str | None, workflow: str | None) -> None:
    """Raises RequestError for a name under which nothing is ever done: to freeze it would stop nothing, and whoever did
    would believe that it had."""
    workflows = {one.workflow for one in project.actions.values() if one.workflow is not None}
    if workflow is not None and workflow not in workflows:
        raise RequestError(unknown(codes.NO_WORKFLOW, "workflow", workflow, workflows))
    if agent is not None and project.agents and not is_known_agent(project, store, agent):
        raise RequestError(unknown(codes.NO_AGENT, "agent", agent, project.agents))


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a person (or `loadline` itself, with its evidence, and `of` whom the agent acted for) says of something that
    can be frozen."""

    key: str
    by: str
    because: str
    evidence: tuple[str, ...] = ()
    of: str = ""


def freeze(store: Store, said: Said, *, clock: Clock, new_id: NewId) -> Freeze:
    """Stop it. What is frozen already is frozen once more, with the new reason: it never fails for being so."""
    (entry,) = store.append([_draft(said, is_frozen=True, run=new_id(), at=clock())])
    return _of(said.key, entry)


def thaw(store: Store, said: Said, *, clock: Clock, new_id: NewId) -> Freeze:
    """Let it go on. Raises RequestError when it is not frozen, or when who says so froze it since the last thaw, or it
    was frozen for what was done for them."""
    entry = newest(store, said.key)
    if entry is None or not _of(said.key, entry).is_frozen:
        raise RequestError(_may_not(f"{_named(said.key)} is not frozen", "`loadline freeze --list` says what is"))
    named = _named(said.key)
    for name, what in (
        ("by", f"`{said.by}` froze {named}, and another person thaws it"),
        ("of", f"what {named} was frozen for was done for `{said.by}`, and another person thaws it"),
    ):
        if said.by in _named_by(store, said.key, name):
            raise RequestError(_may_not(what, "ask somebody else"))
    entries = store.append_if([_draft(said, is_frozen=False, run=new_id(), at=clock())], {said.key: entry.index})
    if entries is None:
        raise RequestError(_may_not(f"{_named(said.key)} was frozen again meanwhile", "look why, and thaw it again"))
    return _of(said.key, entries[0])


def _named_by(store: Store, key: str, name: str) -> set[str]:
    """Who froze it since the last thaw (`by`), or whom what it was frozen for was done for (`of`)."""
    found = set()
    for entry in store.find_entries(key, limit=1_000):
        if not entry.payload["is_frozen"]:
            break
        if entry.payload.get(name):
            found.add(str(entry.payload[name]))
    return found


def _draft(said: Said, *, is_frozen: bool, run: str, at: datetime) -> Draft:
    payload = {"is_frozen": is_frozen, "by": said.by, "because": said.because, "evidence": said.evidence}
    made = Draft(kind=Kind.FREEZE, run=run, at=at, payload=payload, keys=(FREEZES, said.key))
    if said.by != LOADLINE:
        return replace(made, subjects=(said.by,), open=("is_frozen",))
    return (
        replace(made, payload={**payload, "of": said.of}, subjects=(said.of,), open=tuple(payload)) if said.of else made
    )


def _of(key: str, entry: Entry) -> Freeze:
    said = entry.payload
    return Freeze(
        key=key,
        is_frozen=bool(said["is_frozen"]),
        by=str(said.get("by", "somebody who was forgotten")),
        because=str(said.get("because", "forgotten with them")),
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
