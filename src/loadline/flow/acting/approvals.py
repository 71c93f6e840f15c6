"""A vote in, the run moved on out; and what was approved, or begun by a process that died, carried on.

A run waits, is approved, is performed, ends: each step is one entry of the ledger, written only while the step before
it is still the newest. A process may be killed between any two of them; what it left is taken up from the intent.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import assert_never

from loadline.errors import OutsideError, RequestError
from loadline.flow.acting import codes, freezing
from loadline.flow.acting.carrying import carry_out
from loadline.flow.acting.data_states import with_data_state
from loadline.flow.acting.freezing import Freeze
from loadline.flow.acting.gate import Entered, Overtaken, Wanted, enter
from loadline.flow.acting.holding import answer_digest
from loadline.flow.acting.judging import approval_digest, judge_act
from loadline.flow.acting.nouns import ActPlan, Counted, Denied, Ready
from loadline.flow.acting.record import (
    MOST_LISTED,
    Story,
    draft_of,
    record_outcome,
    step_of,
    story_of,
    subjects_of,
    unfinished,
)
from loadline.flow.acting.resolving import resolve, with_effect
from loadline.flow.acting.run import approved_of, counts_of
from loadline.flow.acting.world import ActWorld
from loadline.ledger import Draft, Kind
from loadline.policy.approving import refusal, state_of
from loadline.values.acting import Act, ActReceipt, ActStatus, Call, FreeSql, Takeback
from loadline.values.approval import Expired, Granted, Rejected, Vote, Waiting
from loadline.values.decision import Forbid, Hold, Permit
from loadline.values.diagnostic import Diagnostic
from loadline.values.matter import ANSWER, FREE_SQL
from loadline.values.receipt import Reason
from loadline.values.rule import Principal

LEASE_SECONDS = 60.0
"""Beyond its own time limit, how long an act may be performed before another process takes it for abandoned."""


def vote(
    world: ActWorld, run: str, voter: Principal, *, is_yes: bool, because: str = "", digest: str | None = None
) -> ActReceipt:
    """Record what an approver says of a run, and return it as it stands then; nothing is performed here.

    `digest` is what the approver was shown (its beginning suffices); None takes what is waiting. Raises RequestError
    when there is no such run, it does not wait, or the voter may not say so; that attempt is recorded, too.
    """
    while True:
        told = story_of(world.store, run)
        if told.status is not ActStatus.WAITING:
            raise RequestError(_not_waiting(told))
        held = told.held
        now = world.clock()
        if isinstance(state_of(held, told.votes, now=now), Expired):
            return _expire(world, told)
        if (changed := _changed(world, told)) is not None:
            return _end(world, told, ActStatus.EXPIRED, changed)
        shown = held.digest if digest is None or (len(digest) >= 12 and held.digest.startswith(digest)) else digest
        said = Vote(by=voter.name, roles=voter.roles, is_yes=is_yes, digest=shown, at=now, because=because)
        if (why := refusal(held, told.votes, said)) is not None:
            _record_refused_vote(world, told, said, why)
            is_other = said.digest != held.digest
            mend = (
                f"look at it: `loadline approvals show {told.run}`" if is_other else "have somebody approve it who may"
            )
            raise RequestError(_may_not(why, mend))
        if world.store.append_if([_step(told, said)], {run: told.index}) is not None:
            return story_of(world.store, run).receipt


def _step(told: Story, said: Vote) -> Draft:
    votes = (*told.votes, said)
    match state_of(told.held, votes, now=said.at):
        case Granted():
            status = ActStatus.APPROVED
        case Rejected(by=by, because=because):
            what = f"`{by}` said no" + (f": {because}" if because else "")
            receipt = replace(told.receipt, status=ActStatus.REJECTED, reasons=(_reason(codes.REJECTED, what),))
            more = {"vote": said}
            return draft_of(receipt, Kind.APPROVAL, at=said.at, more=more)
        case Waiting() | Expired():
            status = ActStatus.WAITING
        case unreachable:
            assert_never(unreachable)
    return step_of(told.intent, status, Kind.APPROVAL, at=said.at, more={"vote": said})


def _record_refused_vote(world: ActWorld, told: Story, said: Vote, why: str) -> None:
    payload = {"refused_vote": said, "of": told.run, "why": why}
    draft = Draft(
        kind=Kind.DECISION, run=world.new_id(), at=said.at, payload=payload, keys=(f"refused-vote:{told.run}",)
    )
    draft = replace(draft, subjects=(said.by, *subjects_of(told.intent)))
    world.store.append([draft])


def resume(world: ActWorld, run: str) -> ActReceipt:
    """Carry on with what was approved, or with what a process that is gone had begun. What waits, ended, or is being
    performed by somebody else is returned as it stands. Raises RequestError when there is no such run."""
    while True:
        told = story_of(world.store, run)
        match told.status:
            case ActStatus.APPROVED if told.intent.action == ANSWER:  # it is used by who asks again
                is_over = isinstance(state_of(told.held, told.votes, now=world.clock()), Expired)
                return _expire(world, told) if is_over else told.receipt
            case ActStatus.APPROVED:
                came = _use(world, told)
            case ActStatus.PERFORMING:
                came = _take_over(world, told)
            case ActStatus.WAITING if isinstance(state_of(told.held, told.votes, now=world.clock()), Expired):
                return _expire(world, told)
            case _:
                return told.receipt
        if came is not None:
            return came


def resume_all(world: ActWorld) -> tuple[ActReceipt, ...]:
    """Everything that can go on, goes on."""
    return tuple(resume(world, one.run) for one in unfinished(world.store, lately=MOST_LISTED))


def _use(world: ActWorld, told: Story) -> ActReceipt | None:
    """An approval is used once: the entry that begins the performing is written only while the approval is the newest.
    None when somebody else was faster."""
    if not isinstance(state_of(told.held, told.votes, now=world.clock()), Granted):
        return _expire(world, told)
    if (changed := _changed(world, told)) is not None:
        return _end(world, told, ActStatus.EXPIRED, changed)
    plan = rebuilt(world, told)
    assert isinstance(plan, ActPlan)  # noqa: S101 - else it would have changed
    plan = with_data_state(world, plan)
    match judge_act(world, plan, world.clock()):
        case Forbid(because=because):
            return _end(world, told, ActStatus.FORBIDDEN, _reason(codes.CHANGED, because))
        case Permit(limits=limits) | Hold(permit=Permit(limits=limits)):
            counted = counts_of(world, plan, limits, world.clock())
        case unreachable:
            assert_never(unreachable)
    if isinstance(counted, Denied):
        return _end(world, told, ActStatus.FORBIDDEN, counted.reason)
    return _begin(world, told, plan, counted, is_same_rows=True)


def _begin(
    world: ActWorld, told: Story, plan: ActPlan, counted: tuple[Counted, ...], *, is_same_rows: bool
) -> ActReceipt | None:
    """INVARIANT I1, for what goes on: that it is begun, and by whom, is in the ledger first."""
    wanted = Wanted(
        agent=told.intent.agent, workflow=told.intent.workflow, counted=counted, after={told.run: told.index}
    )
    passed = enter(
        world,
        wanted,
        lambda counts: step_of(
            told.intent,
            ActStatus.PERFORMING,
            Kind.INTENT,
            at=world.clock(),
            more={"worker": world.worker, "counts": dict(counts)},
        ),
    )
    match passed:
        case Entered(entry=entry):
            amounts = {one.key: one.amount for one in counted}
            approved = approved_of(plan.effect, is_same_rows=is_same_rows)
            receipt = replace(told.receipt, status=ActStatus.PERFORMING)
            return carry_out(
                world, Ready(plan=plan, receipt=receipt, index=entry.index, approved=approved, counts=amounts)
            )
        case Freeze() as freeze:  # it stays approved, and may go on after a thaw as long as it has not expired
            return replace(told.receipt, status=ActStatus.STOPPED, reasons=(freezing.reason_of(freeze),))
        case Reason() as reason:
            return _end(world, told, ActStatus.FORBIDDEN, reason)
        case Overtaken() | Story():
            return None
        case unreachable:
            assert_never(unreachable)


def _take_over(world: ActWorld, told: Story) -> ActReceipt | None:
    """What a process that died had begun. A target says whether it was committed; a far side that is idempotent is told
    once more under the same key; of anything else nobody knows, and it is not done again."""
    action = world.project.actions.get(told.intent.action)
    limit = action.timeout_seconds * (action.retries.most + 1) if action else 0.0
    lease = timedelta(seconds=limit + LEASE_SECONDS)
    if not world.is_gone(told.worker) and world.clock() < told.at + lease:
        return told.receipt
    plan = rebuilt(world, told)
    if isinstance(plan, Reason):
        return _end(world, told, ActStatus.UNKNOWN, plan)
    if plan.target is None:
        if plan.action is not None and plan.action.is_idempotent:
            return _begin(world, told, plan, (), is_same_rows=False)
        what = f"`{told.worker}` ended while it was performing it"
        return _end(world, told, ActStatus.UNKNOWN, _reason(codes.UNCLEAR, what))
    try:
        done = world.target(plan.target.name).find_marker(told.run)
    except OutsideError:
        return told.receipt  # nobody can look now; it stays as it is, and is looked at again
    if done is not None:
        receipt = replace(
            told.receipt, status=ActStatus.DONE, at=world.clock(), effect=done.effect, no_undo=done.no_undo
        )
        return record_outcome(world, receipt, after=told.index)
    return _begin(world, told, plan, (), is_same_rows=bool(told.intent.approvals))


def rebuilt(world: ActWorld, told: Story) -> ActPlan | Reason:
    """The plan of a run, from its intent; a Reason when it cannot be the same any more."""
    intent = told.intent
    wanted: Call | FreeSql | Takeback
    if intent.undoes is not None:
        wanted = Takeback(run=intent.undoes)
    elif intent.action == FREE_SQL:
        wanted = FreeSql(target=intent.target or "", text=intent.says)
    else:
        wanted = Call(action=intent.action, arguments=intent.arguments)
    principal = Principal(
        name=intent.person,
        roles=intent.roles,
        audience=intent.audience,
        purpose=intent.purpose,
        agent=intent.agent,
    )
    try:
        plan = resolve(world, Act(principal=principal, wanted=wanted, key=intent.key), intent.run)
    except RequestError as error:
        return _reason(codes.CHANGED, "; ".join(d.what for d in error.diagnostics))
    if isinstance(plan, Denied):
        return _reason(codes.CHANGED, plan.reason.what)
    return with_effect(plan, intent.effect) if intent.effect is not None else plan


def _changed(world: ActWorld, told: Story) -> Reason | None:
    """Whether what was held is still exactly what would be done, for the same person, under the rules there are now."""
    intent = told.intent
    if intent.action == ANSWER:  # who asks again with other roles waits anew
        if answer_digest(world.project, intent) == told.held.digest:
            return None
        return _reason(codes.CHANGED, "the rules are not what they were when it was held")
    person = world.project.people.get(intent.person)
    lost = sorted(set(intent.roles) - set(person.roles if person is not None else ()))
    if lost:
        return _reason(codes.CHANGED, f"`{intent.person}` no longer holds the role `{lost[0]}`")
    plan = rebuilt(world, told)
    if isinstance(plan, Reason):
        return plan
    held = told.held
    if approval_digest(world.project, plan, held.approvals, held.expires_at) == held.digest:
        return None
    return _reason(codes.CHANGED, "the rules, the action or its target are not what they were when it was held")


def _expire(world: ActWorld, told: Story) -> ActReceipt:
    at = told.held.expires_at.isoformat(timespec="seconds")
    return _end(world, told, ActStatus.EXPIRED, _reason(codes.EXPIRED, f"it expired at {at}"))


def _end(world: ActWorld, told: Story, status: ActStatus, reason: Reason) -> ActReceipt:
    receipt = replace(told.receipt, status=status, at=world.clock(), reasons=(reason,), ledger_index=None)
    return record_outcome(world, receipt, after=told.index)


def _reason(code: str, what: str) -> Reason:
    return Reason(code=code, what=what, why=codes.CODES[code].why, mend="ask again")


def _not_waiting(told: Story) -> Diagnostic:
    why = codes.CODES[codes.NOT_WAITING].why
    what = f"`{told.run}` is {told.status}, and waits for nobody"
    return Diagnostic(code=codes.NOT_WAITING, what=what, why=why, mend="`loadline approvals list` shows what waits")


def _may_not(why: str, mend: str) -> Diagnostic:
    rule = codes.CODES[codes.MAY_NOT_VOTE].why
    return Diagnostic(code=codes.MAY_NOT_VOTE, what=why, why=rule, mend=mend)
