"""What a planner failed at in, the error that says so out."""

from __future__ import annotations

from loadline.errors import OutsideError
from loadline.flow import codes_words as codes
from loadline.values.diagnostic import Diagnostic


def failed(
    what: str, mend: str = "ask with the project's own words, or mend the planner", *, retryable: bool = True
) -> OutsideError:
    return OutsideError(
        Diagnostic(code=codes.PLANNER_FAILED, what=what, why=codes.WORDS[codes.PLANNER_FAILED].why, mend=mend),
        retryable=retryable,
    )
