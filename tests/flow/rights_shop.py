"""A small shop over real files whose contracts say what AI may do with them: who agreed, and who may be told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from loadline.adapters.signers.ed25519 import create_key, load_key
from loadline.adapters.stores.sqlite import create_store
from loadline.app import App
from loadline.app.places import read_project
from loadline.flow.ports import Planner

NOW = datetime(2026, 11, 25, 9, tzinfo=UTC)
FILES = {
    "data/customers.csv": "customer_id,region,email,age\n1,north,ada@x.example,30\n2,north,bo@x.example,40\n"
    "3,south,cy@x.example,50\n",
    "data/orders.csv": "order_id,customer_id,amount\n1,1,10\n2,1,20\n3,2,40\n4,3,80\n",
    "data/consents.csv": "customer_id,granted\n1,true\n2,false\n",
    "data/tickets.csv": "ticket_id\n1\n2\n",
    "loadline.yaml": """name: shop
region: eu
warehouse:
  kind: duckdb
  files: {crm.customers: data/customers.csv, sales.orders: data/orders.csv, crm.consents: data/consents.csv,
          support.tickets: data/tickets.csv}
owners: {sales-ops: {}}
people:
  ana: {roles: [analyst]}
  local: {roles: [analyst]}
""",
    "context/model.yaml": """datasets:
  customers: {source: crm.customers, contract: customers}
  orders: {source: sales.orders, contract: orders}
  consents: {source: crm.consents, contract: consents}
  tickets: {source: support.tickets, contract: tickets}
relationships:
  - orders.customer_id -> customers.customer_id
  - customers.customer_id -> consents.customer_id
metrics:
  revenue: {is: sum(orders.amount), owner: sales-ops, status: approved}
  customer_count: {is: count(customers), owner: sales-ops, status: approved}
  average_age: {is: avg(customers.age), owner: sales-ops, status: approved}
  ticket_count: {is: count(tickets), owner: sales-ops, status: approved}
""",
    "policies/access.yaml": "rules:\n  - {name: all, permit: ask, who: {roles: [analyst]}}\n",
}


def contract(name: str, rights: str | None, *columns: str) -> str:
    """`columns` are `name type`, the first one the key; `rights` the YAML of the list."""
    custom = f"  - {{property: aiRights, vendor: loadline, value: {rights}}}\n" if rights is not None else ""
    written = [one.split() for one in columns]
    fields = "".join(
        f"      - {{name: {column}, logicalType: {kind}{', required: true, primaryKey: true' if at == 0 else ''}}}\n"
        for at, (column, kind) in enumerate(written)
    )
    return (
        f"apiVersion: v3.2.0\nkind: DataContract\nid: {name}\nversion: 1.0.0\nstatus: active\n"
        f"team: {{name: sales-ops}}\n"
        f"customProperties:\n  - {{property: owner, value: sales-ops, vendor: loadline}}\n{custom}"
        f"schema:\n  - name: {name}\n    properties:\n{fields}"
    )


OPEN = "[{name: open, permit: inference-context}]"


def open_shop(
    root: Path,
    *,
    customers: str | None = OPEN,
    orders: str | None = OPEN,
    tickets: str | None = OPEN,
    more: Callable[[dict[str, str]], None] = lambda _: None,
    planner: Planner | None = None,
) -> App:
    files = {
        **FILES,
        "contracts/customers.yaml": contract(
            "customers", customers, "customer_id integer", "region string", "email string", "age integer"
        ),
        "contracts/orders.yaml": contract("orders", orders, "order_id integer", "customer_id integer", "amount number"),
        "contracts/consents.yaml": contract("consents", "[]", "customer_id integer", "granted boolean"),
        "contracts/tickets.yaml": contract("tickets", tickets, "ticket_id integer"),
    }
    more(files)
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, "utf-8")
    home = root / ".loadline"
    home.mkdir()
    create_key(home / "signing.key", name="shop")
    signer = load_key(home / "signing.key")
    create_store(home / "ledger.db", signer=signer, verifier=signer.verifier).close()
    return App(read_project(root), now=lambda: NOW, planner=planner)
