"""The one way out of a reading of SQL that must not go on: a rule's code, why, and what to write instead."""

from __future__ import annotations


class Refused(Exception):
    """Caught in `judge_sql` alone, where it becomes a verdict. `why` and `mend` are clauses for people."""

    def __init__(self, code: str, why: str, mend: str) -> None:
        super().__init__(why)
        self.code = code
        self.why = why
        self.mend = mend
