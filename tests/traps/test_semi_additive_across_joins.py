"""Balances: they add up over accounts and not over days, whatever they are broken down by."""

from __future__ import annotations

from datetime import date

from semantics.shop import dataset, join, metric, model, query, text
from traps.by_hand import Worked

WORLD = Worked(
    model=model(
        dataset("balances", "account_id:integer balance:integer on_day:date", source="balances", time="on_day"),
        dataset("accounts", "account_id:integer branch_id:integer kind:string", source="accounts"),
        dataset("branches", "branch_id:integer city:string", source="branches"),
        joins=(join("balances.account_id -> accounts.account_id"), join("accounts.branch_id -> branches.branch_id")),
        metrics=(
            metric("balance", "sum(balances.balance)", take=text("last of period")),
            metric("opening", "sum(balances.balance)", take=text("first of period")),
            metric(
                "balance_each",
                "sum(balances.balance)",
                take=text("last of period"),
                take_per=(text("accounts.account_id"),),
            ),
            metric("accounts_open", "count(distinct balances.account_id)", take=text("last of period")),
            metric("mean_balance", "balance / accounts_open"),
            metric("peak", "sum(balances.balance)", take=text("max of period")),
        ),
    ),
    tables={
        "balances": """SELECT * FROM (VALUES (1, 10, DATE '2025-01-30'), (2, 20, DATE '2025-01-30'),
            (1, 11, DATE '2025-01-31'), (3, 40, DATE '2025-01-31'), (1, 15, DATE '2025-02-27'),
            (2, 21, DATE '2025-02-28'), (9, 5, DATE '2025-02-28')) t(account_id, balance, on_day)""",
        "accounts": """SELECT * FROM (VALUES (1, 100, 'cash'), (2, 100, 'loan'), (3, 200, 'cash')
            ) t(account_id, branch_id, kind)""",
        "branches": "SELECT * FROM (VALUES (100, 'Kiel'), (200, 'Lyon')) t(branch_id, city)",
    },
)
JAN, FEB = date(2025, 1, 1), date(2025, 2, 1)


def test_the_naive_sum_adds_a_balance_once_for_each_day() -> None:
    assert WORLD.plain("SELECT sum(balance) FROM balances WHERE month(on_day) = 1") == [(81,)]


def test_a_period_has_the_balances_of_its_last_day() -> None:
    WORLD.answers(query("balance", by=("time:month",)), [(JAN, 51), (FEB, 26)])
    WORLD.answers(query("opening", by=("time:month",)), [(JAN, 30), (FEB, 15)])
    WORLD.answers(query("balance"), [(26,)])


def test_the_parts_of_the_last_day_add_up_to_its_whole_two_joins_away() -> None:
    WORLD.answers(
        query("balance", by=("time:month", "branches.city")),
        [(JAN, "Kiel", 11), (JAN, "Lyon", 40), (FEB, "Kiel", 21), (FEB, None, 5)],
    )


def test_each_account_has_its_own_last_day() -> None:
    WORLD.answers(query("balance_each", by=("time:month",)), [(JAN, 71), (FEB, 41)])
    WORLD.answers(query("balance_each", by=("branches.city",)), [("Kiel", 36), ("Lyon", 40), (None, 5)])


def test_a_filter_is_put_on_rows_before_the_last_day_is_chosen() -> None:
    WORLD.answers(query("balance", by=("time:month",), where=("accounts.kind = cash",)), [(JAN, 51), (FEB, 15)])


def test_a_ratio_of_two_balances_is_of_the_same_day() -> None:
    WORLD.answers(query("mean_balance", by=("time:month",)), [(JAN, 25.5), (FEB, 13.0)])


def test_the_peak_is_the_largest_day_not_the_largest_row() -> None:
    WORLD.answers(query("peak", by=("time:month",)), [(JAN, 51), (FEB, 26)])
