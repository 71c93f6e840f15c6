"""What is allowed: what is about to happen and the rules in, a decision out."""

from loadline.policy.codes import CODES
from loadline.policy.facts import FACTS, FactType, Kind, Vocabulary, facts_at
from loadline.policy.judge import decide, judge, matter_of
from loadline.policy.rights import judge_use
from loadline.policy.typed import check_rules

__all__ = [
    "CODES",
    "FACTS",
    "FactType",
    "Kind",
    "Vocabulary",
    "check_rules",
    "decide",
    "facts_at",
    "judge",
    "judge_use",
    "matter_of",
]
