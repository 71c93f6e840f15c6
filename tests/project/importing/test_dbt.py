"""dbt's definitions in each of the forms it writes them, and the project they become."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml

from loadline.project.importing.dbt import from_manifest, import_dbt, names_of
from loadline.project.importing.dbt_items import Item, read_item
from loadline.project.importing.dbt_metrics import Metrics
from loadline.project.importing.dbt_questions import Questions
from loadline.project.importing.dbt_reader import read_manifest
from loadline.project.importing.nouns import CannotCarry, Loss, spot_of
from loadline.values.place import Place

ORDERS = """
semantic_models:
  - name: orders
    model: ref('fct_orders')
    description: Orders as they were placed.
    defaults: {agg_time_dimension: ordered_at}
    entities:
      - {name: order, type: primary, expr: order_id}
      - {name: customer, type: foreign, expr: customer_id}
    dimensions:
      - {name: ordered_at, type: time, type_params: {time_granularity: day}}
      - {name: is_gift, type: categorical}
    measures:
      - {name: orders_placed, agg: sum, expr: "1"}
      - {name: amount, agg: sum}
      - {name: buyers, agg: count_distinct, expr: customer_id}
      - {name: gifts, agg: sum_boolean, expr: is_gift}
      - {name: amount_p90, agg: percentile, expr: amount, agg_params: {percentile: 0.9}}
  - name: customers
    model: ref('dim_customers')
    entities:
      - {name: customer, type: primary, expr: customer_id}
    dimensions:
      - {name: region, type: categorical, expr: upper(region)}
time_spines: []
"""

METRICS = """
metrics:
  - {name: orders_placed, type: simple, type_params: {measure: orders_placed}}
  - {name: amount, type: simple, type_params: {measure: amount}, label: Order value}
  - name: gift_amount
    type: simple
    type_params: {measure: amount}
    filter: "{{ Dimension('order__is_gift') }}"
  - name: amount_filled
    type: simple
    type_params: {measure: {name: amount, fill_nulls_with: 0, join_to_timespine: true}}
  - name: north_share
    type: ratio
    type_params:
      numerator: {name: amount, filter: "{{ Dimension('customer__region') }} = 'NORTH'"}
      denominator: amount
  - name: amount_or_nothing
    type: simple
    type_params: {measure: {name: amount, fill_nulls_with: 0}}
  - name: twice_filled
    type: derived
    type_params: {expr: 2 * amount_or_nothing, metrics: [amount_or_nothing]}
  - name: growth
    type: derived
    type_params:
      expr: amount - before
      metrics: [amount, {name: amount, offset_window: 14 days, alias: before}]
  - name: amount_28d
    type: cumulative
    type_params: {measure: amount, cumulative_type_params: {window: 28 days, period_agg: last}}
  - name: amount_mtd
    type: cumulative
    type_params: {measure: amount, cumulative_type_params: {grain_to_date: month}}
saved_queries:
  - name: amount_by_region
    query_params:
      metrics: [amount]
      group_by: ["TimeDimension('metric_time', 'month')", "Dimension('customer__region')"]
      where: ["{{ Dimension('order__is_gift') }}"]
      order_by: ["-amount"]
      limit: 5
"""


def context(*texts: str) -> dict[str, Any]:
    imported = import_dbt({f"{n}.yml": text for n, text in enumerate(texts)})
    assert [one for one in imported.remarks if one.loss is Loss.LEFT] == []
    found: dict[str, Any] = {}
    for text in imported.texts().values():
        found |= yaml.safe_load(text)
    return found


def test_models_become_datasets_and_entities_become_relationships() -> None:
    said = context(ORDERS)
    assert said["datasets"]["orders"]["source"] == "fct_orders"
    assert said["datasets"]["orders"]["time"] == "ordered_at"
    assert said["datasets"]["orders"]["key"] == "order_id"
    assert said["datasets"]["customers"]["fields"]["region"] == "upper(region)"
    assert said["relationships"] == ["orders.customer_id -> customers.customer_id"]


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("orders_placed", {"is": "count(orders)", "fill": "none"}),
        ("amount", {"is": "sum(orders.amount)", "synonyms": ["Order value"]}),
        ("gift_amount", {"is": "sum(orders.amount)", "where": "orders.is_gift"}),
        ("amount_filled", {"is": "sum(orders.amount)", "fill": 0, "every_period": True}),
        ("twice_filled", {"is": "2 * amount"}),
        ("north_share", {"is": "amount filter (where orders.customers.region = 'NORTH') / amount"}),
        ("growth", {"is": "amount - amount[14 days ago]"}),
        ("amount_28d", {"is": "sum(orders.amount)", "over": "28 days", "take": "last of period"}),
        ("amount_mtd", {"is": "sum(orders.amount)", "over": "month to date", "take": "first of period"}),
    ],
)
def test_each_kind_of_metric(name: str, written: dict[str, Any]) -> None:
    assert context(ORDERS, METRICS)["metrics"][name] == written


def test_a_saved_query_becomes_a_question_nobody_has_verified() -> None:
    (question,) = context(ORDERS, METRICS)["questions"]
    assert question == {
        "id": "amount_by_region",
        "ask": "amount by region",
        "query": {
            "metrics": ["amount"],
            "by": ["time:month", "customers.region"],
            "conditions": ["orders.is_gift"],
            "order": ["-amount"],
            "limit": 5,
        },
    }


NEWER = """
models:
  - name: fct_orders
    semantic_model: {enabled: true, name: orders}
    agg_time_dimension: ordered_at
    columns:
      - {name: order_id, entity: {type: primary, name: order}}
      - {name: customer_id, entity: {type: foreign, name: customer}}
      - {name: ordered_at, granularity: day, dimension: {type: time}}
      - {name: is_gift, dimension: {type: categorical}}
    metrics:
      - {name: amount, type: simple, agg: sum, expr: amount}
      - {name: orders_placed, type: simple, agg: count, expr: "1", fill_nulls_with: 0}
      - {name: amount_28d, type: cumulative, input_metric: amount, window: 28 days, period_agg: last}
      - {name: mean, type: ratio, numerator: amount, denominator: orders_placed}
  - name: dim_customers
    semantic_model: true
    columns:
      - {name: customer_id, entity: {type: primary, name: customer}}
    derived_semantics:
      dimensions: [{name: region, type: categorical, expr: upper(region)}]
  - name: scratch
"""


def test_the_newer_form_says_the_same() -> None:
    said = context(NEWER)
    assert said["relationships"] == ["orders.customer_id -> dim_customers.customer_id"]
    assert said["metrics"]["amount"] == {"is": "sum(orders.amount)"}
    assert said["metrics"]["orders_placed"] == {"is": "count(orders)", "fill": 0}
    assert said["metrics"]["amount_28d"] == {
        "is": "sum(orders.amount)", "over": "28 days", "take": "last of period",
    }  # fmt: skip
    assert said["metrics"]["mean"] == {"is": "amount / orders_placed"}
    assert said["datasets"]["dim_customers"]["fields"]["region"] == "upper(region)"


def test_a_manifest_of_dbt_itself_says_the_same() -> None:
    written = yaml.safe_load(ORDERS) | yaml.safe_load(METRICS)
    for metric in written["metrics"]:
        if "filter" in metric:
            metric["filter"] = {"where_filters": [{"where_sql_template": metric["filter"]}]}
    window = written["metrics"][8]["type_params"]["cumulative_type_params"]
    window["window"] = {"count": 28, "granularity": "day"}
    assert context(json.dumps(written)) == context(ORDERS, METRICS)


def test_what_has_no_form_here_is_named_with_the_reason() -> None:
    odd = """
metrics:
  - {name: lost, type: simple, type_params: {measure: nowhere}}
  - {name: strange, type: telepathic}
  - {name: looped, type: simple, type_params: {measure: amount}, filter: "{% if x %} true {% endif %}"}
  - {name: afar, type: simple, type_params: {measure: amount}, filter: "{{ Dimension('store__city') }} = 'x'"}
"""
    left = {one.name: one.why for one in import_dbt({"a.yml": ORDERS, "b.yml": odd}).remarks}
    assert left == {
        "lost": "there is no measure `nowhere`",
        "strange": "metrics of the type `telepathic` are not known",
        "looped": "a filter with statements of the template language has no fixed meaning",
        "afar": "`store__city` is nothing that `orders` leads to",
    }


def test_an_expression_that_would_catch_another_field_keeps_its_column() -> None:
    text = """
semantic_model:
  name: listings
  node_relation: {schema_name: main, alias: listings}
  entities: [{name: listing, type: primary, expr: id}]
  dimensions:
    - {name: ds, type: time, expr: created_at}
    - {name: created_at, type: time, expr: loaded_at}
"""
    imported = import_dbt({"a.yaml": text})
    fields = yaml.safe_load(imported.texts()["context/dbt-model.yaml"])["datasets"]["listings"]["fields"]
    assert fields["ds"] == "created_at"
    assert fields["created_at_field"] == "loaded_at"
    assert [(one.name, one.loss) for one in imported.remarks] == [("listings.created_at", Loss.CHANGED)]


@pytest.mark.parametrize(
    ("text", "item"),
    [
        ("Dimension('listing__is_lux')", Item(kind="Dimension", name="listing__is_lux")),
        ("Dimension('is_lux', entity_path=['listing'])", Item(kind="Dimension", name="listing__is_lux")),
        ("TimeDimension('metric_time', 'WEEK')", Item(kind="TimeDimension", name="metric_time", grain="week")),
        ("Dimension('a__ds').grain('month')", Item(kind="Dimension", name="a__ds", grain="month")),
        ("Dimension('a__ds').date_part('dow')", Item(kind="Dimension", name="a__ds", part="dow")),
        ("Entity('listing')", Item(kind="Entity", name="listing")),
        ("Metric('bookings', group_by=['listing'])", Item(kind="Metric", name="bookings", group_by=("listing",))),
        ("Metric('bookings').descending(True)", Item(kind="Metric", name="bookings", is_descending=True)),
    ],
)
def test_an_item_is_read(text: str, item: Item) -> None:
    assert read_item(text) == item


@pytest.mark.parametrize("text", ["__import__('os')", "Dimension(x)", "Dimension('a').shout()", "1 +", "Dimension()"])
def test_anything_else_is_no_item(text: str) -> None:
    with pytest.raises(CannotCarry):
        read_item(text)


def test_a_filter_names_the_metric_of_an_entity() -> None:
    manifest, _ = read_manifest({"a.yml": ORDERS + METRICS}, values={})
    names = names_of(manifest)
    asked = Questions(names, Metrics(manifest, names)).question(
        ["amount"], [Item(kind="Dimension", name="metric_time")], ["{{ Metric('orders_placed', ['customer']) }} > 2"]
    )
    assert asked.conditions == ("orders_placed[per orders.customer] > 2",)
    assert [(column.by, column.label) for column in asked.columns] == [("time:day", "metric_time__day")]


def test_a_place_in_what_was_written_leads_to_its_definition() -> None:
    carried = from_manifest(read_manifest({"a.yml": ORDERS, "b.yml": METRICS}, values={})[0])
    file = "context/dbt-metrics.yaml"
    text = carried.texts()[file]
    for number, line in enumerate(text.splitlines(), 1):
        for column in range(1, len(line) + 1):
            spot = spot_of(file, text, Place(file=file, line=number, column=column))
            if line.startswith("  amount_28d") and column >= 3:
                assert spot.definition == ("metrics", "amount_28d")
