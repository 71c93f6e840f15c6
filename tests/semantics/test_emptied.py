"""A metric's own condition and a filter: what the definition leaves nothing of, and what it does not."""

from __future__ import annotations

import pytest

from loadline.semantics import Linked, link
from loadline.semantics.emptied import emptied
from loadline.values.model import Calendar, Model
from loadline.values.query import Filter, Op
from semantics.shop import dataset, metric


def model(where: str | None) -> Linked:
    orders = dataset("orders", "order_id:integer amount:number status:string", source="shop.orders")
    booked = metric("booked", "sum(orders.amount)", where=where)
    return link(
        Model(
            datasets={"orders": orders},
            relationships=(),
            metrics={"booked": booked},
            terms={},
            calendar=Calendar(),
        )
    )


def said(where: str | None, op: Op, *values: str) -> list[str]:
    linked = model(where)
    return list(emptied((linked.metrics["booked"],), (Filter(name="orders.status", op=op, values=values),)))


@pytest.mark.parametrize(
    ("where", "op", "values"),
    [
        ("orders.status <> 'cancelled'", Op.EQ, ("cancelled",)),
        ("orders.amount > 0 and orders.status <> 'cancelled'", Op.EQ, ("cancelled",)),
        ("orders.status = 'open'", Op.EQ, ("cancelled",)),
        ("orders.status in ('open', 'sent')", Op.IN, ("cancelled", "lost")),
        ("not orders.status in ('cancelled', 'lost')", Op.IN, ("cancelled", "lost")),
    ],
)
def test_a_filter_on_what_the_definition_leaves_out_is_told(where: str, op: Op, values: tuple[str, ...]) -> None:
    (told,) = said(where, op, *values)
    assert told.startswith("`booked` leaves out orders.status")
    assert told.endswith("there is nothing of it")


@pytest.mark.parametrize(
    ("where", "op", "values"),
    [
        (None, Op.EQ, ("cancelled",)),
        ("orders.status <> 'cancelled'", Op.EQ, ("open",)),
        ("orders.status <> 'cancelled'", Op.IN, ("open", "cancelled")),
        ("orders.status <> 'cancelled' or orders.amount > 0", Op.EQ, ("cancelled",)),
        ("orders.status in ('open', 'sent')", Op.EQ, ("sent",)),
        ("orders.amount <> 3", Op.EQ, ("cancelled",)),
        ("orders.status <> 'cancelled'", Op.NE, ("cancelled",)),
    ],
)
def test_a_filter_that_may_leave_something_is_not_told(where: str | None, op: Op, values: tuple[str, ...]) -> None:
    assert said(where, op, *values) == []
