"""A project's folder, and the address of a PostgreSQL where the rows lie there, in; what Soda's checks make of the same
promises, as JSON, out."""

import json
import sys
from urllib.parse import urlsplit

from soda.scan import Scan

root, server = sys.argv[1], urlsplit(sys.argv[2]) if len(sys.argv) > 2 else None
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
checks = [f"missing_count({name}) = 0" for name in columns]
checks += [
    {f"invalid_count({name}) = 0": said}
    for name, said in (
        ("amount_cents", {"valid min": 0, "valid max": 500000}),
        ("quantity", {"valid min": 1, "valid max": 20}),
        ("discount_percent", {"valid min": 0, "valid max": 90}),
        ("weight_kg", {"valid min": 0}),
        ("status", {"valid values": ["open", "paid", "sent", "returned"]}),
        ("channel", {"valid values": ["web", "shop", "phone"]}),
        ("country", {"valid values": ["DE", "FR", "NL", "PL", "ES", "IT"]}),
        ("postcode", {"valid regex": "^[0-9]{5}$"}),
        ("product", {"valid regex": "^SKU-[0-9]{4}$"}),
    )
]
checks += [
    "duplicate_count(order_id) = 0",
    "row_count > 1000",
    "values in (customer_id) must exist in customers (customer_id)",
    {"early = 0": {"early query": "SELECT count(*) FROM orders WHERE ordered_on < DATE '2024-01-01'"}},
    {
        "old = 0": {
            "old query": "SELECT count(*) FROM (SELECT max(ordered_on) m FROM orders) o WHERE m < DATE '2026-09-25'"
        }
    },
]
scan = Scan()
scan.disable_telemetry()
if server is not None:
    where = {
        "type": "postgres",
        "host": server.hostname,
        "port": str(server.port),
        "username": server.username,
        "password": server.password,
        "database": server.path[1:],
        "schema": "sales",
    }
    scan.set_data_source_name("there")
    scan.add_configuration_yaml_str(json.dumps({"data_source there": where}))
else:
    import duckdb

    connection = duckdb.connect()
    connection.execute(f"CREATE VIEW orders AS FROM '{root}/data/orders/*.parquet'")
    connection.execute(f"CREATE VIEW customers AS FROM '{root}/data/customers.parquet'")
    scan.set_data_source_name("duckdb")
    scan.add_duckdb_connection(connection)
scan.add_sodacl_yaml_str(json.dumps({"checks for orders": checks}))
scan.execute()
found = scan.get_scan_results()["checks"]
outcomes = [one["outcome"] for one in found]
if not outcomes or set(outcomes) == {None}:
    sys.exit("no check was evaluated: " + str(scan.get_error_logs_text())[:200])
print(
    json.dumps(
        {
            "broken": outcomes.count("fail"),
            "not looked at": len(outcomes) - outcomes.count("fail") - outcomes.count("pass"),
        }
    )
)
