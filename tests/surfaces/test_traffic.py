"""`loadline traffic`: cells of what was really asked, and what a verified question tests of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from surfaces.terminal import Terminal


def test_what_a_verified_question_has_the_shape_of_is_tested(shop: Path, loadline: Terminal) -> None:
    words = ("-m", "booked_revenue", "-b", "orders.region", "--order", "-booked_revenue")
    for month in ("2026-08", "2026-09"):
        assert loadline("ask", *words, "--during", month).code == 0
    assert loadline("ask", "-m", "order_count", "-w", "orders.region = north").code == 0
    assert loadline("ask", "blorb?").code == 2
    found = loadline("traffic", "--format", "json").json()
    assert (found["asked"], found["tested_share"], found["unseen_mass"]) == (4, 0.5, 0.5)
    tested = [cell for cell in found["cells"] if cell["is_tested"]]
    assert [(cell["count"], cell["roles"]) for cell in tested] == [(2, "analyst")]
    said = loadline("traffic")
    assert said.code == 0
    assert "4 questions, 3 cells" in said.out
    assert "50.0 % of questions are of a shape that is tested" in said.out
    assert said.out.index("1 of not understood") < said.out.index("1 of metric order_count, where orders.region =")


@pytest.mark.parametrize(("audience", "share"), [("sales", 1), ("finance", 0)])
def test_a_shape_is_tested_for_its_audience(shop: Path, loadline: Terminal, audience: str, share: int) -> None:
    assert loadline("ask", "-m", "booked_revenue", "-a", audience).code == 0
    assert loadline("traffic", "--format", "json").json()["tested_share"] == share


def test_nothing_asked_is_said(shop: Path, loadline: Terminal) -> None:
    assert "nothing was asked" in loadline("traffic").out
