"""Rules about data that is not in order: the strictest wins, and what nobody wrote stays as it is."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from loadline.policy.states import ruling_on
from loadline.values.place import Place
from loadline.values.promise import DataState
from loadline.values.rule import Principal
from loadline.values.ruling import Fate, Ruling, StateRule

HERE = Place(file="policies/access.yaml")
ANA = Principal(name="ana", roles=("analyst",), audience="finance")
AMBER, RED = DataState.AMBER, DataState.RED


def rule(name: str = "r", state: DataState = AMBER, fate: Fate = Fate.WITHHOLD, **said: tuple[str, ...]) -> StateRule:
    ask = "finance" if fate is Fate.HOLD else None
    return StateRule(name=name, state=state, fate=fate, ask=ask, place=HERE, **said)  # type: ignore[arg-type]


def fate(*rules: StateRule, state: DataState = AMBER, metrics: tuple[str, ...] = ("revenue",)) -> Fate:
    return ruling_on(rules, state, ANA, metrics).fate


def test_without_a_rule_amber_marks_and_red_withholds() -> None:
    assert ruling_on((), AMBER, ANA, ("revenue",)) == Ruling(fate=Fate.MARK)
    assert ruling_on((), RED, ANA, ("revenue",)) == Ruling(fate=Fate.WITHHOLD)
    assert fate(rule(state=RED, fate=Fate.MARK)) is Fate.MARK  # it is about another state


def test_a_rule_speaks_of_those_it_names_and_of_what_they_ask() -> None:
    assert fate(rule(audiences=("finance",))) is Fate.WITHHOLD
    assert fate(rule(audiences=("sales",))) is Fate.MARK
    assert fate(rule(people=("bo",))) is Fate.MARK
    assert fate(rule(roles=("analyst",), metrics=("rev*",))) is Fate.WITHHOLD
    assert fate(rule(metrics=("rev*",)), metrics=("orders", "revenue[1 year ago]")) is Fate.WITHHOLD
    assert fate(rule(metrics=("rev*",)), metrics=()) is Fate.MARK


def test_leave_for_one_metric_is_no_leave_for_another_beside_it() -> None:
    loose = rule(state=RED, fate=Fate.MARK, metrics=("orders",))
    assert fate(loose, state=RED, metrics=("orders",)) is Fate.MARK
    assert fate(loose, state=RED, metrics=("orders", "revenue")) is Fate.WITHHOLD


def test_who_releases_what_is_held_is_named() -> None:
    ruling = ruling_on((rule("books", fate=Fate.HOLD), rule("easy", fate=Fate.MARK)), AMBER, ANA, ("revenue",))
    assert (ruling.fate, ruling.rule, ruling.ask) == (Fate.HOLD, "books", "finance")


RULES = st.lists(
    st.builds(
        rule,
        name=st.sampled_from(("a", "b", "c")),
        state=st.sampled_from((AMBER, RED)),
        fate=st.sampled_from(tuple(Fate)),
        roles=st.sampled_from(((), ("analyst",), ("viewer",))),
    ),
    max_size=4,
)


@given(rules=RULES, state=st.sampled_from((AMBER, RED)))
@settings(max_examples=100, deadline=None)
def test_the_order_means_nothing_and_another_rule_never_loosens_what_rules_say(
    rules: list[StateRule], state: DataState
) -> None:
    order = [Fate.MARK, Fate.HOLD, Fate.WITHHOLD]
    found = fate(*rules, state=state)
    assert fate(*reversed(rules), state=state) is found
    about = [one.fate for one in rules if one.state is state and one.roles in {(), ("analyst",)}]
    assert found is (max(about, key=order.index) if about else {AMBER: Fate.MARK, RED: Fate.WITHHOLD}[state])
