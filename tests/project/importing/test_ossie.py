"""Ossie documents become projects, projects become Ossie documents, and a round trip loses nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from loadline.flow.exporting import as_ossie
from loadline.flow.importing import fitted, new_frame
from loadline.project import Project, read, read_files, read_folder
from loadline.project.importing import codes
from loadline.project.importing.nouns import Carried, Loss
from loadline.project.importing.ossie_in import import_models, import_ossie
from loadline.project.yaml_writer import write_yaml
from project.sample import BASE

ROOT = Path(__file__).parents[3]
SHARED = ROOT.parent / "shared" / "conformance" / "ossie"
SCHEMA = SHARED / "osi-schema.json"
needs_schema = pytest.mark.skipif(not SCHEMA.exists(), reason="the Ossie schema is not beside this checkout")


def back(text: str) -> Carried:
    carried = import_ossie({"model.yaml": text})
    assert carried.remarks == ()
    return carried


def reread(carried: Carried) -> Project:
    reading = read({name: text.encode() for name, text in carried.texts().items()}, Path())
    return reading.accept()


def valid(text: str) -> None:
    if SCHEMA.exists():
        jsonschema.validate(yaml.safe_load(text), json.loads(SCHEMA.read_text("utf-8")))


@pytest.mark.parametrize("folder", [BASE, ROOT / "examples" / "flights"], ids=["broken-base", "flights"])
def test_a_real_project_comes_back_whole(folder: Path) -> None:
    project = read_folder(folder).accept()
    text, _ = as_ossie(project, read_files(folder))
    valid(text)
    assert reread(back(text)).digest == project.digest


WORDS = st.from_regex(r"[a-z][a-z_]{2,8}", fullmatch=True).filter(
    lambda word: (
        word not in {"time", "all", "and", "any", "not", "with", "case", "from", "then", "when", "where", "over"}
    )
)
PROSE = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1, max_size=30).map(
    str.strip
).filter(bool)  # fmt: skip
METRIC = st.fixed_dictionaries(
    {
        "is": st.sampled_from(
            ["sum(orders.amount)", "count(orders)", "count(distinct orders.customer_id)", "avg(orders.amount) * 2.50"]
        )
    },
    optional={
        "where": st.sampled_from(["orders.amount > 10", "customers.region = 'it''s'"]),
        "unit": st.sampled_from(["EUR", "pieces"]),
        "format": st.sampled_from(["percent", "number"]),
        "status": st.sampled_from(["draft", "approved", "deprecated"]),
        "owner": st.just("finance"),
        "description": PROSE,
        "synonyms": st.lists(PROSE, min_size=1, max_size=2, unique=True),
        "time": st.just("orders.ordered_at"),
        "fill": st.just("none"),
    },
)
SHAPED = st.sampled_from(
    [
        {"is": "sum(orders.amount)", "over": "28 days"},
        {"is": "sum(orders.amount)", "take": "last of period", "per": "orders.customer_id"},
        {"is": "sum(orders.amount)", "every_period": True},
    ]
)
PROJECTS = st.fixed_dictionaries(
    {
        "calendar": st.fixed_dictionaries(
            {},
            optional={
                "timezone": st.sampled_from(["Europe/Berlin", "UTC"]),
                "week_starts": st.sampled_from(["monday", "sunday"]),
                "fiscal_year_starts": st.just("02-01"),
            },
        ),
        "description": st.one_of(st.none(), PROSE),
        "role": st.one_of(st.none(), WORDS),
        "typed": st.booleans(),
        "bridge": st.booleans(),
        "metrics": st.dictionaries(WORDS, st.one_of(METRIC, SHAPED), min_size=1, max_size=4),
        "term": st.booleans(),
    }
)


def as_files(drawn: dict[str, Any]) -> dict[str, str]:
    region: Any = {"expr": "upper(region)", "synonyms": ["area"]}
    if drawn["typed"]:
        region["type"] = "string"
    orders: dict[str, Any] = {
        "source": "main.orders", "key": "order_id", "time": "ordered_at",
        "fields": {name: name for name in ("order_id", "customer_id", "amount", "ordered_at")},
    }  # fmt: skip
    if drawn["description"]:
        orders["description"] = drawn["description"]
    joined: Any = "orders.customer_id -> customers.customer_id"
    if drawn["role"]:
        joined = {"from": "orders.customer_id", "to": "customers.customer_id", "as": drawn["role"]}
    customers: dict[str, Any] = {"source": "main.customers", "fields": {"customer_id": "customer_id", "region": region}}
    if drawn["bridge"]:
        customers["bridge"] = True
    first = next(iter(drawn["metrics"]))
    context: dict[str, Any] = {
        **({"calendar": drawn["calendar"]} if drawn["calendar"] else {}),
        "datasets": {"orders": orders, "customers": customers},
        "relationships": [joined],
        "metrics": drawn["metrics"],
        **({"terms": {"a_term": {"sales": first, "otherwise": "ask"}}} if drawn["term"] else {}),
    }
    manifest: dict[str, Any] = {
        "name": "shop",
        "warehouse": {"kind": "duckdb", "database": "w.duckdb"},
        "owners": {"finance": {"title": "Finance"}},
        "audiences": {"sales": "as sales counts"},
    }
    return {"loadline.yaml": write_yaml(manifest), "context/all.yaml": write_yaml(context)}


@settings(max_examples=40, deadline=None)
@given(PROJECTS)
def test_a_round_trip_loses_nothing(drawn: dict[str, Any]) -> None:
    files = {name: text.encode() for name, text in as_files(drawn).items()}
    project = read(files, Path()).accept()
    text, _ = as_ossie(project, files)
    valid(text)
    assert reread(back(text)).digest == project.digest


def test_a_metric_that_ossie_would_compute_otherwise_is_no_ossie_metric() -> None:
    drawn: dict[str, Any] = {
        "calendar": {},
        "description": None,
        "role": None,
        "typed": False,
        "bridge": False,
        "term": False,
    }
    metrics = {"rolling": {"is": "sum(orders.amount)", "over": "28 days"}, "total": {"is": "sum(orders.amount)"}}
    files = {name: text.encode() for name, text in as_files({**drawn, "metrics": metrics}).items()}
    text, remarks = as_ossie(read(files, Path()).accept(), files)
    (model,) = yaml.safe_load(text)["semantic_model"]
    assert [metric["name"] for metric in model["metrics"]] == ["total"]
    assert [(one.name, one.loss) for one in remarks] == [("rolling", Loss.CHANGED)]


def test_what_another_tool_changed_since_counts() -> None:
    files = {name: text.encode() for name, text in as_files(
        {"calendar": {}, "description": None, "role": None, "typed": False, "bridge": False, "term": False,
         "metrics": {"total": {"is": "sum(orders.amount)", "where": "orders.amount > 10", "owner": "finance"}}}
    ).items()}  # fmt: skip
    text, _ = as_ossie(read(files, Path()).accept(), files)
    document = yaml.safe_load(text)
    metric = document["semantic_model"][0]["metrics"][0]
    assert metric["expression"]["dialects"][0]["expression"] == "sum(orders.amount) FILTER (WHERE orders.amount > 10)"
    metric["expression"]["dialects"][0]["expression"] = "AVG(orders.amount)"
    changed = reread(import_ossie({"model.yaml": yaml.safe_dump(document)})).model.metrics["total"]
    assert (changed.expr.value, changed.where, changed.owner) == ("avg(orders.amount)", None, "finance")


# -- documents of others

MODEL: dict[str, Any] = {
    "name": "shop",
    "datasets": [
        {
            "name": "Orders",
            "source": "sales.orders",
            "primary_key": ["id"],
            "unique_keys": [["id"], ["number"]],
            "fields": [
                {"name": "id", "expression": {"dialects": [{"dialect": "ANSI_SQL", "expression": "id"}]}},
                {
                    "name": "ordered_at",
                    "expression": {"dialects": [{"dialect": "SNOWFLAKE", "expression": "Orders.ordered_at"}]},
                    "datatype": "DateTime",
                },
                {"name": "mdx", "expression": {"dialects": [{"dialect": "MDX", "expression": "[x]"}]}},
            ],
            "ai_context": {"synonyms": ["purchases"], "instructions": "be kind"},
        },
        {"name": "customers", "source": "select 1"},
        {"name": "stores", "source": "sales.stores", "fields": [{"name": "filter", "expression": "x"}]},
    ],
    "relationships": [
        {"name": "at", "from": "Orders", "to": "stores", "from_columns": ["store_id"], "to_columns": ["id"]},
        {"name": "lost", "from": "Orders", "to": "customers", "from_columns": ["customer_id"], "to_columns": ["id"]},
    ],
    "metrics": [
        {"name": "Order Count", "expression": "COUNT(Orders.id)"},
        {"name": "running", "expression": "SUM(Orders.id) OVER (PARTITION BY Orders.store_id ORDER BY Orders.id)"},
        {"name": "composed", "expression": "running / SUM(Orders.id)"},
        {"name": "groups", "expression": "SUM(Orders.id) OVER (ORDER BY Orders.id GROUPS CURRENT ROW)"},
        {"name": "nested", "expression": "SUM(SUM(Orders.id) OVER ()) OVER ()"},
    ],
    "custom_extensions": [{"vendor_name": "OTHER", "data": "{}"}],
}


def test_the_definitions_of_another_are_carried() -> None:
    carried = import_models([MODEL])
    model = yaml.safe_load(carried.texts()["context/ossie-model.yaml"])
    assert model["relationships"] == ["orders.store_id -> stores.id"]
    assert model["datasets"]["orders"] == {
        "source": "sales.orders",
        "key": "id",
        "time": "ordered_at",
        "synonyms": ["purchases"],
        "fields": {
            "id": "id",
            "ordered_at": {"expr": "ordered_at", "type": "timestamp"},
            "store_id": "store_id",
            "running": "sum(id) OVER (PARTITION BY store_id ORDER BY id)",
        },
    }
    metrics = yaml.safe_load(carried.texts()["context/ossie-metrics.yaml"])["metrics"]
    assert metrics == {"order_count": {"is": "count(orders.id)", "fill": "none"}}


def test_each_thing_that_is_not_carried_is_named() -> None:
    left = {(one.kind, one.name): one.code for one in import_models([MODEL]).remarks if one.loss is Loss.LEFT}
    assert left == {
        ("custom extension", "OTHER of model shop"): "",
        ("unique key", "Orders.['number']"): "",
        ("ai_context.instructions", "dataset Orders"): "",
        ("field", "Orders.mdx"): "",
        ("dataset", "customers"): "",
        ("field", "stores.filter"): codes.RESERVED_WORD,
        ("relationship", "lost"): "",
        ("metric", "composed"): codes.COMPOSED_WINDOW,
        ("metric", "groups"): codes.WINDOW_FRAME,
        ("metric", "nested"): codes.NESTED_WINDOW,
    }


def test_a_field_over_another_dataset_is_left_for_the_right_reason() -> None:
    def model(expression: str, owner: str) -> list[dict[str, Any]]:
        datasets = [
            {"name": name, "source": name, "fields": [{"name": "id", "expression": "id"}]} for name in ("a", "b")
        ]
        for dataset in datasets:
            if dataset["name"] == owner:
                dataset["fields"].append({"name": "x", "expression": expression})  # type: ignore[union-attr]
        step = {"name": "s", "from": "a", "to": "b", "from_columns": ["b_id"], "to_columns": ["id"]}
        return [{"name": "m", "datasets": datasets, "relationships": [step]}]

    assert [one.code for one in import_models(model("a.id", "b")).remarks] == [codes.FINER_DATASET]
    assert [one.code for one in import_models(model("b.id", "a")).remarks] == [codes.OTHER_DATASET]


@pytest.mark.parametrize("name", ["example_tpcds.yaml", "example_flights.yaml"])
@needs_schema
def test_the_published_examples_become_projects(name: str) -> None:
    carried = import_ossie({name: (SHARED / name).read_text("utf-8")})
    kept = fitted(carried, new_frame("shop", "w.duckdb"))
    assert kept.counts()["datasets"] == {"example_tpcds.yaml": 5, "example_flights.yaml": 6}[name]
    new = kept.remarks[len(carried.remarks) :]
    assert [one.name for one in new] == []
