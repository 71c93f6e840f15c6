"""What is planted in the company's data is found by its contracts, with its cause, and changes what `ask` answers."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from loadline.app import App, init_project, open_app
from loadline.demo import Written as Company
from loadline.values.receipt import Answer, AnswerStatus
from loadline.values.request import Written

TODAY = date(2026, 11, 23)

# The promise that finds it, whether it counts exactly the planted rows, and what it must say of the cause.
FOUND: Mapping[str, tuple[str, bool, tuple[str, ...]]] = {
    "nulls-in-an-old-region": ("customers.segment: nullValues", True, ("`region` = west", "before it")),
    "late-rows": ("orders.loaded_at: latency", True, ("2 days to 9 days after `ordered_at`", "look held back")),
    "duplicates-from-a-retried-import": (
        "usage_events.event_id: primary-key",
        True,
        ("2025-03-14", "an import that ran twice"),
    ),
    "renamed-column": ("usage_events_2026.customer_id: columns-as-promised", False, ("`client_id`", "looks renamed")),
    "late-partition": ("usage_events_2026.happened_at: frequency", False, ("2026-10-27", "has not arrived")),
    "grams-for-kilograms": ("shipments.weight_kg: range", True, ("`carrier_id` = 7", "2025-09-01", "another unit")),
    "orphaned-tickets": ("tickets.customer_id: reference", True, ("2024-07-05",)),
}

# What is asked, what becomes of the answer, and a word its reason must have.
CHANGED: Mapping[str, tuple[dict[str, Any], AnswerStatus, str]] = {
    "nulls-in-an-old-region": (
        {"metrics": ("booked_revenue",), "by": ("customers.segment",), "during": "2024"},
        AnswerStatus.UNVERIFIED,
        "`region` = west",
    ),
    "duplicates-from-a-retried-import": (
        {"metrics": ("events_until_2025",), "during": "2025-03"},
        AnswerStatus.UNVERIFIED,
        "2025-03-14",
    ),
    "renamed-column": (
        {"metrics": ("events_since_2026",), "by": ("customers.region",), "during": "2026-02"},
        AnswerStatus.REFUSED,
        "client_id",
    ),
    "late-partition": ({"metrics": ("platform_events",), "during": "2026-10"}, AnswerStatus.UNVERIFIED, "2026-10-27"),
    "grams-for-kilograms": (
        {"metrics": ("shipped_weight",), "during": "2026-Q3"},
        AnswerStatus.REFUSED,
        "another unit",
    ),
    "orphaned-tickets": (
        {"metrics": ("tickets_opened",), "by": ("customers.region",), "during": "2024-Q1"},
        AnswerStatus.UNVERIFIED,
        "leads to no row",
    ),
}

# The same metrics over other days or columns, which the flaw does not touch.
UNTOUCHED: Mapping[str, dict[str, Any]] = {
    "nulls-in-an-old-region": {"metrics": ("booked_revenue",), "by": ("customers.region",), "during": "2024"},
    "late-rows": {"metrics": ("booked_revenue",), "during": "2026-Q3"},
    "duplicates-from-a-retried-import": {"metrics": ("events_until_2025",), "during": "2025-05"},
    "renamed-column": {"metrics": ("events_since_2026",), "during": "2026-02"},
    "late-partition": {"metrics": ("platform_events",), "during": "2026-02"},
    "orphaned-tickets": {"metrics": ("tickets_opened",), "by": ("customers.region",), "during": "2026-Q1"},
}


@pytest.fixture(scope="module")
def app(company: Company, tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    folder = tmp_path_factory.mktemp("defects") / "quaywind"
    shutil.copytree(company.root, folder)
    init_project(folder)
    with open_app(folder) as opened:
        yield opened


@pytest.fixture(scope="module")
def broken(app: App) -> dict[str, dict[str, Any]]:
    looks = app.check_data()
    return {said["id"]: said for look in looks for said in look["promises"] if said["verdict"] == "broken"}


def ask(app: App, **asked: Any) -> Answer:
    return app.ask_written(Written(**asked), principal=app.principal("local", audience="sales"), today=TODAY)


def test_every_planted_defect_has_a_promise_that_finds_it(company: Company) -> None:
    assert FOUND.keys() == {defect.name for defect in company.planted}
    assert CHANGED.keys() | {"late-rows"} == FOUND.keys()


@pytest.mark.parametrize("name", FOUND)
def test_a_planted_defect_is_found_with_its_cause(
    name: str, company: Company, broken: dict[str, dict[str, Any]]
) -> None:
    promise, is_counted, causes = FOUND[name]
    planted = {defect.name: defect for defect in company.planted}[name]
    said = broken[promise]
    if is_counted:
        assert said["count"] == planted.rows
    assert all(cause in f"{said['what']} {said['cause']}" for cause in causes), said
    assert said["mend"]


def test_nothing_else_is_found(broken: dict[str, dict[str, Any]]) -> None:
    assert broken.keys() == {promise for promise, _, _ in FOUND.values()}


@pytest.mark.parametrize("name", CHANGED)
def test_a_planted_defect_changes_what_ask_answers(name: str, app: App) -> None:
    asked, status, word = CHANGED[name]
    answer = ask(app, **asked)
    assert answer.receipt.status is status, answer.receipt.reasons
    assert any(word in reason.what for reason in answer.receipt.reasons)
    assert (answer.rows is None) is (status is AnswerStatus.REFUSED)


@pytest.mark.parametrize("name", UNTOUCHED)
def test_what_it_does_not_touch_is_answered_as_before(name: str, app: App) -> None:
    answer = ask(app, **UNTOUCHED[name])
    assert answer.receipt.status is AnswerStatus.VERIFIED, answer.receipt.reasons


def test_the_receipt_keeps_how_the_data_stood(app: App) -> None:
    answer = ask(app, metrics=("events_until_2025",), during="2025-05")
    (state,) = answer.receipt.states
    assert (state.dataset, state.state) == ("usage_events", "green")
    assert state.elsewhere == ("usage_events.event_id: primary-key",)
    recorded = app.receipt(answer.receipt.id)
    assert recorded["states"][0]["elsewhere"] == ["usage_events.event_id: primary-key"]


def test_a_renamed_column_is_mended_in_the_contract(company: Company, tmp_path: Path) -> None:
    folder = tmp_path / "mended"
    shutil.copytree(company.root, folder)
    contract = folder / "contracts" / "usage_events_2026.yaml"
    own, new = "- name: customer_id\n", "- name: customer_id\n        physicalName: client_id\n"
    contract.write_text(contract.read_text("utf-8").replace(own, new), "utf-8")
    init_project(folder)
    with open_app(folder) as app:
        asked, _, _ = CHANGED["renamed-column"]
        answer = ask(app, **asked)
        assert answer.receipt.status is AnswerStatus.VERIFIED, answer.receipt.reasons
        (look,) = app.check_data(["usage_events_2026"])
        left = [said["id"] for said in look["promises"] if said["verdict"] == "broken"]
        assert left == ["usage_events_2026.happened_at: frequency"]
