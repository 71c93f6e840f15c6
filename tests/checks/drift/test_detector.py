"""The natural-range detector: quiet while nothing changes, soon when something does, and it says what."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checks.drift.streams import BINS, windows
from loadline.checks.drift import AfterAlarm, BinKind, Bins, Judgement, Profile, Profiled, Rule, State, follow, look
from loadline.checks.drift.detector import past_of
from loadline.checks.drift.streams import onset
from loadline.checks.drift.words import judgement_in_words
from loadline.values.canonical import digest

RULE = Rule()


def alarms(judged: tuple[Judgement, ...]) -> list[int]:
    return [int(one.window) for one in judged if one.is_alarm]


def test_two_quiet_years_raise_no_alarm() -> None:
    judged = follow(windows(730, seed=11), BINS, baseline=56, rule=RULE)
    assert alarms(judged) == []


def test_a_weekly_season_is_no_drift() -> None:
    weekly = windows(240, seed=3, mean=lambda at: 0.4 if at % 7 >= 5 else 0.0)
    judged = follow(weekly, BINS, baseline=56, rule=RULE)
    assert alarms(judged) == []
    assert not judged[-1].is_pooled


def test_a_season_too_short_to_learn_is_judged_together_and_said() -> None:
    judged = follow(windows(40, seed=3), BINS, baseline=20, rule=RULE)
    assert judged[-1].is_pooled
    assert any("phases are judged together" in note for note in judged[-1].notes)


def test_a_shift_of_a_fifth_of_a_deviation_is_found_within_a_week_and_blamed() -> None:
    moved = windows(120, seed=5, mean=lambda at: 0.2 if at >= 80 else 0.0)
    judged = follow(moved, BINS, baseline=56, rule=RULE, after=AfterAlarm.HOLD)
    first = alarms(judged)[0]
    assert 80 <= first <= 87
    (key,) = judged[first].moved
    assert key == ("", "amount")
    assert all(blame.column == "amount" for blame in judged[first].blames)
    assert any("would be natural" in line for line in judgement_in_words(judged[first]))


def test_values_never_seen_before_are_named_as_such() -> None:
    fresh = windows(70, seed=6, regions=lambda at: (0.6, 0.3, 0.08, 0.02, 0.0) if at >= 60 else (0.6, 0.3, 0.1, 0, 0))
    judged = follow(fresh, BINS, baseline=56, rule=RULE)
    first = alarms(judged)[0]
    assert 60 <= first <= 64
    assert "`region`: values never seen before in" in judgement_in_words(judged[first])[0]


def test_missing_values_that_appear_are_named_as_such() -> None:
    holes = windows(70, seed=7, regions=lambda at: (0.6, 0.3, 0.06, 0, 0.04) if at >= 60 else (0.6, 0.3, 0.1, 0, 0))
    judged = follow(holes, BINS, baseline=56, rule=RULE)
    assert any("no value in" in line for line in judgement_in_words(judged[alarms(judged)[0]]))


def test_after_an_alarm_the_new_normal_is_learned_or_the_old_one_held() -> None:
    moved = windows(140, seed=8, mean=lambda at: 0.4 if at >= 70 else 0.0)
    restarted = alarms(follow(moved, BINS, baseline=56, rule=RULE, after=AfterAlarm.RESTART))
    held = alarms(follow(moved, BINS, baseline=56, rule=RULE, after=AfterAlarm.HOLD))
    assert len(restarted) == 1
    assert held == list(range(held[0], 140))


def test_evidence_goes_when_the_data_comes_back() -> None:
    back = windows(110, seed=9, mean=lambda at: 0.5 if 70 <= at < 75 else 0.0)
    found = alarms(follow(back, BINS, baseline=56, rule=RULE, after=AfterAlarm.HOLD))
    assert found
    assert found[-1] < 90


def test_where_the_change_began_is_told_by_the_evidence() -> None:
    moved = windows(100, seed=10, mean=lambda at: 0.2 if at >= 80 else 0.0)
    judged = follow(moved, BINS, baseline=56, rule=RULE, after=AfterAlarm.HOLD)
    first = alarms(judged)[0]
    assert abs(onset([one.state for one in judged[: first + 1]], ("", "amount")) - 80) <= 3


def test_a_counter_is_not_watched_and_said() -> None:
    bins = {"id": Bins(column="id", kind=BinKind.NUMBER, edges=tuple(float(10 * i) for i in range(1, 20)))}

    def counted(at: int) -> tuple[int, ...]:
        return tuple(1000 if b == min(19, at) else 0 for b in range(21))

    rising = [Profiled(name=str(at), profile=Profile(counts={"": {"id": counted(at)}})) for at in range(40)]
    judged = follow(rising, bins, baseline=20, rule=RULE)
    assert alarms(judged) == []
    assert any("by its nature" in note for note in judged[-1].notes)


def test_a_window_without_rows_proves_nothing_and_forgets_nothing() -> None:
    quiet = windows(30, seed=12)
    state = State(evidence={("", "amount"): ((50.0, 0.0),) * 21})
    empty = Profiled(name="empty", profile=Profile(counts={"": {"amount": (0,) * 21}}), phases=(0,))
    judged = look(quiet, state, empty, BINS, RULE)
    assert judged.state.evidence == state.evidence
    assert any("no rows" in note for note in judged.notes)


def test_with_too_few_windows_nothing_is_judged() -> None:
    few = windows(8, seed=13)
    judged = look(few[:7], State(), few[7], BINS, RULE)
    assert not judged.is_alarm
    assert "needed" in judged.notes[0]


def test_the_newest_windows_are_not_learned_from_but_the_baseline_is() -> None:
    many = windows(60, seed=14, rows=10)
    assert past_of(many[:20], RULE, baseline=20) == tuple(many[:20])
    assert past_of(many[:25], RULE, baseline=20) == tuple(many[:20])
    assert len(past_of(many[:30], RULE, baseline=20)) == 23
    assert len(past_of(windows(400, seed=1, rows=10), RULE, baseline=20)) == RULE.most


def test_the_same_windows_give_the_same_judgements_to_the_last_digit() -> None:
    once, again = (follow(windows(90, seed=15), BINS, baseline=56, rule=RULE) for _ in range(2))
    assert [digest(one.evidence) for one in once] == [digest(one.evidence) for one in again]
    assert [one.state for one in once] == [one.state for one in again]


def test_evidence_carried_through_json_is_the_same_evidence() -> None:
    judged = follow(windows(80, seed=16), BINS, baseline=56, rule=RULE)
    pairs = [pair for one in judged for column in one.state.evidence.values() for pair in column]
    assert pairs
    assert [tuple(json.loads(json.dumps(pair))) for pair in pairs] == pairs


@settings(max_examples=40)
@given(
    st.lists(st.lists(st.integers(0, 400), min_size=4, max_size=4), min_size=9, max_size=14),
    st.integers(0, 3),
)
def test_no_counts_break_it_and_order_of_columns_changes_nothing(counts: list[list[int]], turn: int) -> None:
    bins = {name: Bins(column=name, kind=BinKind.CATEGORY, top=("x",)) for name in ("a", "b")}

    def window(at: int, one: list[int], *, is_turned: bool) -> Profiled:
        columns = {"a": tuple(one), "b": tuple(one[turn:] + one[:turn])}
        ordered = dict(reversed(columns.items())) if is_turned else columns
        return Profiled(name=str(at), profile=Profile(counts={"": ordered}))

    rows = [window(at, one, is_turned=False) for at, one in enumerate(counts)]
    turned = [window(at, one, is_turned=True) for at, one in enumerate(counts)]
    straight = follow(rows, bins, baseline=8, rule=RULE)
    other = follow(turned, bins, baseline=8, rule=RULE)
    assert [one.is_alarm for one in straight] == [one.is_alarm for one in other]
    assert all(math.isfinite(one.evidence) and one.evidence >= 0 for one in straight)
    assert straight[-1].evidence == pytest.approx(other[-1].evidence)


def test_a_smaller_budget_alarms_sooner() -> None:
    moved = windows(120, seed=17, mean=lambda at: 0.12 if at >= 80 else 0.0)
    patient = alarms(follow(moved, BINS, baseline=56, rule=RULE, after=AfterAlarm.HOLD))
    eager = alarms(follow(moved, BINS, baseline=56, rule=replace(RULE, budget=30), after=AfterAlarm.HOLD))
    assert eager[0] <= patient[0]


@settings(max_examples=30)
@given(st.lists(st.lists(st.integers(0, 50), min_size=3, max_size=3), min_size=3, max_size=3))
def test_profiles_add_up_in_any_order(counts: list[list[int]]) -> None:
    a, b, c = (Profile(counts={"": {"x": tuple(one)}, "north": {"x": tuple(one)}}) for one in counts)
    assert (a + b) + c == a + (b + c)
    assert a + b == b + a
    assert (a + b + c).rows == sum(map(sum, counts))
