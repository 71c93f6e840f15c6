"""Who may say yes is told once that something waits, a deputy when their time has come; nothing secret is said."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from flow.acting.gates import START, Gate, held_by
from loadline.errors import OutsideError
from loadline.flow.acting import approvals
from loadline.flow.acting.notices import ESCALATED, WAITS, NoticesSent, send_notices
from loadline.flow.signing import signed_bytes
from loadline.testing.stores import FakeSigner
from loadline.values.acting import ActReceipt, ActStatus
from loadline.values.diagnostic import Diagnostic
from loadline.values.rule import Approval, Principal

SIGNER = FakeSigner()
CARL = Principal(name="carl", roles=("lead",))
DORA = Principal(name="dora", roles=("lead",))
DEPUTY = Approval(role="lead", rule="leads-look", deputy="board", deputy_after_seconds=3_600)


@dataclass(slots=True)
class Receiver:
    """Takes every event, or none while it `is_down`."""

    got: list[Mapping[str, object]] = field(default_factory=list)
    is_down: bool = False

    def send(self, event: Mapping[str, object]) -> None:
        if self.is_down:
            raise OutsideError(Diagnostic(code="DRF010", what="down", why="it is", mend="wait"), retryable=True)
        self.got.append(event)


def tell(gate: Gate, *receivers: Receiver) -> NoticesSent:
    return send_notices(gate.world, receivers, SIGNER)


def deputised() -> tuple[Gate, ActReceipt]:
    gate = Gate(rules=held_by(DEPUTY))
    return gate, gate.act("close_order", order_id=90_071)


def test_a_hold_is_told_once_to_those_who_may_say_yes() -> None:
    gate, held = deputised()
    out = Receiver()
    (told,) = tell(gate, out).sent
    assert (told.type, told.run, told.roles, told.missing, told.at) == (WAITS, held.run, ("lead",), 1, START)
    assert tell(gate, out).sent == ()
    assert [one["type"] for one in out.got] == [WAITS]
    assert gate.kinds(held.run) == ["intent"]  # being told of moves nothing on


def test_a_notice_says_that_something_waits_and_not_what_it_is_about_or_whose() -> None:
    gate, held = deputised()
    out = Receiver()
    tell(gate, out)
    said = json.dumps(out.got)
    assert held.run in said
    for secret in ("90071", "90_071", '"ana"', "UPDATE", "order_id"):
        assert secret not in said


def test_a_notice_is_signed_by_the_project() -> None:
    gate, _ = deputised()
    out = Receiver()
    tell(gate, out)
    (event,) = out.got
    signature = base64.b64decode(str(event["loadlinesignature"]))
    assert SIGNER.verify(signed_bytes(event), signature)
    assert not SIGNER.verify(signed_bytes({**event, "subject": "another"}), signature)


def test_a_deputy_is_told_from_the_time_the_rule_says() -> None:
    gate, held = deputised()
    out = Receiver()
    tell(gate, out)
    gate.pass_time(3_599)
    assert tell(gate, out).sent == ()
    gate.pass_time(1)
    (told,) = tell(gate, out).sent
    assert (told.type, told.run, told.roles) == (ESCALATED, held.run, ("board",))
    assert told.at == START + timedelta(hours=1)
    assert tell(gate, out).sent == ()


def test_what_could_not_be_handed_over_is_sent_again_under_the_same_id() -> None:
    gate, _ = deputised()
    first, second = Receiver(), Receiver(is_down=True)
    failed = tell(gate, first, second)
    assert (failed.sent, [one.code for one in failed.unsent]) == ((), ["DRF010"])
    second.is_down = False
    gate.pass_time(60)
    assert len(tell(gate, first, second).sent) == 1
    assert first.got[0] == first.got[1] == second.got[0]  # later, and from elsewhere, it says the same


def test_nobody_is_told_of_what_was_decided_or_has_expired() -> None:
    gate, held = deputised()
    approvals.vote(gate.world, held.run, CARL, is_yes=False)
    gate.act("close_order", order_id=6)
    gate.pass_time(86_400)
    assert tell(gate, Receiver()).sent == ()


def test_of_two_who_must_say_yes_the_second_is_not_told_anew_when_the_first_has() -> None:
    gate = Gate(rules=held_by(Approval(role="lead", count=2, rule="leads-look")))
    held = gate.act("close_order", order_id=5)
    out = Receiver()
    tell(gate, out)
    assert approvals.vote(gate.world, held.run, CARL, is_yes=True).status is ActStatus.WAITING
    assert tell(gate, out).sent == ()
    assert approvals.vote(gate.world, held.run, DORA, is_yes=True).status is ActStatus.APPROVED
    assert len(out.got) == 1


def test_without_a_receiver_nothing_is_sent_and_nothing_recorded_as_sent() -> None:
    gate, _ = deputised()
    size = len(list(gate.store.read_entries()))
    assert tell(gate).sent == ()
    assert len(list(gate.store.read_entries())) == size
    assert len(tell(gate, Receiver()).sent) == 1
