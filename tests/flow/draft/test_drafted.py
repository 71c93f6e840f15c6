"""What a draft promises: keys and partners proven, lists only where closed, ranges with room, people kept out."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

import duckdb
import jsonschema
import pytest
import yaml

from loadline.app import Imported, import_warehouse, open_app
from loadline.values.model import Status
from loadline.values.receipt import AnswerStatus
from loadline.values.request import Written

NOW = datetime(2026, 3, 10, tzinfo=UTC)
TABLES = """
CREATE TABLE places AS SELECT n AS place_id, 'City ' || chr(CAST(65 + n AS INTEGER)) AS city,
    -80 + n * 0.7 AS lat FROM range(40) r(n);
CREATE TABLE customers AS SELECT n AS customer_id, n % 40 AS home_place_id, 'c' || n || '@mail.example' AS email,
    'First' || n AS first_name, CASE WHEN n = 7 THEN 'north ' WHEN n % 3 = 0 THEN 'north' ELSE 'south' END AS region,
    printf('%05d', n * 37 % 90000) AS zip, CASE WHEN n % 50 = 0 THEN 'N/A' ELSE 'tag ' || n END AS note
    FROM range(600) r(n);
CREATE TABLE orders AS SELECT n AS order_id, CASE WHEN n % 100 = 0 THEN 9999 ELSE n % 600 END AS customer_id,
    n % 40 AS ship_to_place_id, DATE '2026-01-01' + CAST(n % 69 AS INTEGER) AS ordered_on,
    CASE n % 4 WHEN 0 THEN 'open' WHEN 1 THEN 'paid' ELSE 'sent' END AS status, n % 5 + 1 AS rating,
    CAST(n % 97 AS DECIMAL(12,2)) AS amount_eur, CAST(n % 7 AS INTEGER) AS quantity,
    CASE WHEN n = 3 THEN 'X-1' ELSE printf('AB-%04d', n) END AS reference,
    CASE WHEN n % 900 = 1 THEN NULL ELSE 'x' || n % 7 END AS batch
    FROM range(2000) r(n);
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Imported:
    folder = tmp_path_factory.mktemp("drafted")
    with duckdb.connect(str(folder / "shop.duckdb")) as connection:
        connection.execute(TABLES)
    return import_warehouse([folder / "shop.duckdb"], into=folder / "shop", now=lambda: NOW)


def contract(made: Imported, name: str) -> Any:
    return yaml.safe_load((made.root / "contracts" / f"{name}.yaml").read_text("utf-8"))


def columns(made: Imported, name: str) -> dict[str, Any]:
    return {one["name"]: one for one in contract(made, name)["schema"][0]["properties"]}


def test_every_contract_is_valid_as_the_standard_has_it(made: Imported) -> None:
    schema = json.loads((files("open_data_contract_standard") / "schema.json").read_text("utf-8"))
    for name in made.draft.datasets:
        jsonschema.validate(contract(made, name), schema)


def test_keys_and_partners_are_proven(made: Imported) -> None:
    assert columns(made, "orders")["order_id"]["primaryKey"] is True
    with open_app(made.root) as app:
        steps = {(r.source, r.source_columns, r.target, r.role) for r in app.project.model.relationships}
    assert steps == {
        ("orders", ("customer_id",), "customers", None),
        ("orders", ("ship_to_place_id",), "places", "ship_to"),
        ("customers", ("home_place_id",), "places", "home"),
    }
    assert "20 of 2,000 rows (1.0 %) find no partner" in (made.root / "context" / "datasets.yaml").read_text("utf-8")
    assert "relationships" not in columns(made, "orders")["customer_id"]
    assert columns(made, "orders")["ship_to_place_id"]["relationships"] == [{"to": "places.place_id"}]


def test_a_list_is_closed_only_where_it_looks_closed(made: Imported) -> None:
    assert [one["value"] for one in columns(made, "orders")["status"]["enum"]] == ["sent", "open", "paid"]
    assert [one["value"] for one in columns(made, "customers")["region"]["enum"]] == ["south", "north"]
    assert all("enum" not in columns(made, "places")[name] for name in ("city", "lat"))


def test_ranges_have_room(made: Imported) -> None:
    amount = columns(made, "orders")["amount_eur"]["logicalTypeOptions"]
    assert (amount["minimum"], amount["maximum"]) == (0, 1000)
    assert columns(made, "places")["lat"]["logicalTypeOptions"] == {"minimum": -90, "maximum": 90}
    assert columns(made, "orders")["rating"]["logicalTypeOptions"] == {"minimum": 1, "maximum": 5}


def test_what_nearly_always_holds_is_a_warning_with_what_breaks_it(made: Imported) -> None:
    (shape,) = columns(made, "orders")["reference"]["quality"]
    assert (shape["metric"], shape["severity"]) == ("invalidValues", "warning")
    assert shape["arguments"] == {"pattern": "^[A-Z]{2}-[0-9]{4}$"}
    assert "`X-1`" in shape["description"]
    empty, decided = columns(made, "orders")["batch"]["quality"]
    assert (empty["metric"], empty["mustBe"]) == ("nullValues", 0)
    assert decided["name"] == "one batch for each quantity"
    (blank,) = columns(made, "customers")["note"]["quality"]
    assert blank["arguments"] == {"missingValues": ["N/A"]}


def test_people_are_suspected_by_value_and_by_name_and_kept_out(made: Imported) -> None:
    suspected = {name for name, one in columns(made, "customers").items() if one.get("classification") == "personal"}
    assert suspected == {"email", "first_name"}
    text = (made.root / "contracts" / "customers.yaml").read_text("utf-8")
    assert "mail.example" not in text
    with open_app(made.root) as app:
        asked = Written(metrics=("customers_count",), by=("customers.first_name",))
        assert app.ask_written(asked, principal=app.principal("local")).receipt.rules == ("personal-data-stays-out",)


def test_a_cadence_is_promised_only_where_rows_still_come(made: Imported, tmp_path: Path) -> None:
    (level,) = contract(made, "orders")["slaProperties"]
    assert level == {"property": "frequency", "value": 1, "unit": "d", "element": "orders.ordered_on"}
    later = import_warehouse(
        [made.root.parent / "shop.duckdb"], into=tmp_path / "later", now=lambda: NOW.replace(year=2027)
    )
    assert "slaProperties" not in contract(later, "orders")


def test_metrics_are_drafts_with_a_unit_only_where_the_name_says_so(made: Imported) -> None:
    with open_app(made.root) as app:
        metrics = app.project.model.metrics
        assert {one.status for one in metrics.values()} == {Status.DRAFT}
        assert {name: one.unit for name, one in metrics.items() if name.startswith("orders_")} == {
            "orders_count": None,
            "orders_amount_eur": "EUR",
            "orders_quantity": None,
            "orders_average_rating": None,
        }
        asked = Written(metrics=("orders_amount_eur",), by=("ship_to.city", "time:month"))
        answer = app.ask_written(asked, principal=app.principal("local"))
        assert answer.receipt.status is AnswerStatus.UNVERIFIED


def test_the_same_data_gives_the_same_draft(made: Imported, tmp_path: Path) -> None:
    again = import_warehouse([made.root.parent / "shop.duckdb"], into=tmp_path / "shop", now=lambda: NOW)
    assert {n: t for n, t in again.draft.files.items() if n != "loadline.yaml"} == {
        n: t for n, t in made.draft.files.items() if n != "loadline.yaml"
    }
