"""A plan and who asks in, the decision out: the one door through which every query is judged before its SQL is made."""

from __future__ import annotations

from loadline.flow.world import World
from loadline.policy import judge
from loadline.values.decision import Decision
from loadline.values.plan import Plan
from loadline.values.rule import Principal


def allowed(world: World, plan: Plan, principal: Principal) -> Decision:
    """What the rules of policies/ say of the plan."""
    return judge(world.project.rules, plan, principal)
