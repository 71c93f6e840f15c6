"""What is allowed: plan and rules in, a decision out."""

from loadline.policy.codes import CODES
from loadline.policy.judge import judge
from loadline.policy.rights import judge_use

__all__ = ["CODES", "judge", "judge_use"]
