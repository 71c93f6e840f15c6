"""What the checks saw, and what rules say of data that is not in order, in; what becomes of the answer out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import assert_never

from loadline.checks import codes as check_codes
from loadline.checks.filtered import FILTER_VALUES_EXIST
from loadline.checks.whole import PERIODS_ARE_WHOLE, WHOLE_IS_SEEN
from loadline.flow import codes
from loadline.flow import codes_rights as state_codes
from loadline.flow import codes_words as words_codes
from loadline.policy.states import ruling_on
from loadline.values.finding import CheckRun, CouldNotLook, Finding, Gravity, Looked
from loadline.values.plan import Plan
from loadline.values.promise import DataState
from loadline.values.receipt import AnswerStatus, Reason
from loadline.values.rule import Principal
from loadline.values.ruling import Fate, Ruling, StateRule

_STATES = {Gravity.BLOCKING: DataState.RED, Gravity.DOUBTFUL: DataState.AMBER}


def under_rules(
    checks: Sequence[CheckRun], rules: Sequence[StateRule], principal: Principal, plan: Plan
) -> tuple[CheckRun, ...]:
    """Checks of the data as the rules of policies/ want them taken. What could not be looked at stays as it is: no rule
    lets an answer pass on the strength of a look that nobody had (I5)."""
    asked = [metric.name for metric in plan.metrics if metric.is_asked]
    rulings = {state: ruling_on(rules, state, principal, asked) for state in _STATES.values()}
    return tuple(_ruled(check, rulings) for check in checks)


def holding(
    checks: Sequence[CheckRun], rules: Sequence[StateRule], principal: Principal, plan: Plan
) -> tuple[tuple[Ruling, Finding], ...]:
    """Which findings are held, and by which ruling each; `checks` as they are before rules take them."""
    asked = [metric.name for metric in plan.metrics if metric.is_asked]
    rulings = {state: ruling_on(rules, state, principal, asked) for state in _STATES.values()}
    found = [
        (rulings[state], finding)
        for check in checks
        if isinstance(check, Looked)
        for finding in check.findings
        if (state := _STATES.get(finding.gravity)) is not None
    ]
    return tuple((ruling, finding) for ruling, finding in found if ruling.rule and ruling.fate is Fate.HOLD)


def as_released(check: CheckRun) -> CheckRun:
    """With a person's yes, what was held is told as a doubt."""
    match check:
        case CouldNotLook():
            return check
        case Looked(findings=findings):
            freed = (replace(f, gravity=Gravity.DOUBTFUL) if f.gravity is Gravity.HELD else f for f in findings)
            return replace(check, findings=tuple(freed))
        case _:
            assert_never(check)


def _ruled(check: CheckRun, rulings: dict[DataState, Ruling]) -> CheckRun:
    match check:
        case CouldNotLook():
            return check
        case Looked(findings=findings):
            return replace(check, findings=tuple(_taken(one, rulings) for one in findings))
        case _:
            assert_never(check)


def _taken(finding: Finding, rulings: dict[DataState, Ruling]) -> Finding:
    state = _STATES.get(finding.gravity)
    if state is None or rulings[state].rule is None:
        return finding
    ruling = rulings[state]
    why = f" ({ruling.because})" if ruling.because else ""
    said = f"{finding.what}; rule `{ruling.rule}` "
    match ruling.fate:
        case Fate.MARK:
            return replace(finding, gravity=Gravity.DOUBTFUL, what=f"{said}lets it be shown and marked{why}")
        case Fate.HOLD:
            mend = f"have {ruling.ask} look at it; or {finding.mend}"
            return replace(finding, gravity=Gravity.HELD, what=f"{said}holds it for {ruling.ask}{why}", mend=mend)
        case Fate.WITHHOLD:
            return replace(finding, gravity=Gravity.BLOCKING, what=f"{said}withholds it{why}")
        case _:
            assert_never(ruling.fate)


def settle(plan: Plan, checks: Sequence[CheckRun]) -> tuple[AnswerStatus, tuple[Reason, ...]]:
    """What becomes of an outcome. A blocking finding withholds it, and so does a check that could not look (I5); one
    that is held waits for a person, and is withheld until then."""
    blocking: list[Reason] = []
    doubtful: list[Reason] = []
    for check in checks:
        match check:
            case CouldNotLook(check=name, subject=subject, why=why):
                what = f"check `{name}` could not look at `{subject}`: {why}"
                blocking.append(
                    _reason(check_codes.COULD_NOT_LOOK, what, "mend what kept it from looking, and ask again")
                )
            case Looked(findings=findings):
                for finding in findings:
                    match finding.gravity:
                        case Gravity.BLOCKING:
                            blocking.append(_reason(check_codes.FOUND, finding.what, finding.mend))
                        case Gravity.HELD:
                            blocking.append(_reason(state_codes.HELD, finding.what, finding.mend))
                        case Gravity.DOUBTFUL:
                            doubtful.append(_reason(_doubt(finding), finding.what, finding.mend))
                        case Gravity.NOTABLE:
                            pass
                        case _:
                            assert_never(finding.gravity)
            case _:
                assert_never(check)
    if blocking:
        return AnswerStatus.REFUSED, tuple(blocking)
    less = (*_unapproved(plan), *doubtful)
    return (AnswerStatus.UNVERIFIED, less) if less else (AnswerStatus.VERIFIED, ())


def _reason(code: str, what: str, mend: str) -> Reason:
    known = check_codes.CODES.get(code) or codes.CODES[code]
    return Reason(code=code, what=what, why=known.why, mend=mend)


def _doubt(finding: Finding) -> str:
    match finding.check:
        case check if check == FILTER_VALUES_EXIST:
            return words_codes.NO_SUCH_VALUE
        case check if check == PERIODS_ARE_WHOLE:
            return check_codes.CUT_PERIOD
        case check if check == WHOLE_IS_SEEN:
            return check_codes.CUT_WHOLE
        case _:
            return check_codes.DOUBTFUL


def _unapproved(plan: Plan) -> Iterator[Reason]:
    """One reason for all that wait for the same word of the same person."""
    waiting: dict[tuple[str, str | None], list[str]] = {}
    for metric in plan.metrics:
        if metric.status != "approved" or not metric.owner:
            waiting.setdefault((metric.status, metric.owner), []).append(f"`{metric.name}`")
    for (status, owner), names in waiting.items():
        subject = f"metric {names[0]} is" if len(names) == 1 else f"metrics {', '.join(names)} are"
        is_unowned = status == "approved"
        yield _reason(
            check_codes.NOT_APPROVED,
            f"{subject} approved, and nobody answers for it" if is_unowned else f"{subject} {status}, not approved",
            f"write `owner:` under {', '.join(names)}"
            if is_unowned
            else f"have {owner or 'an owner'} approve {', '.join(names)}",
        )
