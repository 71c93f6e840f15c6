"""A key that opens the doors of a server: whose it is, which role it gives there, and how long."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType


class DoorRole(StrEnum):
    """What somebody may do at a server's doors. Policy still judges every plan: a role opens a door, and no more."""

    VIEWER = "viewer"  # reads receipts, metrics, data status
    ANALYST = "analyst"  # asks and verifies, too
    AGENT = "agent"  # asks, verifies, proposes actions
    APPROVER = "approver"  # decides on what is held, too
    STEWARD = "steward"  # an approver who gives feedback on definitions and accepts drift
    ADMIN = "admin"


class May(StrEnum):
    """What a door is for."""

    READ = "read"
    ASK = "ask"
    PROPOSE = "propose"
    DECIDE = "decide"
    MANAGE = "manage"


OPENS: Mapping[DoorRole, frozenset[May]] = MappingProxyType(
    {
        DoorRole.VIEWER: frozenset({May.READ}),
        DoorRole.ANALYST: frozenset({May.READ, May.ASK}),
        DoorRole.AGENT: frozenset({May.READ, May.ASK, May.PROPOSE}),
        DoorRole.APPROVER: frozenset({May.READ, May.ASK, May.DECIDE}),
        DoorRole.STEWARD: frozenset({May.READ, May.ASK, May.DECIDE, May.MANAGE}),
        DoorRole.ADMIN: frozenset(May),
    }
)


READS_ALL = frozenset({DoorRole.STEWARD, DoorRole.ADMIN})
"""The roles at a server's doors that read what the ledger says of everybody; an agent never does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessKey:
    """`digest` is the SHA-256 of the secret, which is shown once and kept nowhere. `person` is one of the project's
    people, on whose behalf `agent` calls where it is a program."""

    id: str
    digest: str
    person: str
    agent: str | None
    role: DoorRole
    made_at: datetime
    expires_at: datetime | None
    is_revoked: bool = False

    def holds_at(self, now: datetime) -> bool:
        return not self.is_revoked and (self.expires_at is None or now < self.expires_at)
