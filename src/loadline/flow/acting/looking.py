"""What was just performed in; what is wrong with it, by its effect and by the rows it added, out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from loadline.checks.effects import MANY_ROWS, WINDOW, Deed, look_for_invented_rows, look_for_slow_refill
from loadline.errors import OutsideError
from loadline.flow.acting.nouns import ActPlan
from loadline.flow.acting.record import actor_key
from loadline.flow.acting.tallies import sums
from loadline.flow.acting.world import ActWorld
from loadline.ledger import Kind
from loadline.values.acting import ActReceipt, ActStatus
from loadline.values.effect import Approved, excesses
from loadline.values.finding import Gravity
from loadline.values.revive import revive

MOST_ROWS = 200  # of the new ones and of the others, each: enough to tell a pattern
MOST_DEEDS = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class LookedAt:
    """`findings` in words. `is_blocking`: nothing more is to be done by who did it, until a person has looked."""

    findings: tuple[str, ...] = ()
    is_blocking: bool = False


def look_at(world: ActWorld, plan: ActPlan, approved: Approved | None, receipt: ActReceipt) -> LookedAt:
    """INVARIANT I5: where many rows were added and nobody can look at them, that is a finding that blocks."""
    if approved is None or receipt.effect is None or plan.target is None or plan.takes_back is not None:
        return LookedAt()
    beyond = excesses(receipt.effect, approved)
    if beyond:
        return LookedAt(findings=beyond, is_blocking=True)
    if plan.act.principal.agent is None:
        return LookedAt()
    if sum(one.inserted + one.deleted for one in receipt.effect.tables) < MANY_ROWS:
        slow = look_for_slow_refill(sums(world.store, plan, receipt.at))
        return LookedAt(findings=tuple(one.what for one in slow), is_blocking=bool(slow))
    now = Deed(run=receipt.run, at=receipt.at, effect=receipt.effect, sources=tuple(sorted(plan.reads)))
    try:
        inserted = world.target(plan.target.name).read_inserted(receipt.run, most=MOST_ROWS)
    except OutsideError as error:
        why = "; ".join(d.what for d in error.diagnostics)
        return LookedAt(findings=(f"nobody could look at the rows it added: {why}",), is_blocking=True)
    found = look_for_invented_rows(now, tuple(_lately(world, receipt)), inserted)
    is_blocking = any(one.gravity is Gravity.BLOCKING for one in found)
    return LookedAt(findings=tuple(one.what for one in found), is_blocking=is_blocking)


def _lately(world: ActWorld, receipt: ActReceipt) -> Iterator[Deed]:
    """What the same agent did within the window before; what takes something back invents nothing."""
    for entry in world.store.find_entries(actor_key(receipt), limit=MOST_DEEDS):
        if receipt.at - entry.at > WINDOW:
            return
        if entry.kind is not Kind.OUTCOME or entry.run == receipt.run or "act" not in entry.payload:
            continue
        done = revive(ActReceipt, entry.payload["act"])
        if done.status is ActStatus.DONE and done.effect is not None and done.undoes is None:
            yield Deed(run=done.run, at=done.at, effect=done.effect)
