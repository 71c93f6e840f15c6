"""Planners: a language model behind an OpenAI-compatible or Anthropic endpoint, or a function of the user's own."""

from __future__ import annotations

from loadline.adapters.planners.calling import CallablePlanner
from loadline.flow.ports import Planner
from loadline.project import PlannerSettings

__all__ = ["CallablePlanner", "open_planner"]


def open_planner(settings: PlannerSettings) -> Planner | None:
    """The planner that loadline.yaml names; None for `none`. Raises OutsideError where httpx or its key is missing."""
    if settings.kind == "none":
        return None
    from loadline.adapters.planners.wire import WirePlanner  # noqa: PLC0415 - httpx is an extra

    return WirePlanner(settings)
