"""What a person says of an answer they got."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Opinion(StrEnum):
    WRONG_DEFINITION = "wrong-definition"
    WRONG_SLICE = "wrong-slice"
    WRONG_PERIOD = "wrong-period"
    HELPFUL = "helpful"


@dataclass(frozen=True, slots=True, kw_only=True)
class Feedback:
    """`by` said it of the receipt with this id, which answered `question`; `note` in their own words."""

    receipt: str
    question: str
    opinion: Opinion
    by: str
    note: str = ""
