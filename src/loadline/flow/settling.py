"""A plan and what the checks saw in; what becomes of its outcome, and why, out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from loadline.checks import codes as check_codes
from loadline.checks.filtered import FILTER_VALUES_EXIST
from loadline.flow import codes_words as codes
from loadline.values.finding import CheckRun, CouldNotLook, Finding, Gravity, Looked
from loadline.values.plan import Plan
from loadline.values.receipt import AnswerStatus, Reason


def settle(plan: Plan, checks: tuple[CheckRun, ...]) -> tuple[AnswerStatus, tuple[Reason, ...]]:
    """What becomes of an outcome. A blocking finding withholds it, and so does a check that could not look (I5)."""
    blocking: list[Reason] = []
    doubtful: list[Reason] = []
    for check in checks:
        match check:
            case CouldNotLook(check=name, subject=subject, why=why):
                blocking.append(
                    Reason(
                        code=check_codes.COULD_NOT_LOOK,
                        what=f"check `{name}` could not look at `{subject}`: {why}",
                        why=check_codes.CODES[check_codes.COULD_NOT_LOOK].why,
                        mend="mend what kept it from looking, and ask again",
                    )
                )
            case Looked(findings=findings):
                blocking.extend(
                    Reason(
                        code=check_codes.FOUND,
                        what=finding.what,
                        why=check_codes.CODES[check_codes.FOUND].why,
                        mend=finding.mend,
                    )
                    for finding in findings
                    if finding.gravity is Gravity.BLOCKING
                )
                doubtful.extend(_doubt(finding) for finding in findings if finding.gravity is Gravity.DOUBTFUL)
            case _:
                assert_never(check)
    if blocking:
        return AnswerStatus.REFUSED, tuple(blocking)
    unapproved = tuple(_unapproved(plan))
    less = (*unapproved, *doubtful)
    return (AnswerStatus.UNVERIFIED, less) if less else (AnswerStatus.VERIFIED, ())


def _doubt(finding: Finding) -> Reason:
    if finding.check == FILTER_VALUES_EXIST:
        code, why = codes.NO_SUCH_VALUE, codes.WORDS[codes.NO_SUCH_VALUE].why
    else:
        code, why = check_codes.DOUBTFUL, check_codes.CODES[check_codes.DOUBTFUL].why
    return Reason(code=code, what=finding.what, why=why, mend=finding.mend)


def _unapproved(plan: Plan) -> Iterator[Reason]:
    """One reason for all that wait for the same word of the same person."""
    waiting: dict[tuple[str, str | None], list[str]] = {}
    for metric in plan.metrics:
        if metric.status != "approved" or not metric.owner:
            waiting.setdefault((metric.status, metric.owner), []).append(f"`{metric.name}`")
    for (status, owner), names in waiting.items():
        subject = f"metric {names[0]} is" if len(names) == 1 else f"metrics {', '.join(names)} are"
        is_unowned = status == "approved"
        yield Reason(
            code=check_codes.NOT_APPROVED,
            what=f"{subject} approved, and nobody answers for it"
            if is_unowned
            else f"{subject} {status}, not approved",
            why=check_codes.CODES[check_codes.NOT_APPROVED].why,
            mend=f"write `owner:` under {', '.join(names)}"
            if is_unowned
            else f"have {owner or 'an owner'} approve {', '.join(names)}",
        )
