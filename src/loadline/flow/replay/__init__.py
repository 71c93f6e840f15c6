"""Questions and regression cases in, asked again; what changed and why out. And a recorded answer in, its case out."""

from loadline.flow.replay.again import Replay, Replayed, Verdict, newest_answers, replay
from loadline.flow.replay.promote import promoted

__all__ = ["Replay", "Replayed", "Verdict", "newest_answers", "promoted", "replay"]
