"""A project's folder in; what dbt's own tests make of the same promises, as JSON, out."""

import json
import sys
from pathlib import Path

import duckdb
from dbt.cli.main import dbtRunner

root = Path(sys.argv[1])
with duckdb.connect(f"{root}/peer.duckdb") as c:
    c.execute(f"CREATE VIEW orders AS FROM '{root}/data/orders/*.parquet'")
    c.execute(f"CREATE VIEW customers AS FROM '{root}/data/customers.parquet'")
home = root / "dbt"
for folder in ("models", "tests"):
    (home / folder).mkdir(parents=True, exist_ok=True)
(home / "dbt_project.yml").write_text(
    "{name: peer, version: '1.0', profile: peer, flags: {send_anonymous_usage_stats: false}}"
)
(home / "profiles.yml").write_text(
    f"peer: {{target: d, outputs: {{d: {{type: duckdb, path: '{root}/peer.duckdb', threads: 1}}}}}}"
)
columns = [
    "order_id",
    "customer_id",
    "ordered_on",
    "amount_cents",
    "quantity",
    "discount_percent",
    "status",
    "channel",
    "country",
    "postcode",
    "product",
    "weight_kg",
]
enums = {"status": "open paid sent returned", "channel": "web shop phone", "country": "DE FR NL PL ES IT"}


def tests_of(name):
    tests = ["not_null"] + (["unique"] if name == "order_id" else [])
    if name in enums:
        tests.append({"accepted_values": {"arguments": {"values": enums[name].split()}}})
    if name == "customer_id":
        tests.append({"relationships": {"arguments": {"to": "source('main', 'customers')", "field": "customer_id"}}})
    return tests


tables = [
    {"name": "orders", "columns": [{"name": n, "data_tests": tests_of(n)} for n in columns]},
    {"name": "customers"},
]
(home / "models" / "sources.yml").write_text(
    json.dumps({"version": 2, "sources": [{"name": "main", "schema": "main", "tables": tables}]})
)
for name, sql in {
    "amount": "amount_cents NOT BETWEEN 0 AND 500000",
    "quantity": "quantity NOT BETWEEN 1 AND 20",
    "discount": "discount_percent NOT BETWEEN 0 AND 90",
    "weight": "weight_kg < 0",
    "first": "ordered_on < DATE '2024-01-01'",
    "postcode": "NOT regexp_matches(postcode, '^[0-9]{5}$')",
    "product": "NOT regexp_matches(product, '^SKU-[0-9]{4}$')",
}.items():
    (home / "tests" / f"{name}.sql").write_text(f"SELECT * FROM {{{{ source('main', 'orders') }}}} WHERE {sql}")
for name, sql in {"rows": "count(*) <= 1000", "fresh": "max(ordered_on) < DATE '2026-09-25'"}.items():
    (home / "tests" / f"{name}.sql").write_text(f"SELECT count(*) FROM {{{{ source('main', 'orders') }}}} HAVING {sql}")
done = dbtRunner().invoke(["--quiet", "test", "--project-dir", str(home), "--profiles-dir", str(home)])
if done.result is None:
    sys.exit(f"dbt did not run: {str(done.exception)[:200]}")
states = [str(one.status) for one in done.result.results]
print(
    json.dumps(
        {"broken": states.count("fail"), "not looked at": len(states) - states.count("fail") - states.count("pass")}
    )
)
