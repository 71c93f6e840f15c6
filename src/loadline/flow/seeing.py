"""A column of a table and who would see its values in; the permit that shows them, or None, out."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from loadline.flow.allowed import answering
from loadline.flow.world import Ruled
from loadline.policy import decide, facts_at, judge_use
from loadline.values.decision import Permit
from loadline.values.matter import Matter
from loadline.values.right import Held
from loadline.values.rule import Deed, Principal


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenColumn:
    """`dataset` and `name` are what rules call it by, `relation` where it lies; `held` is what its contract says of it,
    None where none does."""

    dataset: str
    name: str
    relation: str
    classification: str | None = None
    held: Held | None = None


def permit_to_see(world: Ruled, principal: Principal, column: SeenColumn) -> Permit | None:
    """What rules and rights together say of showing the column's values; None for a no, and for what has to wait."""
    name = f"{column.dataset}.{column.name}"
    matter = Matter(
        principal=principal,
        deed=Deed.ASK,
        shown=(name,),
        columns=frozenset({name}),
        classifications=frozenset({column.classification} if column.classification else ()),
        datasets=frozenset({column.dataset}),
        tables=frozenset({column.relation}),
        facts=facts_at(world.clock().astimezone(ZoneInfo(world.project.model.calendar.timezone))),
    )
    decision = decide(world.project.rules, matter)
    if not isinstance(decision, Permit) or (world.forbids is not None and world.forbids(matter) is not None):
        return None
    if column.held is None:
        return decision
    used = judge_use((column.held,), answering(world, principal))
    if not isinstance(used, Permit):
        return None
    return Permit(rules=decision.rules, row_filters=(*decision.row_filters, *used.row_filters), masks=decision.masks)
