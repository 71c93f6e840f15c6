"""Which changes of a contract or a measure break what somebody relied on; each is told the other way round, too."""

from __future__ import annotations

from pathlib import Path

import pytest

from loadline import project, semantics
from loadline.flow.change.contracts import ContractChange, contract_changes
from loadline.project import Project

MANIFEST = """
name: shop
warehouse: {kind: duckdb, database: shop.duckdb}
people: {ann: {roles: [analyst]}}
"""
CONTEXT = """
datasets:
  orders: {source: orders, contract: orders, time: ordered_at, fields: {net: amount - 1}}
  customers: {source: customers, contract: customers}
relationships: [orders.customer_id -> customers.customer_id]
metrics:
  booked: {is: sum(orders.amount), unit: EUR, status: approved}
  net_booked: {is: sum(orders.net)}
  share: {is: booked / orders_count}
  orders_count: {is: count(orders)}
"""
QUESTIONS = "questions:\n  - {id: q1, ask: How much?, query: {metrics: [share]}, verified_by: ann}\n"
CUSTOMERS = """apiVersion: v3.2.0
kind: DataContract
id: customers
version: 1.0.0
status: active
schema:
  - name: customers
    properties:
      - {name: customer_id, logicalType: integer, primaryKey: true, required: true}
      - {name: region, logicalType: string}
"""
ORDERS = """apiVersion: v3.2.0
kind: DataContract
id: orders
version: 1.2.0
status: active
customProperties:
  - property: aiRights
    vendor: loadline
    value: [{permit: inference-context, name: use}, {forbid: pre-training, name: no}]
slaProperties:
  - {property: freshness, value: 1, unit: d, element: orders.ordered_at}
schema:
  - name: orders
    quality:
      - {name: enough rows, metric: rowCount, mustBeGreaterOrEqualTo: 10}
    properties:
      - {name: order_id, logicalType: integer, primaryKey: true, required: true}
      - {name: customer_id, logicalType: integer, required: true, relationships: [{to: customers.customer_id}]}
      - {name: ordered_at, logicalType: timestamp}
      - name: amount
        logicalType: number
        required: true
        logicalTypeOptions: {minimum: 0, maximum: 1000}
        quality:
          - {name: few gaps, metric: nullValues, mustBeLessThan: 5, unit: percent, severity: error}
      - {name: status, logicalType: string, enum: [{value: open}, {value: paid}], classification: internal}
      - {name: code, logicalType: string, logicalTypeOptions: {pattern: "^[A-Z]$", maxLength: 3}, unique: true}
"""


def read(orders: str = ORDERS, context: str = CONTEXT) -> Project:
    files = {
        "loadline.yaml": MANIFEST,
        "context/all.yaml": context,
        "questions/all.yaml": QUESTIONS,
        "contracts/orders.yaml": orders,
        "contracts/customers.yaml": CUSTOMERS,
    }
    return project.read({name: text.encode() for name, text in files.items()}, Path()).accept()


def changes(before: Project, after: Project) -> list[ContractChange]:
    return list(contract_changes(before, after, semantics.link(before.model), semantics.link(after.model)))


def edited(text: str, old: str, new: str) -> str:
    assert text.count(old) == 1, old
    return text.replace(old, new)


LOOSER = {
    "a freshness": ("value: 1, unit: d", "value: 2, unit: d", "freshness of ordered_at"),
    "a freshness in another unit": ("value: 1, unit: d", "value: 25, unit: h", "freshness of ordered_at"),
    "a widened enum": ("{value: paid}]", "{value: paid}, {value: sent}]", "enum"),
    "no enum": (", enum: [{value: open}, {value: paid}]", "", "enum"),
    "a raised classification": ("classification: internal", "classification: personal", "classification"),
    "a removed requirement": ("required: true\n        logicalTypeOptions", "logicalTypeOptions", "required"),
    "a lowered minimum": ("minimum: 0", "minimum: -5", "minimum"),
    "a raised maximum": ("maximum: 1000", "maximum: 1000.5", "maximum"),
    "no uniqueness": (", unique: true", "", "unique"),
    "a longer text": ("maxLength: 3", "maxLength: 4", "maxLength"),
    "a fewer rows": ("mustBeGreaterOrEqualTo: 10", "mustBeGreaterOrEqualTo: 9", "limit of rule enough rows"),
    "more gaps": ("mustBeLessThan: 5", "mustBeLessOrEqualTo: 5", "limit of rule few gaps"),
    "a milder severity": ("severity: error", "severity: warning", "severity of rule few gaps"),
    "no partner": (", relationships: [{to: customers.customer_id}]", "", "relationship"),
    "a removed right": ("{permit: inference-context, name: use}, ", "", "right use"),
    "a right with an end": ("context, name: use", "context, name: use, until: 2026-12-31", "right use"),
    "a right for some": ("context, name: use", "context, name: use, region: [EU]", "right use"),
    "more forbidden": ("{forbid: pre-training, name: no}", "{forbid: [pre-training, alignment], name: no}", "right no"),
    "a draft again": ("status: active", "status: draft", "status"),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new", "part"), LOOSER.values(), ids=LOOSER)
def test_what_promises_less_is_breaking_and_the_other_way_compatible(old: str, new: str, part: str) -> None:
    strict, loose = read(), read(edited(ORDERS, old, new))
    found = [one for one in changes(strict, loose) if one.part != "version"]
    assert [(one.part, one.is_breaking) for one in found] == [(part, True)]
    back = [one for one in changes(loose, strict) if one.part != "version"]
    assert [(one.part, one.is_breaking) for one in back] == [(part, False)]


KEYED = "{name: order_id, logicalType: integer"
EITHER_WAY = {
    "another type": ("{name: code, logicalType: string", "{name: code, logicalType: number", "type"),
    "another key": (f"{KEYED}, primaryKey: true", KEYED, "primaryKey"),
    "another pattern": ('pattern: "^[A-Z]$"', 'pattern: "^[A-Z]+$"', "pattern"),
    "another name in the warehouse": ("{name: status,", "{name: status, physicalName: state,", "physicalName"),
    "another rule": ("metric: nullValues", "metric: duplicateValues", "rule few gaps"),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new", "part"), EITHER_WAY.values(), ids=EITHER_WAY)
def test_what_cannot_be_told_to_be_less_is_breaking(old: str, new: str, part: str) -> None:
    text = edited(ORDERS, old, new)
    if part == "type":
        text = text.replace(', logicalTypeOptions: {pattern: "^[A-Z]$", maxLength: 3}', "")
    found = {one.part: one.is_breaking for one in changes(read(), read(text))}
    assert found[part] is True


def test_a_removed_column_reaches_the_metrics_and_questions_that_read_it() -> None:
    context = edited(CONTEXT, "booked: {is: sum(orders.amount)", "booked: {is: sum(orders.order_id)")
    context = edited(context, "fields: {net: amount - 1}", "fields: {net: order_id - 1}")
    start, end = ORDERS.index("      - name: amount"), ORDERS.index("      - {name: status")
    found = changes(read(), read(ORDERS[:start] + ORDERS[end:], context))
    (gone,) = [one for one in found if one.kind == "column"]
    assert (gone.name, gone.is_breaking) == ("orders.amount", True)
    assert set(gone.reaches) == {"metric booked", "metric net_booked", "metric share", "question q1"}


def test_a_changed_formula_breaks_every_metric_made_of_it() -> None:
    found = changes(read(), read(context=edited(CONTEXT, "net: amount - 1", "net: amount - 2")))
    assert {(one.kind, one.name) for one in found if one.is_breaking} == {
        ("field", "orders.net"), ("metric", "net_booked")
    }  # fmt: skip
    formula = changes(read(), read(context=edited(CONTEXT, "sum(orders.amount)", "avg(orders.amount)")))
    assert {one.name for one in formula if one.is_breaking} == {"booked", "share"}
    unit = changes(read(), read(context=edited(CONTEXT, "unit: EUR", "unit: USD")))
    assert [one.is_breaking for one in unit if one.name == "booked"] == [True]


def test_words_about_a_metric_break_nothing() -> None:
    found = changes(read(), read(context=edited(CONTEXT, "status: approved", "status: draft, description: all of it")))
    assert [one.is_breaking for one in found] == [False]


def test_what_breaks_under_the_same_first_number_of_the_version_is_said() -> None:
    loose = edited(ORDERS, "minimum: 0", "minimum: -5")
    assert [one.part for one in changes(read(), read(loose))] == ["minimum", "version"]
    major = edited(loose, "version: 1.2.0", "version: 2.0.0")
    assert [one.part for one in changes(read(), read(major))] == ["minimum"]


def test_nothing_changed_is_nothing_told() -> None:
    assert changes(read(), read()) == []
