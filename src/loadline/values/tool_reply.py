"""What a tool answered: done, certainly not done, or nobody knows."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """The far side says it is done. `result` is what it returned, as JSON knows it."""

    result: object = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NotDone:
    """It was certainly not carried out, and `why`. `may_pass`: another time it might be. `after_seconds`: the far side
    asked not to be asked again before."""

    why: str
    may_pass: bool = False
    after_seconds: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unclear:
    """It may have been carried out or not: the answer never came, or it was no answer. Never taken for a success."""

    why: str
    after_seconds: float | None = None


ToolReply = Done | NotDone | Unclear
