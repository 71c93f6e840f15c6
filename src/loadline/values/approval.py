"""An approval that is asked for, what approvers said, and where it stands: a closed sum."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from loadline.values.rule import Approval


@dataclass(frozen=True, slots=True, kw_only=True)
class Vote:
    """What one approver said, holding these roles, of exactly what `digest` stands for."""

    by: str
    roles: tuple[str, ...]
    is_yes: bool
    digest: str
    at: datetime
    because: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OnHold:
    """Something that waits for `approvals`. `digest` is over the exact action, its effect and bound, the policy, the
    environment and the expiry: a yes to it is a yes to nothing else. `requesters` may not approve it: the person, and
    the agent that acts for them."""

    run: str
    digest: str
    requesters: tuple[str, ...]
    approvals: tuple[Approval, ...]
    asked_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """`missing` are the approvals not given yet, each with how many more people it needs."""

    missing: tuple[tuple[Approval, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Granted:
    """Every approval is given. `until` is when it expires unused."""

    by: tuple[str, ...]
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    by: str
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Expired:
    at: datetime


ApprovalState = Waiting | Granted | Rejected | Expired
