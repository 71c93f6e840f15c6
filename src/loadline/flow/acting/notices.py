"""What waits for a yes in; a notice to its approvers, and to a deputy when nobody answered, sent and recorded, out.

The ledger is the outbox: what waits is there, and so is what was sent. A notice that could not be handed over, or whose
sender was killed, is sent again under the same id. It says that something waits and for whom, never what it is about.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from loadline.errors import OutsideError
from loadline.flow.acting.record import Story, newest, unfinished
from loadline.flow.acting.world import ActWorld
from loadline.flow.ports import Events
from loadline.flow.signing import Signs, signed
from loadline.ledger import Draft, Kind
from loadline.policy.approving import state_of
from loadline.values.acting import ActStatus
from loadline.values.approval import Waiting
from loadline.values.canonical import digest
from loadline.values.diagnostic import Diagnostic

WAITS = "loadline.approval.waiting"
ESCALATED = "loadline.approval.escalated"
NOTICES = "notices"
"""What every notice that was sent is found by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """`roles` are whose holders may say yes, `missing` how many still must; `at` is since when that is so."""

    id: str
    type: str
    run: str
    roles: tuple[str, ...]
    missing: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticesSent:
    """What was handed over now, and why the rest was not: that is sent again."""

    sent: tuple[Notice, ...]
    unsent: tuple[Diagnostic, ...]
    waiting: int


def send_notices(world: ActWorld, receivers: Sequence[Events], signer: Signs) -> NoticesSent:
    """Each notice that is due, once; to all receivers or to be sent again to all. Raises OutsideError only when the
    ledger fails."""
    sent: list[Notice] = []
    said: list[Diagnostic] = []
    stories = [one for one in unfinished(world.store) if one.status is ActStatus.WAITING]
    for told in stories if receivers else ():
        for notice in _due(world, told):
            if newest(world.store, _key(notice)) is not None:
                continue
            event = event_of(world, told, notice, signer)
            try:
                for receiver in receivers:
                    receiver.send(event)
            except OutsideError as error:
                said += error.diagnostics
                continue
            world.store.append_if([_draft(world, notice)], {_key(notice): None})
            sent.append(notice)
    return NoticesSent(sent=tuple(sent), unsent=tuple(said), waiting=len(stories))


def _due(world: ActWorld, told: Story) -> Iterator[Notice]:
    """Of what still waits: its approvers from the beginning, a deputy from the time the rule says."""
    held, now = told.held, world.clock()
    state = state_of(held, told.votes, now=now)
    if not isinstance(state, Waiting):
        return
    missing = sum(lacking for _, lacking in state.missing)
    roles = tuple(dict.fromkeys(one.role for one, _ in state.missing))
    yield _notice(world, told, WAITS, roles, missing, at=held.asked_at)
    for one, lacking in state.missing:
        if one.deputy is None or one.deputy_after_seconds is None:
            continue
        since = held.asked_at + timedelta(seconds=one.deputy_after_seconds)
        if now >= since:
            yield _notice(world, told, ESCALATED, (one.deputy,), lacking, at=since)


def _notice(world: ActWorld, told: Story, kind: str, roles: tuple[str, ...], missing: int, *, at: datetime) -> Notice:
    # Not over `roles` of what waits: when one of two has said yes, it is still the same notice.
    scope = {"project": world.project.name, "run": told.run, "type": kind, "to": roles if kind == ESCALATED else ()}
    identity = f"notice-{digest(scope).removeprefix('sha256:')[:20]}"
    return Notice(id=identity, type=kind, run=told.run, roles=roles, missing=missing, at=at)


def event_of(world: ActWorld, told: Story, notice: Notice, signer: Signs) -> dict[str, Any]:
    """A CloudEvents 1.0 event in JSON. Neither arguments nor the statement are in it, and no person: who may say yes
    looks where they are known."""
    intent = told.intent
    event: dict[str, Any] = {
        "specversion": "1.0",
        "id": notice.id,
        "source": f"loadline/{world.project.name}",
        "type": notice.type,
        "subject": notice.run,
        "time": notice.at.isoformat(),
        "datacontenttype": "application/json",
        "data": {
            "run": notice.run,
            "action": intent.action,
            "workflow": intent.workflow,
            "agent": intent.agent,
            "target": intent.target,
            "environment": intent.environment,
            "stake": intent.stake,
            "rows": intent.effect.rows if intent.effect is not None else None,
            "roles": list(notice.roles),
            "missing": notice.missing,
            "asked_at": intent.at.isoformat(),
            "expires_at": intent.expires_at.isoformat() if intent.expires_at else None,
            "digest": intent.digest,
            "look": f"loadline approvals show {notice.run}",
            "project_digest": world.project.digest,
        },
    }
    return signed(event, signer)


def _draft(world: ActWorld, notice: Notice) -> Draft:
    """Under a run of its own: the run it is about moves on only by its own steps."""
    payload = {"notice": notice.id, "type": notice.type, "of": notice.run, "roles": list(notice.roles)}
    keys = (NOTICES, _key(notice))
    return Draft(kind=Kind.APPROVAL, run=world.new_id(), at=world.clock(), payload=payload, keys=keys)


def _key(notice: Notice) -> str:
    return f"notice:{notice.id}"
