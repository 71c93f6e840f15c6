"""Definitions that do not hold are all named, each where it stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loadline.errors import ProjectError, RequestError
from loadline.semantics import CODES, check_filter, codes, link, resolve
from loadline.values.diagnostic import Diagnostic
from loadline.values.model import Calendar, Field, Metric, Model
from semantics.shop import (
    CUSTOMERS,
    HERE,
    INVOICES,
    ORDERS,
    PLACES,
    SHOP,
    dataset,
    join,
    linked,
    metric,
    model,
    opened,
    query,
    row_filter,
    sql_of,
    text,
)


def faults(broken: Model) -> Sequence[Diagnostic]:
    with pytest.raises(ProjectError) as error:
        link(broken)
    return error.value.diagnostics


def with_metrics(*metrics: Metric) -> Model:
    return replace(SHOP, metrics={**SHOP.metrics, **{one.name: one for one in metrics}})


EXPRESSIONS = [
    # expression, code, the part it points at, a word of the mend
    ("sum(orders.amount", codes.UNREAD, "", ")"),
    ("sum(orders.amount))", codes.UNREAD, ")", "operator"),
    ("sum(orders.amount) -- all", codes.UNREAD, "-", "description"),
    ("sum(orders.amount); drop table x", codes.UNREAD, ";", "remove"),
    ("sum(orders.'amount')", codes.UNREAD, "'amount'", "field after the dot"),
    ("select sum(orders.amount)", codes.UNREAD, "select", "name"),
    ("sum(orders.amount) over ()", codes.MISPLACED_SHAPE, "sum(orders.amount) over ()", "field"),
    ("booked[1 fortnight ago]", codes.SHIFT_OF_OWN_PERIOD, "booked[1 fortnight ago]", "day"),
    ("booked[0 days ago]", codes.UNREAD, "0", "1 year ago"),
    ("booked[start of decade]", codes.UNREAD_SHAPE, "booked[start of decade]", "month"),
    ("orders_count[per customers.customer_id]", codes.MISPLACED_SHAPE, None, "where"),
    ("booked filter (orders.is_gift)", codes.UNREAD, "orders", "where"),
    ("sum(orders.amount filter (where orders.is_gift))", codes.MISPLACED_SHAPE, None, "case"),
    ("sum(orders.amount", codes.UNREAD, "", "write `)`"),
    ("sqrt(sum(orders.amount))", codes.UNKNOWN_FUNCTION, "sqrt(sum(orders.amount))", "round"),
    ("flor(sum(orders.amount))", codes.UNKNOWN_FUNCTION, "flor(sum(orders.amount))", "`floor`"),
    ("read_csv('/etc/passwd')", codes.UNKNOWN_FUNCTION, "read_csv('/etc/passwd')", "use one of"),
    ("sum(orders.amonut)", codes.UNKNOWN_NAME, "orders.amonut", "`orders.amount`"),
    ("sum(ordres.amount)", codes.UNKNOWN_NAME, "ordres.amount", "`orders.amount`"),
    ("sum(amount)", codes.UNKNOWN_NAME, "amount", "`orders.amount`"),
    ("count(order)", codes.UNKNOWN_NAME, "order", "`count(orders)`"),
    ("boked / 2", codes.UNKNOWN_NAME, "boked", "`booked`"),
    ("sum(orders.status)", codes.WRONG_TYPE, "orders.status", "count"),
    ("avg(orders.ordered_at)", codes.WRONG_TYPE, "orders.ordered_at", "count"),
    ("sum(orders.amount + orders.status)", codes.WRONG_TYPE, "orders.status", "cast"),
    ("sum(case when orders.amount then 1 end)", codes.WRONG_TYPE, "orders.amount", "boolean"),
    ("sum(case when orders.is_gift then 1 else 'x' end)", codes.WRONG_TYPE, None, "cast"),
    ("count(distinct orders.status = 5)", codes.WRONG_TYPE, "orders.status = 5", "cast"),
    (
        "count(case when orders.promised_on > 'soon' then 1 end)",
        codes.WRONG_TYPE,
        "orders.promised_on > 'soon'",
        "2025",
    ),
    ("percentile(orders.amount, 95)", codes.WRONG_TYPE, "95", "0.95"),
    ("percentile(orders.amount)", codes.WRONG_TYPE, "percentile(orders.amount)", "0.95"),
    ("count(*)", codes.WRONG_TYPE, "count(*)", "count(dataset)"),
    ("sum(distinct orders.amount)", codes.WRONG_TYPE, "sum(distinct orders.amount)", "count"),
    ("round(sum(orders.amount), 2, 3)", codes.WRONG_TYPE, "round(sum(orders.amount), 2, 3)", "1 to 2"),
    ("sum(orders.amount) - orders.quantity", codes.ROW_OUTSIDE_AGGREGATE, "orders.quantity", "sum(orders.quantity)"),
    ("quantity", codes.ROW_OUTSIDE_AGGREGATE, "quantity", "sum(orders.quantity)"),
    ("sum(max(orders.amount))", codes.MISPLACED_AGGREGATE, "max(orders.amount)", "metric of its own"),
    ("42", codes.NOTHING_MEASURED, "42", "aggregate"),
    ("sum(1)", codes.NOTHING_MEASURED, "sum(1)", "aggregate"),
    ("sum(orders.amount * invoices.recognized)", codes.UNRELATED, None, "one row"),
    ("sum(orders.quantity * places.place_id)", codes.SEVERAL_PATHS_WRITTEN, "places.place_id", "destination.place_id"),
]


@pytest.mark.parametrize(("expression", "code", "at", "mend"), EXPRESSIONS, ids=[e[0] for e in EXPRESSIONS])
def test_a_faulty_expression_is_pointed_at(expression: str, code: str, at: str | None, mend: str) -> None:
    (fault,) = faults(with_metrics(metric("broken", expression)))
    assert fault.code == code
    assert mend in fault.mend
    assert fault.why == CODES[code].why
    assert fault.place is not None
    start = fault.place.column - 1
    assert at is None or expression[start : start + len(at)] == at
    assert at is None or fault.place.length == max(1, len(at)) or code == codes.UNREAD


def test_every_fault_of_a_model_is_named_at_once() -> None:
    broken = model(
        replace(ORDERS, time="status", fields={"up": Field(name="up", expr=text("upper(amount)", 3), place=HERE)}),
        CUSTOMERS,
        joins=(join("orders.status -> customers.customer_id"), join("orders.custommer -> customers.customer_id")),
        metrics=(
            metric("a", "b + 1"),
            metric("b", "a + 1"),
            metric("c", "sum(orders.nothing)"),
            metric("d", "sum(orders.amount)", where="orders.amount"),
            metric("e", "sum(orders.amount)", time="orders.status"),
            metric("time", "count(orders)"),
            metric("leans_on_c", "c * 2"),
        ),
    )
    assert sorted(fault.code for fault in faults(broken)) == sorted(
        [
            codes.WRONG_TYPE,  # upper(amount)
            codes.TIME_NOT_A_TIME,  # the dataset's
            codes.WRONG_TYPE,  # a text joined with a number
            codes.UNKNOWN_NAME,  # custommer
            codes.CIRCULAR_METRIC,
            codes.UNKNOWN_NAME,  # orders.nothing; what leans on it is not blamed
            codes.WRONG_TYPE,  # a number as a condition
            codes.TIME_NOT_A_TIME,  # the metric's
            codes.NAME_TAKEN,
        ]
    )


def test_a_circle_of_metrics_is_printed() -> None:
    (fault,) = faults(with_metrics(metric("a", "b"), metric("b", "c / 2"), metric("c", "a * booked")))
    assert fault.code == codes.CIRCULAR_METRIC
    assert "a -> b -> c -> a" in fault.what


def test_a_circle_of_fields_is_printed() -> None:
    circle = dataset("orders", "id:integer tax:number", net="gross - tax", gross="net + tax")
    found = faults(model(circle))
    assert {fault.code for fault in found} == {codes.CIRCULAR_FIELD}
    assert "orders.net -> orders.gross -> orders.net" in found[0].what


def test_a_field_may_have_the_name_of_the_column_it_is_made_of() -> None:
    own = dataset("orders", "id:integer region:string", region="upper(region)")
    sql = sql_of(link(model(own, metrics=(metric("n", "count(orders)"),))), query("n", by=("orders.region",)))
    assert "UPPER(orders.region) AS orders_region" in sql


def test_a_field_has_the_type_it_declares_or_is_refused() -> None:
    def of(kind: str) -> Model:
        declared = Field(name="half", expr=text("quantity / 2"), type=kind, place=HERE)
        return model(replace(ORDERS, fields={"half": declared}), CUSTOMERS, PLACES)

    assert link(of("number")).catalog.field("orders", "half").kind.name == "number"
    (fault,) = faults(of("string"))
    assert fault.code == codes.WRONG_TYPE
    assert "type: number" in fault.mend


def test_a_dataset_without_a_contract_knows_only_its_fields() -> None:
    loose = dataset("visits", None, seconds=Field(name="seconds", expr=text("seconds"), type="integer", place=HERE))
    good = model(loose, metrics=(metric("stay", "sum(visits.seconds)"),))
    assert "SUM(visits.seconds)" in sql_of(link(good), query("stay"))
    (fault,) = faults(model(loose, metrics=(metric("stay", "sum(visits.minutes)"),)))
    assert fault.code == codes.UNKNOWN_NAME


def test_definitions_that_double_are_stopped_before_they_fill_the_memory() -> None:
    doubling = [metric("m0", "count(orders) + count(orders)")]
    doubling += [metric(f"m{n}", f"m{n - 1} + m{n - 1}") for n in range(1, 40)]
    (fault,) = faults(with_metrics(*doubling))
    assert fault.code == codes.TOO_LARGE


def test_a_long_chain_of_metrics_is_refused_and_not_a_crash() -> None:
    chain = [metric(f"m{n}", f"m{n + 1} + 0") for n in range(400)]
    found = faults(with_metrics(*chain, metric("m400", "count(orders)")))
    assert codes.TOO_LARGE in {fault.code for fault in found}


def test_deep_nesting_is_refused_and_not_a_crash() -> None:
    for expression in ("(" * 3000 + "1" + ")" * 3000, "-" * 3000 + "1", "not " * 200 + "(" * 90, "1" + "+1" * 4000):
        (fault,) = faults(with_metrics(metric("deep", expression)))
        assert fault.code == codes.UNREAD


def test_an_unknown_time_zone_is_named() -> None:
    (fault,) = faults(replace(SHOP, calendar=Calendar(timezone="Berlin")))
    assert fault.code == codes.UNKNOWN_TIME_ZONE


def test_a_metric_filter_must_be_reachable_from_the_fact() -> None:
    (fault,) = faults(with_metrics(metric("broken", "count(customers)", where="orders.status = 'open'")))
    assert fault.code == codes.UNRELATED


def test_a_filter_on_a_metric_of_metrics_narrows_all_it_is_made_of() -> None:
    narrowed = with_metrics(metric("retail_rate", "cancel_rate", where="customers.segment = 'retail'"))
    rows = opened().execute(sql_of(link(narrowed), query("retail_rate"))).fetchall()
    assert rows == [(pytest.approx(80 / 200.5),)]


def test_a_time_on_a_metric_of_metrics_moves_all_it_is_made_of() -> None:
    promised = link(with_metrics(metric("by_promise", "booked", time="orders.promised_on")))
    plan = resolve(promised, query("by_promise", by=("time:month",)))
    assert plan.metrics[0].time == "orders.promised_on"


def test_a_metric_has_a_new_version_when_anything_it_is_made_of_changes() -> None:
    def version(changed: Model) -> str:
        return resolve(link(changed), query("recognized_share")).metrics[0].version

    before = version(SHOP)
    assert version(with_metrics(metric("orders_count", "count(orders) + 0"))) == before
    assert version(with_metrics(metric("booked", "sum(orders.amount)"))) != before
    moved = replace(SHOP, datasets={**SHOP.datasets, "orders": replace(ORDERS, source="other.orders")})
    assert version(moved) != before


def test_a_row_filter_is_checked_as_it_will_be_used() -> None:
    shop = linked()
    assert check_filter(shop, text("customers.segment = 'retail' and home.country in ('DE')")) == ()
    for broken, code in (
        ("customers.segmnt = 'retail'", codes.UNKNOWN_NAME),
        ("customers.segment", codes.WRONG_TYPE),
        ("sum(orders.amount) > 5", codes.MISPLACED_AGGREGATE),
        ("customers.segment = ", codes.UNREAD),
        ("segment = 'retail'", codes.UNKNOWN_NAME),
        ("true", codes.WRONG_TYPE),
    ):
        (fault,) = check_filter(shop, text(broken))
        assert fault.code == code, broken


def test_a_group_of_row_filters_that_reaches_no_fact_refuses_the_question() -> None:
    shop = linked()
    with pytest.raises(RequestError) as error:
        sql_of(shop, query(by=("places.city",)), (row_filter("customers.segment = 'retail'"),))
    assert error.value.diagnostics[0].code == codes.FILTER_OUT_OF_REACH


def test_linking_does_not_depend_on_the_order_of_writing() -> None:
    backwards = replace(
        SHOP, metrics=dict(reversed(list(SHOP.metrics.items()))), datasets=dict(reversed(list(SHOP.datasets.items())))
    )
    asked = query("recognized_share", by=("customers.segment",))
    assert sql_of(link(backwards), asked) == sql_of(linked(), asked)
    assert resolve(link(backwards), asked).digest == resolve(linked(), asked).digest


@given(
    st.text(
        alphabet=st.sampled_from("sumcount(orders.amount)'\",+-*/<>= \n\\;é1290.e%|case when then end"), max_size=60
    )
)
@settings(max_examples=300, deadline=None)
def test_no_text_makes_linking_crash(expression: str) -> None:
    broken = with_metrics(metric("fuzzed", expression, where=expression))
    found: Sequence[Diagnostic] = ()
    try:
        link(broken)
    except ProjectError as error:
        found = error.diagnostics
    assert all(fault.code in CODES and fault.mend for fault in found)


def test_invoices_have_their_own_time() -> None:
    assert INVOICES.time == "issued_on"
    plan = resolve(linked(), query("recognized", by=("time:month",)))
    assert plan.metrics[0].time == "invoices.recognized_on"


def test_a_relationship_compares_columns_even_where_a_field_has_the_same_name() -> None:
    shop = model(
        dataset("orders", "id:integer customer_id:integer", customer_id="customer_id + 100"),
        dataset("customers", "id:integer name:string", id="id * 2"),
        joins=(join("orders.customer_id -> customers.id"),),
        metrics=(metric("n", "count(orders)"),),
    )
    assert "ON orders.customer_id = customers.id" in sql_of(link(shop), query("n", by=("customers.name",)))
