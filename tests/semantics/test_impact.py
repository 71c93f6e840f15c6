"""What rests on what: reached is exactly what reads, over generated models and over a shop one can check by eye."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings

from loadline.semantics import Linked, link
from loadline.semantics.drawing import lineage_graph
from loadline.semantics.impact import LineageGraph, Thing, ThingKind, impact
from loadline.semantics.lineage import key_nodes
from loadline.semantics.nodes import columns_in, measures_in
from loadline.values.model import Conversion
from loadline.values.query import By, Filter, Op
from loadline.values.question import VerifiedQuestion
from loadline.values.rule import Effect, Rule
from semantics.oracle_models import worlds
from semantics.oracle_world import World
from semantics.shop import HERE, SHOP, metric, text

METRIC, COLUMN, FIELD, TERM = ThingKind.METRIC, ThingKind.COLUMN, ThingKind.FIELD, ThingKind.TERM


def question(name: str, *metrics: str, audience: str | None = None, by: str = "", where: str = "") -> VerifiedQuestion:
    return VerifiedQuestion(
        id=name,
        text=f"{name}?",
        metrics=metrics,
        by=(By(name=by),) if by else (),
        where=(Filter(name=where, op=Op.IS_NULL),) if where else (),
        audience=audience,
        place=HERE,
    )


def rule(name: str, **more: object) -> Rule:
    return replace(Rule(name=name, effect=Effect.FORBID, action="ask", place=HERE), **more)  # type: ignore[arg-type]


QUESTIONS = (
    question("what-sales-booked", "revenue", audience="sales"),
    question("what-finance-recognized", "revenue", audience="finance"),
    question("whose-revenue", "revenue"),
    question("big-orders", "orders_count", by="orders.is_big"),
    question("to-which-city", "booked", by="destination.city"),
    question("nowhere", "booked", by="moon.crater"),
)
RULES = (
    rule("no-personal-data", classifications=("personal",)),
    rule("no-rates", metrics=("*_rate",)),
    rule("no-home", columns=("places.city",)),
    rule("retail-only", effect=Effect.PERMIT, rows=text("customers.segment = 'retail'")),
    rule("nobody"),
)


@pytest.fixture(scope="module")
def graph() -> LineageGraph:
    return lineage_graph(link(SHOP), questions=QUESTIONS, rules=RULES)


def reached(graph: LineageGraph, name: str) -> set[str]:
    (thing,) = graph.named(name)
    return {str(one.thing) for one in impact(graph, thing).reached}


def test_a_column_reaches_the_metrics_that_read_it_and_what_is_made_of_them(graph: LineageGraph) -> None:
    found = reached(graph, "invoices.recognized")
    assert {"metric recognized", "metric recognized_share", "term revenue", "question what-finance-recognized"} <= found
    assert not {"metric booked", "question what-sales-booked", "question big-orders"} & found


def test_a_condition_and_a_time_are_read_as_much_as_what_is_summed(graph: LineageGraph) -> None:
    assert "metric cancelled" in reached(graph, "orders.status")
    assert "metric booked" in reached(graph, "orders.ordered_at")
    assert "metric retail_orders" in reached(graph, "customers.segment")


def test_a_field_stands_between_its_columns_and_who_asks_by_it(graph: LineageGraph) -> None:
    thing = Thing(kind=COLUMN, name="orders.amount")
    through = {str(one.thing): str(one.through) for one in impact(graph, thing).reached}
    assert through["question big-orders"] == "field orders.is_big"
    assert through["field orders.is_big"] == "column orders.amount"


def test_a_term_reaches_only_questions_that_ask_by_it_and_lets_no_other_meaning_through(graph: LineageGraph) -> None:
    sales, finance = "question what-sales-booked", "question what-finance-recognized"
    assert {sales, finance} <= reached(graph, "revenue")
    assert sales in reached(graph, "booked")
    assert finance not in reached(graph, "booked")
    assert "question whose-revenue" in reached(graph, "booked") & reached(graph, "recognized")


def test_a_role_leads_to_its_dataset(graph: LineageGraph) -> None:
    found = reached(graph, "places.city")
    assert {"question to-which-city", "rule no-home"} <= found
    assert "relationship orders.ship_to -> places.place_id as destination" in reached(graph, "places.place_id")


def test_a_question_that_cannot_be_answered_is_reached_by_its_names(graph: LineageGraph) -> None:
    assert "question nowhere" in reached(graph, "booked")


def test_rules_are_reached_by_what_they_name(graph: LineageGraph) -> None:
    assert "rule no-personal-data" in reached(graph, "customers.email")
    assert "rule no-rates" in reached(graph, "cancelled")
    assert "rule retail-only" in reached(graph, "customers.segment")
    everywhere = [name for name in SHOP.metrics if "rule nobody" in reached(graph, name)]
    assert everywhere == []


def test_a_dataset_is_found_by_its_relation_and_a_thing_by_its_synonym(graph: LineageGraph) -> None:
    assert graph.named("shop.orders") == (Thing(kind=ThingKind.DATASET, name="orders"),)
    assert graph.named("SHOP.orders.amount") == (Thing(kind=COLUMN, name="orders.amount"),)
    assert graph.named("turnover") == (Thing(kind=TERM, name="revenue"),)
    assert graph.named("bookings") == (Thing(kind=METRIC, name="booked"),)
    assert graph.named("term:revenue") == (Thing(kind=TERM, name="revenue"),)
    assert graph.named("moon") == graph.named("metric:moon") == ()


def test_counted_rows_rest_on_their_dataset() -> None:
    graph = lineage_graph(link(SHOP))
    assert "metric customers_count" in reached(graph, "customers")


def test_hops_bound_the_walk(graph: LineageGraph) -> None:
    thing = Thing(kind=COLUMN, name="orders.amount")
    near = {one.thing for one in impact(graph, thing, hops=1).reached}
    assert Thing(kind=METRIC, name="booked") in near
    assert Thing(kind=METRIC, name="cancel_rate") not in near
    assert all(one.hops <= 2 for one in impact(graph, thing, hops=2).reached)


def read(linked: Linked, name: str) -> set[str]:
    """What a metric reads, its parts written out: straight from its nodes."""
    one = linked.metrics[name]
    nodes = [one.node, *one.measures, *measures_in(one.node)]
    columns = [column for node in nodes for column in columns_in(node)]
    steps = {step for column in columns for step in column.path}
    columns += [column for step in steps for node in key_nodes(linked, step) for column in columns_in(node)]
    return {f"{column.dataset}.{column.column}" for column in columns}


@given(world=worlds())
@settings(max_examples=40, deadline=None)
def test_a_metric_is_reached_from_exactly_the_columns_it_reads(world: World) -> None:
    linked = link(world.model)
    graph = lineage_graph(linked)
    reading: dict[str, set[str]] = {name: read(linked, name) for name in linked.metrics}
    for thing in graph.things:
        if thing.kind is COLUMN:
            found = {one.thing.name for one in impact(graph, thing).reached if one.thing.kind is METRIC}
            assert found == {name for name, columns in reading.items() if thing.name in columns}
    for name, one in linked.metrics.items():
        above = [other for other, each in linked.metrics.items() if name in each.parts]
        found = {r.thing.name for r in impact(graph, Thing(kind=METRIC, name=name)).reached if r.thing.kind is METRIC}
        assert found == set(above), one.metric.expr.value


@given(world=worlds())
@settings(max_examples=20, deadline=None)
def test_each_thing_is_reached_once_the_shortest_way(world: World) -> None:
    graph = lineage_graph(link(world.model))
    for thing in graph.things:
        seen = {thing: 0}
        for one in impact(graph, thing).reached:
            assert one.thing not in seen
            assert seen[one.through] == one.hops - 1
            seen[one.thing] = one.hops


def test_every_part_of_a_definition_is_followed() -> None:
    """Time, window, and both sides of a conversion, whatever stands in them."""
    more = (
        metric("late", "count(orders)", time="orders.promised_on"),
        metric("booked_28d", "booked", over=text("28 days")),
        metric(
            "invoiced_share",
            "orders_count",
            conversion=Conversion(
                to=text("invoices_count"), within=text("14 days"), per=(text("customers.customer_id"),)
            ),
        ),
        metric("invoices_count", "count(invoices)"),
    )
    model = replace(SHOP, metrics={**SHOP.metrics, **{one.name: one for one in more}})
    graph = lineage_graph(link(model))
    assert "metric late" in reached(graph, "orders.promised_on")
    assert "metric booked_28d" in reached(graph, "booked") & reached(graph, "orders.amount")
    assert "metric invoiced_share" in reached(graph, "orders_count") & reached(graph, "invoices_count")
    assert "metric invoiced_share" in reached(graph, "invoices") & reached(graph, "customers.customer_id")
