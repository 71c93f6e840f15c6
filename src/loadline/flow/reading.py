"""Somebody and what the ledger holds in; whether they may read what it says out.

People read their own, and what is about nobody; holders of certain roles read everything; an agent reads only what it
did or asked itself, whoever it works for. That an entry is there is no secret: its number, kind and time are in the
published tree.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from loadline.flow.acting.record import SHOWN, story
from loadline.flow.ports import Store
from loadline.ledger import Entry, Kind
from loadline.ledger.sealed import subjects_in
from loadline.values.acting import ActReceipt
from loadline.values.rule import Principal

OTHERS = "an entry of another person; ask an auditor"
FORGOTTEN = "what it said was forgotten"
_OF_NOBODY = frozenset({Kind.CHECK, Kind.DRIFT})
"""What these say of data is shown to everybody who may read at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """Who came in, and what the door they came through lets them do: read everything, decide on what is held."""

    principal: Principal
    reads_all: bool = False
    decides: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Who reads. `reads_all`: by their role in the project, or at a server's doors. `decides`: whether they came
    through a door behind which approvals are given."""

    principal: Principal
    reads_all: bool
    decides: bool = True

    @classmethod
    def of(cls, door: Door, roles: Iterable[str]) -> Reader:
        """With `roles` being those whose holders read everything. An agent never does."""
        principal = door.principal
        may = principal.agent is None and (door.reads_all or not set(roles).isdisjoint(principal.roles))
        return cls(principal=principal, reads_all=may, decides=door.decides and principal.agent is None)


def may_read_entry(store: Store, reader: Reader, entry: Entry) -> bool:
    payload = entry.payload
    if reader.reads_all or is_own(reader.principal, payload):
        return True
    if "act_status" in payload and "act" not in payload:  # a step of a run says no more than that
        told = story(store, entry.run)
        return told is not None and may_see_act(reader, told.receipt)
    if reader.principal.agent is not None or entry.kind not in _OF_NOBODY:
        return False
    return entry.stored is None and not subjects_in(payload) and "act_status" not in payload


def told_to(reader: Reader | None, payload: Mapping[str, Any]) -> Mapping[str, Any]:
    """What an entry says, to somebody who may read it: rows of data are shown beside what is held, as rules let each
    see them, and here to those alone who read everything. None is who sits at this terminal and names nobody."""
    if reader is None or reader.reads_all:
        return payload
    return {name: value for name, value in payload.items() if name != SHOWN}


def is_own(principal: Principal, payload: Mapping[str, Any]) -> bool:
    """Whether they asked, acted or said it; for an agent: it itself, for the person it works for now."""
    for part in (payload, payload.get("act"), payload.get("vote"), payload.get("refused_vote")):
        if not isinstance(part, Mapping):
            continue
        if any(part.get(name) == principal.name for name in ("asked_by", "person")):
            return principal.agent is None or part.get("agent") == principal.agent
        if part.get("by") == principal.name and principal.agent is None:
            return True
    return False


def may_see_act(reader: Reader, receipt: ActReceipt) -> bool:
    """Also who may say yes or no to it, and who did."""
    principal = reader.principal
    if reader.reads_all:
        return True
    if principal.agent is not None:
        return (receipt.person, receipt.agent) == (principal.name, principal.agent)
    if receipt.person == principal.name or any(vote.by == principal.name for vote in receipt.votes):
        return True
    if not reader.decides:
        return False
    if any(one.person == principal.name for one in receipt.approvals):
        return True
    roles = {role for one in receipt.approvals if one.person is None for role in (one.role, one.deputy)}
    return not roles.isdisjoint(principal.roles)
