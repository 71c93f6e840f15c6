"""What was performed is looked at: a refill, rows unlike the others, and what nobody could look at freeze the agent."""

from __future__ import annotations

from dataclasses import replace

import pytest

from flow.acting.gates import BOT, Gate
from loadline.errors import RequestError
from loadline.flow.acting import codes, freezing
from loadline.flow.acting.freezing import Said
from loadline.flow.acting.record import story_of
from loadline.testing.acting import FakeTarget, effect, failure
from loadline.values.acting import ActStatus
from loadline.values.effect import Inserted


def wiped(*, then: FakeTarget | None = None) -> Gate:
    gate = Gate(target=FakeTarget(effects=[effect("main.people", deleted=40)]))
    assert gate.sql("DELETE FROM people").findings == ()
    gate.target = then or FakeTarget(effects=[effect("main.people", inserted=45)])
    return gate


def test_rows_put_in_after_rows_were_taken_out_freeze_the_agent_with_the_evidence() -> None:
    gate = wiped()
    filled = gate.sql("INSERT INTO people VALUES (1)")
    assert filled.status is ActStatus.DONE
    assert "took 40 rows out of `main.people` and put 45 in" in filled.findings[0]
    (freeze,) = freezing.frozen(gate.store)
    assert (freeze.what, freeze.by, freeze.evidence) == ("agent bot", "loadline", filled.findings)
    assert codes.FABRICATED in freeze.because
    assert gate.sql("DELETE FROM people").status is ActStatus.STOPPED
    assert story_of(gate.store, filled.run).receipt.findings == filled.findings


def test_whom_an_agent_acted_for_does_not_thaw_it() -> None:
    gate = wiped()
    gate.sql("INSERT INTO people VALUES (1)")

    def thaw(by: str) -> bool:
        said = Said(key="freeze:agent:bot", by=by, because="it was meant so")
        return freezing.thaw(gate.store, said, clock=lambda: gate.now, new_id=lambda: "freeze-2").is_frozen

    with pytest.raises(RequestError, match="ana"):
        thaw("ana")
    assert not thaw("carl")


def fill(gate: Gate, rows: int) -> list[str]:
    """One row at a time, and the findings of each."""
    gate.target = FakeTarget(effects=[effect("main.people", inserted=1)])
    return [finding for _ in range(rows) for finding in gate.sql("INSERT INTO people VALUES (1)").findings]


def test_a_refill_a_row_at_a_time_freezes_the_agent_too() -> None:
    gate = wiped()
    assert fill(gate, 19) == []
    assert fill(gate, 1) == ["the same agent took 40 rows out of `main.people` and put 20 in, a few at a time"]
    assert [freeze.what for freeze in freezing.frozen(gate.store)] == ["agent bot"]
    looked = Said(key="freeze:agent:bot", by="carl", because="they were asked for")
    freezing.thaw(gate.store, looked, clock=lambda: gate.now, new_id=lambda: "freeze-1")
    assert fill(gate, 30) == []  # a person has looked at what was before


def test_rows_that_come_and_go_a_few_at_a_time_are_no_refill() -> None:
    gate = Gate(target=FakeTarget(effects=[effect("main.people", deleted=2)]))
    for _ in range(20):
        assert gate.sql("DELETE FROM people").findings == ()
    assert fill(gate, 30) == []


def test_what_was_not_done_is_in_no_sum() -> None:
    gate = wiped()
    fill(gate, 15)
    gate.target = FakeTarget(effects=[effect("main.people", inserted=n) for n in (15, 16)])
    assert gate.sql("INSERT INTO people VALUES (1)").status is ActStatus.EXCEEDED
    assert fill(gate, 4) == []


def test_another_agent_and_another_day_are_no_refill() -> None:
    gate = wiped()
    assert gate.sql("INSERT INTO people VALUES (1)", by=replace(BOT, agent="other")).findings == ()
    gate = wiped()
    gate.pass_time(90_000)
    assert gate.sql("INSERT INTO people VALUES (1)").findings == ()


def test_taking_a_wipe_back_is_no_refill() -> None:
    gate = Gate(target=FakeTarget(effects=[effect("main.people", deleted=40)]))
    first = gate.sql("DELETE FROM people")
    assert gate.undo(first.run).findings == ()
    assert freezing.frozen(gate.store) == ()


def test_rows_unlike_all_others_freeze_the_agent() -> None:
    old = tuple((f"{name} {n}{name[:2]}", 20 + n % 50) for n, name in enumerate(["Ada", "Bo", "Cyd", "Dov"] * 10))
    new = tuple(("Person", 900 + n % 3) for n in range(30))
    made = Inserted(table="main.people", columns=("name", "age"), count=30, new=new, old=old)
    gate = Gate(target=FakeTarget(effects=[effect("main.people", inserted=30)], inserted=(made,)))
    done = gate.sql("INSERT INTO people VALUES (1)")
    assert any("unlike the others" in finding for finding in done.findings)
    assert [freeze.what for freeze in freezing.frozen(gate.store)] == ["agent bot"]


def test_what_nobody_could_look_at_blocks() -> None:
    """INVARIANT I5, for what was done."""

    class Blind(FakeTarget):
        def read_inserted(self, marker: str, *, most: int) -> tuple[Inserted, ...]:
            raise failure("TGT001", "the connection broke")

    gate = Gate(target=Blind(effects=[effect("main.people", inserted=30)]))
    done = gate.sql("INSERT INTO people VALUES (1)")
    assert done.findings == ("nobody could look at the rows it added: the connection broke",)
    assert freezing.frozen(gate.store)


def test_a_few_rows_are_left_to_whoever_approves_them() -> None:
    gate = Gate(target=FakeTarget(effects=[effect("main.people", inserted=5)]))
    assert gate.sql("INSERT INTO people VALUES (1)").findings == ()
