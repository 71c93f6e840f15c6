"""A project is read whole: everything wrong is said, once, where it stands, and nothing follows from another."""

from __future__ import annotations

import pytest

from loadline.errors import ProjectError
from loadline.project import codes, read
from loadline.values.diagnostic import Severity
from loadline.values.model import Status, Text
from loadline.values.query import Filter, Grain, Op, Order
from loadline.values.rule import Effect
from project.sample import BASE, FILES, base, placed, project, reading, said


def test_what_is_written_is_what_is_read() -> None:
    found = project()
    assert (found.name, found.warehouse.timeout_seconds, found.warehouse.max_rows) == ("shop", 30, 100_000)
    assert found.warehouse.files["ref.places"] == "data/places.csv"
    assert found.people["ana"].roles == ("analyst",)
    assert found.people["local"].audience is None
    assert found.audiences["finance"] == "how the books are kept"
    assert found.model.calendar.fiscal_year_starts == (2, 1)
    assert found.model.calendar.week_starts == 1
    assert found.model.datasets["orders"].key == ("order_id",)
    assert found.model.datasets["customers"].key == ("customer_id",), "the contract's primary key"
    assert found.model.metrics["average_order"].status is Status.DRAFT, "nobody approves by saying nothing"
    assert found.model.terms["revenue"].otherwise is None, "`ask` is no metric"
    assert {owner.owner for owner in found.contracts.values()} == {"sales-ops", "finance", "mia@example.com"}
    assert [one.name for one in found.model.relationships if one.role] == ["home", "destination"]
    assert {one.effect for one in found.rules} == {Effect.PERMIT, Effect.FORBID}


def test_a_verified_question_is_a_finite_query() -> None:
    (question, _) = project().questions
    assert [(one.name, one.grain) for one in question.by] == [("customers.region", None), ("time", Grain.MONTH)]
    assert question.where == (Filter(name="customers.region", op=Op.EQ, values=("NORTH",)),)
    assert question.order == (Order(name="booked_revenue", is_descending=True),)
    assert (question.during, question.limit) == ("2025-Q3", 5)


EXPRESSIONS = [
    ("is: sum(orders.amount)", 3, 9),
    ("is: 'sum(orders.amount)'", 3, 10),
    ('"is":   "sum(orders.amount)"', 3, 14),
    ("is: |\n      sum(orders.amount)", 4, 7),
    ("is: >-\n\n      sum(orders.amount)", 5, 7),
    ("is:\n      sum(orders.amount)", 4, 7),
    ("is: &total sum(orders.amount)", 3, 16),
]


@pytest.mark.parametrize(("written", "line", "column"), EXPRESSIONS)
def test_an_expression_is_pointed_at_where_its_first_character_stands(written: str, line: int, column: int) -> None:
    found = project(context__more=f"metrics:\n  more:\n    {written}\n").model.metrics["more"].expr
    assert isinstance(found, Text)
    assert found.value == "sum(orders.amount)"
    assert (found.place.line, found.place.column) == (line, column)
    inside = found.place.within(4, 13)
    assert (inside.line, inside.column, inside.length) == (line, column + 4, 13)


def test_everything_wrong_in_every_file_is_said_at_once_and_in_order() -> None:
    found = reading(
        loadline=base("loadline.yaml", ("audience: sales", "audience: sale")),
        context__more="metrics:\n  one: {is: count(orders), owner: nobody}\n  Two: {is: count(orders)}\n",
        policies__more="rules:\n  - {name: none, because: nothing}\n",
        questions__more="questions:\n  - {id: one, ask: One?, query: {metrics: [ones]}}\n",
    )
    assert [(one.place.file if one.place else "", *placed(one)) for one in found.diagnostics] == [
        ("context/more.yaml", codes.UNKNOWN_OWNER, 2, 35),
        ("context/more.yaml", codes.BAD_NAME, 3, 3),
        ("loadline.yaml", codes.UNKNOWN_AUDIENCE, 20, 37),
        ("policies/more.yaml", codes.ONE_EFFECT, 2, 5),
        ("questions/more.yaml", codes.UNKNOWN_METRIC, 2, 44),
    ]
    with pytest.raises(ProjectError) as caught:
        found.accept()
    assert caught.value.diagnostics == found.diagnostics


@pytest.mark.parametrize("file", sorted(FILES))
def test_a_file_that_cannot_be_read_is_said_once_and_nothing_that_follows_from_it(file: str) -> None:
    found = read(FILES | {file: FILES[file] + b"\n  : : [\n"}, BASE)
    assert [one.code for one in found.diagnostics] == [codes.NOT_YAML]
    assert found.project is None


@pytest.mark.parametrize("file", sorted(FILES))
def test_a_definition_of_the_wrong_type_is_said_once(file: str) -> None:
    for content in (b"- a list\n", b"just text\n", b"12\n"):
        found = read(FILES | {file: content}, BASE)
        assert [one.code for one in found.diagnostics] == [codes.WRONG_TYPE], content


def test_a_definition_that_is_broken_is_still_there_for_whoever_names_it() -> None:
    text = "metrics:\n  broken: {unit: EUR}\nterms:\n  more: {sales: broken}\n"
    assert said(context__more=text) == [(codes.MISSING_KEY, 2, 3)]


def test_what_is_wrong_with_rules_does_not_hide_what_is_wrong_with_expressions() -> None:
    found = reading(policies__more="rules: [{name: x}]\n")
    assert found.project is None
    assert found.model == project().model


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("metrics: {more: {is: count(orders), owner: salesops}}", "`sales-ops`"),
        ("metrics: {more: {is: count(orders), descripton: x}}", "`description`"),
        ("metrics: {more: {is: count(orders), status: aproved}}", "`approved`"),
        ("relationships: [orders.channel -> plces.city]", "`places`"),
        ("terms: {more: {sales: boked_revenue}}", "`booked_revenue`"),
        ("datasets: {more: {source: sale.orders}}", "`sales.orders`"),
        ("datasets: {more: {source: sales.orders, contract: order}}", "`orders`"),
        ("datasets: {more: {source: sales.orders, contract: orders, time: orderd_at}}", "`ordered_at`"),
        ("metrics: {Booked Orders: {is: count(orders)}}", "`booked_orders`"),
    ],
)
def test_the_nearest_name_is_offered(text: str, word: str) -> None:
    (one,) = reading(context__more=text).diagnostics
    assert word in one.mend
    assert one.excerpt == text


def test_a_warning_stands_beside_a_project() -> None:
    found = reading(policies__more="rules: [{name: later, permit: ask, on: {metrics: ['margin_*']}}]\n")
    (one,) = found.diagnostics
    assert (one.code, one.severity) == (codes.MATCHES_NOTHING, Severity.WARNING)
    assert "later" in {rule.name for rule in found.accept().rules}


@pytest.mark.parametrize(("columns", "codes_said"), [("accounts.*", []), ("order.*", [codes.MATCHES_NOTHING])])
def test_a_table_that_only_a_target_has_may_be_named_and_a_misspelled_dataset_may_not(
    columns: str, codes_said: list[str]
) -> None:
    rules = f"rules: [{{name: approvers-see, permit: ask, on: {{columns: ['{columns}']}}}}]\n"
    manifest = FILES["loadline.yaml"].decode() + "\ntargets: {crm: {kind: sqlite, database: data/crm.db}}\n"
    assert [one.code for one in reading(loadline=manifest, policies__more=rules).diagnostics] == codes_said
    assert [one.code for one in reading(policies__more=rules).diagnostics] == [codes.MATCHES_NOTHING]


def test_both_places_of_a_name_are_given() -> None:
    (one,) = reading(context__more="metrics:\n  order_count: {is: count(orders)}\n").diagnostics
    assert one.place is not None
    assert one.place.file == "context/more.yaml"
    assert "context/metrics.yaml:17:3" in one.mend


def test_no_country_is_false_and_no_date_is_a_number() -> None:
    values = "[no, off, NO, 02-01, 1_000, 0o17, 12:30]"
    query = f"{{metrics: [order_count], where: [{{field: orders.channel, op: in, value: {values}}}]}}"
    text = f"questions:\n  - {{id: n, ask: N?, query: {query}}}\n"
    (_, _, question) = project(questions__zz=text).questions
    assert question.where[0].values == ("no", "off", "NO", "02-01", "1_000", 15, "12:30")


def test_nothing_at_all_is_no_project_and_no_crash() -> None:
    assert [one.code for one in read({}, BASE).diagnostics] == [codes.NO_PROJECT]


def test_an_empty_file_of_context_is_fine_and_an_empty_manifest_is_not() -> None:
    assert said(context__empty="# to be written\n") == []
    assert {code for code, _, _ in said(loadline="")} == {codes.MISSING_KEY}
