"""Questions that cannot be answered as asked are refused with a code, a reason and a way on."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from loadline.errors import RequestError
from loadline.semantics import CODES, Linked, codes, compile_sql, link, resolve
from loadline.values.plan import Meaning
from loadline.values.query import By, Filter, Grain, Op, Query, Window
from semantics.shop import SHOP, dataset, join, linked, metric, model, opened, query, row_filter, sql_of

MARCH = Window(start=date(2025, 3, 1), end=date(2025, 4, 1), text="2025-03")


@pytest.fixture(scope="module")
def shop() -> Linked:
    return linked()


def refused(shop: Linked, asked: Query, audience: str | None = None) -> RequestError:
    with pytest.raises(RequestError) as error:
        compile_sql(shop, resolve(shop, asked, audience=audience))
    (fault,) = error.value.diagnostics
    assert fault.why == CODES[fault.code].why
    return error.value


REFUSALS = [
    # asked, code, a part of the mend
    (query("boked"), codes.UNKNOWN_METRIC, "`booked`"),
    (query("revenue"), codes.WHICH_MEANING, "audience"),
    (query(), codes.NOTHING_ASKED, "metric"),
    (query("booked", "booked"), codes.ASKED_TWICE, "once"),
    (query("booked", by=("customers.segment", "segment")), codes.ASKED_TWICE, "once"),
    (query("booked", by=("customers.segmnt",)), codes.UNKNOWN_DIMENSION, "`customers.segment`"),
    (query("booked", by=("custmers.segment",)), codes.UNKNOWN_DIMENSION, "`customers.segment`"),
    (query("booked", by=("colour",)), codes.UNKNOWN_DIMENSION, "field of"),
    (query("booked", by=("customer_id",)), codes.WHICH_DATASET, "`orders.customer_id`"),
    (query("booked", by=("places.city",)), codes.WHICH_PATH, "`destination.city`"),
    (query("customers_count", by=("orders.status",)), codes.FAN_OUT, "`customers`"),
    (query("recognized", by=("orders.status",)), codes.FAN_OUT, "`customers`"),
    (query("recognized", "booked", by=("orders.status",)), codes.FAN_OUT, "`customers`"),
    (query("booked", by=("customers.segment:month",)), codes.NO_GRAIN, "without a grain"),
    (query("booked", where=("orders.amount > lots",)), codes.WRONG_VALUE, "number"),
    (query("booked", where=("orders.is_gift = perhaps",)), codes.WRONG_VALUE, "true"),
    (query("booked", where=("orders.ordered_at >= soon",)), codes.WRONG_VALUE, "2025-01-31"),
    (query("booked", where=("orders.promised_on = 2025-02-30",)), codes.WRONG_VALUE, "2025-01-31"),
    (query("booked", where=("orders.amount contains 5",)), codes.WRONG_OPERATOR, "between"),
    (query("booked", where=("orders.is_gift > true",)), codes.WRONG_OPERATOR, "`=`"),
    (query("booked", where=("orders_count > 5",)), codes.METRIC_NOT_ASKED, "ask for `orders_count`"),
    (query("customers_count", during=MARCH), codes.NO_TIME, "`customers`"),
    (query("customers_count", by=("time:month",)), codes.NO_TIME, "`customers`"),
    (query(by=("customers.name",), during=MARCH), codes.NO_TIME, "metric"),
    (query(by=("time:month",)), codes.NO_TIME, "metric"),
    (query("booked", order=("bokked",)), codes.UNKNOWN_ORDER, "`booked`"),
    (query("booked", by=("time:month", "time:year"), order=("time",)), codes.UNKNOWN_ORDER, "`time:month`"),
    (query("booked", limit=0), codes.WRONG_LIMIT, "1 or more"),
    (query("booked", during=replace(MARCH, end=MARCH.start)), codes.EMPTY_WINDOW, "earlier"),
    (query(by=("orders.status", "invoices.issued_on")), codes.NO_SHARED_DATASET, "metric"),
]


@pytest.mark.parametrize(("asked", "code", "mend"), REFUSALS, ids=[f"{r[1]} {n}" for n, r in enumerate(REFUSALS)])
def test_a_question_is_refused_with_its_code(shop: Linked, asked: Query, code: str, mend: str) -> None:
    error = refused(shop, asked)
    assert error.diagnostics[0].code == code, error
    assert mend in error.diagnostics[0].mend


def test_an_ambiguous_question_offers_its_readings(shop: Linked) -> None:
    assert refused(shop, query("revenue")).options == ("booked (audience sales)", "recognized (audience finance)")
    assert refused(shop, query("booked", by=("places.city",))).options == ("destination.city", "customers.home.city")
    assert set(refused(shop, query("booked", by=("customer_id",))).options) == {
        "orders.customer_id",
        "customers.customer_id",
    }


def test_a_term_means_what_its_audience_means(shop: Linked) -> None:
    for audience, meant in (("sales", "booked"), ("finance", "recognized")):
        plan = resolve(shop, query("revenue"), audience=audience)
        assert plan.query.metrics == (meant,)
        assert plan.meanings == (Meaning(word="revenue", means=meant),)
        assert any(audience in said for said in plan.assumptions)
    assert resolve(shop, query("sold")).query.metrics == ("orders_count",)
    assert resolve(shop, query("turnover"), audience="sales").query.metrics == ("booked",)


def test_the_same_meaning_has_the_same_digest_however_it_is_worded(shop: Linked) -> None:
    plain = resolve(shop, query("booked", by=("orders.kind",), order=("orders.kind",)))
    worded = resolve(shop, query("bookings", by=("sort",)))
    assert worded.digest == plain.digest
    assert worded.meanings == (Meaning(word="bookings", means="booked"), Meaning(word="sort", means="orders.kind"))
    assert resolve(shop, query("booked", by=("orders.status",))).digest != plain.digest


def test_a_plan_names_every_column_it_reads_and_no_other(shop: Linked) -> None:
    plan = resolve(
        shop, query("booked", by=("customers.home.city",), where=("customers.email contains @",), during=MARCH)
    )
    assert plan.touches == {
        "orders.amount",
        "orders.status",
        "orders.customer_id",
        "orders.ordered_at",
        "customers.customer_id",
        "customers.home_id",
        "customers.email",
        "places.place_id",
        "places.city",
    }
    assert plan.classifications == {"personal"}
    assert [(join.source, join.target, join.role) for join in plan.joins] == [
        ("orders", "customers", None),
        ("customers", "places", "home"),
    ]
    assert plan.dates is not None
    assert plan.dates.fields == ("orders.ordered_at",)


def test_what_a_row_filter_reads_is_told_with_the_statement(shop: Linked) -> None:
    plan = resolve(shop, query("booked"))
    statement = compile_sql(shop, plan, row_filters=((row_filter("customers.segment = 'retail'"),),))
    assert "customers.segment" not in plan.touches
    assert [source.dataset for source in statement.sources] == ["customers", "orders"]
    assert [join.target for join in statement.joins] == ["customers"]
    assert statement.row_filters == ("customers.segment = 'retail'",)


def test_one_name_for_two_fields_is_refused() -> None:
    both = model(
        dataset("sales", "id:integer site_id:integer"),
        dataset("visits", "id:integer site_id:integer"),
        dataset("places", "id:integer name:string"),
        dataset("pages", "id:integer name:string"),
        joins=(join("sales.site_id -> places.id", role="site"), join("visits.site_id -> pages.id", role="site")),
        metrics=(metric("sold", "count(sales)"), metric("visited", "count(visits)")),
    )
    assert refused(link(both), query("sold", "visited", by=("site.name",))).diagnostics[0].code == codes.TWO_MEANINGS


def test_an_unknown_dialect_is_refused(shop: Linked) -> None:
    with pytest.raises(RequestError) as error:
        compile_sql(shop, resolve(shop, query("booked")), dialect="excel")
    assert error.value.diagnostics[0].code == codes.UNKNOWN_DIALECT


def test_values_are_typed_by_their_field_and_not_by_their_spelling(shop: Linked) -> None:
    def sql(name: str, *values: object) -> str:
        return sql_of(shop, Query(metrics=("booked",), where=(Filter(name=name, op=Op.IN, values=values),)))  # type: ignore[arg-type]

    assert "IN ('2024', '7')" in sql("customers.name", "2024", 7)
    assert "IN (7, 8)" in sql("orders.quantity", "7", Decimal("8.0"))
    assert "IN (7.50)" in sql("orders.amount", "7.50")
    with pytest.raises(RequestError):
        sql("orders.quantity", *[True])
    with pytest.raises(RequestError):
        sql("customers.name", None)


def test_equal_queries_of_unequal_types_are_not_mistaken_for_each_other(shop: Linked) -> None:
    def asked(*values: int | bool) -> Query:
        return Query(metrics=("booked",), where=(Filter(name="orders.quantity", op=Op.EQ, values=values),))

    resolve(shop, asked(1))
    with pytest.raises(RequestError):
        resolve(shop, asked(*[True]))


def test_a_plan_is_resolved_and_compiled_once(shop: Linked) -> None:
    asked = query("recognized_share", by=("time:month",))
    plan = resolve(shop, asked)
    assert resolve(shop, query("recognized_share", by=("time:month",))) is plan
    assert compile_sql(shop, plan) is compile_sql(shop, plan)


def test_the_time_dimension_without_a_grain_is_days_and_says_so(shop: Linked) -> None:
    plan = resolve(shop, query("booked", by=("time",)))
    assert plan.query.by == (By(name="time", grain=Grain.DAY),)
    assert any("cut into days" in said for said in plan.assumptions)


def test_a_filter_of_a_thousand_days_is_no_trouble(shop: Linked) -> None:
    days = tuple(date.fromordinal(739_000 + n) for n in range(1_000))
    asked = Query(metrics=("orders_count",), where=(Filter(name="orders.ordered_at", op=Op.IN, values=days),))
    assert opened().execute(sql_of(shop, asked)).fetchall() == [(5,)]  # all but the order without a time


def test_every_code_of_this_room_is_explained() -> None:
    written = {value for name, value in vars(codes).items() if name.isupper() and isinstance(value, str)}
    assert written == set(CODES)
    assert all(code.code == key and code.why and code.wrong and code.right for key, code in CODES.items())


def test_a_time_zone_of_the_model_reaches_the_sql() -> None:
    elsewhere = link(replace(SHOP, calendar=replace(SHOP.calendar, timezone="Asia/Tokyo")))
    assert "'Asia/Tokyo'" in sql_of(elsewhere, query("booked", by=("time:day",)))


@pytest.mark.parametrize("name", ["booked", "bookings"])
def test_a_metric_that_a_condition_compares_is_asked_about(name: str) -> None:
    """An answer tells about it: whoever moves the limit reads its value out, so a permit must cover it."""
    plan = resolve(link(SHOP), Query(metrics=("orders_count",), conditions=(f"{name}[per customers.customer_id] > 3",)))
    assert [use.name for use in plan.metrics if use.is_asked] == ["orders_count", "booked"]
