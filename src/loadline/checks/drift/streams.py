"""All windows of a stream in order in; a judgement of each out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum

from loadline.checks.drift.detector import look, past_of
from loadline.checks.drift.nouns import Bins, Judgement, Key, Profiled, Rule, State

LEARNED = "learned from"
_BEGUN = 10.0  # so many times what evidence is on an ordinary day


class AfterAlarm(StrEnum):
    """`restart`: the alarm is the new normal, learned from the window the change began in. `hold`: normal stays what
    it was, and the alarm stands for as long as the data stays away from it."""

    RESTART = "restart"
    HOLD = "hold"


def follow(
    windows: Sequence[Profiled],
    bins: Mapping[str, Bins],
    *,
    baseline: int,
    rule: Rule,
    after: AfterAlarm = AfterAlarm.RESTART,
) -> tuple[Judgement, ...]:
    """Learn from the first `baseline` windows, judge each later one. Windows under an alarm are never learned from,
    unless the alarm was taken as the new normal."""
    quiet = list(windows[:baseline])
    judged = [_unjudged(window, at) for at, window in enumerate(quiet)]
    state, least = State(), baseline
    relearn = max(rule.least, baseline // 4)
    for at, window in enumerate(windows[baseline:], start=baseline):
        if len(quiet) < least:
            quiet.append(window)
            judged.append(_unjudged(window, len(quiet) - 1))
            continue
        judgement = look(past_of(quiet, rule, baseline=least), state, window, bins, rule)
        judged.append(judgement)
        state = judgement.state
        if not judgement.is_alarm:
            quiet.append(window)
        elif after is AfterAlarm.RESTART:
            begun = onset([one.state for one in judged], judgement.moved[0])
            quiet, state, least = list(windows[begun : at + 1]), State(), relearn
    return tuple(judged)


def onset(states: Sequence[State], key: Key) -> int:
    """The position of the window in which the change of `key` began, by the evidence: the first of the unbroken run of
    windows, up to the newest, whose evidence was out of the ordinary."""
    at = len(states) - 1
    while at > 0 and _amount(states[at - 1], key) >= _BEGUN:
        at -= 1
    return at


def _amount(state: State, key: Key) -> float:
    return max((max(pair) for pair in state.evidence.get(key, ())), default=0.0)


def _unjudged(window: Profiled, past: int) -> Judgement:
    return Judgement(
        window=window.name, evidence=0.0, is_alarm=False, state=State(), past=past, notes=("learned from",)
    )
