"""A canary asks for what must be denied: denied is fine, anything else is an alarm, and nothing is ever done by one."""

from __future__ import annotations

from dataclasses import replace

from flow.acting.gates import ANYTHING, HERE, Gate, held_by, rule
from loadline.flow.acting import codes
from loadline.flow.acting.canaries import alarm_of, try_canaries
from loadline.project import Canary
from loadline.testing.acting import FakeTarget, failure
from loadline.testing.stores import FakeSigner
from loadline.values.rule import Effect, Principal

WIPE = Canary(name="wipe", agent="bot", person="ana", sql="DELETE FROM orders", target="shop", place=HERE)
ANA = Principal(name="ana", roles=("clerk",))
NOBODY_WIPES = rule("nobody-wipes", Effect.FORBID, actions=("sql",))


def gate(*rules: object, target: FakeTarget | None = None) -> Gate:
    found = Gate(rules=rules, target=target or FakeTarget())  # type: ignore[arg-type]
    found.project = replace(found.project, canaries={"wipe": WIPE})
    return found


def test_what_is_denied_is_as_it_must_be() -> None:
    one = gate(ANYTHING, NOBODY_WIPES)
    (tried,) = try_canaries(one.world, lambda _: ANA)
    assert tried.is_denied
    assert one.target.performed == {}
    assert [entry.payload["canary"]["is_denied"] for entry in one.store.find_entries("canary:wipe")] == [True]


def test_what_would_be_done_or_wait_or_cannot_be_tried_is_an_alarm() -> None:
    """What `codes.CANARY` explains."""
    assert codes.CANARY in codes.CODES
    broken = FakeTarget(failures=[failure("TGT001", "it cannot be reached")])
    for one in (gate(ANYTHING), gate(*held_by()), gate(ANYTHING, target=broken)):
        (tried,) = try_canaries(one.world, lambda _: ANA)
        assert not tried.is_denied
        assert one.target.performed == {}
        event = alarm_of(one.world, tried, FakeSigner())
        assert (event["type"], event["subject"]) == ("loadline.canary.alarm", "wipe")


def test_a_canary_is_tried_when_it_is_due() -> None:
    one = gate(NOBODY_WIPES)
    assert len(try_canaries(one.world, lambda _: ANA)) == 1
    assert try_canaries(one.world, lambda _: ANA) == ()
    assert len(try_canaries(one.world, lambda _: ANA, is_forced=True)) == 1
    one.pass_time(3_600)
    assert len(try_canaries(one.world, lambda _: ANA)) == 1
