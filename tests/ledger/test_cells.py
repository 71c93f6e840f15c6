"""TrafficCells of traffic: each question in one, shares that add up, coverage that only testing raises."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from loadline.ledger import Entry, Kind
from loadline.ledger.views.cells import NOT_UNDERSTOOD, Atoms, CaseShape, TrafficCells, cells, signature

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def query(*metrics: str, by: tuple[str, ...] = (), where: tuple[str, ...] = (), **other: Any) -> dict[str, Any]:
    return {
        "metrics": metrics,
        "by": [{"name": name, "grain": None} for name in by],
        "where": [{"name": name, "op": "=", "values": ["x"]} for name in where],
        **other,
    }


def receipt(
    asked: Mapping[str, Any] | None, role: str = "analyst", state: str = "green", **other: Any
) -> dict[str, Any]:
    return {
        "id": "rcpt-1",
        "status": "verified" if asked else "refused",
        "question": "q",
        "query": asked,
        "audience": None,
        "roles": [role],
        "states": [{"dataset": "orders", "state": state}, {"dataset": "customers", "state": "green"}],
        "reasons": [] if asked else [{"code": "WRD001"}],
        "checks_not_run": [],
        **other,
    }


def folded(
    receipts: list[dict[str, Any]],
    tested: Mapping[str | None, frozenset[Atoms]] | None = None,
    cases: frozenset[CaseShape] = frozenset(),
) -> TrafficCells:
    entries = [
        Entry(index=n, kind=Kind.OUTCOME, run=f"run-{n}", at=NOW, payload=said, salt=b"", leaf=b"")
        for n, said in enumerate(receipts)
    ]
    return cells(entries, tested or {}, cases, since=NOW - timedelta(days=1), until=NOW)


def test_the_shape_of_a_question_leaves_values_dates_and_writing_order_out() -> None:
    one = query("b", "a", by=("orders.region",), where=("orders.status",), during={"text": "2026-09"}, limit=3)
    two = query("a", "b", by=("orders.region",), where=("orders.status",), during={"text": "2025"}, limit=9)
    assert signature(one) == signature(two)
    assert signature(one) == (
        "by orders.region", "dates", "limit", "metric a", "metric b", "where orders.status =",
    )  # fmt: skip
    assert signature(None) == NOT_UNDERSTOOD


def test_role_and_state_of_the_data_tell_cells_apart_and_a_checked_text_is_none() -> None:
    asked = query("a")
    found = folded(
        [
            receipt(asked),
            receipt(asked, role="guest"),
            receipt(asked, state="red"),
            receipt(None),
            receipt(None, reasons=[]),
        ]
    )
    assert found.asked == 4
    assert sorted((cell.roles, cell.state) for cell in found.cells if cell.signature != NOT_UNDERSTOOD) == [
        ("analyst", "green"), ("analyst", "red"), ("guest", "green"),
    ]  # fmt: skip
    assert found.unseen_mass == 1


def test_what_is_asked_often_and_not_verified_comes_first() -> None:
    sure, doubted = receipt(query("a")), receipt(query("b"), status="unverified")
    found = folded([sure, sure, sure, doubted, doubted])
    assert [(cell.signature, cell.rank) for cell in found.untested] == [(("metric b",), 4), (("metric a",), 3)]


def test_a_complaint_raises_the_risk_and_the_last_word_of_a_person_counts() -> None:
    def said(by: str, opinion: str) -> Entry:
        payload = {"receipt": "rcpt-1", "by": by, "opinion": opinion}
        return Entry(index=9, kind=Kind.FEEDBACK, run="f", at=NOW, payload=payload, salt=b"", leaf=b"")

    asked = [
        Entry(index=n, kind=Kind.OUTCOME, run=f"run-{n}", at=NOW, payload=receipt(query("a")), salt=b"", leaf=b"")
        for n in range(4)
    ]

    def complaints(*more: Entry) -> tuple[int, float]:
        (cell,) = cells([*asked, *more], {}, since=NOW - timedelta(days=1), until=NOW).cells
        return cell.complaints, cell.risk

    assert complaints() == (0, 1)
    assert complaints(said("ana", "wrong-slice"), said("ana", "wrong-period"), said("bo", "helpful")) == (1, 1.25)
    assert complaints(said("ana", "wrong-slice"), said("ana", "helpful")) == (0, 1)
    assert complaints(*(said(f"p{n}", "wrong-slice") for n in range(9))) == (9, 2)


def test_a_shape_verified_for_one_audience_tests_only_its_questions() -> None:
    tested: dict[str | None, frozenset[Atoms]] = {"sales": frozenset({("metric a",)})}
    assert folded([receipt(query("a"), audience="finance")], tested).tested_share == 0
    assert folded([receipt(query("a"), audience="sales")], tested).tested_share == 1
    assert folded([], tested).tested_share is None


ASKED = st.builds(
    receipt,
    st.one_of(
        st.none(),
        st.builds(
            query, st.sampled_from("abc"), by=st.lists(st.sampled_from("xyz"), unique=True, max_size=2).map(tuple)
        ),
    ),
    role=st.sampled_from(["analyst", "guest"]),
    state=st.sampled_from(["green", "amber"]),
)


@settings(max_examples=40)
@given(st.lists(ASKED, max_size=12), st.sets(st.sampled_from("abc")))
def test_every_question_is_in_one_cell_and_testing_more_never_covers_less(
    receipts: list[dict[str, Any]], metrics: set[str]
) -> None:
    some = folded(receipts, {None: frozenset((f"metric {name}",) for name in metrics)})
    every = folded(receipts, {None: frozenset(cell.signature for cell in some.cells)})
    none = folded(receipts)
    assert sum(cell.count for cell in some.cells) == some.asked == len(receipts)
    assert len({cell.id for cell in some.cells}) == len(some.cells)
    for low, middle, high in zip(none.coverage, some.coverage, every.coverage, strict=True):
        assert low.seen == middle.seen == high.seen == high.tested
        assert 0 == low.tested <= middle.tested <= high.tested
    if receipts:
        assert (none.tested_share, every.tested_share) == (0, 1)
        assert none.unseen_mass == sum(cell.count == 1 for cell in none.cells) / len(receipts)


def test_a_case_tests_its_own_roles_and_audience_alone() -> None:
    asked = [
        receipt(query("a"), audience="sales"),
        receipt(query("a"), audience="finance"),
        receipt(query("a"), audience="sales", role="guest"),
    ]
    cases = frozenset({(("metric a",), "analyst", "sales")})
    found = folded(asked, cases=cases)
    assert {(cell.roles, cell.is_tested) for cell in found.cells} == {("analyst", True), ("guest", False)}
