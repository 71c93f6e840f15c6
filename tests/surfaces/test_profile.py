"""`loadline data profile`: what the rows show, as text, JSON and contracts; values of people are never shown."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path

import duckdb
import jsonschema
import yaml

from surfaces.terminal import Terminal, edit, refused_with

PEOPLE = """
COPY (SELECT n AS person_id, 'ann' || n || '@mail.example' AS contact, CASE n % 3 WHEN 0 THEN 'red' ELSE 'blue' END AS
favourite, CASE WHEN n = 5 THEN 'zzz' ELSE 'AB-' || (1000 + n) END AS ticket, 170 + n % 20 AS tallness FROM range(400)
r(n)) TO '{path}'
"""


def with_people(shop: Path) -> None:
    duckdb.execute(PEOPLE.format(path=shop / "data" / "people.parquet"))
    edit(shop / "loadline.yaml", "    shop.orders:", "    people: data/people.parquet\n    shop.orders:")
    (shop / "context" / "people.yaml").write_text("datasets:\n  people: {source: people, contract: people}\n", "utf-8")
    column = "{name: tallness, logicalType: integer, classification: health}"
    (shop / "contracts" / "people.yaml").write_text(
        "apiVersion: v3.2.0\nkind: DataContract\nid: people\nversion: 1.0.0\nstatus: active\n"
        f"schema:\n  - name: people\n    properties:\n      - {column}\n",
        "utf-8",
    )


def test_a_profile_tells_each_column_and_what_is_uncertain(shop: Path, loadline: Terminal) -> None:
    with_people(shop)
    said = loadline("data", "profile", "people")
    assert said.code == 0, said
    assert said.out.startswith("people  400 rows of people · told apart by person_id")
    assert "2 values: blue, red" in said.out
    assert "ticket: 1 value of 400 look otherwise: `zzz`." in said.out
    assert "looking at people" in said.err


def test_values_of_people_are_shown_in_no_format(shop: Path, loadline: Terminal) -> None:
    with_people(shop)
    for form in ("text", "json", "yaml"):
        said = loadline("data", "profile", "people", "--format", form)
        assert "mail.example" not in said.out
        assert "may be personal" in said.out or "an e-mail address" in said.out
    (table,) = loadline("data", "profile", "people", "--format", "json").json()["tables"]
    tallness = next(one for one in table["columns"] if one["name"] == "tallness")
    assert tallness["personal"] == "its contract says `health`"
    assert "least" not in tallness


def test_the_drafted_contracts_are_drafts_and_valid_as_the_standard_has_it(shop: Path, loadline: Terminal) -> None:
    with_people(shop)
    schema = json.loads((files("open_data_contract_standard") / "schema.json").read_text("utf-8"))
    said = loadline("data", "profile", "--format", "yaml")
    documents = list(yaml.safe_load_all(said.out))
    assert sorted(one["name"] for one in documents) == ["orders", "people"]
    for one in documents:
        assert one["status"] == "draft"
        jsonschema.validate(one, schema)
    (table,) = loadline("data", "profile", "people", "--format", "json").json()["tables"]
    assert table["contract"] == documents[[one["name"] for one in documents].index("people")]


def test_a_drafted_contract_stands_in_for_the_one_there_was(shop: Path, loadline: Terminal) -> None:
    with_people(shop)
    drafted = loadline("data", "profile", "people", "--format", "yaml").out
    (shop / "contracts" / "people.yaml").write_text(drafted, "utf-8")
    assert loadline("check").code == 0
    said = loadline("data", "check", "people")
    assert said.code == 0
    assert "people.ticket" in said.out, "what breaks the draft in the very data is found"


def test_two_datasets_over_one_relation_are_both_told(shop: Path, loadline: Terminal) -> None:
    with_people(shop)
    (shop / "context" / "folk.yaml").write_text("datasets:\n  folk: {source: people, contract: people}\n", "utf-8")
    tables = loadline("data", "profile", "people", "folk", "--format", "json").json()["tables"]
    assert sorted(one["dataset"] for one in tables) == ["folk", "people"]


def test_an_unknown_dataset_is_refused_with_the_nearest_name(shop: Path, loadline: Terminal) -> None:
    said = loadline("data", "profile", "ordres")
    refused_with(said, "LIN001", 2)
    assert "write `orders`" in said.err


def test_what_cannot_be_read_is_left_out_and_said(shop: Path, loadline: Terminal) -> None:
    with_people(shop)
    (shop / "data" / "people.parquet").write_bytes(b"nothing")
    said = loadline("data", "profile")
    assert said.code == 1
    assert "left out:\n  people: " in said.out
    assert "\norders  " in f"\n{said.out}"
