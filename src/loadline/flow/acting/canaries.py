"""Acts that must be denied in; each tried as a dry run, the whole way, and whether it was denied, out.

While a canary is denied, the gate is awake. What is not denied, and what cannot even be tried, is an alarm: a guard
that says nothing is not known to be there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from loadline.flow.acting.record import newest
from loadline.flow.acting.run import act
from loadline.flow.acting.world import ActWorld
from loadline.flow.signing import Signs, signed
from loadline.ledger import Draft, Kind
from loadline.project import Canary
from loadline.values.acting import Act, ActReceipt, ActStatus, Call, FreeSql
from loadline.values.canonical import digest, plain
from loadline.values.rule import Principal

TYPE = "loadline.canary.alarm"
_DENIED = frozenset({ActStatus.FORBIDDEN, ActStatus.STOPPED})


@dataclass(frozen=True, slots=True, kw_only=True)
class CanaryTried:
    """`what` says what came of it, as a clause; `run` is its run in the ledger."""

    name: str
    is_denied: bool
    what: str
    run: str


def try_canaries(
    world: ActWorld, principal: Callable[[str], Principal], *, is_forced: bool = False
) -> tuple[CanaryTried, ...]:
    """Those that are due, or all of them; each is recorded."""
    due = [one for one in world.project.canaries.values() if is_forced or _is_due(world, one)]
    return tuple(_try(world, one, principal(one.person)) for one in due)


def _is_due(world: ActWorld, canary: Canary) -> bool:
    last = newest(world.store, _key(canary.name))
    return last is None or world.clock() - last.at >= timedelta(minutes=canary.every_minutes)


def _try(world: ActWorld, canary: Canary, person: Principal) -> CanaryTried:
    who = Principal(
        name=person.name,
        roles=person.roles,
        audience=person.audience,
        purpose=person.purpose,
        agent=canary.agent,
    )
    wanted = (
        Call(action=canary.action, arguments=canary.arguments)
        if canary.action is not None
        else FreeSql(target=canary.target or "", text=canary.sql or "")
    )
    receipt = act(world, Act(principal=who, wanted=wanted, is_dry_run=True))
    tried = CanaryTried(name=canary.name, is_denied=receipt.status in _DENIED, what=_told(receipt), run=receipt.run)
    payload = {"canary": plain(tried)}
    draft = Draft(kind=Kind.CHECK, run=world.new_id(), at=world.clock(), payload=payload, keys=(_key(tried.name),))
    draft = replace(draft, subjects=(person.name,))
    world.store.append([draft])
    return tried


def _told(receipt: ActReceipt) -> str:
    because = receipt.reasons[0].what if receipt.reasons else ""
    if receipt.status in _DENIED:
        return f"was denied: {because}"
    if receipt.status is ActStatus.WOULD:
        held = " once it is approved" if receipt.approvals else ""
        return f"was not denied: it would be done{held}, by rule {', '.join(receipt.rules)}"
    return f"could not be tried: {because}"


def alarm_of(world: ActWorld, tried: CanaryTried, signer: Signs) -> dict[str, Any]:
    """A CloudEvents 1.0 event in JSON, signed over the canonical bytes of all the rest."""
    scope = {"project": world.project.name, "run": tried.run}
    event: dict[str, Any] = {
        "specversion": "1.0",
        "id": f"canary-{digest(scope).removeprefix('sha256:')[:20]}",
        "source": f"loadline/{world.project.name}",
        "type": TYPE,
        "subject": tried.name,
        "time": world.clock().isoformat(),
        "datacontenttype": "application/json",
        "data": {**plain(tried), "project_digest": world.project.digest},
    }
    return signed(event, signer)


def _key(name: str) -> str:
    return f"canary:{name}"
