"""What is wrong in the demo company's data, on purpose, and in how many rows: counted, never written down by hand.

Real data is never clean. These are the flaws whoever looks must find, and there are no others.
"""

from __future__ import annotations

from dataclasses import dataclass

import duckdb


@dataclass(frozen=True, slots=True, kw_only=True)
class Defect:
    """`count` is one SELECT of one number over the tables as they were made (see `tables`)."""

    name: str
    relation: str
    column: str
    what: str
    count: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Planted:
    """A defect as it is in one written company. `rows` are those affected; of a late partition, those missing."""

    name: str
    relation: str
    column: str
    what: str
    rows: int


DEFECTS: tuple[Defect, ...] = (
    Defect(
        name="nulls-in-an-old-region",
        relation="crm.customers",
        column="segment",
        what="customers of the closed region west have no segment when they signed up before 2024: its old system had "
        "no such field",
        count="SELECT count(*) FROM customers WHERE segment IS NULL",
    ),
    Defect(
        name="late-rows",
        relation="sales.orders",
        column="loaded_at",
        what="orders held back by a broken feed are loaded two to nine days after they were placed",
        count="SELECT count(*) FROM orders WHERE lag_seconds >= 172800",
    ),
    Defect(
        name="duplicates-from-a-retried-import",
        relation="product.usage_events",
        column="event_id",
        what="the import of 14 March 2025 was run twice: every event of that day is there twice, loaded a day apart",
        count="SELECT count(*) FROM usage WHERE day = DATE '2025-03-14'",
    ),
    Defect(
        name="renamed-column",
        relation="product.usage_events_2026",
        column="client_id",
        what="the collector in use since January 2026 says `client_id` where the old one said `customer_id`",
        count="""SELECT count(*) FROM usage WHERE day >= DATE '2026-01-01'
                 AND NOT (day = DATE '2026-10-27' AND happened_at >= TIMESTAMPTZ '2026-10-27 09:00:00+00')""",
    ),
    Defect(
        name="late-partition",
        relation="product.usage_events_2026",
        column="happened_at",
        what="of 27 October 2026 only the events before 09:00 UTC had arrived when the data was taken; later days are "
        "whole, so the newest row looks fresh",
        count="""SELECT count(*) FROM usage WHERE day = DATE '2026-10-27'
                 AND happened_at >= TIMESTAMPTZ '2026-10-27 09:00:00+00'""",
    ),
    Defect(
        name="grams-for-kilograms",
        relation="ops.shipments",
        column="weight_kg",
        what="since September 2025 the scales of carrier 7 (Brindle Haulage) report grams in a column of kilograms",
        count="SELECT count(*) FROM shipments WHERE carrier_id = 7 AND shipped_at >= TIMESTAMP '2025-09-01'",
    ),
    Defect(
        name="orphaned-tickets",
        relation="support.tickets",
        column="customer_id",
        what="tickets of customers that a clean-up of the customer system has removed",
        count="SELECT count(*) FROM tickets WHERE customer_id NOT IN (SELECT customer_id FROM customers)",
    ),
)


def count_planted(connection: duckdb.DuckDBPyConnection) -> tuple[Planted, ...]:
    """Every defect with the number of its rows in the tables of `connection`."""
    return tuple(
        Planted(
            name=defect.name,
            relation=defect.relation,
            column=defect.column,
            what=defect.what,
            rows=connection.execute(defect.count).fetchall()[0][0],
        )
        for defect in DEFECTS
    )
