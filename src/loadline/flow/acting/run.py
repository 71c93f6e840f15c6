"""A request to act in, a receipt of what became of it out: `act = carry_out(admit(request))`, and no other way through.

Resolve, measure, judge, record the intent, perform, record the outcome. What is held ends after the intent; it goes on
from there when it is approved, in this process or in another.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import assert_never

from loadline.errors import OutsideError, RequestError
from loadline.flow.acting import codes, freezing
from loadline.flow.acting.carrying import carry_out
from loadline.flow.acting.data_states import with_data_state
from loadline.flow.acting.freezing import Freeze
from loadline.flow.acting.gate import Entered, Overtaken, Wanted, enter, over_by_itself, over_totals, standing
from loadline.flow.acting.judging import approval_digest, counted_of, hopeless, judge_act, matter_of_act, over_rows
from loadline.flow.acting.nouns import ActPlan, Counted, Denied, Ready
from loadline.flow.acting.record import HELD, SHOWN, Story, draft_of, keys_of, record_refusal
from loadline.flow.acting.resolving import measure, request_digest, resolve, with_effect
from loadline.flow.acting.shown import kept
from loadline.flow.acting.tallies import tallied
from loadline.flow.acting.undone import undone_by
from loadline.flow.acting.watching import stopped_by_freeze
from loadline.flow.acting.world import ActWorld
from loadline.flow.record import JUDGED, judged
from loadline.ledger import Kind
from loadline.policy import codes as policy_codes
from loadline.policy.approving import expiry_of
from loadline.values.acting import Act, ActReceipt, ActStatus, Call, FreeSql, Takeback
from loadline.values.decision import Decision, Forbid, Hold, Permit
from loadline.values.diagnostic import Diagnostic
from loadline.values.effect import Approved, TableBound, WriteBound, WriteEffect
from loadline.values.matter import FREE_SQL
from loadline.values.receipt import Reason
from loadline.values.rule import Approval, EffectClass, Limit


def act(world: ActWorld, request: Act) -> ActReceipt:
    """Raises OutsideError only when the ledger itself did not do its part: whatever else fails is an outcome."""
    match admit(world, request):
        case Ready() as ready:
            return carry_out(world, ready)
        case ActReceipt() as said:
            return said
        case unreachable:
            assert_never(unreachable)


def refuse(world: ActWorld, request: Act, reason: Diagnostic) -> ActReceipt:
    """What whoever stands between the asker and the gate says no to, recorded. Nothing is resolved or judged."""
    plan = ActPlan(run=world.new_id(), act=request, name=_name(request), effect_class=EffectClass.CALL)
    return _refuse(world, plan, ActStatus.REFUSED, reasons_of(RequestError(reason)))


def admit(world: ActWorld, request: Act) -> Ready | ActReceipt:
    """Everything up to the intent. A receipt is a "no", a wait, a dry run, or what the same request came to before."""
    run = world.new_id()
    plan = ActPlan(run=run, act=request, name=_name(request), effect_class=EffectClass.WRITE)
    try:
        match resolve(world, request, run):
            case Denied(plan=denied, reason=reason):
                return _refuse(world, denied, ActStatus.FORBIDDEN, (reason,))
            case ActPlan() as plan:
                pass
            case unreachable:
                assert_never(unreachable)
        _, frozen = freezing.look(world.store, _freeze_keys(plan))
        if frozen is not None:
            return _refuse(world, plan, ActStatus.STOPPED, (freezing.reason_of(frozen),))
        if (no := hopeless(world, plan, world.clock())) is not None:
            return _forbidden(world, plan, no)
        earlier = standing(world.store, plan.once)
        if earlier is not None and earlier.intent.effect is not None:  # judged by what it was: it is not done again
            plan = with_effect(plan, earlier.intent.effect)
        else:
            plan = _measured(world, plan)
    except RequestError as error:
        return _refuse(world, plan, ActStatus.REFUSED, reasons_of(error))
    except OutsideError as error:
        _, frozen = freezing.look(world.store, _freeze_keys(plan))
        if frozen is not None:  # that is why it failed, or would have been next
            return _refuse(world, plan, ActStatus.STOPPED, (freezing.reason_of(frozen),))
        return _refuse(world, plan, ActStatus.FAILED, reasons_of(error))
    return _judged(world, with_data_state(world, plan))


def _measured(world: ActWorld, plan: ActPlan) -> ActPlan:
    """A dry run runs, too: a freeze that is recorded meanwhile stops it. Raises as `measure` does."""
    if plan.target is None:
        return plan
    cancel = world.target(plan.target.name).cancel
    seconds = plan.action.timeout_seconds if plan.action is not None else None
    with stopped_by_freeze(world.store, _freeze_keys(plan), cancel, seconds=seconds):
        return measure(world, plan)


def _judged(world: ActWorld, plan: ActPlan) -> Ready | ActReceipt:
    decision = judge_act(world, plan, world.clock())
    match decision:
        case Forbid():
            return _forbidden(world, plan, decision)
        case Permit(limits=limits):
            held: tuple[Approval, ...] = ()
        case Hold(approvals=held, permit=Permit(limits=limits)):
            pass
        case unreachable:
            assert_never(unreachable)
    rules = rules_of(decision)
    if (over := over_rows(plan, limits)) is not None:
        return _refuse(world, plan, ActStatus.FORBIDDEN, (over.reason,), rules=rules)
    counted = counts_of(world, plan, limits, world.clock())
    if isinstance(counted, Denied):
        return _refuse(world, plan, ActStatus.FORBIDDEN, (counted.reason,), rules=rules)
    if (reason := _over_totals(world, plan, counted, is_held=bool(held))) is not None:
        return _refuse(world, plan, ActStatus.FORBIDDEN, (reason,), rules=rules)
    if plan.act.is_dry_run:
        would = replace(receipt_of(world, plan, ActStatus.WOULD), rules=rules, approvals=held)
        return record_refusal(world, would)
    return _enter(world, plan, decision, held, counted)


def _over_totals(world: ActWorld, plan: ActPlan, counted: tuple[Counted, ...], *, is_held: bool) -> Reason | None:
    """What waits is counted when it is performed, maybe on another day: nobody is asked to approve only what never can
    be. What is done is counted in the transaction of its intent; a dry run looks how it stands."""
    if is_held:
        return over_by_itself(counted)
    return over_totals(world.store, counted) if plan.act.is_dry_run else None


def _forbidden(world: ActWorld, plan: ActPlan, no: Forbid) -> ActReceipt:
    reason = Reason(code=no.code, what=no.because, why=policy_codes.CODES[no.code].why, mend=no.mend)
    return _refuse(world, plan, ActStatus.FORBIDDEN, (reason,), rules=no.rules, more=_asked_of(world, plan))


def rules_of(decision: Decision) -> tuple[str, ...]:
    match decision:
        case Forbid(rules=rules) | Permit(rules=rules):
            return rules
        case Hold(rules=rules, permit=permit):
            return tuple(sorted({*rules, *permit.rules}))
        case unreachable:
            assert_never(unreachable)


def _enter(
    world: ActWorld, plan: ActPlan, decision: Decision, held: tuple[Approval, ...], counts: tuple[Counted, ...]
) -> Ready | ActReceipt:
    """INVARIANT I1: the intent is durable before anything is performed. INVARIANT I4: what is held stops here."""
    now = world.clock()
    status = ActStatus.WAITING if held else ActStatus.PERFORMING
    receipt = replace(
        receipt_of(world, plan, status), rules=rules_of(decision), approvals=held, bound=bound_of(plan.effect)
    )
    if held:
        expires = expiry_of(held, now)
        digest = approval_digest(world.project, plan, held, expires)
        receipt = replace(receipt, expires_at=expires, digest=digest)
    counted = counts if not held else ()
    more: dict[str, object] = {"request": request_digest(plan), **_asked_of(world, plan)}
    if not held:
        more["worker"] = world.worker
    elif plan.shown:
        more[SHOWN] = kept(world.project, plan.shown)
    agent, workflow = plan.act.principal.agent, receipt.workflow
    wanted = Wanted(agent=agent, workflow=workflow, once=plan.once, counted=counted)
    keys = (*keys_of(receipt), HELD) if held else keys_of(receipt)
    passed = enter(
        world,
        wanted,
        lambda counts: draft_of(receipt, Kind.INTENT, at=now, keys=keys, more={**more, "counts": dict(counts)}),
    )
    match passed:
        case Entered(entry=entry):
            recorded = replace(receipt, ledger_index=entry.index)
            if held:
                return recorded
            amounts = {one.key: one.amount for one in counted}
            approved = approved_of(plan.effect, is_same_rows=False)
            return Ready(plan=plan, receipt=recorded, index=entry.index, approved=approved, counts=amounts)
        case Freeze() as freeze:
            return _refuse(world, plan, ActStatus.STOPPED, (freezing.reason_of(freeze),))
        case Story() as earlier:
            return _repeated(world, plan, earlier)
        case Reason() as reason:
            return _refuse(world, plan, ActStatus.FORBIDDEN, (reason,), rules=receipt.rules)
        case Overtaken():  # a run that is new has nobody to be overtaken by
            raise AssertionError("a new run was overtaken")
        case unreachable:
            assert_never(unreachable)


def counts_of(world: ActWorld, plan: ActPlan, limits: tuple[Limit, ...], at: datetime) -> tuple[Counted, ...] | Denied:
    counted: list[Counted] = []
    for one in counted_of(plan, limits, at=at, timezone=world.project.model.calendar.timezone):
        if isinstance(one, Denied):
            return one
        counted.append(one)
    return (*counted, *tallied(world.store, plan, at))


def _repeated(world: ActWorld, plan: ActPlan, earlier: Story) -> ActReceipt:
    """A duplicate delivery: what the first came to is what this comes to, and it is not done again."""
    first = world.store.read_entry(earlier.intent.ledger_index or 0).payload.get("request")
    if first != request_digest(plan):
        what = f"this key was used by `{earlier.run}` for something else"
        reason = Reason(code=codes.KEY_REUSED, what=what, why=codes.CODES[codes.KEY_REUSED].why, mend="use another key")
        return _refuse(world, plan, ActStatus.REFUSED, (reason,))
    return replace(earlier.receipt, repeats=earlier.run, undone_by=undone_by(world.store, earlier.run))


def approved_of(effect: WriteEffect | None, *, is_same_rows: bool) -> Approved | None:
    bound = bound_of(effect)
    return Approved(bound=bound, effect=effect, is_same_rows=is_same_rows) if bound is not None else None


def bound_of(effect: WriteEffect | None) -> WriteBound | None:
    """No more than what was measured: what is performed may not do more than what was judged."""
    if effect is None:
        return None
    tables = []
    for one in effect.tables:
        again = max(0, one.writes - one.rows)  # a trigger may write a row twice; the effect itself is compared, too
        updated = one.updated + again
        tables.append(TableBound(table=one.table, inserted=one.inserted, updated=updated, deleted=one.deleted))
    return WriteBound(tables=tuple(tables))


def subjects_in(plan: ActPlan) -> tuple[str, ...]:
    """Whom the arguments name, as they are forgotten by: `customer_id=4711`."""
    if plan.takes_back is not None:
        return plan.takes_back.subjects
    declared = plan.action.arguments if plan.action is not None else {}
    return tuple(
        f"{name}={value}"
        for name, value in sorted(plan.arguments.items())
        if value is not None and name in declared and declared[name].is_subject
    )


def receipt_of(world: ActWorld, plan: ActPlan, status: ActStatus, reasons: tuple[Reason, ...] = ()) -> ActReceipt:
    principal, action = plan.act.principal, plan.action
    return ActReceipt(
        run=plan.run,
        status=status,
        action=plan.name,
        arguments=plan.arguments,
        effect_class=plan.effect_class,
        says=plan.says,
        target=plan.target.name if plan.target else None,
        environment=plan.target.environment if plan.target else None,
        stake=action.stake.value if action else "",
        workflow=action.workflow if action else None,
        key=plan.act.key,
        person=principal.name,
        subjects=subjects_in(plan),
        roles=principal.roles,
        audience=principal.audience,
        purpose=principal.purpose,
        agent=principal.agent,
        at=world.clock(),
        project_digest=world.project.digest,
        effect=plan.effect,
        tables=tuple(sorted(plan.writes)),
        undoes=plan.undoes,
        reasons=reasons,
    )


def _refuse(
    world: ActWorld,
    plan: ActPlan,
    status: ActStatus,
    reasons: tuple[Reason, ...],
    *,
    rules: tuple[str, ...] = (),
    more: Mapping[str, object] | None = None,
) -> ActReceipt:
    """A "no" is an outcome too: it is recorded, with who asked and for what."""
    return record_refusal(world, replace(receipt_of(world, plan, status, reasons), rules=rules), more)


def _asked_of(world: ActWorld, plan: ActPlan) -> dict[str, object]:
    """What the rules were asked, so that other rules can be asked the same."""
    return {JUDGED: judged(world.project, matter_of_act(world.project, plan, world.clock()))}


def _freeze_keys(plan: ActPlan) -> tuple[str, ...]:
    return freezing.keys_for(plan.act.principal.agent, plan.action.workflow if plan.action else None)


def _name(request: Act) -> str:
    match request.wanted:
        case Call(action=action):
            return action[:100]
        case FreeSql():
            return FREE_SQL
        case Takeback():
            return "undo"
        case unreachable:
            assert_never(unreachable)


def reasons_of(error: RequestError | OutsideError) -> tuple[Reason, ...]:
    return tuple(Reason(code=d.code, what=d.what, why=d.why, mend=d.mend) for d in error.diagnostics)
