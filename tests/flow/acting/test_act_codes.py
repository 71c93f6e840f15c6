"""Each code of the way an action takes is reached by something that really goes wrong."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from flow.acting.gates import BOT, Gate, held_by, limited
from loadline.errors import RequestError
from loadline.flow.acting import approvals, codes, freezing
from loadline.flow.acting.comparing import compare
from loadline.flow.acting.freezing import Said
from loadline.flow.acting.record import find_run
from loadline.testing.acting import FakeTarget, FakeTool, effect
from loadline.values.acting import ActReceipt
from loadline.values.rule import Per, Principal, Rate
from loadline.values.tool_reply import Done, NotDone, Unclear

CARL = Principal(name="carl", roles=("lead",))
DONE_WITHOUT_A_REASON = {codes.CANARY, codes.FABRICATED, codes.BUSY, codes.NOT_AS_SAID}
"""Reached by what is no receipt: they are in the tests named beside them below."""


def failing(*replies: NotDone | Unclear | Done) -> Gate:
    return Gate(tool=FakeTool(replies=list(replies)))


def frozen() -> ActReceipt:
    gate = Gate()
    said = Said(key=freezing.ALL, by="ana", because="incident")
    freezing.freeze(gate.store, said, clock=lambda: gate.now, new_id=gate.world.new_id)
    return gate.act("mail", to="x")


def refunded_otherwise() -> ActReceipt:
    gate = Gate()
    gate.act("refund", order_id=1, amount=1)
    return gate.act("refund", order_id=1, amount=2)


def undone_without_undo() -> ActReceipt:
    gate = Gate()
    return gate.undo(gate.act("mail", to="x").run)


def expired(*, is_changed: bool) -> ActReceipt:
    gate = Gate(rules=held_by())
    run = gate.act("mail", to="x").run
    approvals.vote(gate.world, run, CARL, is_yes=True)
    if is_changed:
        gate.rules = held_by()[:1]
    else:
        gate.pass_time(90_000)
    return approvals.resume(gate.world, run)


def rejected() -> ActReceipt:
    gate = Gate(rules=held_by())
    return approvals.vote(gate.world, gate.act("mail", to="x").run, CARL, is_yes=False)


def left_alone(reply: NotDone, times: int) -> ActReceipt:
    gate = failing(reply)
    for _ in range(times):
        gate.act("unrefund", refund=1)
    return gate.act("unrefund", refund=1)


def two_effects() -> Gate:
    return Gate(target=FakeTarget(effects=[effect("main.orders", updated=1), effect("main.orders", updated=2)]))


def over_a_rate() -> ActReceipt:
    gate = Gate(rules=limited(Rate(most=1, per=Per.DAY, rule="once")))
    gate.act("mail", to="x")
    return gate.act("mail", to="x")


SAID: dict[str, Callable[[], ActReceipt]] = {
    codes.NO_ACTION: lambda: Gate().act("close_orders"),
    codes.BAD_VALUE: lambda: Gate().act("close_order", order_id="x"),
    codes.NO_TARGET: lambda: Gate().sql("DELETE FROM orders", target="shops"),
    codes.DENIED: lambda: Gate().sql("DROP TABLE orders"),
    codes.FROZEN: frozen,
    codes.OVER_LIMIT: over_a_rate,
    codes.EXCEEDED: lambda: two_effects().act("close_order", order_id=1),
    codes.NOT_DONE: lambda: failing(NotDone(why="400")).act("mail", to="x"),
    codes.UNCLEAR: lambda: failing(Unclear(why="no answer")).act("mail", to="x"),
    codes.NO_RUN: lambda: Gate().undo("act-9999"),
    codes.CANNOT_UNDO: undone_without_undo,
    codes.EXPIRED: lambda: expired(is_changed=False),
    codes.REJECTED: rejected,
    codes.BREAKER_OPEN: lambda: left_alone(NotDone(why="500"), 5),
    codes.TOO_SOON: lambda: left_alone(NotDone(why="429", after_seconds=60), 1),
    codes.CHANGED: lambda: expired(is_changed=True),
    codes.KEY_REUSED: refunded_otherwise,
}


@pytest.mark.parametrize("code", SAID)
def test_a_receipt_says_its_reason_with_a_code_that_is_explained(code: str) -> None:
    receipt = SAID[code]()
    assert code in [reason.code for reason in receipt.reasons]
    assert all(reason.what and reason.why and reason.mend for reason in receipt.reasons)


def test_what_cannot_be_voted_on_or_thawed_is_a_request_that_is_wrong() -> None:
    gate = Gate(rules=held_by())
    run = gate.act("mail", to="x").run
    freeze = Said(key=freezing.ALL, by="ana", because="incident")
    wrong: dict[str, Callable[[], object]] = {
        codes.MAY_NOT_VOTE: lambda: approvals.vote(gate.world, run, BOT, is_yes=True),
        codes.NOT_WAITING: lambda: approvals.vote(gate.world, done_at(gate), CARL, is_yes=True),
        codes.MAY_NOT_THAW: lambda: freezing.thaw(gate.store, freeze, clock=lambda: gate.now, new_id=gate.world.new_id),
        codes.NO_RUN: lambda: find_run(gate.store, "act-77"),
    }
    for code, ask in wrong.items():
        with pytest.raises(RequestError) as caught:
            ask()
        assert [d.code for d in caught.value.diagnostics] == [code]


def done_at(gate: Gate) -> str:
    gate.rules = gate.rules[:1]
    return gate.act("mail", to="y").run


def test_what_an_agent_says_is_compared_with_the_ledger() -> None:
    """What `NOT_AS_SAID` explains."""
    gate = Gate()
    first = gate.act("close_order", order_id=1)
    second = gate.act("mail", to="x")
    gate.undo(first.run)
    assert codes.NOT_AS_SAID in codes.CODES
    said: list[dict[str, object]] = [
        {"run": first.run, "status": "failed", "rows": 0, "can_be_undone": False, "undone": False},
        {"run": "act-none"},
    ]
    one, unknown, *unsaid = compare(gate.store, said)
    assert one.differs == (
        "said to be `failed`, and it is `done`",
        "said to have changed 0 rows, and it changed 1",
        "said to be not undone, and it is undone",
        "said that it cannot be undone, and it can",
    )
    assert unknown.differs == ("the ledger knows no such run",)
    assert unsaid[0].run == second.run
    assert all(each.is_unsaid for each in unsaid)
    honest = [{"run": second.run, "status": "done", "action": "mail"}]
    assert compare(gate.store, honest)[0].differs == ()


def test_codes_that_no_receipt_reaches_are_explained_all_the_same() -> None:
    """`codes.CANARY` and `codes.FABRICATED` are raised as alarms (test_canaries, test_looking), `codes.BUSY` under very
    many writers at once, `codes.NO_AGENT` where a project lists its agents (surfaces/test_act)."""
    assert codes.CODES.keys() >= DONE_WITHOUT_A_REASON
