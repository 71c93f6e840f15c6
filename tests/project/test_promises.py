"""What a contract promises of its rows, read whole: quality rules, references, service levels, our extensions."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from loadline.project import codes
from loadline.project.contract_shape import CONTRACT
from loadline.project.contracts import build_contract
from loadline.project.faults import Faults
from loadline.project.fitting import fit
from loadline.project.tree import Entries
from loadline.project.yaml_reader import read_yaml
from loadline.values.contract import Bound, Column, ContractTable, Limit, Must, QualityRule, RuleKind, Sla
from loadline.values.diagnostic import Severity
from project.test_contracts import HEAD, built, is_standard

OWN = "vendor: loadline"


def table(text: str, *, head: str = "") -> ContractTable:
    """A table `t` with columns `a` and `b` and what is written more of it."""
    written = f"{HEAD}{head}schema:\n  - name: t\n{text}"
    if "properties:" not in text:
        written += "    properties: [{name: a, logicalType: string}, {name: b, logicalType: timestamp}]\n"
    assert is_standard(written), "what is read here is what the standard allows"
    contract, said = built(written)
    assert said == []
    return contract.tables["t"]


def column(text: str) -> Column:
    return table(f"    properties: [{{name: a, {text}}}]\n").columns["a"]


def rule(text: str) -> QualityRule:
    (found,) = column(f"logicalType: string, quality: [{{{text}}}]").rules
    return found


def bound(number: str, *, is_exclusive: bool = False) -> Bound:
    return Bound(value=Decimal(number), is_exclusive=is_exclusive)


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("mustBe: 0", Limit(must=Must.BE, values=(0,))),
        ("mustNotBe: 0", Limit(must=Must.NOT_BE, values=(0,))),
        ("mustBeGreaterThan: 1", Limit(must=Must.BE_ABOVE, values=(1,))),
        ("mustBeGreaterOrEqualTo: 1", Limit(must=Must.BE_AT_LEAST, values=(1,))),
        ("mustBeLessThan: 1.5", Limit(must=Must.BE_BELOW, values=(Decimal("1.5"),))),
        ("mustBeLessOrEqualTo: 1", Limit(must=Must.BE_AT_MOST, values=(1,))),
        ("mustBeBetween: [1, 5]", Limit(must=Must.BE_BETWEEN, values=(1, 5))),
        ("mustNotBeBetween: [1, 5]", Limit(must=Must.NOT_BE_BETWEEN, values=(1, 5))),
    ],
)
def test_each_form_of_must_be_is_read(text: str, limit: Limit) -> None:
    assert rule(f"metric: nullValues, {text}").limit == limit


def test_a_library_rule_is_read_whole() -> None:
    read = rule(
        "id: r1, name: known states, metric: invalidValues, arguments: {validValues: [x, 1, null]}, unit: percent, "
        "mustBeLessThan: 5, severity: warning, dimension: conformity, schedule: '0 6 * * *', description: states"
    )
    assert (read.name, read.kind, read.metric) == ("known states", RuleKind.LIBRARY, "invalidValues")
    assert (read.values, read.unit, read.severity) == (("x", 1, None), "percent", Severity.WARNING)
    assert (read.dimension, read.schedule, read.description) == ("conformity", "0 6 * * *", "states")
    assert read.columns == ("a",)


def test_rules_of_other_kinds_are_kept() -> None:
    assert rule("type: sql, query: 'SELECT 1', mustBe: 1").query == "SELECT 1"
    assert rule("type: text, description: fine").kind is RuleKind.TEXT
    custom = rule("type: custom, engine: soda, implementation: 'x'")
    assert (custom.kind, custom.tool) == (RuleKind.CUSTOM, "soda")


def test_a_rule_as_it_was_written_before_v3_1_is_read() -> None:
    old = HEAD.replace("v3.2.0", "v3.0.2")
    text = (
        old
        + "schema: [{name: t, properties: [{name: a, logicalType: string, "
        + "quality: [{rule: duplicateCount, mustBe: 0}]}]}]"
    )
    contract, said = built(text)
    assert said == []
    (read,) = contract.tables["t"].columns["a"].rules
    assert read.metric == "duplicateValues"


@pytest.mark.parametrize(
    ("word", "severity"),
    [("error", "error"), ("warn", "warning"), ("INFO", "note"), ("critical", "error"), ("whatever", "error")],
)
def test_a_severity_nobody_knows_is_an_error(word: str, severity: str) -> None:
    assert rule(f"metric: nullValues, mustBe: 0, severity: {word}").severity == severity


@pytest.mark.parametrize(
    ("text", "minimum", "maximum"),
    [
        ("logicalType: integer, logicalTypeOptions: {minimum: 1, maximum: 9}", bound("1"), bound("9")),
        ("logicalType: number, logicalTypeOptions: {exclusiveMinimum: 0.5}", bound("0.5", is_exclusive=True), None),
        ("logicalType: date, logicalTypeOptions: {maximum: '2026-01-31'}", None, Bound(value="2026-01-31")),
    ],
)  # fmt: skip
def test_bounds_are_of_their_columns_type(text: str, minimum: Bound | None, maximum: Bound | None) -> None:
    read = column(text)
    assert (read.minimum, read.maximum) == (minimum, maximum)


def test_options_enum_and_names_are_read() -> None:
    read = column(
        "physicalName: A_1, logicalType: string, enum: [{value: x}, {value: y}], "
        "logicalTypeOptions: {pattern: '^[xy]$', minLength: 1, maxLength: 2, format: email}"
    )
    assert (read.name, read.in_warehouse, read.allowed) == ("a", "A_1", ("x", "y"))
    assert (read.pattern, read.least_length, read.most_length, read.format) == ("^[xy]$", 1, 2, "email")
    assert column("logicalType: string, logicalTypeOptions: {format: password}").unread == ("format: password",)


def test_references_of_columns_and_tables_are_read() -> None:
    single = column("logicalType: string, relationships: [{to: u.x}]").references[0]
    assert (single.columns, single.to_table, single.to_columns) == (("a",), "u", ("x",))
    full = column("logicalType: string, relationships: [{to: u.yaml#/schema/u/properties/x}]").references[0]
    assert (full.to_table, full.to_columns) == ("u", ("x",))
    both = table("    relationships: [{from: [t.a, t.b], to: [u.x, u.y]}]\n").references[0]
    assert (both.columns, both.to_table, both.to_columns) == (("a", "b"), "u", ("x", "y"))


@pytest.mark.parametrize(
    ("text", "column_name"),
    [("element: t.b", "b"), ("element: b", "b"), ("element: t", None), ("", None)],
)
def test_a_service_level_finds_its_column(text: str, column_name: str | None) -> None:
    more = f", {text}" if text else ""
    (sla,) = table("", head=f"slaProperties: [{{property: latency, value: 4, unit: d{more}}}]\n").slas
    assert isinstance(sla, Sla)
    assert (sla.property, sla.value, sla.unit, sla.column) == ("latency", 4, "d", column_name)


@pytest.mark.parametrize(
    ("said", "meant"),
    [("Latency", "latency"), ("FRESHNESS", "freshness"), ("ly", "latency"), ("fy", "frequency"), ("Re", "retention")],
)
def test_a_service_level_is_known_in_any_case_and_by_two_letters(said: str, meant: str) -> None:
    (sla,) = table("", head=f"slaProperties: [{{property: {said}, value: 4, unit: d}}]\n").slas
    assert sla.property == meant


def test_only_an_option_that_looks_like_one_of_the_standard_is_taken_for_a_mistake() -> None:
    text = "schema: [{name: t, properties: [{name: a, logicalType: integer, logicalTypeOptions: {%s: 3}}]}]"
    for misspelt in ("maximun", "Minimum", "max", "exlusive_minimum"):
        assert built(HEAD + text % misspelt)[1] == [codes.PASSED_OVER], misspelt
    for other in ("scale", "length", "indexed"):
        read: Any = built(HEAD + text % other)
        assert read[1] == []
        assert read[0].tables["t"].columns["a"].unread == (f"{other}: 3",)


def test_our_extensions_are_read_and_those_of_others_are_not() -> None:
    own = f"[{{property: where, value: a = 1, {OWN}}}, {{property: tolerance, value: 0.1, {OWN}}}, "
    own += f"{{property: severity, value: info, {OWN}}}, {{property: cause, value: old, {OWN}}}]"
    scope = column(f"logicalType: string, customProperties: {own}").scope
    assert (scope.where, scope.tolerance, scope.severity, scope.cause) == ("a = 1", Decimal("0.1"), "note", "old")
    others = column("logicalType: string, customProperties: [{property: where, value: a = 1, vendor: soda}]").scope
    assert others.where is None


def test_a_copy_says_when_it_was_taken() -> None:
    head = f"customProperties: [{{property: takenAt, value: '2026-11-01T00:00:00Z', {OWN}}}]\n"
    taken = table(f"    customProperties: [{{property: volumeChange, value: 0.3, {OWN}}}]\n", head=head)
    assert taken.taken_at is not None
    assert taken.taken_at.isoformat() == "2026-11-01T00:00:00+00:00"
    assert taken.volume_change == Decimal("0.3")


def test_patterns_python_does_not_know_are_no_fault() -> None:
    assert column(r"logicalType: string, logicalTypeOptions: {pattern: '^\p{L}+$'}").pattern is not None
    broken: Any = built(
        HEAD + "schema: [{name: t, properties: [{name: a, logicalType: string, logicalTypeOptions: {pattern: '('}}]}]"
    )
    assert broken[1] == [codes.BAD_PATTERN]


@pytest.mark.parametrize(
    ("text", "mend"),
    [
        ("minimum: 0", "write it under `logicalTypeOptions`: `logicalTypeOptions: {minimum: …}`"),
        ("pattern: x", "write it under `logicalTypeOptions`: `logicalTypeOptions: {pattern: …}`"),
        ("nullable: false", "write `required`"),
        ("Required: true", "write `required`"),
        ("enums: []", "write `enum`"),
        ("mustBe: 0", "write it in an entry of `quality`"),
        ("quality: [{metric: nullValues, mustBe: 0, arguements: {}}]", "write `arguments`"),
        (f"customProperties: [{{property: tolerence, value: 1, {OWN}}}]", "write `tolerance`"),
        (f"relationships: [{{to: u.x, customProperties: [{{property: wher, value: a, {OWN}}}]}}]", "write `where`"),
    ],
)
def test_a_promise_where_nobody_reads_it_is_an_error(text: str, mend: str) -> None:
    assert said_of(f"    properties: [{{name: a, logicalType: string, {text}}}]\n") == [(codes.PASSED_OVER, mend)]


@pytest.mark.parametrize("text", ["requires: approval", "customProperties: [{property: wher, value: a, vendor: soda}]"])
def test_what_other_tools_write_passes(text: str) -> None:
    assert said_of(f"    properties: [{{name: a, logicalType: string, {text}}}]\n") == []


def said_of(text: str) -> list[tuple[str, str]]:
    faults = Faults()
    tree = read_yaml("contracts/x.yaml", f"{HEAD}schema:\n  - name: t\n{text}", faults)
    assert tree is not None
    fitted = fit(CONTRACT, tree, "", faults)
    assert isinstance(fitted, Entries)
    build_contract("x", fitted, faults)
    return [(found.code, found.mend) for found in faults.diagnostics()]


def test_promises_of_the_parts_of_a_column_are_listed_as_not_looked_at() -> None:
    inner = "properties: [{name: x, logicalType: integer, required: true}, {name: y, logicalType: object, "
    inner += "properties: [{name: z, logicalType: string, enum: [{value: q}]}]}]"
    assert column(f"logicalType: object, {inner}").unread == (
        "part x: logicalType, required",
        "part y: logicalType",
        "part y.z: logicalType, enum",
    )
    assert column("logicalType: array, items: {logicalType: string, required: true}").unread == (
        "part []: logicalType, required",
    )


def test_a_rule_of_a_column_that_names_more_columns_is_about_all_of_them() -> None:
    found = rule("metric: duplicateValues, mustBe: 0, arguments: {properties: [a, b]}")
    assert found.columns == ("a", "b")


def test_service_levels_before_v3_1_have_a_default_element() -> None:
    head = "slaDefaultElement: t.b\nslaProperties: [{property: latency, value: 4, unit: d}]\n"
    (sla,) = table("", head=head).slas
    assert sla.column == "b"


def test_a_measure_is_no_column_of_the_warehouse() -> None:
    assert column("logicalType: number, semanticType: measure").is_measure


def test_the_tolerance_of_a_service_level_is_a_share() -> None:
    own = f"customProperties: [{{property: tolerance, value: 5, {OWN}}}]"
    head = f"slaProperties: [{{property: latency, value: 4, unit: d, element: t.b, {own}}}]\n"
    assert built(f"{HEAD}{head}schema: [{{name: t, properties: [{{name: b, logicalType: date}}]}}]")[1] == [
        codes.BAD_EXTENSION
    ]
