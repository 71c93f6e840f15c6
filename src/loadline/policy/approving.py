"""What is held, the votes so far and the time in; where the approval stands out, and whether somebody may vote.

No clock and no store: the same votes at the same moment give the same state on every machine, so a process may die
at any point between two votes and another goes on from what the ledger holds.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from loadline.values.approval import ApprovalState, Expired, Granted, OnHold, Rejected, Vote, Waiting
from loadline.values.rule import Approval


def state_of(held: OnHold, votes: Sequence[Vote], *, now: datetime) -> ApprovalState:
    """Where it stands. One no ends it; expiry forbids, also what was approved and not used in time.

    A vote counts only if it was given to exactly this digest, in time, by somebody who may. So a vote that should
    never have been recorded opens nothing.
    """
    counting: list[Vote] = []
    for vote in votes:
        if refusal(held, counting, vote) is None:
            counting.append(vote)
    for vote in counting:
        if not vote.is_yes:
            return Rejected(by=vote.by, because=vote.because)
    if now >= held.expires_at:
        return Expired(at=held.expires_at)
    missing = [(one, lacking) for one in held.approvals if (lacking := one.count - _given(one, held, counting)) > 0]
    if missing or not held.approvals:
        return Waiting(missing=tuple(missing))
    return Granted(by=tuple(vote.by for vote in counting), until=held.expires_at)


def refusal(held: OnHold, earlier: Sequence[Vote], vote: Vote) -> str | None:
    """Why this vote may not be given, as a lowercase clause; None when it may."""
    if vote.digest != held.digest:
        return "what was approved is not what is waiting"
    if vote.by in held.requesters:
        return f"`{vote.by}` asked for it, and nobody approves what they asked for"
    if vote.at >= held.expires_at:
        return f"it expired at {held.expires_at.isoformat(timespec='seconds')}"
    if any(one.by == vote.by for one in earlier):
        return f"`{vote.by}` has said so already"
    if not any(_may(one, held, vote) for one in held.approvals):
        return f"`{vote.by}` holds none of the roles it waits for: {_roles(held, vote.at)}"
    return None


def expiry_of(approvals: Sequence[Approval], asked_at: datetime) -> datetime:
    """When the first of them lapses."""
    return asked_at + timedelta(seconds=min(one.expires_seconds for one in approvals))


def _given(approval: Approval, held: OnHold, votes: Sequence[Vote]) -> int:
    return len({vote.by for vote in votes if vote.is_yes and _may(approval, held, vote)})


def _may(approval: Approval, held: OnHold, vote: Vote) -> bool:
    if approval.person is not None:
        return vote.by == approval.person
    return bool(_deputised(approval, held, vote.at) & set(vote.roles))


def _deputised(approval: Approval, held: OnHold, at: datetime) -> set[str]:
    """The roles that may give it at that moment: after a while its deputy, too."""
    roles = {approval.role}
    after = approval.deputy_after_seconds
    if approval.deputy is not None and at >= held.asked_at + timedelta(seconds=after or 0):
        roles.add(approval.deputy)
    return roles


def _roles(held: OnHold, at: datetime) -> str:
    roles = [role for one in held.approvals if one.person is None for role in _deputised(one, held, at)]
    people = [one.person for one in held.approvals if one.person is not None]
    return ", ".join([*sorted(f"`{role}`" for role in roles), *(f"that of `{name}`" for name in people)])
