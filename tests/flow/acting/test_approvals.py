"""Approvals: held by roles, bound to what was shown, used once, resumed from the intent, forbidden by expiry."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta

import pytest

from flow.acting.gates import ANYTHING, BOT, START, Gate, held_by, rule
from loadline.errors import RequestError
from loadline.flow.acting import approvals, freezing, record
from loadline.flow.acting.freezing import Said
from loadline.flow.acting.record import unfinished
from loadline.policy.approving import refusal, state_of
from loadline.testing.acting import FakeTarget, FakeTool, effect, failure
from loadline.values.acting import ActReceipt, ActStatus
from loadline.values.approval import Expired, Granted, OnHold, Rejected, Vote, Waiting
from loadline.values.rule import Approval, Per, Principal, Rate
from loadline.values.tool_reply import Done

CARL = Principal(name="carl", roles=("lead",))
DORA = Principal(name="dora", roles=("lead",))
EMIL = Principal(name="emil", roles=("board",))


def held(**more: object) -> Gate:
    return Gate(rules=held_by(), **more)  # type: ignore[arg-type]


def approve(gate: Gate, run: str, by: Principal = CARL, **more: object) -> ActReceipt:
    return approvals.vote(gate.world, run, by, is_yes=True, **more)  # type: ignore[arg-type]


def refused(gate: Gate, run: str, by: Principal, **more: object) -> list[str]:
    with pytest.raises(RequestError) as caught:
        approve(gate, run, by, **more)
    return [d.code for d in caught.value.diagnostics]


# the way through


def test_what_is_held_waits_and_nothing_is_performed() -> None:
    """INVARIANT I4: no write happens without the person that a rule asks for."""
    gate = held()
    waiting = gate.act("close_order", order_id=5)
    assert waiting.status is ActStatus.WAITING
    assert waiting.expires_at == START + timedelta(days=1)
    assert waiting.effect == effect("main.orders", updated=1)
    assert approvals.resume(gate.world, waiting.run).status is ActStatus.WAITING
    assert gate.target.performed == {}
    assert gate.kinds(waiting.run) == ["intent"]


def test_an_approved_act_is_performed_from_its_intent_by_whoever_resumes_it() -> None:
    gate = held()
    run = gate.act("close_order", order_id=5).run
    assert approve(gate, run).status is ActStatus.APPROVED
    assert gate.target.performed == {}
    gate.worker = "worker-2"
    done = approvals.resume(gate.world, run)
    assert (done.status, [vote.by for vote in done.votes]) == (ActStatus.DONE, ["carl"])
    assert gate.kinds(run) == ["intent", "approval", "intent", "outcome"]
    assert gate.entries(run)[2].payload["worker"] == "worker-2"


def test_everything_said_of_who_asked_is_still_known_when_it_is_performed() -> None:
    gate = held()
    asker = replace(BOT, audience="sales", purpose="CustomerCare")
    run = gate.act("close_order", by=asker, order_id=5).run
    approve(gate, run)
    assert approvals.resume(gate.world, run).status is ActStatus.DONE


def test_an_approval_is_used_once() -> None:
    gate = held(tool=FakeTool(replies=[Done()]))
    run = gate.act("mail", to="x").run
    approve(gate, run)
    assert [approvals.resume(gate.world, run).status for _ in range(3)] == [ActStatus.DONE] * 3
    assert len(gate.tool.calls) == 1
    assert refused(gate, run, DORA) == ["ACT111"]


def test_of_many_who_resume_at_once_one_performs() -> None:
    gate = held()
    runs = [gate.act("mail", to=str(number)).run for number in range(8)]
    for run in runs:
        approve(gate, run)
    threads = [threading.Thread(target=lambda: approvals.resume_all(gate.world)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(str(call[1]["to"]) for call in gate.tool.calls) == [str(n) for n in range(8)]


def test_the_effect_is_measured_again_and_must_be_the_approved_one() -> None:
    gate = held(target=FakeTarget(effects=[effect("main.orders", updated=1), effect("main.orders", updated=9)]))
    run = gate.act("close_order", order_id=5).run
    approve(gate, run)
    assert approvals.resume(gate.world, run).status is ActStatus.EXCEEDED
    assert gate.target.performed == {}


# who may


def test_who_asked_does_not_approve_it_whoever_acts_for_them() -> None:
    gate = held()
    run = gate.act("close_order", order_id=5).run
    for name in ("ana", "bot"):
        assert refused(gate, run, Principal(name=name, roles=("lead",))) == ["ACT112"]
    assert refused(gate, run, EMIL) == ["ACT112"]
    recorded = gate.store.find_entries(f"refused-vote:{run}")
    assert [entry.payload["refused_vote"]["by"] for entry in recorded] == ["emil", "bot", "ana"]


def test_two_people_are_two_people() -> None:
    gate = Gate(rules=held_by(Approval(role="lead", count=2, rule="leads-look")))
    run = gate.act("close_order", order_id=5).run
    assert approve(gate, run).status is ActStatus.WAITING
    assert refused(gate, run, CARL) == ["ACT112"]
    assert approve(gate, run, DORA).status is ActStatus.APPROVED


def test_every_role_is_heard() -> None:
    gate = Gate(rules=held_by(Approval(role="lead", rule="leads-look"), Approval(role="board", rule="leads-look")))
    run = gate.act("close_order", order_id=5).run
    assert [approve(gate, run, by).status for by in (EMIL, CARL)] == [ActStatus.WAITING, ActStatus.APPROVED]


def test_a_deputy_may_after_a_while() -> None:
    wanted = Approval(role="lead", rule="leads-look", deputy="board", deputy_after_seconds=3_600)
    gate = Gate(rules=held_by(wanted))
    run = gate.act("close_order", order_id=5).run
    assert refused(gate, run, EMIL) == ["ACT112"]
    gate.pass_time(3_600)
    assert approve(gate, run, EMIL).status is ActStatus.APPROVED


def test_one_no_ends_it() -> None:
    gate = Gate(rules=held_by(Approval(role="lead", count=2, rule="leads-look")))
    run = gate.act("close_order", order_id=5).run
    approve(gate, run)
    rejected = approvals.vote(gate.world, run, DORA, is_yes=False, because="wrong order")
    assert (rejected.status, rejected.reasons[0].what) == (ActStatus.REJECTED, "`dora` said no: wrong order")
    assert approvals.resume(gate.world, run).status is ActStatus.REJECTED
    assert gate.target.performed == {}


# what it is bound to


def test_a_yes_to_something_else_is_none() -> None:
    gate = held()
    waiting = gate.act("close_order", order_id=5)
    other = gate.act("close_order", order_id=6)
    assert waiting.digest != other.digest
    for shown in (other.digest, waiting.digest[:11], ""):
        assert refused(gate, waiting.run, CARL, digest=shown) == ["ACT112"]
    assert approve(gate, waiting.run, digest=waiting.digest[:12]).status is ActStatus.APPROVED


def test_rules_that_changed_since_void_it_before_and_after_the_vote() -> None:
    for votes in (0, 1):
        gate = held()
        run = gate.act("close_order", order_id=5).run
        if votes:
            approve(gate, run)
        gate.rules = (*gate.rules, rule("new", agents=("nobody",)))
        came = approvals.resume(gate.world, run) if votes else approve(gate, run)
        assert (came.status, came.reasons[0].code) == (ActStatus.EXPIRED, "ACT119")
        assert gate.target.performed == {}


def test_a_target_or_an_action_that_changed_since_voids_it() -> None:
    for change in ("target", "action", "gone"):
        gate = held()
        run = gate.act("close_order", order_id=5).run
        approve(gate, run)
        shop, close = gate.project.targets["shop"], gate.project.actions["close_order"]
        if change == "target":
            gate.project = replace(gate.project, targets={"shop": replace(shop, environment="staging")})
        elif change == "action":
            gate.project = replace(gate.project, actions={"close_order": replace(close, most_rows=9)})
        else:
            gate.project = replace(gate.project, actions={})
        assert approvals.resume(gate.world, run).status is ActStatus.EXPIRED
        assert gate.target.performed == {}


def test_who_asked_must_still_hold_the_roles_they_asked_with() -> None:
    for votes in (0, 1):
        gate = held()
        run = gate.act("close_order", order_id=5).run
        if votes:
            approve(gate, run)
        people = {name: one for name, one in gate.project.people.items() if name != "ana"}
        gate.project = replace(gate.project, people=people)
        came = approvals.resume(gate.world, run) if votes else approve(gate, run)
        assert (came.status, came.reasons[0].code) == (ActStatus.EXPIRED, "ACT119")
        assert gate.target.performed == {}


def test_expiry_forbids_also_what_was_approved() -> None:
    for is_approved in (True, False):
        gate = held()
        run = gate.act("close_order", order_id=5).run
        if is_approved:
            approve(gate, run)
        gate.pass_time(86_400)
        came = approvals.resume(gate.world, run) if is_approved else approve(gate, run)
        assert (came.status, came.reasons[0].code) == (ActStatus.EXPIRED, "ACT114")
        assert gate.target.performed == {}


def test_a_held_request_asked_twice_waits_once() -> None:
    gate = held()
    first = gate.act("refund", order_id=5, amount=1)
    assert gate.act("refund", order_id=5, amount=1).repeats == first.run
    assert len(unfinished(gate.store)) == 1


# limits and freezes on the way


def test_a_limit_counts_when_it_is_performed_not_when_it_waits() -> None:
    once = replace(ANYTHING, limits=(Rate(most=1, per=Per.DAY, rule="once"),))
    gate = Gate(rules=(once, *held_by()[1:]))
    runs = [gate.act("mail", to=str(n)).run for n in range(2)]
    for run in runs:
        approve(gate, run)
    assert [approvals.resume(gate.world, run).status for run in runs] == [ActStatus.DONE, ActStatus.FORBIDDEN]


def test_what_waits_is_found_behind_however_much_was_done_since(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(record, "MOST_LATELY", 3)
    gate = held()
    first = gate.act("close_order", order_id=5).run
    second = gate.act("close_order", order_id=6).run
    gate.rules = (ANYTHING,)
    for number in range(10):
        gate.act("mail", to=str(number))
    assert [one.run for one in unfinished(gate.store)] == [second, first]
    gate.rules = held().rules
    approve(gate, first)
    assert [(one.run, one.status) for one in unfinished(gate.store)] == [
        (second, ActStatus.WAITING),
        (first, ActStatus.APPROVED),
    ]
    approvals.resume(gate.world, first)
    assert [one.run for one in unfinished(gate.store)] == [second]


def test_a_freeze_keeps_what_was_approved_until_it_is_thawed() -> None:
    gate = held()
    run = gate.act("close_order", order_id=5).run
    approve(gate, run)
    said = Said(key=freezing.agent_key("bot"), by="ana", because="incident")
    freezing.freeze(gate.store, said, clock=lambda: gate.now, new_id=gate.world.new_id)
    assert approvals.resume(gate.world, run).status is ActStatus.STOPPED
    with pytest.raises(RequestError, match="another person"):
        freezing.thaw(gate.store, said, clock=lambda: gate.now, new_id=gate.world.new_id)
    freezing.thaw(gate.store, replace(said, by="carl"), clock=lambda: gate.now, new_id=gate.world.new_id)
    assert approvals.resume(gate.world, run).status is ActStatus.DONE


# after a crash


class Killed(BaseException):
    """The process is gone: nothing after it runs."""


def killed() -> None:
    raise Killed


def crash(gate: Gate, run: str) -> None:
    with pytest.raises(Killed):
        approvals.resume(gate.world, run)
    assert gate.kinds(run)[-1] == "intent"


def test_a_process_that_died_before_the_commit_is_replaced_and_it_is_done_once() -> None:
    gate = held()
    run = gate.act("close_order", order_id=5).run
    approve(gate, run)
    gate.target.before_commit = killed
    crash(gate, run)
    gate.target.before_commit = lambda: None
    gate.worker = "worker-2"
    assert approvals.resume(gate.world, run).status is ActStatus.PERFORMING
    gate.gone.add("worker-1")
    assert approvals.resume(gate.world, run).status is ActStatus.DONE
    assert list(gate.target.performed) == [run]


def test_a_process_that_died_after_the_commit_is_believed_by_its_marker() -> None:
    gate = held()
    run = gate.act("close_order", order_id=5).run
    approve(gate, run)
    gate.target.after_commit = killed
    crash(gate, run)
    gate.gone.add("worker-1")
    gate.worker = "worker-2"
    done = approvals.resume(gate.world, run)
    assert (done.status, gate.kinds(run)) == (ActStatus.DONE, ["intent", "approval", "intent", "outcome"])
    assert list(gate.target.performed) == [run]


def test_a_process_nobody_heard_of_for_long_is_replaced() -> None:
    gate = Gate()
    gate.target.before_commit = killed
    with pytest.raises(Killed):
        gate.act("close_order", order_id=5)
    gate.target.before_commit = lambda: None
    gate.pass_time(30 + approvals.LEASE_SECONDS)
    assert [one.status for one in approvals.resume_all(gate.world)] == [ActStatus.DONE]


def test_after_a_crash_only_what_is_idempotent_is_called_again_and_under_the_same_key() -> None:
    gate = Gate()
    gate.tool.while_called = killed
    for name, arguments in (("mail", {"to": "x"}), ("refund", {"order_id": 5, "amount": 1})):
        with pytest.raises(Killed):
            gate.act(name, **arguments)
    gate.tool.while_called = lambda: None
    gate.gone.add("worker-1")
    came = {one.action: one.status for one in approvals.resume_all(gate.world)}
    assert came == {"mail": ActStatus.UNKNOWN, "refund": ActStatus.DONE}
    assert [call[1] for call in gate.tool.calls].count({"to": "x"}) == 1
    assert len({key for key, arguments in gate.tool.calls if "amount" in arguments}) == 1


def test_a_crashed_act_does_not_go_on_while_it_is_frozen() -> None:
    gate = Gate()
    gate.target.before_commit = killed
    with pytest.raises(Killed):
        gate.act("close_order", order_id=5)
    gate.target.before_commit = lambda: None
    gate.gone.add("worker-1")
    said = Said(key=freezing.ALL, by="ana", because="incident")
    freezing.freeze(gate.store, said, clock=lambda: gate.now, new_id=gate.world.new_id)
    assert [one.status for one in approvals.resume_all(gate.world)] == [ActStatus.STOPPED]
    assert gate.target.performed == {}


def test_a_target_that_cannot_be_asked_leaves_it_as_it_is() -> None:
    gate = Gate()
    gate.target.before_commit = killed
    with pytest.raises(Killed):
        gate.act("close_order", order_id=5)
    gate.gone.add("worker-1")
    gate.target.failures = [failure("TGT001", "it cannot be reached")]
    assert [one.status for one in approvals.resume_all(gate.world)] == [ActStatus.PERFORMING]


# the state machine by itself

HELD = OnHold(
    run="act-1",
    digest="sha256:1",
    requesters=("ana", "bot"),
    approvals=(Approval(role="lead", count=2, rule="r"),),
    asked_at=START,
    expires_at=START + timedelta(hours=1),
)


def vote(by: str, *roles: str, is_yes: bool = True, minutes: int = 1, digest: str = "sha256:1") -> Vote:
    at = START + timedelta(minutes=minutes)
    return Vote(by=by, roles=roles, is_yes=is_yes, digest=digest, at=at)


def test_votes_that_should_not_be_there_open_nothing() -> None:
    bad = (
        vote("ana", "lead"),
        vote("bot", "lead"),
        vote("emil", "board"),
        vote("dora", "lead", minutes=60),
        vote("dora", "lead", digest="sha256:2"),
    )
    assert all(refusal(HELD, (), one) for one in bad)
    assert isinstance(state_of(HELD, (*bad, vote("carl", "lead")), now=START), Waiting)
    assert isinstance(state_of(HELD, (*bad, *bad, vote("carl", "lead"), vote("carl", "lead")), now=START), Waiting)
    assert isinstance(state_of(HELD, (*bad, vote("carl", "lead"), vote("dora", "lead")), now=START), Granted)
    assert isinstance(state_of(HELD, (vote("ana", "lead", is_yes=False),), now=START), Waiting)
    assert isinstance(state_of(HELD, (vote("carl", "lead", is_yes=False),), now=START), Rejected)
    assert isinstance(state_of(HELD, (), now=HELD.expires_at), Expired)


def test_what_needs_no_approval_by_anybody_is_never_granted() -> None:
    assert isinstance(state_of(replace(HELD, approvals=()), (vote("carl", "lead"),), now=START), Waiting)


def test_a_person_without_an_agent_is_asked_for_the_same_approval() -> None:
    gate = Gate(rules=(*held_by()[1:], rule("people-act", actions=("*",))))
    assert gate.act("close_order", by=replace(BOT, agent=None), order_id=5).status is ActStatus.WAITING
