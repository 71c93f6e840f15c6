"""How a metric was before: who changed it, in which words, and which answers rest on which version."""

from __future__ import annotations

from pathlib import Path

import pytest
from starlette.testclient import TestClient

from adapters.test_git import git
from loadline.app import init_project, open_app
from loadline.errors import RequestError
from loadline.flow.reading import Door
from loadline.flow.views.versions import MetricVersion
from loadline.surfaces.http.server import make_api
from loadline.values.request import Written
from loadline.values.rule import Principal
from surfaces.terminal import edit

METRIC = "booked_revenue"


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    root = tmp_path / "shop"
    init_project(root)
    return root


def commit(root: Path, says: str) -> None:
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", says)


def change(root: Path, old: str, new: str) -> None:
    (path,) = [one for one in (root / "context").glob("*.yaml") if f"{METRIC}:" in one.read_text("utf-8")]
    edit(path, old, new)


def versions(root: Path, who: Door | None = None) -> tuple[MetricVersion, ...]:
    with open_app(root) as app:
        door = who or Door(principal=app.principal(), reads_all=True)
        return app.metric_versions(METRIC, door=door)


def ask(root: Path) -> str:
    with open_app(root) as app:
        return app.ask_written(Written(metrics=(METRIC,)), principal=app.principal()).receipt.id


def test_each_version_tells_who_began_it_what_changed_and_which_answers_rest_on_it(shop: Path) -> None:
    git(shop, "init", "-q", "-b", "main", ".")
    commit(shop, "Begin")
    first = ask(shop)
    change(shop, "sum(orders.amount)", "sum(orders.amount * 2)")
    commit(shop, "Twice <b>everything</b>")
    change(shop, "unit: EUR", "unit: USD")
    second = ask(shop)
    now, twice, begun = versions(shop)
    assert (now.is_current, now.revision, now.changes) == (True, None, ("unit: EUR → USD",))
    assert (now.answers, now.receipts) == (1, (second,))
    assert twice.revision is not None
    assert (twice.revision.by, twice.revision.says) == ("ana", "Twice <b>everything</b>")
    assert twice.changes == ("formula: sum(orders.amount) → sum(orders.amount * 2)",)
    assert (twice.answers, twice.receipts, twice.is_current) == (0, (), False)
    assert (begun.changes, begun.receipts, begun.definition) == ((), (first,), twice.definition.replace(" * 2", ""))
    with open_app(shop) as app, TestClient(make_api(app, open_as=app.principal()), base_url="http://127.0.0.1") as web:
        page = web.get(f"/catalog/{METRIC}/versions").text
    assert "Twice &lt;b&gt;everything&lt;/b&gt;" in page
    assert all(receipt in page for receipt in (first, second))


def test_what_it_is_made_of_begins_a_version_too(shop: Path) -> None:
    git(shop, "init", "-q", "-b", "main", ".")
    commit(shop, "Begin")
    (path,) = [one for one in (shop / "context").glob("*.yaml") if "source: shop.orders" in one.read_text("utf-8")]
    edit(path, "source: shop.orders", "source: shop.old_orders")
    edit(shop / "loadline.yaml", "shop.orders:", "shop.old_orders:")
    now, _ = versions(shop)
    assert now.changes == ("by what it is made of: dataset orders",)


def test_without_a_repository_the_ledger_tells(shop: Path) -> None:
    ask(shop)
    change(shop, "sum(orders.amount)", "sum(orders.amount * 2)")
    now, before = versions(shop)
    assert (now.is_current, now.answers, now.since) == (True, 0, None)
    assert (before.answers, before.revision, before.definition) == (1, None, now.definition.replace(" * 2", ""))
    assert before.since is not None


def test_a_receipt_of_somebody_else_is_counted_and_not_named(shop: Path) -> None:
    edit(shop / "loadline.yaml", "people:", "people:\n  ana: {roles: [analyst]}\n  guest: {roles: []}")
    ask(shop)
    (one,) = versions(shop, Door(principal=Principal(name="ana", roles=("analyst",))))
    assert (one.answers, one.receipts) == (1, ())
    with pytest.raises(RequestError):
        versions(shop, Door(principal=Principal(name="guest", roles=())))


def test_a_commit_that_cannot_be_read_is_passed_over(shop: Path) -> None:
    git(shop, "init", "-q", "-b", "main", ".")
    change(shop, "sum(orders.amount)", "sum(orders.nothing")
    commit(shop, "Broken")
    change(shop, "sum(orders.nothing", "sum(orders.amount)")
    commit(shop, "Mended")
    (one,) = versions(shop)
    assert one.revision is not None
    assert one.revision.says == "Mended"
