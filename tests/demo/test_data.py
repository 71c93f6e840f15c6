from __future__ import annotations

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import open_data_contract_standard as odcs
import pytest
import yaml
from jsonschema.validators import validator_for

from loadline.demo import DEFECTS, Written, write_company
from loadline.demo.codes import NOT_EMPTY, NOT_WRITABLE
from loadline.demo.tables import FILES, make_tables
from loadline.errors import OutsideError


def one(tables: duckdb.DuckDBPyConnection, sql: str) -> Any:
    ((value,),) = tables.execute(sql).fetchall()
    return value


def by_region(tables: duckdb.DuckDBPyConnection, measure: str, source: str) -> dict[str, Any]:
    rows = tables.execute(f"SELECT c.region, {measure} FROM {source} GROUP BY c.region").fetchall()
    return {str(region): value for region, value in rows}


CONTENT = {
    file.relation: f"SELECT md5(string_agg(t::VARCHAR, '\n')) FROM ({{}} ORDER BY {file.order_by}) t" for file in FILES
}


@cache
def digests(*, seed: int, threads: int) -> dict[str, str]:
    with duckdb.connect() as connection:
        connection.execute(f"SET threads = {threads}")
        make_tables(connection, seed=seed)
        return {f.relation: one(connection, CONTENT[f.relation].format(f.select)) for f in FILES}


def test_equal_seeds_give_equal_tables_on_any_number_of_threads() -> None:
    assert digests(seed=7, threads=1) == digests(seed=7, threads=2)


def test_another_seed_gives_another_company() -> None:
    first, second = digests(seed=7, threads=2), digests(seed=8, threads=2)
    told = {"finance.fx_rates", "ref.carriers", "ref.places"}
    assert all(first[relation] != second[relation] for relation in first.keys() - told)


def test_the_content_is_the_one_the_documentation_shows() -> None:
    """Fails when a change, or a new engine, makes another company than the one in the documentation. DuckDB 1.5.6 and
    2.0.0 make the same."""
    whole = hashlib.sha256(json.dumps(digests(seed=7, threads=2), sort_keys=True).encode()).hexdigest()
    assert whole[:16] == "2622dcb43a517a84"


def test_the_sizes_are_the_ones_promised(company: Written) -> None:
    assert company.rows["crm.companies"] == 1196
    assert company.rows["crm.executives"] == 1206
    assert len(company.rows) >= 12
    assert 290_000 < sum(company.rows.values()) < 320_000


def test_rows_reported_are_rows_written(company: Written, tables: duckdb.DuckDBPyConnection) -> None:
    assert {name: one(tables, f"SELECT count(*) FROM {name}") for name in company.rows} == company.rows


def test_three_years_end_with_october_2026(tables: duckdb.DuckDBPyConnection) -> None:
    days = "SELECT min(ordered_at)::DATE::VARCHAR || ' ' || max(ordered_at)::DATE::VARCHAR FROM sales.orders"
    assert one(tables, days) == "2023-11-01 2026-10-31"
    for column in ("issued_on", "paid_on", "recognized_on"):
        assert one(tables, f"SELECT max({column}) <= DATE '2026-10-31' FROM billing.invoices")


KEYS = {
    "crm.companies": "company_id", "crm.executives": "executive_id", "crm.customers": "customer_id",
    "ref.places": "place_id", "ref.carriers": "carrier_id", "sales.orders": "order_id",
    "ops.shipments": "shipment_id", "billing.invoices": "invoice_id", "billing.credit_notes": "credit_note_id",
    "billing.subscriptions": "subscription_id", "finance.fx_rates": "(rate_on, currency)",
    "support.tickets": "ticket_id", "product.usage_events_2026": "event_id",
}  # fmt: skip


@pytest.mark.parametrize("relation", KEYS)
def test_a_key_that_joins_rely_on_repeats_nowhere(relation: str, tables: duckdb.DuckDBPyConnection) -> None:
    assert one(tables, f"SELECT count(*) = count(DISTINCT {KEYS[relation]}) FROM {relation}")


REFERENCES = (
    ("crm.executives", "company_id", "crm.companies", "company_id"),
    ("crm.customers", "company_id", "crm.companies", "company_id"),
    ("crm.customers", "home_place_id", "ref.places", "place_id"),
    ("crm.companies", "head_office_place_id", "ref.places", "place_id"),
    ("sales.orders", "customer_id", "crm.customers", "customer_id"),
    ("sales.orders", "origin_place_id", "ref.places", "place_id"),
    ("sales.orders", "destination_place_id", "ref.places", "place_id"),
    ("ops.shipments", "order_id", "sales.orders", "order_id"),
    ("ops.shipments", "carrier_id", "ref.carriers", "carrier_id"),
    ("billing.invoices", "customer_id", "crm.customers", "customer_id"),
    ("billing.invoices", "(currency, issued_on)", "finance.fx_rates", "(currency, rate_on)"),
    ("billing.credit_notes", "invoice_id", "billing.invoices", "invoice_id"),
    ("billing.subscriptions", "customer_id", "crm.customers", "customer_id"),
    ("product.usage_events", "customer_id", "crm.customers", "customer_id"),
    ("product.usage_events_2026", "client_id", "crm.customers", "customer_id"),
)


@pytest.mark.parametrize(("source", "column", "target", "key"), REFERENCES)
def test_what_a_row_refers_to_exists(
    source: str, column: str, target: str, key: str, tables: duckdb.DuckDBPyConnection
) -> None:
    assert one(tables, f"SELECT count(*) FROM {source} WHERE {column} NOT IN (SELECT {key} FROM {target})") == 0


def test_north_and_south_have_other_habits(tables: duckdb.DuckDBPyConnection) -> None:
    orders = "sales.orders o JOIN crm.customers c USING (customer_id)"
    invoices = "billing.invoices i JOIN crm.customers c USING (customer_id)"
    weekend = by_region(tables, "avg((isodow(ordered_at) = 6)::INTEGER)", orders)
    express = by_region(tables, "avg((service = 'express')::INTEGER)", orders)
    delay = by_region(tables, "avg(paid_on - issued_on)", invoices)
    credit = by_region(
        tables, "sum(n.amount) / sum(i.amount)", f"{invoices} LEFT JOIN billing.credit_notes n USING (invoice_id)"
    )
    assert weekend["south"] > 3 * weekend["north"]
    assert express["south"] > 2 * express["north"]
    assert delay["south"] > 2 * delay["north"]
    assert credit["south"] > 2 * credit["north"]


def test_the_year_has_seasons_and_the_company_grows(tables: duckdb.DuckDBPyConnection) -> None:
    count = "SELECT count(*) FROM sales.orders WHERE ordered_at::DATE BETWEEN "
    november, august = (
        one(tables, f"{count} '2025-11-01' AND '2025-11-30'"),
        one(tables, f"{count} '2025-08-01' AND '2025-08-30'"),
    )
    assert november > 1.2 * august
    before, after = (
        one(tables, f"{count} '2024-07-01' AND '2024-09-30'"),
        one(tables, f"{count} '2026-07-01' AND '2026-09-30'"),
    )
    assert after > 1.15 * before


def test_the_time_zone_matters(tables: duckdb.DuckDBPyConnection) -> None:
    """Some orders are placed on another day, and in another month, in Berlin than in UTC."""
    for unit, least in (("day", 1000), ("month", 20)):
        utc, berlin = (f"date_trunc('{unit}', ordered_at AT TIME ZONE '{zone}')" for zone in ("UTC", "Europe/Berlin"))
        assert one(tables, f"SELECT count(*) FROM sales.orders WHERE {utc} <> {berlin}") > least


# What is wrong, found the way somebody would who only has the files.
FOUND = {
    "nulls-in-an-old-region": """SELECT count(*) FROM crm.customers WHERE segment IS NULL
        AND region = 'west' AND signed_up_on < DATE '2024-01-01'""",
    "late-rows": "SELECT count(*) FROM sales.orders WHERE loaded_at - ordered_at >= INTERVAL 2 DAY",
    "duplicates-from-a-retried-import": "SELECT count(*) - count(DISTINCT event_id) FROM product.usage_events",
    "renamed-column": "SELECT count(client_id) FROM product.usage_events_2026",
    "grams-for-kilograms": "SELECT count(*) FROM ops.shipments WHERE weight_kg >= 30000",
    "orphaned-tickets": """SELECT count(*) FROM support.tickets t
        WHERE NOT EXISTS (SELECT 1 FROM crm.customers c WHERE c.customer_id = t.customer_id)""",
}


@pytest.mark.parametrize("name", FOUND)
def test_a_planted_defect_is_in_as_many_rows_as_listed(
    name: str, company: Written, tables: duckdb.DuckDBPyConnection
) -> None:
    planted = {defect.name: defect for defect in company.planted}[name]
    assert planted.rows == one(tables, FOUND[name]) > 0


def test_the_late_partition_is_a_hole_between_whole_days(company: Written, tables: duckdb.DuckDBPyConnection) -> None:
    days = "SELECT count(*) FROM product.usage_events_2026 WHERE happened_at::DATE = DATE "
    tuesdays = [one(tables, f"{days} '{day}'") for day in ("2026-10-13", "2026-10-20")]
    partial, missing = (
        one(tables, f"{days} '2026-10-27'"),
        company.planted[[d.name for d in DEFECTS].index("late-partition")].rows,
    )
    assert 0 < partial < min(tuesdays) / 3
    assert abs(partial + missing - sum(tuesdays) / 2) < 20
    assert one(tables, f"{days} '2026-10-30'") > 100


# What a contract promises and what it is called since the collector was replaced: planted, for the checks to find.
RENAMED = {("product.usage_events_2026", "customer_id"): "client_id"}


def test_only_the_planted_columns_are_empty_against_the_contract(
    company: Written, tables: duckdb.DuckDBPyConnection
) -> None:
    for path in sorted((company.root / "contracts").glob("*.yaml")):
        (table,) = yaml.safe_load(path.read_text(encoding="utf-8"))["schema"]
        for column in table["properties"]:
            name = RENAMED.get((table["physicalName"], column["name"]), column["name"])
            nulls = one(tables, f"SELECT count(*) FILTER ({name} IS NULL) FROM {table['physicalName']}")
            assert nulls == 0 or not column.get("required"), f"{path.name} {column['name']}"


def test_contracts_promise_exactly_the_columns_and_types_there_are(
    company: Written, tables: duckdb.DuckDBPyConnection
) -> None:
    spelled = {"TIMESTAMPTZ": "TIMESTAMP WITH TIME ZONE"}
    promised = {}
    for path in (company.root / "contracts").glob("*.yaml"):
        (table,) = yaml.safe_load(path.read_text(encoding="utf-8"))["schema"]
        promised[table["physicalName"]] = [
            (
                RENAMED.get((table["physicalName"], c["name"]), c["name"]),
                spelled.get(c["physicalType"], c["physicalType"]),
            )
            for c in table["properties"]
        ]
    live = {
        file.relation: [(r[0], r[1]) for r in tables.execute(f"DESCRIBE {file.relation}").fetchall()] for file in FILES
    }
    assert promised == live


def test_contracts_are_valid_open_data_contracts(company: Written) -> None:
    schema = json.loads((Path(str(odcs.__file__)).parent / "schema.json").read_text(encoding="utf-8"))
    validator = validator_for(schema)(schema)
    for path in (company.root / "contracts").glob("*.yaml"):
        validator.validate(yaml.safe_load(path.read_text(encoding="utf-8")))


def test_the_readme_lists_what_is_there_and_what_is_wrong(company: Written) -> None:
    readme = (company.root / "README.md").read_text(encoding="utf-8")
    assert "<!--" not in readme
    for relation, count in company.rows.items():
        assert f"| `{relation}` | {count:,} |" in readme
    for defect in company.planted:
        assert f"| {defect.name} | `{defect.relation}.{defect.column}` | {defect.rows:,} |" in readme


def test_planted_defects_are_listed_for_programs(company: Written) -> None:
    listed = json.loads((company.root / "planted.json").read_text(encoding="utf-8"))
    assert [(entry["name"], entry["rows"]) for entry in listed] == [(d.name, d.rows) for d in company.planted]


def test_a_folder_that_holds_something_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(OutsideError) as refused:
        write_company(tmp_path)
    assert refused.value.diagnostics[0].code == NOT_EMPTY
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_a_folder_that_cannot_be_written_is_named_and_nothing_is_left(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(OutsideError) as refused:
        write_company(tmp_path / "file" / "company")
    (diagnostic,) = refused.value.diagnostics
    assert diagnostic.code == NOT_WRITABLE
    assert "file/company" in diagnostic.what
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_an_interrupted_writing_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("loadline.demo.company.make_tables", stop)
    with pytest.raises(KeyboardInterrupt):
        write_company(tmp_path / "company")
    assert list(tmp_path.iterdir()) == []


def test_an_empty_folder_that_exists_is_used(tmp_path: Path) -> None:
    target = tmp_path / "company"
    target.mkdir()
    assert (write_company(target).root / "loadline.yaml").is_file()
