"""A receipt's id says what the number rests on: change any of it, and the id changes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from flow.worlds import HERE, MODEL, Outside, ask, project, text, world
from loadline.flow.run import run
from loadline.semantics import link
from loadline.values.model import Field, Model, Status
from loadline.values.rule import Effect, Rule

NORTH = Rule(
    name="north", effect=Effect.PERMIT, action="ask", rows=text("customers.zone = 'north'"), place=HERE
)  # fmt: skip


def with_zone(expr: str, model: Model = MODEL) -> Model:
    zone = Field(name="zone", expr=text(expr), place=HERE)
    customers = replace(model.datasets["customers"], fields={"zone": zone})
    return replace(model, datasets={**model.datasets, "customers": customers})


def with_metric(name: str, **changes: object) -> Model:
    changed = replace(MODEL.metrics[name], **changes)  # type: ignore[arg-type]
    return with_zone("region", replace(MODEL, metrics={**MODEL.metrics, name: changed}))


def id_over(model: Model) -> str:
    at_hand, _ = world(Outside(), [NORTH])
    answer = run(replace(at_hand, project=project([NORTH], model), linked=link(model)), ask("What is our revenue?"))
    assert answer.rows is not None
    return answer.receipt.id


def test_the_same_meaning_has_the_same_id() -> None:
    assert id_over(with_zone("region")) == id_over(with_zone("region"))


@pytest.mark.parametrize(
    "other",
    [
        lambda: with_zone("upper(region)"),  # what the row filter's field means
        lambda: with_metric("revenue", status=Status.DRAFT),
        lambda: with_metric("revenue", owner="finance"),
        lambda: with_metric("revenue", description="as the books have it"),
        lambda: with_metric("revenue", expr=text("sum(orders.amount) * 2")),
    ],
    ids=["row filter's field", "status", "owner", "description", "definition"],
)
def test_another_meaning_has_another_id(other: Callable[[], Model]) -> None:
    assert id_over(with_zone("region")) != id_over(other())
