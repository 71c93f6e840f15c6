"""The Python face: what a notebook, a script or a test of the user's own sees."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

import loadline
from loadline.app import init_project
from loadline.errors import ProjectError, RequestError
from loadline.surfaces.python import Answered, Opened
from surfaces.clerks import count, make_clerks


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    root = tmp_path_factory.mktemp("python") / "company"
    init_project(root, is_demo=True)
    with loadline.open(root, agent="notebook") as opened:
        yield opened


def test_a_number_comes_with_its_receipt(company: Opened) -> None:
    answer = company.ask(metrics="booked_revenue", during="2025-Q3")
    assert (answer.status, bool(answer), answer.value) == ("verified", True, Decimal("2772811.80"))
    assert company.receipt(answer.receipt)["agent"] == "notebook"
    assert repr(answer).startswith("<verified: 'booked_revenue during 2025-Q3', 1 rows, rcpt-")


def test_words_and_parts_give_the_same_receipt(company: Opened) -> None:
    by_words = company.ask("booked revenue by customers.region in 2025")
    by_parts = company.ask(metrics=["booked_revenue"], by=["customers.region"], during="2025")
    assert list(by_words) == list(by_parts)
    assert by_words.receipt == by_parts.receipt
    with pytest.raises(TypeError):
        company.ask()
    with pytest.raises(TypeError):
        company.ask("booked revenue", metrics=["booked_revenue"])
    with pytest.raises(TypeError, match="colour"):
        company.ask(metrics=["booked_revenue"], colour="red")  # type: ignore[call-arg] # as those do whom nothing checks


def test_a_no_is_an_answer_that_is_false(company: Opened) -> None:
    asked_back = company.ask("What was our revenue in 2025?")
    assert (bool(asked_back), asked_back.status, len(asked_back.options)) == (False, "clarify", 2)
    assert company.ask("What was our revenue in 2025?", audience="finance").status == "verified"
    refused = company.ask(metrics=["no_such_metric"])
    assert refused.status == "refused"
    assert refused.reasons
    with pytest.raises(ValueError, match="no single value"):
        _ = refused.value
    with pytest.raises(RequestError):
        company.ask("booked revenue", audience="nobody")


def test_rows_go_to_arrow_exactly(company: Opened) -> None:
    answer = company.ask(metrics=["booked_revenue"], by=["customers.region", "time:quarter"], during="2025")
    table = answer.to_arrow()
    assert table.num_rows == len(answer)
    assert table.column_names == list(answer.columns)
    assert sum(table["booked_revenue"].to_pylist()) == sum(row[2] for row in answer)  # type: ignore[misc]
    assert company.ask(metrics=["no_such_metric"]).to_arrow().num_columns == 0


def test_a_notebook_shows_it_with_markup_escaped(company: Opened) -> None:
    shown = company.ask(metrics=["booked_revenue"], by=["customers.region"], during="2025")._repr_html_()
    assert "<table " in shown
    assert "rcpt-" in shown
    assert "<script" not in company.ask("<script>alert(1)</script>")._repr_html_()
    verified = company.verify("Booked revenue in the third quarter of 2025 was 9.9 million <b>EUR.")
    assert not verified
    assert verified.counts["contradicted"] == 1
    assert "it is 2772811.80" in verified._repr_html_()
    assert "<b>" not in verified._repr_html_()


def test_an_action_is_asked_for_and_what_is_held_waits(tmp_path: Path) -> None:
    root = make_clerks(tmp_path / "clerks")
    with loadline.open(root, as_="ana") as opened:
        assert opened.act("close_order", order_id=5, agent="bot").status == "done"
        assert opened.act("delete_customer", customer_id=1, agent="bot").status == "waiting"
    assert count(root, "customers") == 4


def test_a_project_that_does_not_fit_says_so(tmp_path: Path) -> None:
    with pytest.raises(ProjectError):
        loadline.open(tmp_path)
    init_project(tmp_path / "p")
    with pytest.raises(RequestError):
        loadline.open(tmp_path / "p", as_="nobody")
    with loadline.open(str(tmp_path / "p")) as opened:
        assert opened.check() == ()
        assert isinstance(opened.ask("how many orders"), Answered)
