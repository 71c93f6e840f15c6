"""A project's own Cedar: only forbids, judged beside the rules, and whatever cannot be judged forbids."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from flow.rights_shop import open_shop
from loadline.adapters.cedar import open_cedar
from loadline.app import App, check_project
from loadline.errors import ProjectError
from loadline.policy import codes, facts_at
from loadline.values.matter import Matter
from loadline.values.receipt import Answer
from loadline.values.request import Written
from loadline.values.rule import Deed, EffectClass, Principal

NO_AGE = '@id("no-ages") forbid (principal, action, resource == Loadline::Column::"customers.age");\n'
NO_BOTS = """forbid (principal, action, resource is Loadline::Everything)
when { context has "agent" && context["effect"] != "read" };
"""


def shop(root: Path, **cedar: str) -> App:
    def more(files: dict[str, str]) -> None:
        files.update({f"policies/{name}.cedar": text for name, text in cedar.items()})

    return open_shop(root, more=more)


def ask(app: App, metric: str) -> Answer:
    return app.ask_written(Written(metrics=(metric,)), principal=app.principal("ana"))


def test_a_forbid_in_cedar_forbids_beside_the_rules_and_permits_nothing(tmp_path: Path) -> None:
    with shop(tmp_path, ages=NO_AGE, bots=NO_BOTS) as app:
        assert ask(app, "revenue").rows is not None
        refused = ask(app, "average_age")
        assert refused.rows is None
        (reason,) = refused.receipt.reasons
        assert reason.code == codes.CEDAR_FORBIDS
        assert "`no-ages`" in reason.what
    with shop(tmp_path / "closed", ages=NO_AGE) as app:
        nobody = app.ask_written(Written(metrics=("revenue",)), principal=Principal(name="x"))
        assert nobody.receipt.reasons[0].code == codes.NO_PERMIT


def test_acts_are_judged_by_it_too() -> None:
    forbids = open_cedar({"policies/b.cedar": NO_BOTS})
    act = Matter(principal=Principal(name="ana", agent="bot"), deed=Deed.ACT, name="refund", effect=EffectClass.WRITE)
    found = forbids(act)
    assert found is not None
    assert found.rules == ("policies/b.cedar:1",)
    by_herself = Matter(principal=Principal(name="ana"), deed=Deed.ACT, name="refund", effect=EffectClass.WRITE)
    assert forbids(by_herself) is None


def test_an_error_while_judging_forbids() -> None:
    forbids = open_cedar({"p.cedar": 'forbid (principal, action, resource) when { context["amount"] == 1 };'})
    found = forbids(Matter(principal=Principal(name="ana"), deed=Deed.ACT, name="refund"))
    assert found is not None
    assert "could not be judged" in found.because


def test_a_fact_that_cedar_has_no_words_for_forbids_and_is_named() -> None:
    forbids = open_cedar({"p.cedar": NO_AGE})
    facts = {"args.rate": Decimal("0.123456")}
    found = forbids(Matter(principal=Principal(name="ana"), deed=Deed.ACT, name="refund", facts=facts))
    assert found is not None
    assert "0.123456" in found.because


def test_cedar_judges_at_any_moment_of_the_day() -> None:
    forbids = open_cedar({"p.cedar": NO_AGE})
    facts = facts_at(datetime(2025, 11, 25, 9, 0, 1, 234_567, tzinfo=UTC))
    assert forbids(Matter(principal=Principal(name="ana"), deed=Deed.ACT, name="refund", facts=facts)) is None


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ('forbid (principal, action, resource == Loadline::Colum::"customers.age");', "unrecognized entity type"),
        ('forbid (principal, action, resource) when { context["agnet"] == "bot" };', "`agnet`"),
        ("permit (principal, action, resource);", "permits"),
        ("forbid (principal", "cannot be read"),
        ("forbid (principal == ?principal, action, resource);", "template"),
    ],
)
def test_what_permits_or_cannot_be_read_is_refused_by_check_and_by_opening(
    tmp_path: Path, text: str, what: str
) -> None:
    with shop(tmp_path, ours=text) as app:
        (said,) = [one for one in check_project(tmp_path).diagnostics if one.code == codes.CEDAR_NOT_READ]
        assert what in said.what
        assert said.place is not None
        assert said.place.file == "policies/ours.cedar"
        with pytest.raises(ProjectError):
            ask(app, "revenue")


def test_without_cedar_nothing_is_answered_rather_than_unjudged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cedarpy", None)
    with pytest.raises(ProjectError, match="Cedar is not installed"):
        open_cedar({"policies/ours.cedar": NO_AGE})
