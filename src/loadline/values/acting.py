"""What somebody wants done, what it would do, and the receipt of what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from loadline.values.action import ArgumentValue
from loadline.values.approval import Vote
from loadline.values.effect import WriteBound, WriteEffect
from loadline.values.receipt import Reason
from loadline.values.rule import Approval, EffectClass, Principal


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A declared action, by name. An argument is a text as somebody wrote it, or a value of its type already."""

    action: str
    arguments: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class FreeSql:
    """A statement somebody wrote, for a target."""

    target: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Takeback:
    """Undo what the run did."""

    run: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """`key` tells requests apart where the action has no key of its own: two with the same one are one."""

    principal: Principal
    wanted: Call | FreeSql | Takeback
    key: str | None = None
    is_dry_run: bool = False


class ActStatus(StrEnum):
    WOULD = "would"  # a dry run: this is what it would do
    WAITING = "waiting"  # held until somebody approves
    APPROVED = "approved"  # everybody has, and it is not performed yet
    PERFORMING = "performing"
    DONE = "done"
    FORBIDDEN = "forbidden"  # by policy, by the guard, or by a limit
    REFUSED = "refused"  # it cannot be done as asked
    REJECTED = "rejected"  # an approver said no
    EXPIRED = "expired"  # nobody approved in time, or what was approved is no longer what it was
    EXCEEDED = "exceeded"  # it would have done something else than was approved, and was taken back
    STOPPED = "stopped"  # by a freeze
    FAILED = "failed"  # the outside failed, and nothing was done
    UNKNOWN = "unknown"  # the outside failed, and nobody knows whether it was done


FINAL = frozenset(ActStatus) - {ActStatus.WAITING, ActStatus.APPROVED, ActStatus.PERFORMING, ActStatus.WOULD}
"""Those that nothing follows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ActReceipt:
    """What became of a request to act, and on what ground. `says` is the exact statement or call; `digest` is what an
    approval is bound to; `effect` what it did (or would do) in a database, table by table; `result` what the far side
    returned. `key` is what the asker told it apart by. `undoes` is the run it takes back, `undone_by` the one that has
    taken it back since (which later entries say, never its own), `repeats` the run that had done the same before,
    `no_undo` why it cannot be taken back. `subjects` are whom its arguments name (`customer_id=4711`). `ledger_index`
    is known once recorded."""

    run: str
    status: ActStatus
    action: str
    arguments: Mapping[str, ArgumentValue] = field(default_factory=dict)
    effect_class: EffectClass = EffectClass.WRITE
    says: str = ""
    target: str | None = None
    environment: str | None = None
    stake: str = ""
    workflow: str | None = None
    key: str | None = None
    person: str
    subjects: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    audience: str | None = None
    purpose: str | None = None
    agent: str | None = None
    at: datetime
    project_digest: str = ""
    rules: tuple[str, ...] = ()
    effect: WriteEffect | None = None
    bound: WriteBound | None = None
    tables: tuple[str, ...] = ()
    digest: str = ""
    approvals: tuple[Approval, ...] = ()
    votes: tuple[Vote, ...] = ()
    expires_at: datetime | None = None
    result: object = None
    no_undo: str = ""
    undoes: str | None = None
    undone_by: str | None = None
    repeats: str | None = None
    attempts: int = 0
    findings: tuple[str, ...] = ()
    reasons: tuple[Reason, ...] = ()
    ledger_index: int | None = None
