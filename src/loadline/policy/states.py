"""Rules about the state of data, who asks and what for in; what becomes of the answer out. The strictest rule wins.

Where nobody wrote a rule, broken promises of severity error withhold an answer and those of severity warning mark it.
"""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase

from loadline.values.promise import DataState
from loadline.values.rule import Principal
from loadline.values.ruling import Fate, Ruling, StateRule

_STRICTNESS = (Fate.MARK, Fate.HOLD, Fate.WITHHOLD)
USUAL = {DataState.AMBER: Fate.MARK, DataState.RED: Fate.WITHHOLD}


def ruling_on(rules: Sequence[StateRule], state: DataState, principal: Principal, metrics: Sequence[str]) -> Ruling:
    """`metrics` are those asked for. A rule about metrics speaks of an answer that holds any of them; so does one that
    loosens only when it holds no other: what one metric may be shown over is no leave for the next."""
    speaking = [rule for rule in rules if rule.state is state and _speaks(rule, principal, metrics)]
    if not speaking:
        return Ruling(fate=USUAL[state])
    strictest = max(speaking, key=lambda rule: (_STRICTNESS.index(rule.fate), rule.name))
    return Ruling(fate=strictest.fate, rule=strictest.name, ask=strictest.ask, because=strictest.because)


def _speaks(rule: StateRule, principal: Principal, metrics: Sequence[str]) -> bool:
    return (
        (not rule.people or principal.name in rule.people)
        and (not rule.roles or any(role in rule.roles for role in principal.roles))
        and (not rule.audiences or principal.audience in rule.audiences)
        and (not rule.metrics or _is_about(rule, metrics))
    )


def _is_about(rule: StateRule, metrics: Sequence[str]) -> bool:
    # `booked[1 year ago]` is `booked` of other days
    named = [any(fnmatchcase(name.partition("[")[0], pattern) for pattern in rule.metrics) for name in metrics]
    is_looser = _STRICTNESS.index(rule.fate) < _STRICTNESS.index(USUAL[rule.state])
    return bool(named) and (all(named) if is_looser else any(named))
