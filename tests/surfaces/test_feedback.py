"""`loadline feedback`: kept in the ledger under its receipt, proven like everything, and counted by `traffic`."""

from __future__ import annotations

from pathlib import Path

from surfaces.terminal import Terminal, receipt_of, refused_with


def test_what_is_said_of_an_answer_is_kept_and_counted(shop: Path, loadline: Terminal) -> None:
    receipt = receipt_of(loadline("ask", "-m", "order_count"))
    said = loadline("feedback", receipt[:12], "wrong-period", "--note", " August was meant ", "--as", "ana")
    assert said.code == 0
    assert f"ana says wrong-period of {receipt}" in said.out
    kept = loadline("feedback", receipt, "helpful", "--format", "json").json()
    assert (kept["receipt"], kept["by"], kept["opinion"], kept["note"]) == (receipt, "local", "helpful", "")
    (cell,) = loadline("traffic", "--format", "json").json()["cells"]
    assert (cell["count"], cell["complaints"], cell["risk"]) == (1, 1, 2)
    assert "1 complaint" in loadline("traffic").out
    assert loadline("ledger", "prove").code == 0
    assert loadline("receipt", receipt, "--prove").code == 0, "feedback does not stand in its receipt's way"
    assert loadline("consistency").code == 0


def test_feedback_is_on_a_receipt_that_there_is_and_says_one_of_four_things(shop: Path, loadline: Terminal) -> None:
    refused_with(loadline("feedback", "rcpt-000000", "helpful"), "RUN004", 2)
    receipt = receipt_of(loadline("ask", "-m", "order_count"))
    assert loadline("feedback", receipt, "wrong").code == 2
    assert loadline("feedback", receipt, "helpful", "--note", "x" * 2001).code == 2
    refused_with(loadline("feedback", receipt, "helpful", "--as", "nobody"), "RUN006", 2)
