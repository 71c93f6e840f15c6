"""Same question, same answer: the rates, pass^k, and a cause for each difference that can be one."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loadline.ledger import Entry, Kind
from loadline.ledger.views.consistency import Consistency, consistency
from loadline.ledger.views.difference import Aspect, Cause, explain

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
QUERY = {"metrics": ["booked"], "by": [], "where": [], "during": None, "limit": None}
METRIC = {"name": "booked", "version": "v1", "definition": "sum(a)", "status": "approved", "owner": "ops"}


def receipt(**other: Any) -> dict[str, Any]:
    return {
        "id": "rcpt-1",
        "status": "verified",
        "question": "booked",
        "query": QUERY,
        "audience": None,
        "roles": ["analyst"],
        "project_digest": "p1",
        "metrics": [METRIC],
        "row_filters": [],
        "sql": "select 1",
        "dialect": "duckdb",
        "data_version": "sha256:1",
        "rows_digest": "r1",
        "checks": [{"check": "fresh", "subject": "orders", "verdict": "holds"}],
        "checks_not_run": [],
        **other,
    }


def entries(receipts: list[dict[str, Any]]) -> list[Entry]:
    return [
        Entry(index=n, kind=Kind.OUTCOME, run=f"run-{n}", at=NOW, payload=said, salt=b"", leaf=b"")
        for n, said in enumerate(receipts)
    ]


def found(receipts: list[dict[str, Any]], right: Any = None) -> Consistency:
    def is_right(said: Mapping[str, Any]) -> bool | None:
        return None if right is None else said["rows_digest"] == right

    return consistency(entries(receipts), str.casefold, is_right, since=NOW - timedelta(days=1), until=NOW)


ALTERED = [
    (Cause.INTERPRETATION, {"query": {**QUERY, "by": [{"name": "region"}]}}, set(Aspect)),
    (Cause.INTERPRETATION, {"dates": {"start": "2026-01-01", "end": None, "fields": ["orders.day"]}}, set(Aspect)),
    (Cause.DEFINITION, {"metrics": [{**METRIC, "version": "v2"}]}, set(Aspect)),
    (Cause.DEFINITION, {"metrics": [{**METRIC, "owner": "fin"}]}, {Aspect.RECEIPT, Aspect.STATUS}),
    (Cause.DEFINITION, {"project_digest": "p2", "sql": "select 2"}, set(Aspect)),
    (Cause.DATA_VERSION, {"data_version": "sha256:2"}, set(Aspect)),
    (Cause.DATA_VERSION, {"data_version": "none:x"}, set(Aspect)),
    (Cause.ROWS_ALLOWED, {"row_filters": ["region = 'north'"]}, set(Aspect)),
    (Cause.ROWS_ALLOWED, {"roles": ["guest"]}, {Aspect.STATUS}),
    (Cause.AUDIENCE, {"audience": "sales"}, {Aspect.RECEIPT, Aspect.STATUS}),
    (Cause.ROLLUP, {"assumptions": ["read from the rollup daily (`d`)"]}, set(Aspect)),
    (Cause.DIALECT, {"dialect": "postgres"}, set(Aspect)),
    (Cause.CUT_OFF, {"is_truncated": True}, {Aspect.VALUES}),
    (
        Cause.CHECKS,
        {"checks": [{"check": "fresh", "subject": "orders", "verdict": "found"}]},
        {Aspect.STATUS},
    ),
]


@pytest.mark.parametrize(("cause", "altered", "explains"), ALTERED)
def test_each_cause_is_named_and_explains_only_what_it_can_change(
    cause: Cause, altered: dict[str, Any], explains: set[Aspect]
) -> None:
    other = receipt(**altered, id="rcpt-2", status="refused", rows_digest="r2")
    for old, new in ((receipt(), other), (other, receipt())):
        difference = explain(old, new)
        assert [one.cause for one in difference.causes] == [cause]
        assert set(difference.differs) == set(Aspect)
        assert set(difference.unexplained) == set(Aspect) - explains


def test_values_that_change_with_nothing_else_are_unexplained() -> None:
    difference = explain(receipt(), receipt(rows_digest="r2"))
    assert (difference.causes, difference.unexplained) == ((), (Aspect.VALUES,))
    changed = explain(receipt(), receipt(rows_digest="r2", project_digest="p2"))
    assert changed.unexplained == (Aspect.VALUES,), "a change of the project that leaves the SQL alone explains nothing"


def test_equal_receipts_do_not_differ() -> None:
    difference = explain(receipt(), receipt())
    assert (difference.differs, difference.causes) == ((), ())


def test_repeats_are_counted_per_audience_and_data_version_and_unknown_versions_are_left_out() -> None:
    said = found(
        [
            receipt(),
            receipt(question="BOOKED"),
            receipt(audience="sales"),
            receipt(data_version="sha256:2"),
            receipt(data_version="none:1"),
            receipt(rows_digest=None, status="refused"),
        ]
    )
    assert (said.answers, said.left_out, said.repeats, said.same_receipt, said.same_values) == (4, 1, 1, 1, 1)
    assert said.differences == ()


def test_answers_that_agree_and_are_not_what_was_verified_are_consistent_but_wrong() -> None:
    said = found([receipt(), receipt()], right="r2")
    assert [(one.question, one.count) for one in said.consistent_but_wrong] == [("booked", 2)]
    assert (said.verified, said.passes[0].rate) == (1, 0)
    assert found([receipt(), receipt()], right="r1").consistent_but_wrong == ()
    assert found([receipt(), receipt(rows_digest="r2")], right="r2").consistent_but_wrong == ()


@settings(max_examples=40)
@given(st.lists(st.sampled_from(["r1", "r2", "r3"]), min_size=2, max_size=9))
def test_pass_to_the_k_is_the_share_of_all_choices_of_k_that_are_all_right(rows: list[str]) -> None:
    said = found([receipt(rows_digest=one) for one in rows], right="r1")
    for one in said.passes:
        choices = list(itertools.combinations(rows, one.k))
        if not choices:
            assert (one.questions, one.rate) == (0, None)
            continue
        assert one.rate == pytest.approx(sum(set(choice) == {"r1"} for choice in choices) / len(choices))
    assert said.same_values == sum(a == b for a, b in itertools.pairwise(rows))
    assert len(said.unexplained) == said.repeats - said.same_values


def test_another_loadline_explains_another_value_only_by_other_sql() -> None:
    old = receipt(loadline="0.1.0")
    same_sql = explain(old, receipt(loadline="0.2.0", rows_digest="r2", id="rcpt-2"))
    assert same_sql.unexplained == (Aspect.VALUES,)
    assert [one.cause for one in same_sql.causes] == [Cause.VERSION]
    assert not explain(old, receipt(loadline="0.2.0", sql="select 2", rows_digest="r2", id="rcpt-2")).unexplained
    assert not explain(receipt(), receipt(loadline="0.2.0")).causes, "a receipt of before says nothing"
