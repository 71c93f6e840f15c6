"""Policy against small worlds. (`test_brute_force` has generated ones.)"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from loadline.policy import codes, decide, matter_of
from loadline.values.decision import ColumnMask, Decision, Forbid, Hold, Permit
from loadline.values.matter import Matter
from loadline.values.model import Text
from loadline.values.place import Place
from loadline.values.plan import MetricUse, Plan
from loadline.values.query import Query
from loadline.values.rule import Approval, Deed, Effect, EffectClass, Mask, MaskKind, Principal, Rule

HERE = Place(file="policies/rules.yaml")
ANA = Principal(name="ana", roles=("analyst",), audience="sales")


def rule(name: str = "r", effect: Effect = Effect.PERMIT, rows: str | None = None, **on: object) -> Rule:
    text = Text(value=rows, place=HERE) if rows else None
    return replace(Rule(name=name, effect=effect, action="", rows=text, place=HERE), **{"action": "ask", **on})  # type: ignore[arg-type]


def plan(
    *asked: str, inner: tuple[str, ...] = (), touches: tuple[str, ...] = (), classes: tuple[str, ...] = ()
) -> Plan:
    uses = [
        MetricUse(
            name=name,
            definition=f"sum(orders.{name})",
            version="v",
            owner=None,
            status="approved",
            unit=None,
            format=None,
            is_asked=name in asked,
            time=None,
            datasets=("orders",),
        )
        for name in (*asked, *inner)
    ]
    return Plan(
        query=Query(metrics=asked),
        metrics=tuple(uses),
        sources=(),
        joins=(),
        columns=(),
        touches=frozenset(touches),
        classifications=frozenset(classes),
        dates=None,
        filters=(),
        assumptions=(),
        digest="sha256:0",
    )


def judge(rules: Sequence[Rule], asked: Plan, principal: Principal) -> Decision:
    return decide(rules, matter_of(asked, principal))


def test_silence_forbids() -> None:
    """INVARIANT I2."""
    decision = judge((), plan("revenue"), ANA)
    assert isinstance(decision, Forbid)
    assert decision.code == codes.NO_PERMIT
    assert decision.rules == ()


def test_an_error_forbids() -> None:
    """INVARIANT I2: a rule that cannot be evaluated may have been a forbid."""
    broken = rule(metrics=("revenue",))
    object.__setattr__(broken, "metrics", 7)
    decision = judge((rule("all"), broken), plan("revenue"), ANA)
    assert isinstance(decision, Forbid)
    assert decision.code == codes.FAILED


def test_a_permit_for_a_metric_is_one_for_its_other_days() -> None:
    assert isinstance(judge((rule(metrics=("revenue",)),), plan("revenue[1 year ago]"), ANA), Permit)
    assert isinstance(judge((rule(metrics=("revenue",)),), plan("cost[1 year ago]"), ANA), Forbid)
    for asked in ("[% change from 1 year ago]", "[share across customers.region]"):
        assert isinstance(judge((rule(metrics=("revenue",)),), plan(f"revenue{asked}"), ANA), Permit)
        assert isinstance(judge((rule(metrics=("revenue",)),), plan(f"cost{asked}"), ANA), Forbid)


def test_rows_that_a_metric_narrows_need_a_permit_for_both() -> None:
    asked = replace(plan("cost", touches=("orders.email",)), query=Query(metrics=()))
    columns, metric = rule(columns=("orders.email",)), rule("m", metrics=("cost",))
    assert isinstance(judge((columns,), asked, ANA), Forbid)
    assert isinstance(judge((metric,), asked, ANA), Forbid)
    assert isinstance(judge((columns, metric), asked, ANA), Permit)


def test_a_permit_names_the_rules_that_made_it() -> None:
    decision = judge((rule("all"), rule("bookings", metrics=("book*",))), plan("bookings"), ANA)
    assert decision == Permit(rules=("all", "bookings"))


def test_a_forbid_beats_a_permit_in_any_order() -> None:
    rules = (rule("all"), rule("no", Effect.FORBID, metrics=("margin",)))
    for order in (rules, rules[::-1]):
        decision = judge(order, plan("margin"), ANA)
        assert isinstance(decision, Forbid)
        assert decision.rules == ("no",)


def test_a_forbid_reaches_what_a_metric_is_made_of() -> None:
    rules = (rule("all"), rule("no", Effect.FORBID, metrics=("cost",)))
    assert isinstance(judge(rules, plan("margin", inner=("cost",)), ANA), Forbid)


def test_a_forbid_reaches_columns_and_their_classes() -> None:
    seen = plan("people", touches=("executives.email",), classes=("personal",))
    for forbid in (
        rule("no", Effect.FORBID, columns=("executives.*",)),
        rule("no", Effect.FORBID, classifications=("personal",)),
    ):
        assert isinstance(judge((rule("all"), forbid), seen, ANA), Forbid)


def test_a_rule_for_others_does_not_count() -> None:
    for other in (rule(people=("felix",)), rule(roles=("admin",)), rule(audiences=("finance",))):
        assert isinstance(judge((other,), plan("revenue"), ANA), Forbid)


def test_a_permit_of_columns_covers_no_metric() -> None:
    assert isinstance(judge((rule(columns=("orders.*",)),), plan("revenue"), ANA), Forbid)


def test_values_alone_need_a_permit_for_their_columns() -> None:
    seen = plan(touches=("orders.status",))
    assert isinstance(judge((rule(metrics=("*",)),), seen, ANA), Forbid)
    assert isinstance(judge((rule(columns=("orders.*",)),), seen, ANA), Permit)


def test_any_of_several_row_filters_opens_a_row_and_one_without_opens_all() -> None:
    north, south = rule("n", rows="c.region = 'north'"), rule("s", rows="c.region = 'south'")
    decision = judge((south, north), plan("revenue"), ANA)
    assert isinstance(decision, Permit)
    ((first, second),) = decision.row_filters
    assert (first.rule, second.rule) == ("n", "s")
    assert judge((north, rule("all")), plan("revenue"), ANA) == Permit(rules=("all", "n"))


def test_metrics_seen_on_different_rows_are_not_answered_together() -> None:
    rules = (rule("n", rows="c.region = 'north'", metrics=("revenue",)), rule("t", metrics=("tickets",)))
    decision = judge(rules, plan("revenue", "tickets"), ANA)
    assert isinstance(decision, Forbid)
    assert decision.code == codes.SCOPES_DIFFER
    for alone in ("revenue", "tickets"):
        assert isinstance(judge(rules, plan(alone), ANA), Permit)


APPROVAL = Approval(role="lead", rule="wait")
HOLD = rule("wait", Effect.HOLD, metrics=("margin",), approvals=(APPROVAL,))


def test_a_hold_needs_a_permit_beside_it_and_keeps_what_that_narrows() -> None:
    north = rule("n", rows="c.region = 'north'")
    assert isinstance(decide((HOLD,), matter_of(plan("margin"), ANA)), Forbid)
    decision = decide((HOLD, north), matter_of(plan("margin"), ANA))
    assert isinstance(decision, Hold)
    assert (decision.code, decision.rules, decision.approvals) == (codes.HELD, ("wait",), (APPROVAL,))
    assert decision.permit == decide((north,), matter_of(plan("margin"), ANA))
    assert isinstance(decide((HOLD, north), matter_of(plan("revenue"), ANA)), Permit)


def test_a_forbid_beats_a_hold() -> None:
    for order in ((HOLD, rule("all"), FORBID), (FORBID, rule("all"), HOLD)):
        assert isinstance(decide(order, matter_of(plan("margin"), ANA)), Forbid)


def test_a_hold_that_nobody_could_lift_forbids() -> None:
    decision = decide((replace(HOLD, approvals=()), rule("all")), matter_of(plan("margin"), ANA))
    assert isinstance(decision, Forbid)
    assert decision.code == codes.FAILED


FORBID = rule("no", Effect.FORBID, metrics=("margin",))


def act(agent: str | None = "bot", effect: EffectClass = EffectClass.WRITE, tables: tuple[str, ...] = ("t",)) -> Matter:
    return Matter(
        principal=replace(ANA, agent=agent),
        deed=Deed.ACT,
        name="refund",
        effect=effect,
        tables=frozenset(tables),
        writes=frozenset(tables),
    )


def test_by_a_permit_that_names_no_agent_an_agent_reads_and_nothing_more() -> None:
    anyone, bots = rule("a", action="act"), rule("b", action="act", agents=("bo*",))
    assert isinstance(decide((anyone,), act(agent=None)), Permit)
    assert isinstance(decide((anyone,), act()), Forbid)
    assert isinstance(decide((anyone,), act(effect=EffectClass.READ)), Permit)
    assert isinstance(decide((bots,), act()), Permit)
    assert isinstance(decide((bots,), act(agent=None)), Forbid)


def test_every_table_of_an_action_needs_a_permit_unless_the_action_is_named() -> None:
    one = rule("t", action="act", agents=("*",), tables=("t",))
    assert isinstance(decide((one,), act()), Permit)
    assert isinstance(decide((one,), act(tables=("t", "u"))), Forbid)
    assert isinstance(decide((one,), act(tables=())), Forbid)
    named = rule("n", action="act", agents=("*",), actions=("refund",))
    assert isinstance(decide((named,), act(tables=("t", "u"))), Permit)
    assert isinstance(decide((named,), act(tables=())), Permit)


def test_what_is_said_of_asking_holds_for_verifying_and_not_the_other_way_round() -> None:
    asks, verifies = rule("a"), rule("v", action="verify")
    verifying = matter_of(plan("margin"), ANA, deed=Deed.VERIFY)
    assert isinstance(decide((asks,), verifying), Permit)
    assert isinstance(decide((verifies,), verifying), Permit)
    assert isinstance(judge((verifies,), plan("margin"), ANA), Forbid)


def test_a_column_is_masked_where_every_permit_masks_it_and_by_the_strictest() -> None:
    last4 = rule("l", masks=(Mask(pattern="c.mail", kind=MaskKind.LAST4),))
    hashed = rule("h", masks=(Mask(pattern="c.*", kind=MaskKind.HASH),))
    seen = plan("revenue", touches=("c.mail", "c.name"))
    decision = judge((last4, hashed), seen, ANA)
    assert isinstance(decision, Permit)
    assert decision.masks == (ColumnMask(column="c.mail", kind=MaskKind.HASH, rules=("h", "l")),)
    assert judge((last4, hashed, rule("all")), seen, ANA) == Permit(rules=("all", "h", "l"))
