"""What is allowed: what is about to happen and the rules in, a decision out."""

from loadline.policy.codes import CODES
from loadline.policy.facts import FACTS, FactType, Kind, Vocabulary, facts_at
from loadline.policy.judge import decide, effect_of, matter_of
from loadline.policy.recorded import as_recorded, from_recorded
from loadline.policy.rights import judge_use
from loadline.policy.tried import check_tests, unknown_action
from loadline.policy.typed import check_rules

__all__ = [
    "CODES",
    "FACTS",
    "FactType",
    "Kind",
    "Vocabulary",
    "as_recorded",
    "check_rules",
    "check_tests",
    "decide",
    "effect_of",
    "facts_at",
    "from_recorded",
    "judge_use",
    "matter_of",
    "unknown_action",
]
