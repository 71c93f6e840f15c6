"""An admitted act in; it is performed, looked at and recorded, and its receipt comes out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, assert_never

from loadline.errors import OutsideError, RequestError
from loadline.flow.acting import codes, freezing
from loadline.flow.acting.calling import call, left_alone
from loadline.flow.acting.gate import release
from loadline.flow.acting.looking import look_at
from loadline.flow.acting.nouns import ActPlan, Ready
from loadline.flow.acting.record import draft_of, outcome_keys, record_outcome, step_of, story
from loadline.flow.acting.watching import stopped_by_freeze
from loadline.flow.acting.world import ActWorld
from loadline.flow.ports import Target, Tool
from loadline.ledger import Kind
from loadline.values.acting import ActReceipt, ActStatus
from loadline.values.action import DeclaredAction
from loadline.values.effect import Approved, ChangedSince, Exceeded, Performed, WriteEffect
from loadline.values.receipt import Reason
from loadline.values.tool_reply import Done, NotDone, Unclear

UNKNOWN_COMMIT = "TGT006"
"""The code of a target's error that says: nobody knows whether it was committed."""
_NOTHING_DONE = frozenset({ActStatus.EXCEEDED, ActStatus.STOPPED, ActStatus.FAILED, ActStatus.REFUSED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Became:
    """What a performing came to, before it is recorded. `far_side` is what later calls need to know of it."""

    status: ActStatus
    effect: WriteEffect | None = None
    no_undo: str = ""
    result: object = None
    attempts: int = 1
    reasons: tuple[Reason, ...] = ()
    far_side: Mapping[str, Any] = field(default_factory=dict)


def carry_out(world: ActWorld, ready: Ready) -> ActReceipt:
    """Perform, look, record. A freeze that is recorded meanwhile stops it."""
    plan = ready.plan
    principal = plan.act.principal
    keys = freezing.keys_for(principal.agent, ready.receipt.workflow)
    try:
        became = _perform(world, ready, keys)
    except KeyboardInterrupt:
        became = _interrupted(world, ready)
        _record(world, ready, became)
        raise
    receipt = _record(world, ready, became)
    return _look(world, ready, receipt) if became.status is ActStatus.DONE else receipt


def _perform(world: ActWorld, ready: Ready, keys: tuple[str, ...]) -> Became:
    plan = ready.plan
    try:
        if plan.target is not None:
            return _change(world, ready, world.target(plan.target.name), keys)
        assert plan.action is not None  # noqa: S101 - what has no target is a declared call
        reason = left_alone(world.store, plan.action, world.clock())
        if reason is not None:
            return Became(status=ActStatus.FAILED, attempts=0, reasons=(reason,))
        return _call(world, ready, plan.action, world.tool(plan.action), keys)
    except RequestError as error:
        return Became(status=ActStatus.REFUSED, reasons=_reasons(error))
    except OutsideError as error:
        return Became(status=ActStatus.FAILED, attempts=0, reasons=_reasons(error))


def _change(world: ActWorld, ready: Ready, target: Target, keys: tuple[str, ...]) -> Became:
    """One transaction in the target, which also holds the marker: after a crash the marker says whether it was."""
    run, approved = ready.plan.run, ready.approved
    assert approved is not None  # noqa: S101 - what has a target was measured
    seconds = ready.plan.action.timeout_seconds if ready.plan.action is not None else None
    with stopped_by_freeze(world.store, keys, target.cancel, seconds=seconds) as watch:
        try:
            came = _in_target(ready.plan, target, approved)
        except OutsideError as error:
            found = _find_marker(target, run) if any(d.code == UNKNOWN_COMMIT for d in error.diagnostics) else None
            match found:
                case Performed():
                    return _done(found)
                case str() as unseen:
                    what = f"it was begun, and whether it was committed is not known: {unseen}"
                    reason = _reason(codes.UNCLEAR, what)
                    return Became(status=ActStatus.UNKNOWN, reasons=(reason,))
                case None if watch.freeze is not None:
                    return Became(status=ActStatus.STOPPED, reasons=(freezing.reason_of(watch.freeze),))
                case None:
                    return Became(status=ActStatus.FAILED, reasons=_reasons(error))
                case unreachable:
                    assert_never(unreachable)
    match came:
        case Performed():
            return _done(came)
        case Exceeded(effect=effect, why=why):
            reason = _reason(codes.EXCEEDED, f"nothing was changed: {'; '.join(why)}", mend="ask again")
            return Became(status=ActStatus.EXCEEDED, effect=effect, reasons=(reason,))
        case ChangedSince(why=why):
            reason = _reason(codes.CANNOT_UNDO, f"nothing was changed: {'; '.join(why)}", mend="look at the rows")
            return Became(status=ActStatus.EXCEEDED, reasons=(reason,))
        case never:
            assert_never(never)


def _in_target(plan: ActPlan, target: Target, approved: Approved) -> Performed | Exceeded | ChangedSince:
    if plan.takes_back is not None:
        return target.undo(plan.takes_back.run, as_marker=plan.run)
    assert plan.write is not None  # noqa: S101 - a plan on a target has a change, or takes one back
    return target.perform(plan.write, approved=approved, marker=plan.run)


def _find_marker(target: Target, run: str) -> Performed | str | None:
    """Whether it was committed; a text says why nobody could look."""
    try:
        return target.find_marker(run)
    except OutsideError as error:
        return "; ".join(d.what for d in error.diagnostics)


def _done(done: Performed) -> Became:
    return Became(status=ActStatus.DONE, effect=done.effect, no_undo=done.no_undo)


def _call(world: ActWorld, ready: Ready, action: DeclaredAction, tool: Tool, keys: tuple[str, ...]) -> Became:
    plan = ready.plan
    with stopped_by_freeze(world.store, keys, tool.cancel) as watch:
        called = call(world, action, tool, plan.arguments, key=plan.once or plan.run)
    is_done = isinstance(called.reply, Done)
    far_side = {"is_done": is_done, "not_before": called.not_before, "tries": called.attempts}
    match called.reply:
        case Done(result=result):
            no_undo = "" if action.undo else f"`{action.name}` declares no `undo`"
            became = Became(status=ActStatus.DONE, result=result, no_undo=no_undo)
        case NotDone(why=why):
            until = f"{called.not_before:%Y-%m-%d %H:%M:%S %Z}" if called.not_before else ""
            mend = f"ask again after {until}" if until else "mend what failed, and ask again"
            became = Became(status=ActStatus.FAILED, reasons=(_reason(codes.NOT_DONE, why, mend=mend),))
        case Unclear(why=why):
            mend = "look at the far side whether it was done before you ask again"
            became = Became(status=ActStatus.UNKNOWN, reasons=(_reason(codes.UNCLEAR, why, mend=mend),))
        case unreachable:
            assert_never(unreachable)
    if watch.freeze is not None and became.status is not ActStatus.DONE:
        status = ActStatus.STOPPED if became.status is ActStatus.FAILED else became.status
        became = replace(became, status=status, reasons=(*became.reasons, freezing.reason_of(watch.freeze)))
    return replace(became, attempts=called.attempts, far_side=far_side)


def _interrupted(world: ActWorld, ready: Ready) -> Became:
    """Somebody pressed Ctrl-C: a target says whether it was committed, anything else nobody knows."""
    plan = ready.plan
    reason = _reason(codes.UNCLEAR, "it was interrupted while it was performed")
    if plan.target is None:
        return Became(status=ActStatus.UNKNOWN, reasons=(reason,))
    target = world.target(plan.target.name)
    target.cancel()
    match _find_marker(target, plan.run):
        case Performed() as done:
            return _done(done)
        case str():
            return Became(status=ActStatus.UNKNOWN, reasons=(reason,))
        case None:
            return Became(status=ActStatus.STOPPED, reasons=(reason,))
        case unreachable:
            assert_never(unreachable)


def receipt_after(ready: Ready, became: Became, world: ActWorld) -> ActReceipt:
    tables = ready.receipt.tables
    if became.effect is not None:
        tables = tuple(sorted({*tables, *(one.table for one in became.effect.tables)}))
    return replace(
        ready.receipt,
        status=became.status,
        at=world.clock(),
        effect=became.effect if became.effect is not None else ready.receipt.effect,
        tables=tables,
        result=became.result,
        no_undo=became.no_undo,
        attempts=became.attempts,
        reasons=became.reasons,
        ledger_index=None,
    )


def _record(world: ActWorld, ready: Ready, became: Became) -> ActReceipt:
    receipt = receipt_after(ready, became, world)
    more = {"far_side": became.far_side} if became.far_side else {}
    if became.status not in _NOTHING_DONE or not ready.counts:
        return record_outcome(world, receipt, after=ready.index, more=more)
    keys = outcome_keys(receipt, more)
    entry = release(
        world,
        receipt.run,
        ready.counts,
        lambda counts: draft_of(
            receipt, Kind.OUTCOME, at=world.clock(), keys=keys, more={**more, "counts": dict(counts)}
        ),
        after=ready.index,
    )
    if entry is not None:
        return replace(receipt, ledger_index=entry.index)
    other = story(world.store, receipt.run)
    assert other is not None  # noqa: S101 - its intent is there
    return other.receipt


def _look(world: ActWorld, ready: Ready, receipt: ActReceipt) -> ActReceipt:
    """What was performed is looked at once more. A target that commits what was not approved is a broken gate, and rows
    that look invented are an agent's doing: both freeze the agent until a person has looked."""
    seen = look_at(world, ready.plan, ready.approved, receipt)
    if not seen.findings:
        return receipt
    assert receipt.ledger_index is not None  # noqa: S101 - its outcome was just recorded
    more = {"findings": seen.findings}
    found = step_of(receipt, receipt.status, Kind.CHECK, at=world.clock(), more=more)
    world.store.append_if([found], {receipt.run: receipt.ledger_index})
    if seen.is_blocking:
        key = freezing.agent_key(receipt.agent) if receipt.agent else freezing.ALL
        because = f"what {receipt.run} did is not as it should be ({codes.FABRICATED})"
        said = freezing.Said(key=key, by=freezing.LOADLINE, because=because, evidence=seen.findings, of=receipt.person)
        freezing.freeze(world.store, said, clock=world.clock, new_id=world.new_id)
    return replace(receipt, findings=seen.findings)


def _reasons(error: RequestError | OutsideError) -> tuple[Reason, ...]:
    return tuple(Reason(code=d.code, what=d.what, why=d.why, mend=d.mend) for d in error.diagnostics)


def _reason(code: str, what: str, *, mend: str = "mend what failed, and ask again") -> Reason:
    return Reason(code=code, what=what, why=codes.CODES[code].why, mend=mend)
