"""A small shop that was made by `loadline init`, with an audience, a term and a person more."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from loadline.app import init_project
from loadline.surfaces.cli import run
from surfaces.terminal import Said, Terminal, edit

MORE_CONTEXT = """
metrics:
  delivered_revenue:
    is: sum(orders.amount)
    where: orders.status = 'delivered'
    unit: EUR
    owner: sales-ops
    status: approved
  delivered_share: {is: delivered_revenue / booked_revenue, format: percent, owner: sales-ops, status: approved}
  guess: {is: avg(orders.amount), owner: sales-ops, status: draft}
terms:
  revenue: {sales: booked_revenue, finance: delivered_revenue, otherwise: ask}
"""
MORE_QUESTIONS = """questions:
  - id: revenue-sales
    ask: What is our revenue?
    query: {metrics: [booked_revenue]}
    audience: sales
    verified_by: sales-ops
  - id: revenue-finance
    ask: What is our revenue?
    query: {metrics: [delivered_revenue]}
    audience: finance
    verified_by: sales-ops
"""
MORE_RULES = """
  - name: no-guesses-for-ana
    forbid: ask
    who: {people: [ana]}
    on: {metrics: [guess]}
    because: she would believe them
"""


@pytest.fixture(scope="session")
def made_shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made") / "shop"
    init_project(folder)
    manifest = folder / "loadline.yaml"
    edit(manifest, "  sales: how the sales", "  finance: how finance counts\n  sales: how the sales")
    edit(
        manifest,
        "  local: {roles: [analyst]}",
        "  ana: {roles: [analyst], audience: sales}\n  guest: {roles: []}\n  local: {roles: [analyst]}",
    )
    (folder / "context" / "more.yaml").write_text(MORE_CONTEXT, "utf-8")
    (folder / "questions" / "more.yaml").write_text(MORE_QUESTIONS, "utf-8")
    rules = folder / "policies" / "rules.yaml"
    rules.write_text(rules.read_text("utf-8") + MORE_RULES, "utf-8")
    return folder


@pytest.fixture
def shop(made_shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the shop, and the current folder."""
    folder = tmp_path / "shop"
    shutil.copytree(made_shop, folder)
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def loadline(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Terminal:
    monkeypatch.setenv("LOADLINE_AS", "local")
    monkeypatch.setenv("NO_COLOR", "1")
    for name in ("FORCE_COLOR", "LOADLINE_PROJECT", "LOADLINE_DEBUG"):
        monkeypatch.delenv(name, raising=False)

    def say(*argv: str) -> Said:
        capsys.readouterr()
        code = run(argv)
        caught = capsys.readouterr()
        return Said(code=code, out=caught.out, err=caught.err)

    return say
