"""What goes wrong when somebody asks what a change would do, code by code."""

from __future__ import annotations

from dataclasses import replace

import pytest

from loadline.errors import RequestError
from loadline.flow.change import codes
from loadline.flow.change.reach import find_thing
from loadline.semantics import link
from loadline.semantics.drawing import lineage_graph
from loadline.semantics.impact import ThingKind
from loadline.values.diagnostic import Diagnostic
from semantics.shop import SHOP, metric


def said(name: str) -> Diagnostic:
    twice = metric("orders", "sum(invoices.recognized)")
    graph = lineage_graph(link(replace(SHOP, metrics={**SHOP.metrics, "orders": twice})))
    with pytest.raises(RequestError) as caught:
        find_thing(graph, name)
    (found,) = caught.value.diagnostics
    return found


def test_an_unknown_name_is_answered_with_the_nearest() -> None:
    found = said("orders.amont")
    assert (found.code, found.mend) == (codes.UNKNOWN_THING, "write `orders.amount`")
    assert said("amount").mend == "write `orders.amount`"
    assert said("a moon").mend.startswith("name a dataset")


def test_one_name_for_two_unrelated_things_is_asked_about() -> None:
    found = said("orders")
    assert (found.code, found.mend) == (codes.SEVERAL_THINGS, "write `dataset:orders` or `metric:orders`")


def test_of_two_things_with_one_name_the_one_that_the_other_rests_on_is_meant() -> None:
    same = metric("orders", "count(orders)")
    graph = lineage_graph(link(replace(SHOP, metrics={**SHOP.metrics, "orders": same})))
    assert find_thing(graph, "orders").kind is ThingKind.DATASET
