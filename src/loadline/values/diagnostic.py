"""What is wrong with something that was written or asked, and how to mend it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from loadline.values.place import Place


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnostic:
    """One thing wrong. `what` is a lowercase clause with the user's words in backticks, `why` the rule that was
    broken, `mend` an imperative that works if pasted. `excerpt` is the line of text `place` points into."""

    code: str
    what: str
    why: str
    mend: str
    severity: Severity = Severity.ERROR
    place: Place | None = None
    excerpt: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """What `loadline explain CODE` prints. `wrong` and `right` are short examples as a user would write them."""

    code: str
    title: str
    why: str
    wrong: str
    right: str
