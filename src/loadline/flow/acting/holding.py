"""An answer that a rule about the state of data holds in; what it waits for, or the yes that releases it, out.

It waits among the acts that wait, as a run of its own, and is approved, rejected and lapses as they are. A yes releases
it to nobody by itself: whoever asked asks again, and the yes is used by the entry that records their receipt. It is
bound to the plan, the rules, who asks and what of the data is not in order, so that another question, another rule or
another defect waits anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from loadline.errors import OutsideError
from loadline.flow import codes_rights as codes
from loadline.flow import record
from loadline.flow.acting.record import Story, draft_of, newest, story
from loadline.flow.nouns import Admitted
from loadline.flow.subjects import subjects_in_query
from loadline.flow.world import World
from loadline.ledger import Draft, Kind, personal_key
from loadline.policy.approving import expiry_of, state_of
from loadline.project import Project
from loadline.values.acting import ActReceipt, ActStatus
from loadline.values.approval import Expired, Granted, Rejected, Waiting
from loadline.values.canonical import digest, plain
from loadline.values.diagnostic import Diagnostic
from loadline.values.finding import Finding
from loadline.values.matter import ANSWER
from loadline.values.receipt import AnswerStatus, Reason, Receipt
from loadline.values.rule import Approval, EffectClass
from loadline.values.ruling import Ruling

MOST_TRIES = 50
_ASK_AGAIN = "ask again"


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldAnswer:
    """What is held, by which rulings, for which findings; `refused` is the receipt while it waits, `released` the one
    that a yes makes of it."""

    admitted: Admitted
    rulings: tuple[Ruling, ...]
    findings: tuple[Finding, ...]
    refused: Receipt
    released: Receipt


def hold_or_release(world: World, held: HeldAnswer) -> Receipt:
    """The receipt, recorded. Where it waits or was rejected, it is refused and names the run that waits; where a yes
    was given and not used, the yes is used.

    INVARIANT I6: the yes is used and the receipt recorded in one step, so that neither is there without the other.
    """
    scope = _scope(world.project, held)
    key = personal_key(held.refused.asked_by, f"answer:{scope}")
    for _ in range(MOST_TRIES):
        now = world.clock()
        entry = newest(world.store, key)
        told = story(world.store, entry.run) if entry is not None else None
        found: Receipt | None
        match _standing(told, now):
            case Waiting() if told is not None:
                return _refused(world, held, told.run)
            case Rejected(by=by, because=because) if told is not None:
                return _refused(world, held, told.run, f"`{by}` said no" + (f": {because}" if because else ""))
            case Granted(by=by) if told is not None:
                found = _release(world, held, told, by)
            case _:
                run = _begin(world, held, scope, key, told, entry.index if entry is not None else None)
                found = _refused(world, held, run) if run is not None else None
        if found is not None:
            return found
    what = "others kept being faster at what this answer waits for"
    raise OutsideError(Diagnostic(code=codes.HELD, what=what, why=_why(codes.HELD), mend=_ASK_AGAIN), retryable=True)


def answer_digest(project: Project, held: ActReceipt) -> str:
    """What an approval of a held answer is bound to: `key` stands for the plan, the statement, who asks and what of the
    data is not in order."""
    return digest(
        {
            "run": held.run,
            "key": held.key,
            "says": held.says,
            "rules": plain(project.rules),
            "cedar": plain(project.cedar),
            "data": plain(project.state_rules),
            "for": [held.person, held.agent, held.roles, held.audience, held.purpose],
            "approvals": plain(held.approvals),
            "expires_at": held.expires_at.isoformat() if held.expires_at else None,
        }
    )


def _scope(project: Project, held: HeldAnswer) -> str:
    """Equal for the same question by the same asker under the same rules over data with the same defects. How old what
    is too old has become is no part of it: it would be another with each minute."""
    plan, statement = held.admitted.plan, held.admitted.statement
    return digest(
        {
            "plan": plan.digest,
            "definitions": [(m.name, m.version, m.status, m.owner) for m in plan.metrics],
            "scope": [statement.sql, statement.row_filters, statement.masks],
            "for": plain(held.admitted.asked.request.principal),
            "rules": [plain(project.rules), plain(project.cedar), plain(project.state_rules)],
            "verdict": sorted((one.check, one.subject, str(one.count)) for one in held.findings),
        }
    ).removeprefix("sha256:")


def _standing(told: Story | None, now: datetime) -> Waiting | Granted | Rejected | Expired:
    """Where the newest of its kind stands; what is over, or was used, is as good as none. A no stands as long as the
    approval would have."""
    over = Expired(at=now)
    if told is None:
        return over
    match told.status:
        case ActStatus.WAITING | ActStatus.APPROVED:
            return state_of(told.held, told.votes, now=now)
        case ActStatus.REJECTED:
            return state_of(told.held, told.votes, now=now) if now < told.held.expires_at else over
        case _:
            return over


def _begin(
    world: World, held: HeldAnswer, scope: str, key: str, earlier: Story | None, newest_index: int | None
) -> str | None:
    """Record that it waits; None where somebody else was faster."""
    now, receipt = world.clock(), held.refused
    approvals = tuple(dict.fromkeys(approval_of(world.project, one) for one in held.rulings))
    about = ActReceipt(
        run=f"hold-{receipt.run.rpartition('-')[2]}",
        status=ActStatus.WAITING,
        action=ANSWER,
        arguments={
            "question": receipt.question,
            "metrics": ", ".join(one.name for one in receipt.metrics if one.is_asked),
        },
        effect_class=EffectClass.READ,
        says=receipt.sql or "",
        key=scope,
        person=receipt.asked_by,
        subjects=subjects_in_query(world.project.model, receipt.query),
        roles=receipt.roles,
        audience=receipt.audience,
        purpose=receipt.purpose,
        agent=receipt.agent,
        at=now,
        project_digest=world.project.digest,
        rules=tuple(dict.fromkeys(one.rule for one in held.rulings if one.rule)),
        approvals=approvals,
        expires_at=expiry_of(approvals, now),
        reasons=receipt.reasons,
    )
    about = replace(about, digest=answer_digest(world.project, about))
    drafts = [draft_of(about, Kind.INTENT, at=now, keys=(key,))]
    heads: dict[str, int | None] = {key: newest_index}
    if earlier is not None and earlier.status in {ActStatus.WAITING, ActStatus.APPROVED}:  # nobody used it in time
        drafts.insert(0, _end(earlier, ActStatus.EXPIRED, now))
        heads[earlier.run] = earlier.index
    return about.run if world.store.append_if(drafts, heads) is not None else None


def _release(world: World, held: HeldAnswer, told: Story, by: Sequence[str]) -> Receipt | None:
    """Use the yes, with the receipt; None where somebody else was faster."""
    names = " and ".join(f"`{name}`" for name in by)
    reason = _reason(codes.RELEASED, f"{names} released it, as approval `{told.run}`", "mend the data")
    receipt = replace(
        held.released,
        status=AnswerStatus.UNVERIFIED,
        reasons=(reason, *held.released.reasons),
        approval=told.run,
    )
    receipt, draft = record.receipt_draft(world, receipt, Kind.OUTCOME)
    done = _end(told, ActStatus.DONE, world.clock(), result={"receipt": receipt.id, "run": receipt.run})
    entries = world.store.append_if([draft, done], {told.run: told.index})
    return replace(receipt, ledger_index=entries[0].index) if entries is not None else None


def _end(told: Story, status: ActStatus, at: datetime, result: object = None) -> Draft:
    receipt = replace(told.receipt, status=status, at=at, result=result, votes=(), findings=(), ledger_index=None)
    return draft_of(receipt, Kind.OUTCOME, at=at)


def _refused(world: World, held: HeldAnswer, run: str, no: str = "") -> Receipt:
    mend = f"`loadline approvals show {run}`; once it is approved, ask again"
    if no:
        reasons: tuple[Reason, ...] = (_reason(codes.REJECTED, f"{no} (approval `{run}`)", "mend the data"),)
    else:
        reasons = tuple(replace(one, mend=f"{one.mend}; {mend}") for one in held.refused.reasons)
    return record.record_receipt(world, replace(held.refused, approval=run, reasons=reasons), Kind.OUTCOME)


def approval_of(project: Project, ruling: Ruling) -> Approval:
    """A person releases it themselves; for an owner speaks whoever holds the role of that name."""
    name = ruling.ask or ""
    is_person = name in project.people and name not in project.owners
    return Approval(role=name, person=name if is_person else None, rule=ruling.rule or "")


def _reason(code: str, what: str, mend: str) -> Reason:
    return Reason(code=code, what=what, why=_why(code), mend=mend)


def _why(code: str) -> str:
    return codes.RIGHTS[code].why
