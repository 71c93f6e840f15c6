"""The project of the demo company, over its data: it reads, links, and answers what plain SQL answers."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

import duckdb
import pytest

from loadline import semantics
from loadline.demo import Written
from loadline.flow.understand import as_query
from loadline.policy import decide, matter_of
from loadline.project import Project, read_folder
from loadline.semantics import Linked
from loadline.values.decision import Decision, Forbid, Permit, RowFilter
from loadline.values.model import Status
from loadline.values.plan import Plan
from loadline.values.query import By, Query
from loadline.values.question import VerifiedQuestion

TODAY = date(2026, 11, 23)


@pytest.fixture(scope="module")
def project(company: Written) -> Project:
    reading = read_folder(company.root)
    assert reading.diagnostics == ()
    assert reading.project is not None
    return reading.project


@pytest.fixture(scope="module")
def linked(project: Project) -> Linked:
    return semantics.link(project.model)


@pytest.fixture(scope="module")
def questions(project: Project) -> Mapping[str, VerifiedQuestion]:
    return {question.id: question for question in project.questions}


def plan_of(project: Project, linked: Linked, question: VerifiedQuestion) -> Plan:
    return semantics.resolve(linked, as_query(project, question, TODAY), audience=question.audience)


def rows_of(
    tables: duckdb.DuckDBPyConnection,
    linked: Linked,
    plan: Plan,
    row_filters: tuple[tuple[RowFilter, ...], ...] = (),
) -> list[tuple[object, ...]]:
    return tables.execute(semantics.compile_sql(linked, plan, row_filters=row_filters).sql).fetchall()


def test_the_project_says_what_it_promises(project: Project) -> None:
    model = project.model
    facts = {found[1] for m in model.metrics.values() if (found := re.search(r"\((?:distinct )?(\w+)", m.expr.value))}
    assert len(model.metrics) >= 26
    assert len(facts) >= 4
    assert len(project.owners) == 5
    assert len(project.questions) == 30
    assert set(project.audiences) == {"sales", "finance", "operations"}
    for term in ("revenue", "active_customers"):
        meanings = model.terms[term].meanings
        assert meanings["sales"] != meanings["finance"]
        assert model.terms[term].otherwise is None


def test_every_kind_of_aggregate_is_used(project: Project) -> None:
    written = " ".join(metric.expr.value for metric in project.model.metrics.values())
    for kind in ("sum(", "count(", "count(distinct ", "avg(", "min(", "max(", "median(", "percentile(", " / ", " - "):
        assert kind in written, kind


def test_what_is_not_approved_is_so_on_purpose(project: Project) -> None:
    drafts = {metric.name for metric in project.model.metrics.values() if metric.status is not Status.APPROVED}
    unowned = {metric.name for metric in project.model.metrics.values() if metric.owner is None}
    assert drafts == {"shipped_weight", "cost_per_kilogram", "subscription_fees"}
    assert unowned == {"cost_per_kilogram", "subscription_fees"}


def test_everything_approved_is_explained(project: Project) -> None:
    approved = [m for m in project.model.metrics.values() if m.status is Status.APPROVED]
    assert [m.name for m in approved if not m.description or not m.owner] == []


def test_row_filters_of_rules_can_be_read(project: Project, linked: Linked) -> None:
    for rule in project.rules:
        assert rule.rows is None or semantics.check_filter(linked, rule.rows) == ()


def test_every_metric_can_be_computed(project: Project, linked: Linked, tables: duckdb.DuckDBPyConnection) -> None:
    for name in project.model.metrics:
        ((value,),) = rows_of(tables, linked, semantics.resolve(linked, Query(metrics=(name,))))
        assert value is not None, name


def test_every_verified_question_has_an_answer(
    project: Project, linked: Linked, tables: duckdb.DuckDBPyConnection
) -> None:
    for question in project.questions:
        rows = rows_of(tables, linked, plan_of(project, linked, question))
        assert rows, question.id
        assert any(value is not None for value in rows[0]), question.id


def test_verified_answers_rest_on_approved_metrics(project: Project, linked: Linked) -> None:
    for question in project.questions:
        plan = plan_of(project, linked, question)
        assert {metric.status for metric in plan.metrics} == {Status.APPROVED}, question.id
        assert "personal" not in plan.classifications


# Question, and the same in SQL as somebody would write it by hand who knows the tables. `day` is Berlin's.
# A median of DECIMAL would keep the two digits of the column, half a cent short.
ORDERS = """(SELECT *, (ordered_at AT TIME ZONE 'Europe/Berlin')::DATE AS day FROM sales.orders)"""
STANDING = f"(SELECT * FROM {ORDERS} WHERE status <> 'cancelled')"
TICKETS = (
    """(SELECT *, (opened_at AT TIME ZONE 'UTC' AT TIME ZONE 'Europe/Berlin')::DATE AS day FROM support.tickets)"""
)
PLAIN: Mapping[str, str] = {
    "revenue-q3-as-sales-counts": f"SELECT sum(amount) FROM {STANDING} WHERE day BETWEEN '2026-07-01' AND '2026-09-30'",
    "revenue-q3-as-finance-counts": """SELECT sum(recognized_amount) FROM billing.invoices
        WHERE recognized_on BETWEEN '2026-07-01' AND '2026-09-30'""",
    "active-customers-as-sales-counts": f"""SELECT count(DISTINCT customer_id) FROM {STANDING}
        WHERE day BETWEEN '2026-07-01' AND '2026-09-30'""",
    "active-customers-as-finance-counts": """SELECT count(DISTINCT customer_id) FROM billing.invoices
        WHERE paid_on BETWEEN '2026-07-01' AND '2026-09-30'""",
    "booked-revenue-by-region": f"""SELECT region, sum(amount) AS booked
        FROM {STANDING} JOIN crm.customers USING (customer_id)
        WHERE day BETWEEN '2026-07-01' AND '2026-09-30' GROUP BY region ORDER BY booked DESC""",
    "booked-revenue-by-month": f"""SELECT date_trunc('month', day)::DATE AS month, sum(amount) FROM {STANDING}
        WHERE year(day) = 2025 GROUP BY month ORDER BY month""",
    "booked-revenue-last-quarter": f"""SELECT sum(amount) FILTER (status <> 'cancelled'), count(*) FROM {ORDERS}
        WHERE day BETWEEN '2026-07-01' AND '2026-09-30'""",
    "top-destinations": f"""SELECT city, sum(amount) AS booked FROM {STANDING}
        JOIN ref.places ON place_id = destination_place_id
        WHERE day BETWEEN '2026-07-01' AND '2026-09-30' GROUP BY city ORDER BY booked DESC LIMIT 5""",
    "lanes-from-hamburg": f"""SELECT d.country, count(*) AS n FROM {ORDERS}
        JOIN ref.places o ON o.place_id = origin_place_id JOIN ref.places d ON d.place_id = destination_place_id
        WHERE o.city = 'Hamburg' AND day BETWEEN '2026-01-01' AND '2026-10-31'
        GROUP BY d.country ORDER BY n DESC, d.country""",
    "revenue-by-industry": f"""SELECT industry, sum(amount) AS booked, count(DISTINCT customer_id) FROM {STANDING}
        JOIN crm.customers USING (customer_id) JOIN crm.companies USING (company_id)
        WHERE day BETWEEN '2025-02-01' AND '2026-01-31' GROUP BY industry ORDER BY booked DESC""",
    "cancellations-by-region": f"""SELECT region, date_trunc('year', day)::DATE AS year,
            avg((status = 'cancelled')::INTEGER), count(*) FILTER (status = 'cancelled')
        FROM {ORDERS} JOIN crm.customers USING (customer_id) GROUP BY region, year ORDER BY region, year""",
    "weekly-orders-in-october": f"""SELECT date_trunc('week', day)::DATE AS week, count(*) FROM {ORDERS}
        WHERE day BETWEEN '2026-10-01' AND '2026-10-31' GROUP BY week ORDER BY week""",
    "orders-without-a-segment": f"""SELECT region, sum(amount) FILTER (status <> 'cancelled'), count(*) FROM {ORDERS}
        JOIN crm.customers USING (customer_id) WHERE segment IS NULL AND year(day) = 2024 GROUP BY region""",
    "discounts-by-fiscal-quarter": f"""SELECT (date_trunc('quarter', day - INTERVAL 1 MONTH) + INTERVAL 1 MONTH)::DATE
            AS quarter, sum(discount), sum(discount) / (sum(amount) + sum(discount)) FROM {STANDING}
        WHERE day BETWEEN '2025-02-01' AND '2026-10-31' GROUP BY quarter ORDER BY quarter""",
    "booked-against-recognized": f"""SELECT * FROM
        (SELECT date_trunc('month', day)::DATE AS month, sum(amount) FROM {STANDING}
         WHERE day BETWEEN '2026-01-01' AND '2026-09-30' GROUP BY month) b JOIN
        (SELECT date_trunc('month', recognized_on)::DATE AS month, sum(recognized_amount) FROM billing.invoices
         WHERE recognized_on BETWEEN '2026-01-01' AND '2026-09-30' GROUP BY month) r USING (month) ORDER BY month""",
    "payment-delay-by-region": """SELECT region, avg(paid_on - issued_on) AS delay,
            quantile_cont(paid_on - issued_on, 0.9), avg((paid_on > due_on)::INTEGER)
        FROM billing.invoices JOIN crm.customers USING (customer_id)
        WHERE issued_on BETWEEN '2026-01-01' AND '2026-06-30' GROUP BY region ORDER BY delay DESC""",
    "credit-rate-by-region": """WITH credit AS (
            SELECT region, sum(n.amount) AS back FROM billing.credit_notes n JOIN billing.invoices USING (invoice_id)
            JOIN crm.customers USING (customer_id) WHERE year(n.issued_on) = 2025 GROUP BY region),
        invoiced AS (SELECT region, sum(amount) FILTER (year(issued_on) = 2025) AS billed,
                            sum(recognized_amount) FILTER (year(recognized_on) = 2025) AS earned
            FROM billing.invoices JOIN crm.customers USING (customer_id) GROUP BY region)
        SELECT region, back / billed AS rate, earned - coalesce(back, 0) FROM invoiced LEFT JOIN credit USING (region)
        ORDER BY rate DESC""",
    "invoices-by-kind-of-rate": """SELECT origin, i.currency, sum(amount) AS billed FROM billing.invoices i
        LEFT JOIN finance.fx_rates r ON r.currency = i.currency AND rate_on = issued_on
        WHERE i.currency <> 'EUR' AND issued_on BETWEEN '2026-01-01' AND '2026-10-31'
        GROUP BY origin, i.currency ORDER BY billed DESC""",
    "credits-by-reason": """SELECT reason, sum(amount) AS back FROM billing.credit_notes
        WHERE year(issued_on) = 2025 GROUP BY reason ORDER BY back DESC""",
    "margin-by-region": f"""WITH booked AS (
            SELECT region, sum(amount) AS revenue FROM {STANDING} JOIN crm.customers USING (customer_id)
            WHERE day BETWEEN '2025-01-01' AND '2026-10-31' GROUP BY region),
        carried AS (SELECT region, sum(cost) AS cost FROM ops.shipments JOIN sales.orders USING (order_id)
            JOIN crm.customers USING (customer_id)
            WHERE shipped_at >= '2025-01-01' AND shipped_at < '2026-11-01' GROUP BY region)
        SELECT region, (revenue - cost) / revenue, revenue FROM carried LEFT JOIN booked USING (region)
        ORDER BY region""",
    "unpaid-by-country": """SELECT country, sum(amount) AS unpaid FROM billing.invoices
        JOIN crm.customers USING (customer_id) JOIN crm.companies USING (company_id)
        WHERE paid_on IS NULL GROUP BY country ORDER BY unpaid DESC LIMIT 5""",
    "order-values-by-service": f"""SELECT service, avg(amount), median(amount::DOUBLE), min(amount), max(amount)
        FROM {STANDING} WHERE day BETWEEN '2026-01-01' AND '2026-10-31' GROUP BY service ORDER BY service""",
    "big-spenders": f"""SELECT country, sum(amount) AS booked, sum(amount) / count(DISTINCT customer_id) FROM {STANDING}
        JOIN crm.customers USING (customer_id) JOIN crm.companies USING (company_id)
        WHERE day BETWEEN '2026-01-01' AND '2026-10-31' GROUP BY country HAVING booked > 500000
        ORDER BY booked DESC""",
    "franc-by-quarter": """SELECT date_trunc('quarter', rate_on)::DATE AS quarter, avg(eur_per_unit)
        FROM finance.fx_rates WHERE currency = 'CHF' AND year(rate_on) = 2025 GROUP BY quarter ORDER BY quarter""",
    "punctuality-by-carrier": """SELECT name, mode,
            count(*) FILTER (delivered_at::DATE <= promised_on) / count(delivered_at) AS kept, count(*)
        FROM ops.shipments JOIN ref.carriers USING (carrier_id)
        WHERE shipped_at >= '2026-07-01' AND shipped_at < '2026-10-01'
        GROUP BY name, mode ORDER BY kept, name LIMIT 5""",
    "transit-by-region-and-service": """SELECT region, service, median(delivered_at::DATE - shipped_at::DATE),
            quantile_cont(delivered_at::DATE - shipped_at::DATE, 0.95),
            count(*) FILTER (is_damaged) / count(delivered_at)
        FROM ops.shipments JOIN sales.orders USING (order_id) JOIN crm.customers USING (customer_id)
        WHERE region IN ('north', 'south') AND shipped_at >= '2026-01-01' AND shipped_at < '2026-11-01'
        GROUP BY region, service ORDER BY region, service""",
    "questions-per-order": f"""WITH asked AS (
            SELECT region, count(*) AS n, avg(satisfaction) AS mood FROM {TICKETS}
            LEFT JOIN crm.customers USING (customer_id) WHERE day BETWEEN '2026-07-01' AND '2026-09-30'
            GROUP BY region),
        ordered AS (SELECT region, count(*) AS n FROM {ORDERS} JOIN crm.customers USING (customer_id)
            WHERE day BETWEEN '2026-07-01' AND '2026-09-30' GROUP BY region)
        SELECT region, 1000 * a.n / o.n, mood FROM asked a LEFT JOIN ordered o USING (region) ORDER BY region""",
    "platform-use-over-the-new-collector": """SELECT date_trunc('month',
            (happened_at AT TIME ZONE 'Europe/Berlin'))::DATE AS month, count(DISTINCT event_id)
        FROM (SELECT event_id, happened_at FROM product.usage_events
              UNION ALL SELECT event_id, happened_at FROM product.usage_events_2026)
        WHERE (happened_at AT TIME ZONE 'Europe/Berlin')::DATE BETWEEN '2025-10-01' AND '2026-03-31'
        GROUP BY month ORDER BY month""",
    "subscriptions-by-plan": """SELECT plan, count(*) FILTER (started_on BETWEEN '2024-01-01' AND '2026-10-31'),
            count(*) FILTER (ended_on BETWEEN '2024-01-01' AND '2026-10-31')
        FROM billing.subscriptions GROUP BY plan ORDER BY plan""",
    "companies-by-size": """SELECT CASE WHEN employees < 50 THEN 'small' WHEN employees < 250 THEN 'medium'
            ELSE 'large' END AS size, count(DISTINCT company_id) AS companies, count(executive_id)
        FROM crm.companies JOIN crm.executives USING (company_id) GROUP BY size ORDER BY companies DESC""",
}


def same(ours: Sequence[tuple[object, ...]], plain: Sequence[tuple[object, ...]]) -> bool:
    return len(ours) == len(plain) and all(
        len(a) == len(b) and all(alike(x, y) for x, y in zip(a, b, strict=True))
        for a, b in zip(ours, plain, strict=True)
    )


def alike(x: object, y: object) -> bool:
    """Decimals and counts exactly, unless one side divided."""
    if isinstance(x, float) or isinstance(y, float):
        return isinstance(x, int | float | Decimal) and float(x) == pytest.approx(float(str(y)), rel=1e-9)
    return x == y


@pytest.mark.parametrize("name", PLAIN)
def test_a_verified_answer_is_what_plain_sql_says(
    name: str,
    project: Project,
    linked: Linked,
    questions: Mapping[str, VerifiedQuestion],
    tables: duckdb.DuckDBPyConnection,
) -> None:
    ours = rows_of(tables, linked, plan_of(project, linked, questions[name]))
    plain = tables.execute(PLAIN[name]).fetchall()
    assert same(ours, plain), f"{ours}\n{plain}"


def test_sales_and_finance_get_different_numbers_for_one_word(
    project: Project, linked: Linked, questions: Mapping[str, VerifiedQuestion], tables: duckdb.DuckDBPyConnection
) -> None:
    for word in ("revenue-q3", "active-customers"):
        sales, finance = (
            rows_of(tables, linked, plan_of(project, linked, questions[f"{word}-as-{who}-counts"]))
            for who in ("sales", "finance")
        )
        assert sales != finance


def judged(project: Project, linked: Linked, person: str, query: Query) -> Decision:
    plan = semantics.resolve(linked, query, audience=project.people[person].audience)
    return decide(project.rules, matter_of(plan, project.people[person].principal()))


def test_nora_sees_the_north_and_nothing_else(
    project: Project, linked: Linked, tables: duckdb.DuckDBPyConnection
) -> None:
    query = Query(metrics=("booked_revenue", "tickets_opened"), by=(By(name="customers.region"),))
    decision = judged(project, linked, "nora", query)
    assert isinstance(decision, Permit)
    rows = rows_of(tables, linked, semantics.resolve(linked, query), decision.row_filters)
    assert [row[0] for row in rows] == ["north"]


@pytest.mark.parametrize("column", ["executives.email", "executives.full_name", "customers.contact_email"])
def test_nobody_breaks_a_number_down_by_a_person(column: str, project: Project, linked: Linked) -> None:
    metric = "executives_on_file" if column.startswith("executives") else "orders_placed"
    for person in project.people:
        decision = judged(project, linked, person, Query(metrics=(metric,), by=(By(name=column),)))
        assert isinstance(decision, Forbid), person


@pytest.mark.parametrize(
    ("person", "metric", "is_permitted"),
    [
        ("ana", "freight_margin", True),
        ("nora", "freight_margin", False),
        ("nora", "booked_revenue", True),
        ("vera", "freight_margin", True),
        ("vera", "shipped_weight", False),
        ("vera", "on_time_rate", True),
        ("local", "recognized_revenue", True),
    ],
)
def test_the_rules_permit_what_they_say(
    person: str, metric: str, is_permitted: bool, project: Project, linked: Linked
) -> None:
    assert isinstance(judged(project, linked, person, Query(metrics=(metric,))), Permit) is is_permitted
