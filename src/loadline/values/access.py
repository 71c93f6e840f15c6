"""What opens the doors of a server: keys of its own, tokens of an issuer it trusts; whose they are, how long."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Bearer:
    """Who came with a key or a token that holds just now. `id` is the same for all that one caller sends: rates and
    idempotency keys are kept under it. `person` is one of the project's."""

    id: str
    person: str
    agent: str | None
    role: DoorRole
    expires_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NotKnown:
    """A key or token that opens nothing, and why, in words that give nothing away."""

    why: str


SIGNATURES = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""What a token may be signed with: key pairs alone. With a shared secret whoever can check could also sign."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustedIssuer:
    """Whose tokens open doors (OpenID Connect, OAuth 2.1), and what is read from them.

    `person` is the claim that says who it is; its value is one of the project's people, or `people` says which.
    `roles` maps values of the claim `roles_in` to what they open; of several, the first one written counts.
    `client` is the console's own name at the issuer; without it people sign in with keys alone.
    """

    issuer: str
    audience: tuple[str, ...]
    algorithms: tuple[str, ...] = ("RS256", "ES256")
    person: str = "sub"
    people: Mapping[str, str] = field(default_factory=dict)
    roles_in: str = "scope"
    roles: tuple[tuple[str, DoorRole], ...]
    leeway_seconds: float = 30.0
    client: str | None = None
    client_secret: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorSettings:
    """`url` is the address that people and programs reach the server by; None: the one that each request names."""

    url: str | None = None
    calls_per_minute: int = 3_000
    oidc: TrustedIssuer | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """A sign-in that has begun: where the browser goes, and what only this server and that browser know of it
    (RFC 7636, OpenID Connect Core 3.1.2.1)."""

    address: str
    state: str
    nonce: str
    verifier: str
    back: str
    is_fresh: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """Who signed in at the issuer, and when they last proved to it who they are, if it says so."""

    bearer: Bearer
    proved_at: datetime | None
