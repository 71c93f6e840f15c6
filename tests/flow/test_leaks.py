"""Nobody learns what their rules do not show: two shops that differ only in that say the same at every door.

What is hidden is changed (an address, the orders of the south), everything is asked that can be asked, and all that
comes back is compared: rows, reasons, options, what is offered, verdicts, the whole receipt. Only that the data is
another version is seen, and known to be: a version is of whole files.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from loadline.adapters.planners import CallablePlanner
from loadline.app import App
from loadline.errors import LoadlineError
from loadline.values.canonical import plain
from loadline.values.receipt import Answer
from loadline.values.request import Written

from .rights_shop import FILES, open_shop
from .test_rights import Told

METRICS = ("revenue", "customer_count", "average_age", "ticket_count")
FIELDS = ("customers.region", "customers.email", "customers.age", "customers.customer_id", "orders.amount")
FILTERS = (
    "customers.email=ada@x.example", "customers.email contains cy", "customers.email is-null", "customers.region=south",
    "customers.age>45", "orders.amount>50", "customers.customer_id=3",
)  # fmt: skip
CONDITIONS = (
    "length(customers.email) > 12", "customers.email < 'b' or customers.region = 'north'",
    "revenue[per customers.customer_id] > 50", "revenue[per customers.email] > 50", "customers.region <> 'north'",
    "upper(customers.email) = 'CY@X.EXAMPLE'",
)  # fmt: skip
WORDS = (
    "revenue of ada@x.example", "revenue by email", "revenue in south", "revenue in the north",
    "top 1 region by revenue",
    "revenue of cy", "average age in the south", "please juggle revenue somehow",
)  # fmt: skip
TEXT = (
    "Revenue was 150. Revenue in the south was 80. Revenue in the north was 70. The average age was 40. Revenue was 80."
)

Changes = dict[str, tuple[tuple[str, str], ...]]
UNCHANGED: Changes = {}

SECRETS: dict[str, tuple[str, Changes]] = {
    "a masked column": (
        "- {name: all, permit: ask, masks: {customers.email: constant}}",
        {"data/customers.csv": (("ada@x.example", "eva@y.example"), ("cy@x.example", "max@quite.another"))},
    ),
    "a column nobody may read": (
        "- {name: all, permit: ask}\n  - {name: no, forbid: ask, on: {columns: [customers.email, customers.age]}}",
        {"data/customers.csv": (("ada@x.example,30", "eva@y.example,77"), ("cy@x.example,50", "max@z.example,18"))},
    ),
    "rows of others": (
        "- {name: north, permit: ask, rows: \"customers.region = 'north'\"}",
        {
            "data/customers.csv": (("3,south,cy@x.example,50", "3,south,eve@evil.example,99\n4,west,w@x.example,1"),),
            "data/orders.csv": (("4,3,80", "4,3,9999\n5,3,1\n6,4,77"),),
        },
    ),
    "one metric only": (
        "- {name: one, permit: ask, on: {metrics: [ticket_count]}}",
        {
            "data/customers.csv": (("cy@x.example,50", "eve@x.example,99"), ("north,bo", "south,bob")),
            "data/orders.csv": (("4,3,80", "4,3,9999"),),
        },
    ),
}


def shop(root: Path, rules: str, data: Changes, planner: Told) -> App:
    def more(files: dict[str, str]) -> None:
        files["policies/access.yaml"] = f"rules:\n  {rules}\n"
        for name, changes in data.items():
            for old, new in changes:
                assert old in FILES[name]
                files[name] = files[name].replace(old, new)

    return open_shop(root, more=more, planner=CallablePlanner(planner, name="told", provider="openai"))


def questions() -> Iterator[Written]:
    wanted = [*((metric,) for metric in METRICS), METRICS[:2]]
    yield from (Written(metrics=metrics) for metrics in wanted)
    for metrics, field in itertools.product(wanted, FIELDS):
        yield Written(metrics=metrics, by=(field,), order=(f"-{metrics[0]}",), limit=1)
        yield Written(metrics=metrics, by=(field,), order=(field,))
    for metrics, text in itertools.product(wanted[:3], FILTERS):
        yield Written(metrics=metrics, where=(text,))
        yield Written(metrics=metrics, by=("customers.region",), where=(text,))
    for metrics, text in itertools.product(wanted[:2], CONDITIONS):
        yield Written(metrics=metrics, conditions=(text,))
    for field in FIELDS:
        yield Written(by=(field,))
        yield Written(by=(field,), is_detail=True)
        yield Written(by=("customers.region",), where=(f"{field} is-not-null",))
    yield Written(metrics=("revenue",), where=("revenue>100",), by=("customers.region",))


VERSIONED = frozenset({"id", "run", "as_of", "seconds", "data_version", "ledger_index", "project_digest"})


def told(answer: Answer) -> dict[str, Any]:
    """All of an answer but what only says that the data is another version."""
    receipt = {name: value for name, value in plain(answer.receipt).items() if name not in VERSIONED}
    rows = None if answer.rows is None else [[str(value) for value in row] for row in answer.rows]
    return {"receipt": receipt, "rows": rows}


def transcript(app: App, planner: Told, *, every: int = 1) -> dict[str, Any]:
    ana, said = app.principal("ana"), dict[str, Any]()

    def door(name: str, ask: Callable[[], Any]) -> None:
        try:
            said[name] = ask()
        except LoadlineError as error:
            said[name] = [plain(one) for one in error.diagnostics]

    for number, question in enumerate(itertools.islice(questions(), 0, None, every)):
        door(f"{number} {question}", lambda question=question: told(app.ask_written(question, principal=ana)))  # type: ignore[misc]
    for words in WORDS:
        door(words, lambda words=words: told(app.ask(words, principal=ana)))  # type: ignore[misc]
    door("verify", lambda: [plain(one) for one in app.verify(TEXT, principal=ana).judged])
    door("search", lambda: plain(app.search_metrics(principal=ana)))
    for metric in METRICS:
        door(f"describe {metric}", lambda metric=metric: plain(app.describe_metric(metric, principal=ana)))  # type: ignore[misc]
    said["offered to the planner"] = [plain(offer) for offer in planner.offers]
    return said


@pytest.mark.parametrize("secret", SECRETS)
def test_shops_that_differ_only_in_what_is_hidden_say_the_same(tmp_path: Path, secret: str) -> None:
    rules, changes = SECRETS[secret]
    said = []
    for number, data in enumerate((UNCHANGED, changes)):
        planner = Told()
        with shop(tmp_path / str(number), rules, data, planner) as app:
            said.append(transcript(app, planner))
    one, other = said
    assert [name for name in one if one[name] != other[name]] == []
    assert any(isinstance(found, dict) and found.get("rows") for found in one.values()), "and something is answered"


def test_a_shop_without_rules_that_hide_tells_the_difference(tmp_path: Path) -> None:
    """The comparison above can fail: it does where nothing is hidden."""
    for secret, (_, changes) in SECRETS.items():
        said = []
        for number, data in enumerate((UNCHANGED, changes)):
            planner = Told()
            with shop(tmp_path / secret / str(number), "- {name: all, permit: ask}", data, planner) as app:
                said.append(transcript(app, planner, every=5))
        assert [name for name in said[0] if said[0][name] != said[1][name]], secret
