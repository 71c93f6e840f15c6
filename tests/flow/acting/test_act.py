"""The river of actions: what is judged, when it is recorded, what happens once, what becomes of failures."""

from __future__ import annotations

import threading
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from flow.acting.gates import ANYTHING, BOT, HERE, START, Gate, held_by, limited, read_project, rule
from loadline.flow.acting import freezing
from loadline.flow.acting.comparing import compare
from loadline.flow.acting.freezing import Said
from loadline.flow.acting.undone import undone_by
from loadline.flow.record import looked_at_key
from loadline.ledger import Draft, Kind
from loadline.testing.acting import FakeTarget, FakeTool, effect, failure
from loadline.values.acting import ActReceipt, ActStatus
from loadline.values.effect import Performed, TableEffect, Write, WriteEffect
from loadline.values.model import Text
from loadline.values.rule import Effect, Per, Principal, Rate, RowBound, Total
from loadline.values.tool_reply import Done, NotDone, Unclear


def codes(receipt: ActReceipt) -> list[str]:
    return [reason.code for reason in receipt.reasons]


# the way through


def test_what_is_permitted_is_measured_judged_recorded_performed_and_recorded() -> None:
    gate = Gate()
    done = gate.act("close_order", order_id="5")
    assert done.status is ActStatus.DONE
    assert done.arguments == {"order_id": 5}
    assert done.rules == ("bots-act",)
    assert done.effect == effect("main.orders", updated=1)
    assert done.tables == ("main.orders",)
    assert gate.kinds(done.run) == ["intent", "outcome"]
    assert list(gate.target.performed) == [done.run]
    assert done.ledger_index == gate.entries(done.run)[-1].index


def test_the_intent_is_in_the_ledger_before_anything_is_performed() -> None:
    """INVARIANT I1, for actions."""
    gate = Gate()
    seen: list[list[str]] = []
    gate.target.before_commit = lambda: seen.append([e.kind.value for e in gate.store.read_entries()])
    gate.tool.while_called = lambda: seen.append([e.kind.value for e in gate.store.read_entries()])
    gate.act("close_order", order_id=5)
    gate.act("mail", to="a@example.com")
    assert seen == [["intent"], ["intent", "outcome", "intent"]]


def test_what_cannot_be_recorded_is_not_performed() -> None:
    gate = Gate()
    gate.store.close()
    with pytest.raises(Exception, match="closed"):
        gate.act("close_order", order_id=5)
    assert gate.target.performed == {}


def test_silence_forbids_and_so_does_a_rule_that_cannot_be_judged() -> None:
    """INVARIANT I2, for actions."""
    broken = rule("broken", limits=5, agents=("*",), actions=("*",))
    for rules in ((), (rule("others", agents=("other",)),), (ANYTHING, rule("no", Effect.FORBID)), (broken,)):
        gate = Gate(rules=rules)
        assert gate.act("close_order", order_id=5).status is ActStatus.FORBIDDEN
        assert gate.act("mail", to="x").status is ActStatus.FORBIDDEN
        assert (gate.target.performed, gate.tool.calls) == ({}, [])


def test_policy_judges_what_the_statement_really_changes() -> None:
    """INVARIANT I3: a cascade into a table that no rule opens forbids, whatever the action is called."""
    cascade = WriteEffect(
        tables=(
            TableEffect(table="main.orders", deleted=1, writes=1),
            TableEffect(table="main.payments", deleted=3, writes=3),
        )
    )
    only_orders = rule("orders", agents=("bot",), tables=("main.orders",))
    gate = Gate(rules=(only_orders,), target=FakeTarget(effects=[cascade]))
    refused = gate.sql("DELETE FROM orders WHERE order_id = 5")
    assert refused.status is ActStatus.FORBIDDEN
    assert "main.payments" in refused.reasons[0].what
    assert gate.kinds(refused.run) == ["decision"]


def test_a_denied_statement_is_recorded_and_never_reaches_the_target() -> None:
    gate = Gate()
    for text in ("DROP TABLE orders", "SELECT 1", "TRUNCATE orders"):
        denied = gate.sql(text)
        assert (denied.status, codes(denied)) == (ActStatus.FORBIDDEN, ["ACT104"])
        assert gate.entries(denied.run)[0].payload["act"]["says"] == text
    assert gate.target.measured == 0


def test_what_names_nothing_known_is_refused_with_the_nearest_name() -> None:
    gate = Gate()
    refused = gate.act("close_orders", order_id=5)
    assert (refused.status, codes(refused)) == (ActStatus.REFUSED, ["ACT101"])
    assert refused.reasons[0].mend == "write `close_order`"


@pytest.mark.parametrize(
    ("name", "arguments", "wrong"),
    [
        ("close_order", {}, ["ACT102"]),
        ("close_order", {"order_id": "five"}, ["ACT102"]),
        ("close_order", {"order_id": True}, ["ACT102"]),
        ("close_order", {"order_id": 5, "force": True}, ["ACT102"]),
        ("refund", {"order_id": 5, "amount": "500.01"}, ["ACT102"]),
        ("refund", {"order_id": 5, "amount": "NaN"}, ["ACT102"]),
        ("refund", {"order": 5, "amount": -1}, ["ACT102", "ACT102", "ACT102"]),
    ],
)
def test_arguments_are_of_their_type_and_in_their_range(name: str, arguments: dict[str, Any], wrong: list[str]) -> None:
    gate = Gate()
    refused = gate.act(name, **arguments)
    assert (refused.status, codes(refused)) == (ActStatus.REFUSED, wrong)
    assert gate.tool.calls == []


def test_who_may_do_nothing_cannot_have_anything_run_not_even_to_be_thrown_away() -> None:
    few = rule("few", agents=("bot",), actions=("*",), when=Text(value="rows_affected < 5", place=HERE))
    held = rule("no-more", Effect.FORBID, when=Text(value="rows_affected > 1", place=HERE))
    for rules, measured in (((), 0), ((few,), 1), ((few, held), 1), ((few, rule("no", Effect.FORBID)), 0)):
        gate = Gate(rules=rules)
        gate.act("close_order", order_id=5, is_dry_run=True)
        assert gate.target.measured == measured
    gate = Gate(rules=(few, held))
    assert gate.act("close_order", order_id=5).status is ActStatus.DONE
    gate = Gate(rules=(few, held), target=FakeTarget(effects=[effect("main.orders", updated=2)]))
    assert gate.act("close_order", order_id=5).status is ActStatus.FORBIDDEN


def test_a_statement_that_takes_longer_than_its_action_allows_is_stopped() -> None:
    gate = Gate()
    slow = replace(gate.project.actions["close_order"], timeout_seconds=0.05)
    gate.project = replace(gate.project, actions={"close_order": slow})
    gate.target.before_commit = lambda: assert_waited(gate.target.cancelled)
    assert gate.act("close_order", order_id=5).status is ActStatus.FAILED
    assert gate.target.performed == {}


def assert_waited(cancelled: threading.Event) -> None:
    assert cancelled.wait(5)


def test_a_dry_run_says_what_would_be_and_does_nothing() -> None:
    gate = Gate()
    would = gate.act("close_order", order_id=5, is_dry_run=True)
    assert would.status is ActStatus.WOULD
    assert would.effect == effect("main.orders", updated=1)
    assert gate.target.performed == {}
    assert gate.kinds(would.run) == ["decision"]


# what is performed is what was judged


def test_an_effect_other_than_the_judged_one_is_taken_back() -> None:
    gate = Gate(target=FakeTarget(effects=[effect("main.orders", updated=1), effect("main.orders", updated=2)]))
    exceeded = gate.act("close_order", order_id=5)
    assert (exceeded.status, codes(exceeded)) == (ActStatus.EXCEEDED, ["ACT107"])
    assert gate.target.performed == {}


def test_a_target_that_commits_what_was_not_approved_freezes_the_agent() -> None:
    class Loose(FakeTarget):
        def perform(self, write: Write, **_: object) -> Performed:
            return Performed(marker="m", effect=effect("main.orders", deleted=9), at=START)

    gate = Gate(target=Loose())
    done = gate.act("close_order", order_id=5)
    assert done.findings
    (freeze,) = freezing.frozen(gate.store)
    assert (freeze.what, freeze.by) == ("agent bot", "loadline")
    assert gate.act("close_order", order_id=6).status is ActStatus.STOPPED


# duplicates


def test_a_duplicate_delivery_is_done_once_and_answers_the_same() -> None:
    gate = Gate()
    first = gate.act("refund", order_id=5, amount="10.00")
    second = gate.act("refund", order_id=5, amount="10.00")
    assert second.repeats == first.run
    assert (second.status, second.result) == (ActStatus.DONE, {"id": 7})
    assert len(gate.tool.calls) == 1


def test_a_duplicate_of_what_was_undone_is_not_done_again_and_says_so() -> None:
    gate = Gate()
    first = gate.act("refund", order_id=5, amount=1)
    undone = gate.undo(first.run)
    again = gate.act("refund", order_id=5, amount=1)
    assert (again.repeats, again.undone_by) == (first.run, undone.run)


def test_a_key_for_something_else_is_a_mistake_and_is_said() -> None:
    gate = Gate()
    gate.act("refund", order_id=5, amount="10.00")
    other = gate.act("refund", order_id=5, amount="11.00")
    assert (other.status, codes(other)) == (ActStatus.REFUSED, ["ACT122"])
    assert len(gate.tool.calls) == 1


def test_the_asker_may_give_a_key_where_the_action_has_none() -> None:
    gate = Gate()
    runs = {gate.act("mail", to="a", key=key).repeats for key in ("k1", "k1", "k2")}
    assert len(gate.tool.calls) == 2
    assert len(runs) == 2
    assert [gate.act("mail", to="a").repeats for _ in range(2)] == [None, None]


def test_what_certainly_did_nothing_may_be_asked_again_under_its_key() -> None:
    gate = Gate(tool=FakeTool(replies=[NotDone(why="it answered 400"), Done()]))
    assert gate.act("refund", order_id=5, amount=1).status is ActStatus.FAILED
    assert gate.act("refund", order_id=5, amount=1).status is ActStatus.DONE


def test_what_nobody_knows_is_not_asked_again_under_its_key() -> None:
    gate = Gate(
        tool=FakeTool(replies=[Unclear(why="no answer"), Unclear(why="no answer"), Unclear(why="no answer"), Done()])
    )
    first = gate.act("refund", order_id=5, amount=1)
    assert (first.status, codes(first)) == (ActStatus.UNKNOWN, ["ACT109"])
    assert gate.act("refund", order_id=5, amount=1).repeats == first.run
    assert len(gate.tool.calls) == 3


# failures


def test_only_what_is_idempotent_is_tried_again_under_one_key() -> None:
    gate = Gate(tool=FakeTool(replies=[Unclear(why="503"), NotDone(why="503", may_pass=True), Done(result={"id": 1})]))
    done = gate.act("refund", order_id=5, amount=1)
    assert (done.status, done.attempts) == (ActStatus.DONE, 3)
    assert len({key for key, _ in gate.tool.calls}) == 1
    assert gate.slept == [0.5, 1.0]
    gate = Gate(tool=FakeTool(replies=[Unclear(why="503")]))
    assert (gate.act("mail", to="x").attempts, len(gate.tool.calls)) == (1, 1)


def test_what_cannot_pass_is_not_tried_again() -> None:
    gate = Gate(tool=FakeTool(replies=[NotDone(why="it answered 422")]))
    failed = gate.act("refund", order_id=5, amount=1)
    assert (failed.status, codes(failed), len(gate.tool.calls)) == (ActStatus.FAILED, ["ACT108"], 1)


def test_retry_after_is_respected_here_and_by_the_next_who_asks() -> None:
    gate = Gate(tool=FakeTool(replies=[NotDone(why="429", may_pass=True, after_seconds=20), Done()]))
    assert gate.act("refund", order_id=5, amount=1).status is ActStatus.DONE
    assert gate.slept == [20]
    gate = Gate(tool=FakeTool(replies=[NotDone(why="429", may_pass=True, after_seconds=600), Done()]))
    assert gate.act("refund", order_id=5, amount=1).status is ActStatus.FAILED
    assert (gate.slept, len(gate.tool.calls)) == ([], 1)
    too_soon = gate.act("refund", order_id=6, amount=1)
    assert (too_soon.status, codes(too_soon), len(gate.tool.calls)) == (ActStatus.FAILED, ["ACT118"], 1)
    gate.pass_time(601)
    assert gate.act("refund", order_id=6, amount=1).status is ActStatus.DONE


def test_a_far_side_that_keeps_failing_is_left_alone_and_then_tried_once() -> None:
    gate = Gate(tool=FakeTool(replies=[NotDone(why="500")]))
    for number in range(3):
        gate.act("refund", order_id=number, amount=1)
    for number in range(3, 9):
        assert codes(gate.act("refund", order_id=number, amount=1)) == ["ACT117"]
    assert len(gate.tool.calls) == 3
    gate.pass_time(61)
    gate.tool.replies = [Done()]
    assert gate.act("refund", order_id=20, amount=1).status is ActStatus.DONE
    assert gate.act("refund", order_id=21, amount=1).status is ActStatus.DONE


def test_each_try_that_fails_counts_and_none_is_made_past_the_last() -> None:
    gate = Gate(tool=FakeTool(replies=[NotDone(why="503", may_pass=True)]))
    first = gate.act("refund", order_id=1, amount=1)
    assert (first.attempts, len(gate.tool.calls)) == (3, 3)
    assert codes(gate.act("refund", order_id=2, amount=1)) == ["ACT117"]
    gate.pass_time(61)
    probe = gate.act("refund", order_id=3, amount=1)
    assert (probe.attempts, len(gate.tool.calls), gate.slept) == (1, 4, [0.5, 1.0])
    assert codes(gate.act("refund", order_id=4, amount=1)) == ["ACT117"]


def test_a_call_that_comes_to_be_done_ends_a_row_of_failures() -> None:
    passing = NotDone(why="503", may_pass=True)
    gate = Gate(tool=FakeTool(replies=[passing, passing, Done(), passing, Done()]))
    assert [gate.act("refund", order_id=n, amount=1).attempts for n in range(2)] == [3, 2]
    assert gate.act("refund", order_id=3, amount=1).status is ActStatus.DONE


def test_a_target_that_fails_is_an_outcome_with_its_reason() -> None:
    gate = Gate(target=FakeTarget(failures=[failure("TGT001", "it cannot be reached")]))
    failed = gate.act("close_order", order_id=5)
    assert (failed.status, codes(failed)) == (ActStatus.FAILED, ["TGT001"])
    assert gate.kinds(failed.run) == ["decision"]


def test_after_a_commit_that_nobody_heard_of_the_marker_decides() -> None:
    def lose_the_answer() -> None:
        raise failure("TGT006", "the connection broke")

    gate = Gate()
    gate.target.after_commit = lose_the_answer
    assert gate.act("close_order", order_id=5).status is ActStatus.DONE
    gate = Gate()
    gate.target.before_commit = lose_the_answer
    lost = gate.act("close_order", order_id=5)
    assert (lost.status, codes(lost)) == (ActStatus.FAILED, ["TGT006"])


# limits


def test_rows_are_bounded_by_target_action_and_rule() -> None:
    gate = Gate(target=FakeTarget(effects=[effect("main.orders", deleted=51)]))
    over = gate.sql("DELETE FROM orders")
    assert (over.status, codes(over)) == (ActStatus.FORBIDDEN, ["ACT106"])
    gate = Gate(
        rules=limited(RowBound(most=2, rule="few")), target=FakeTarget(effects=[effect("main.orders", deleted=3)])
    )
    assert codes(gate.sql("DELETE FROM orders")) == ["ACT106"]
    assert gate.target.performed == {}


def test_a_rate_and_a_daily_total_are_counted_in_the_ledger() -> None:
    total = Total(fact="amount", most=Decimal("100.00"), per=Per.DAY, rule="daily")
    gate = Gate(rules=limited(Rate(most=3, per=Per.HOUR, rule="often"), total))
    assert gate.act("refund", order_id=1, amount="60.00").status is ActStatus.DONE
    over = gate.act("refund", order_id=2, amount="40.01")
    assert (over.status, codes(over)) == (ActStatus.FORBIDDEN, ["ACT106"])
    assert gate.act("refund", order_id=3, amount="40.00").status is ActStatus.DONE
    assert gate.act("refund", order_id=4, amount="0").status is ActStatus.DONE
    assert codes(gate.act("refund", order_id=5, amount="0")) == ["ACT106"]
    gate.pass_time(86_400)
    assert gate.act("refund", order_id=6, amount="100").status is ActStatus.DONE


def test_a_dry_run_says_that_a_total_would_be_passed_and_counts_nothing() -> None:
    total = Total(fact="amount", most=Decimal("100.00"), per=Per.DAY, rule="daily")
    gate = Gate(rules=limited(total))
    assert gate.act("refund", order_id=1, amount="60.00").status is ActStatus.DONE
    assert gate.act("refund", order_id=2, amount="40.00", is_dry_run=True).status is ActStatus.WOULD
    over = gate.act("refund", order_id=2, amount="40.01", is_dry_run=True)
    assert (over.status, codes(over)) == (ActStatus.FORBIDDEN, ["ACT106"])
    assert gate.act("refund", order_id=2, amount="40.00").status is ActStatus.DONE


def test_nobody_is_asked_to_approve_what_no_day_allows() -> None:
    total = Total(fact="amount", most=Decimal("100.00"), per=Per.DAY, rule="daily")
    gate = Gate(rules=(replace(ANYTHING, limits=(total,)), *held_by()[1:]))
    assert gate.act("refund", order_id=1, amount="100.00").status is ActStatus.WAITING
    over = gate.act("refund", order_id=2, amount="100.01")
    assert (over.status, codes(over)) == (ActStatus.FORBIDDEN, ["ACT106"])


def test_what_did_nothing_does_not_count() -> None:
    gate = Gate(
        rules=limited(Rate(most=1, per=Per.DAY, rule="once")), tool=FakeTool(replies=[NotDone(why="400"), Done()])
    )
    assert gate.act("mail", to="x").status is ActStatus.FAILED
    assert gate.act("mail", to="x").status is ActStatus.DONE
    assert gate.act("mail", to="x").status is ActStatus.FORBIDDEN


def test_each_principal_is_counted_apart() -> None:
    gate = Gate(rules=limited(Rate(most=1, per=Per.DAY, rule="once")))
    other = Principal(name="ana", roles=("clerk",), agent="bot2")
    assert [gate.act("mail", by=by, to="x").status for by in (BOT, BOT, other)] == [
        ActStatus.DONE,
        ActStatus.FORBIDDEN,
        ActStatus.DONE,
    ]


def test_a_total_of_what_is_not_known_forbids() -> None:
    gate = Gate(rules=limited(Total(fact="amount", most=Decimal(5), per=Per.DAY, rule="daily")))
    assert codes(gate.act("mail", to="x")) == ["ACT106"]


# freezes


def freeze(gate: Gate, key: str, by: str = "ana") -> None:
    said = Said(key=key, by=by, because="incident")
    freezing.freeze(gate.store, said, clock=lambda: gate.now, new_id=gate.world.new_id)


@pytest.mark.parametrize("key", ["freeze:all", "freeze:agent:bot", "freeze:workflow:returns"])
def test_nothing_begins_while_it_is_frozen(key: str) -> None:
    gate = Gate()
    freeze(gate, key)
    stopped = gate.act("close_order", order_id=5)
    assert (stopped.status, codes(stopped)) == (ActStatus.STOPPED, ["ACT105"])
    assert (gate.target.measured, gate.target.performed) == (0, {})


def test_a_freeze_of_others_stops_nobody_else() -> None:
    gate = Gate()
    for key in ("freeze:agent:bot2", "freeze:workflow:return", "freeze:agent:bo"):
        freeze(gate, key)
    assert gate.act("close_order", order_id=5).status is ActStatus.DONE


def test_a_freeze_between_the_look_and_the_intent_is_seen() -> None:
    gate = Gate()
    measure = gate.target.measure

    class Late(FakeTarget):
        def measure(self, write: Write) -> WriteEffect:
            freeze(gate, "freeze:all")
            return measure(write)

    gate.target = Late()
    assert gate.act("close_order", order_id=5).status is ActStatus.STOPPED
    assert gate.target.performed == {}


def test_a_freeze_stops_what_is_running() -> None:
    gate = Gate()

    def frozen_meanwhile() -> None:
        freeze(gate, "freeze:agent:bot")
        assert gate.target.cancelled.wait(5)

    gate.target.before_commit = frozen_meanwhile
    stopped = gate.act("close_order", order_id=5)
    assert (stopped.status, codes(stopped)) == (ActStatus.STOPPED, ["ACT105"])
    assert gate.target.performed == {}


# the state of the data


def look_at(gate: Gate, state: str) -> None:
    made = Draft(kind=Kind.CHECK, run="look", at=gate.now, payload={"state": state}, keys=(looked_at_key("orders"),))
    gate.store.append([made])


def test_a_rule_may_wait_for_data_that_is_in_order() -> None:
    promised = b"""apiVersion: v3.1.0
kind: DataContract
id: orders
name: orders
version: 1.0.0
status: active
schema:
  - {name: orders, physicalName: sales.orders, properties: [{name: order_id, logicalType: integer}]}
"""
    gate = Gate(rules=(ANYTHING, rule("red", Effect.FORBID, when=Text(value="data_state = 'red'", place=HERE))))
    assert gate.act("close_order", order_id=5).status is ActStatus.DONE  # nothing is promised of it
    gate.project = read_project(contract=promised)
    unseen = gate.act("close_order", order_id=6)
    assert (unseen.status, codes(unseen)) == (ActStatus.FORBIDDEN, ["POL003"])
    for state, status in (("green", ActStatus.DONE), ("red", ActStatus.FORBIDDEN), ("amber", ActStatus.DONE)):
        look_at(gate, state)
        assert gate.act("close_order", order_id=7).status is status


# undo


def test_an_undo_is_judged_recorded_and_done_once() -> None:
    gate = Gate()
    first = gate.act("close_order", order_id=5)
    undone = gate.undo(first.run)
    assert (undone.status, undone.undoes) == (ActStatus.DONE, first.run)
    assert gate.target.undone == {first.run}
    assert gate.undo(first.run).repeats == undone.run


def test_what_took_an_undo_back_stands_again_and_is_not_said_to_be_undone() -> None:
    gate = Gate()
    first = gate.act("close_order", order_id=5)
    undone = gate.undo(first.run)
    assert undone_by(gate.store, first.run) == undone.run
    again = gate.undo(undone.run)
    assert undone_by(gate.store, first.run) is None
    refused = gate.undo(first.run)
    assert (refused.status, refused.reasons[0].code) == (ActStatus.REFUSED, "ACT113")
    assert again.run in refused.reasons[0].mend
    last = gate.undo(again.run)
    assert (last.status, undone_by(gate.store, first.run)) == (ActStatus.DONE, undone.run)
    said = [{"run": first.run, "undone": False}]
    assert any("it is undone" in what for one in compare(gate.store, said) for what in one.differs)


@pytest.mark.parametrize(("effect", "status"), [(Effect.FORBID, ActStatus.FORBIDDEN), (Effect.PERMIT, ActStatus.DONE)])
def test_rules_call_an_undo_by_its_own_name_too(effect: Effect, status: ActStatus) -> None:
    gate = Gate()
    first = gate.act("close_order", order_id=5)
    undos = rule("undos", effect, agents=("bot",) if effect is Effect.PERMIT else (), actions=("undo",))
    gate.rules = (undos,) if effect is Effect.PERMIT else (ANYTHING, undos)
    assert gate.undo(first.run).status is status
    assert gate.act("close_order", order_id=6).status is not status


def test_a_hold_may_leave_undos_alone() -> None:
    gate = Gate()
    first = gate.act("close_order", order_id=5)
    gate.rules = held_by(when=Text(value="not is_undo", place=HERE))
    assert gate.act("close_order", order_id=6).status is ActStatus.WAITING
    assert gate.undo(first.run).status is ActStatus.DONE


def test_an_undo_that_no_rule_permits_is_not_done() -> None:
    gate = Gate()
    first = gate.act("close_order", order_id=5)
    gate.rules = ()
    assert gate.undo(first.run).status is ActStatus.FORBIDDEN
    assert gate.target.undone == set()


def test_a_call_is_undone_by_the_action_it_names_with_what_came_back() -> None:
    gate = Gate()
    first = gate.act("refund", order_id=5, amount=1)
    undone = gate.undo(first.run)
    assert (undone.action, undone.arguments, undone.undoes) == ("unrefund", {"refund": 7}, first.run)
    assert gate.undo(gate.act("mail", to="x").run).reasons[0].code == "ACT113"


def test_only_what_was_done_is_undone() -> None:
    gate = Gate(rules=held_by())
    waiting = gate.act("close_order", order_id=5)
    for run in (waiting.run, "act-9999"):
        assert gate.undo(run).status is ActStatus.REFUSED
