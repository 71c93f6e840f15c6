"""What is allowed: plan and rules in, a decision out."""

from loadline.policy.codes import CODES
from loadline.policy.judge import judge

__all__ = ["CODES", "judge"]
