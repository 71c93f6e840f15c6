"""What moved in; what is to be done about it out."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from loadline.checks.drift.nouns import Blame, Key


class Action(StrEnum):
    """`record`: the inputs moved and quality is steady. `retrain`: both moved, quality for the worse. `investigate`:
    quality went down over inputs that look as they did, so that their meaning may have changed."""

    RECORD = "record"
    RETRAIN = "retrain"
    INVESTIGATE = "investigate"


def action_for(*, inputs_moved: bool, quality_down: bool) -> Action:
    if not quality_down:
        return Action.RECORD
    return Action.RETRAIN if inputs_moved else Action.INVESTIGATE


def moved_inputs(moved: Sequence[Key], quality: str | None) -> bool:
    return any(column != quality for _, column in moved)


def is_worse(blames: Sequence[Blame], quality: str | None) -> bool:
    """Whether the bad rose, or the good fell, beyond what is natural."""
    return any(
        blame.column == quality
        and ((blame.bin == "bad" and blame.is_rise) or (blame.bin == "good" and not blame.is_rise))
        for blame in blames
    )
