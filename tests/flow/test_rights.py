"""What data may be used for, from the request to the receipt."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from flow.worlds import ANA, Outside, ask, world
from loadline.app import init_project, open_app
from loadline.errors import RequestError
from loadline.flow.run import run
from loadline.ledger import Kind
from loadline.values.query import Query

REVENUE = Query(metrics=("revenue",))


def test_what_an_answer_is_for_is_in_its_receipt_and_in_the_intent() -> None:
    within, store = world(Outside())
    answer = run(within, ask(REVENUE, replace(ANA, purpose="Marketing")))
    assert answer.receipt.purpose == "Marketing"
    assert [entry.payload["purpose"] for entry in store.entries_of(Kind.INTENT)] == ["Marketing"]


def test_a_purpose_that_does_not_exist_is_refused_with_the_nearest(tmp_path: Path) -> None:
    init_project(tmp_path / "shop")
    with open_app(tmp_path / "shop") as app, pytest.raises(RequestError) as caught:
        app.principal(purpose="marketting")
    assert [(one.code, one.mend) for one in caught.value.diagnostics] == [("RGT101", "write `Marketing`")]
