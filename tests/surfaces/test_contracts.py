"""`loadline data`: promises looked at on live rows, five ways of printing it, two exit codes, and the ledger."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from pathlib import Path

from surfaces.terminal import Terminal, edit


def broken(shop: Path) -> None:
    """One status no contract knows, and a region that is personal to somebody."""
    contract = shop / "contracts" / "orders.yaml"
    edit(
        contract,
        "{name: status, logicalType: string, required: true}",
        "{name: status, logicalType: string, required: true, enum: [{value: delivered}, {value: open}]}",
    )
    edit(
        contract, "{name: region, logicalType: string}", "{name: region, logicalType: string, classification: personal}"
    )


def test_what_is_kept_is_green(shop: Path, loadline: Terminal) -> None:
    said = loadline("data", "check")
    assert said.code == 0, said
    assert said.out.startswith("green  orders")
    assert "0 broken, 0 could not look" in said.out


def test_what_is_broken_is_told_with_cause_rows_and_mend(shop: Path, loadline: Terminal) -> None:
    broken(shop)
    said = loadline("data", "check", "orders", "--sql")
    assert said.code == 1
    assert said.out.startswith("red    orders")
    for part in (
        "orders.status: enum",
        "is not `delivered` or `open`",
        "mend",
        "since",
        "sql",
        "SELECT COUNT(*)",
        "row",
    ):
        assert part in said.out
    assert "region=" not in said.out, "a class nobody has opened stays out of samples"


def test_json_has_the_numbers(shop: Path, loadline: Terminal) -> None:
    broken(shop)
    said = loadline("data", "check", "--format", "json")
    assert said.code == 1
    (look,) = said.json()["tables"]
    (found,) = [one for one in look["promises"] if one["verdict"] == "broken"]
    assert look["state"] == "red"
    assert found["count"] > 0
    assert 0 < found["share"] <= 1
    assert found["severity"] == "error"
    assert all("region" not in row for row in found["sample"])


def test_junit_sarif_and_github_name_the_promise_and_its_line(shop: Path, loadline: Terminal) -> None:
    broken(shop)
    suite = ET.fromstring(loadline("data", "check", "--format", "junit").out)  # noqa: S314 - our own output
    (failure,) = suite.iter("failure")
    assert "is not `delivered`" in failure.attrib["message"]
    run = loadline("data", "check", "--format", "sarif").json()["runs"][0]
    (result,) = run["results"]
    assert result["ruleId"] == "enum"
    assert result["level"] == "error"
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "contracts/orders.yaml"
    (line,) = loadline("data", "check", "--format", "github").out.splitlines()
    assert line.startswith("::error file=contracts/orders.yaml,line=")


def test_a_warning_is_told_and_fails_nothing(shop: Path, loadline: Terminal) -> None:
    broken(shop)
    edit(
        shop / "contracts" / "orders.yaml",
        "enum: [{value: delivered}, {value: open}]",
        "enum: [{value: delivered}, {value: open}], customProperties: [{property: severity, value: warning, "
        "vendor: loadline}]",
    )
    said = loadline("data", "check")
    assert said.code == 0
    assert said.out.startswith("amber  orders")
    assert ET.fromstring(loadline("data", "check", "--format", "junit").out).find(".//failure") is None  # noqa: S314


def test_the_ledger_remembers_without_rows_of_the_data(shop: Path, loadline: Terminal) -> None:
    never = loadline("data", "status")
    assert never.code == 1
    assert "nobody has looked" in never.out
    broken(shop)
    loadline("data", "check")
    said = loadline("data", "status", "--format", "json")
    assert said.code == 1
    (look,) = said.json()["tables"]
    assert look["state"] == "red"
    assert all("sample" not in one for one in look["promises"])
    assert loadline("ledger", "prove").code == 0


def test_since_when_it_is_broken_is_known(shop: Path, loadline: Terminal) -> None:
    broken(shop)
    first = loadline("data", "check", "--format", "json").json()["tables"][0]
    again = loadline("data", "check", "--format", "json").json()["tables"][0]
    seen = [{p["id"]: p.get("first_seen") for p in look["promises"]} for look in (first, again)]
    assert seen[0] == seen[1]
    assert seen[0]["orders.status: enum"] == first["at"]


def test_history_tells_since_when_a_promise_is_broken_and_when_it_was_kept_again(
    shop: Path, loadline: Terminal
) -> None:
    assert "nobody has looked at it" in loadline("data", "history").out
    contract = (shop / "contracts" / "orders.yaml").read_text("utf-8")
    broken(shop)
    for _ in range(2):
        loadline("data", "check")
    said = loadline("data", "history", "orders")
    assert said.code == 0
    assert "orders  2 looks since " in said.out
    assert "orders.status: enum: broken since " in said.out
    (table,) = loadline("data", "history", "--format", "json").json()["tables"]
    (stretch,) = [one for one in table["stretches"] if one["promise"] == "orders.status: enum"]
    assert (stretch["looks"], stretch["until"]) == (2, None)
    (shop / "contracts" / "orders.yaml").write_text(contract, "utf-8")
    loadline("data", "check")
    assert "no longer promised" in loadline("data", "history").out


def test_a_table_that_promises_nothing_is_not_green(shop: Path, loadline: Terminal) -> None:
    (shop / "context" / "notes.yaml").write_text("datasets: {notes: {source: shop.orders, contract: notes}}\n", "utf-8")
    head = (shop / "contracts" / "orders.yaml").read_text("utf-8").partition("schema:")[0]
    contract = shop / "contracts" / "notes.yaml"
    contract.write_text(
        f"{head}schema:\n  - name: notes\n    quality: [{{type: text, description: it is looked after}}]\n", "utf-8"
    )
    assert loadline("data", "check", "notes").out.startswith("unpromised  notes")
    status = loadline("data", "status", "notes")
    assert "nothing looked at of 1 promise" in status.out
    assert "kept" not in status.out
    assert "nothing looked at of 1 promise" in loadline("data", "history", "notes").out
    assert loadline("data", "status", "notes", "--format", "json").json()["tables"][0]["state"] == "unpromised"
    contract.write_text(f"{head}schema:\n  - name: notes\n", "utf-8")
    assert "nothing promised" in loadline("data", "check", "notes").out


def told_to(loadline: Terminal, who: str) -> str:
    said = loadline("data", "check", "orders", "--as", who, "--format", "json")
    status = loadline("data", "status", "orders", "--as", who, "--format", "json")
    assert said.code == 1, said
    assert said.json()["tables"][0]["state"] == status.json()["tables"][0]["state"] == "red", "that much is for all"
    return f"{said.out}\n{status.out}\n{loadline('data', 'check', 'orders', '--as', who, '--sql').out}"


READERS = """rules:
  - {name: some-rows, permit: ask, who: {roles: [partial]}, rows: "orders.status = 'open'"}
  - {name: no-amounts, permit: ask, who: {roles: [masked]}, masks: {orders.amount: nothing}}
"""


def readers(shop: Path) -> None:
    """One who sees some rows, one who sees no amounts, one who sees nothing."""
    more = "people:\n  ida: {roles: [partial]}\n  max: {roles: [masked]}\n  eve: {roles: [stranger]}\n"
    edit(shop / "loadline.yaml", "people:\n", more)
    (shop / "policies" / "readers.yaml").write_text(READERS, "utf-8")


def test_history_and_profiles_tell_each_reader_no_more_than_they_could_ask_for(shop: Path, loadline: Terminal) -> None:
    broken(shop)
    readers(shop)
    loadline("data", "check")
    for who, is_told in (("local", True), ("max", True), ("ida", False), ("eve", False)):
        said = loadline("data", "history", "orders", "--as", who)
        (table,) = loadline("data", "history", "--as", who, "--format", "json").json()["tables"]
        counts = [one[name] for one in table["stretches"] for name in ("least", "most", "newest")]
        assert "orders.status: enum: broken since " in said.out, "that much is for all"
        assert (" rows" in said.out) is is_told
        assert (table["looks"][0]["rows"] is not None) is is_told
        assert any(count is not None for count in counts) is is_told
    assert loadline("data", "profile", "orders", "--as", "local").code == 0
    for who, what in (("max", "`amount`"), ("ida", "some of its rows"), ("eve", "`amount`")):
        for form in ("text", "json", "yaml"):
            said = loadline("data", "profile", "orders", "--as", who, "--format", form)
            assert said.code == 1
            assert "rules or rights keep" in said.out + said.err
            assert what in said.out + said.err
            assert "delivered" not in said.out


def test_a_look_tells_each_reader_no_more_than_they_could_ask_for(shop: Path, loadline: Terminal) -> None:
    broken(shop)
    readers(shop)
    orders = shop / "data" / "orders.csv"
    orders.write_text(
        orders.read_text("utf-8") + "".join(f"Z-{n},2026-03-{n:02},west,parked,7{n}.25\n" for n in range(1, 29)),
        "utf-8",
    )
    numbers = re.compile(r"\d of \d+ rows|\"count\": \d")
    whole = told_to(loadline, "local")
    assert "parked" in whole
    assert "amount=" in whole
    assert numbers.search(whole)
    masked = told_to(loadline, "max")
    assert numbers.search(masked)
    assert "status=parked" in masked
    assert "amount=" not in masked, "amounts are masked for them"
    for who in ("ida", "eve"):
        said = told_to(loadline, who)
        assert "parked" not in said
        assert "Z-1" not in said
        assert not numbers.search(said), "nor how many rows there are that they may not see"
