"""Contracts in the Open Data Contract Standard: what is used of them, and that it is the standard that is read."""

from __future__ import annotations

import importlib.resources
import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from loadline.project import codes
from loadline.project.contract_shape import CONTRACT
from loadline.project.contracts import build_contract
from loadline.project.faults import Faults
from loadline.project.fitting import fit
from loadline.project.forms import CONTRACT_VERSIONS, LOGICAL_TYPES
from loadline.project.tree import Entries, to_plain
from loadline.project.yaml_reader import read_yaml
from loadline.values.contract import Column, Contract
from project.sample import FILES

REPOSITORY = Path(__file__).parents[2]
HEAD = "apiVersion: v3.2.0\nkind: DataContract\nid: x\nversion: 1.0.0\n"
CONTRACTS = sorted(
    path
    for folder in ("tests/broken/_base", "src/loadline/demo/template", "examples/flights")
    for path in (REPOSITORY / folder / "contracts").glob("*.yaml")
)


@cache
def standard() -> jsonschema.Draft201909Validator:
    """The schema that the standard's own package carries."""
    text = importlib.resources.files("open_data_contract_standard").joinpath("schema.json").read_text(encoding="utf-8")
    return jsonschema.Draft201909Validator(json.loads(text))


def built(text: str) -> tuple[Contract, list[str]]:
    faults = Faults()
    tree = read_yaml("contracts/x.yaml", text, faults)
    assert tree is not None
    fitted = fit(CONTRACT, tree, "", faults)
    assert isinstance(fitted, Entries)
    contract = build_contract("x", fitted, faults)
    return contract, [found.code for found in faults.diagnostics()]


def column(text: str) -> Column:
    contract, said = built(f"{HEAD}schema: [{{name: t, properties: [{{name: c, {text}}}]}}]")
    assert said == []
    return contract.tables["t"].columns["c"]


def is_standard(text: str) -> bool:
    tree = read_yaml("x.yaml", text, Faults())
    assert tree is not None
    return standard().is_valid(to_plain(tree))


@pytest.mark.parametrize("path", CONTRACTS, ids=lambda path: path.relative_to(REPOSITORY).as_posix())
def test_every_contract_we_ship_is_a_contract_to_the_standard(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert built(text)[1] == []
    assert is_standard(text)


@pytest.mark.parametrize("version", CONTRACT_VERSIONS)
def test_every_version_we_read_is_one_of_the_standard(version: str) -> None:
    text = HEAD.replace("v3.2.0", version)
    assert built(text)[1] == []
    assert is_standard(text)


@pytest.mark.parametrize("version", ["v2.2.2", "3.2.0", "v3.3.0", "v4.0.0", "v3"])
def test_another_version_is_refused(version: str) -> None:
    assert built(HEAD.replace("v3.2.0", version))[1] == [codes.CONTRACT_VERSION]


def test_the_logical_types_are_those_of_the_standard() -> None:
    schema: Any = standard().schema
    written = schema["$defs"]["SchemaBaseProperty"]["properties"]["logicalType"]["enum"]
    assert sorted(LOGICAL_TYPES) == sorted(written)
    for logical in LOGICAL_TYPES:
        assert column(f"logicalType: {logical}").logical_type == logical


def test_what_we_do_not_read_of_the_standard_passes() -> None:
    more = (
        "domain: sales\ntenant: shop\ntags: [a]\nsupport: [{channel: '#data'}]\nprice: {priceAmount: 1.5}\n"
        "slaProperties: [{property: latency, value: 4, unit: d}]\n"
        "servers: [{server: main, type: postgres, host: db, port: 5432, database: shop, schema: public}]\n"
        "schema:\n  - name: t\n    quality: [{type: text, description: fine}]\n    properties:\n"
        "      - {name: c, logicalType: string, examples: [a], businessName: C, tags: [x], criticalDataElement: true,\n"
        "         quality: [{metric: nullValues, mustBe: 0}], logicalTypeOptions: {maxLength: 5, pattern: '^a'}}\n"
    )
    assert built(HEAD + more)[1] == []
    assert is_standard(HEAD + more)


@pytest.mark.parametrize(
    ("physical", "logical"),
    [
        ("BIGINT", "integer"),
        ("int8", "integer"),
        ("UINTEGER", "integer"),
        ("bigserial", "integer"),
        ("HUGEINT", "integer"),
        ("DECIMAL(12,2)", "number"),
        ("double precision", "number"),
        ("FLOAT64", "number"),
        ("NUMERIC", "number"),
        ("BOOLEAN", "boolean"),
        ("bool", "boolean"),
        ("VARCHAR(20)", "string"),
        ("text", "string"),
        ("NVARCHAR", "string"),
        ("UUID", "string"),
        ("character varying(5)", "string"),
        ("DATE", "date"),
        ("TIME", "time"),
        ("TIMESTAMP", "timestamp"),
        ("timestamptz", "timestamp"),
        ("TIMESTAMP_NTZ(9)", "timestamp"),
        ("DATETIME", "timestamp"),
        ("timestamp with time zone", "timestamp"),
        ("INTEGER[]", "array"),
        ("ARRAY<STRING>", "array"),
        ("JSON", "object"),
        ("STRUCT(a INT)", "object"),
        ("INTERVAL", None),
        ("GEOGRAPHY", None),
    ],
)
def test_an_engines_type_tells_the_logical_one_or_nothing_does(physical: str, logical: str | None) -> None:
    if logical is not None:
        assert column(f"physicalType: '{physical}'").logical_type == logical
        return
    text = f"{HEAD}schema: [{{name: t, properties: [{{name: c, physicalType: '{physical}'}}]}}]"
    assert built(text)[1] == [codes.MALFORMED]


@pytest.mark.parametrize(
    ("written", "is_zoned", "timezone"),
    [
        ("logicalType: timestamp", False, None),
        ("logicalType: timestamp, logicalTypeOptions: {timezone: true}", True, None),
        ("logicalType: timestamp, logicalTypeOptions: {timezone: true, defaultTimezone: UTC}", True, None),
        (
            "logicalType: timestamp, logicalTypeOptions: {timezone: false, defaultTimezone: Europe/Berlin}",
            False,
            "Europe/Berlin",
        ),
        ("logicalType: timestamp, logicalTypeOptions: {defaultTimezone: Etc/UTC}", False, "Etc/UTC"),
        ("logicalType: timestamp, physicalType: TIMESTAMPTZ", True, None),
        ("logicalType: timestamp, physicalType: timestamp(6) with time zone", True, None),
        ("logicalType: timestamp, physicalType: TIMESTAMP_LTZ", True, None),
        ("logicalType: timestamp, physicalType: TIMESTAMP_NTZ", False, None),
        ("logicalType: timestamp, physicalType: TIMESTAMPTZ, logicalTypeOptions: {timezone: false}", False, None),
        ("logicalType: date, logicalTypeOptions: {timezone: true}", False, None),
    ],
)
def test_a_timestamp_names_an_instant_or_says_which_clock_it_shows(
    written: str, is_zoned: bool, timezone: str | None
) -> None:
    found = column(written)
    assert (found.is_zoned, found.timezone) == (is_zoned, timezone)


@pytest.mark.parametrize(
    "zone", ["Berlin", "localtime", "posix/Europe/Berlin", "../UTC", "/etc/passwd", "Europe", "utc+1"]
)
def test_a_clock_is_one_that_every_machine_knows(zone: str) -> None:
    written = f"{{name: c, logicalType: timestamp, logicalTypeOptions: {{defaultTimezone: {zone}}}}}"
    assert built(f"{HEAD}schema: [{{name: t, properties: [{written}]}}]")[1] == [codes.MALFORMED]


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("[{name: a, logicalType: integer, primaryKey: true}]", ("a",)),
        ("[{name: a, logicalType: integer}]", ()),
        ("[{<<a, primaryKeyPosition: 2}, {<<b, primaryKeyPosition: 1}]", ("b", "a")),
        (
            "[{name: a, logicalType: date, primaryKey: true}, {name: b, logicalType: date, primaryKey: true}]",
            ("a", "b"),
        ),
        ("[{name: a, logicalType: integer, primaryKey: true, primaryKeyPosition: -1}]", ("a",)),
        ("[{name: a, logicalType: integer, primaryKey: false, primaryKeyPosition: 1}]", ()),
    ],
)
def test_the_primary_key_is_in_its_own_order(written: str, key: tuple[str, ...]) -> None:
    columns = re.sub("<<([ab])", r"name: \1, logicalType: date, primaryKey: true", written)
    contract, said = built(f"{HEAD}schema: [{{name: t, properties: {columns}}}]")
    assert said == []
    assert contract.tables["t"].key == key


@pytest.mark.parametrize(
    ("written", "owner"),
    [
        ("", None),
        ("team: {name: finance}", "finance"),
        ("team: {description: nobody}", None),
        ("team: [{username: sam, role: steward}, {username: mia, role: Owner}]", "mia"),
        ("team: [{username: mia@example.com, name: Mia, role: owner}]", "Mia"),
        ("team: [{username: sam, role: steward}]", None),
        (
            "team: {name: finance}\ncustomProperties: [{property: owner, value: sales-ops, vendor: loadline}]",
            "sales-ops",
        ),
        ("team: {name: finance}\ncustomProperties: [{property: owner, value: sales-ops, vendor: other}]", "finance"),
    ],
)
def test_the_owner_is_who_the_contract_says(written: str, owner: str | None) -> None:
    contract, said = built(HEAD + written)
    assert (contract.owner, said) == (owner, [])


def test_a_contract_that_says_no_status_is_a_draft() -> None:
    assert built(HEAD)[0].status == "draft"
    assert built(HEAD + "status: active")[0].status == "active"


def test_a_column_keeps_what_is_promised() -> None:
    contract, _ = built(FILES["contracts/orders.yaml"].decode())
    order_id = contract.tables["orders"].columns["order_id"]
    assert (order_id.is_required, order_id.is_unique, order_id.key_position) == (True, True, 1)
    assert (order_id.physical_type, str(order_id.place)) == ("BIGINT", "contracts/x.yaml:12:16")
    customers, _ = built(FILES["contracts/customers.yaml"].decode())
    assert customers.tables["customers"].columns["email"].classification == "personal"


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("required: 'yes'", codes.WRONG_TYPE),
        ("required: yes", codes.WRONG_TYPE),
        ("primaryKeyPosition: 1.5", codes.WRONG_TYPE),
        ("primaryKeyPosition: -2", codes.MALFORMED),
        ("classification: 4", codes.WRONG_TYPE),
        ("logicalTypeOptions: {timezone: UTC}", codes.WRONG_TYPE),
        ("description: [a]", codes.WRONG_TYPE),
    ],
)
def test_what_the_standard_gives_a_type_has_it(written: str, code: str) -> None:
    _, said = built(f"{HEAD}schema: [{{name: t, properties: [{{name: c, logicalType: string, {written}}}]}}]")
    assert said == [code]
