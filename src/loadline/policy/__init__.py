"""What is allowed: what is about to happen and the rules in, a decision out."""

from loadline.policy.codes import CODES
from loadline.policy.judge import decide, judge, matter_of
from loadline.policy.rights import judge_use

__all__ = ["CODES", "decide", "judge", "judge_use", "matter_of"]
