"""`loadline policy`: tests beside the rules, what they decide and for whom, and what they would have decided."""

from __future__ import annotations

import json
from pathlib import Path

import cedarpy
import pytest

from surfaces.terminal import Terminal, receipt_of, refused_with

RULES = """rules:
  - {name: analysts-ask, permit: ask, who: {roles: [analyst]}, because: they answer for their teams}
  - {name: large-waits, hold: act, who: {agents: ["*"]}, when: amount is present and amount > 1000,
     approval: {role: analyst, count: 2, expires: 8 hours}}
  - {name: agents-refund, permit: act, who: {agents: [refund-bot]}, limits: {per_day: 5}}
tests:
  - {name: an analyst asks, who: local, ask: {metrics: [order_count]}, expect: permit, rules: [analysts-ask]}
  - {name: a large refund waits, who: {person: local, agent: refund-bot}, act: {action: refund},
     facts: {amount: 2000}, expect: hold, rules: [large-waits]}
  - {name: another agent refunds nothing, who: {person: local, agent: other}, act: {action: refund}, expect: forbid}
"""


@pytest.fixture
def policies(shop: Path) -> Path:
    for file in (shop / "policies").iterdir():
        file.unlink()
    path = shop / "policies" / "rules.yaml"
    path.write_text(RULES, "utf-8")
    manifest = shop / "loadline.yaml"
    manifest.write_text(manifest.read_text("utf-8") + "\nagents: {refund-bot: gives money back}\n", "utf-8")
    return path


def test_tests_beside_the_rules_hold_or_say_how_they_differ(policies: Path, loadline: Terminal) -> None:
    assert "fits together: 0 errors, 0 warnings" in loadline("check").out
    said = loadline("policy", "test")
    assert said.code == 0
    assert "3 of 3 hold" in said.out
    policies.write_text(RULES.replace("amount > 1000", "amount > 5000"), "utf-8")
    said = loadline("policy", "test")
    assert said.code == 1
    assert "hold is expected, and it is permitted by `agents-refund`; at most 5 times a day" in said.out
    assert "policies/rules.yaml:8:12" in said.out
    policies.write_text(RULES.replace("rules: [large-waits]", "rules: [agents-refund]"), "utf-8")
    failed = [one for one in loadline("policy", "test", "--format", "json").json()["tests"] if not one["holds"]]
    assert failed[0]["why"] == "agents-refund is expected to decide, and large-waits does"


def test_a_declared_action_is_judged_as_it_is_declared(policies: Path, loadline: Terminal) -> None:
    shop = policies.parents[1]
    (shop / "actions").mkdir()
    (shop / "actions" / "a.yaml").write_text(
        "actions:\n"
        "  refund: {http: {method: POST, url: 'http://127.0.0.1:9/r'}, effect: call, stake: high}\n"
        "  close: {sql: UPDATE orders SET open = 0, target: crm, effect: write}\n",
        "utf-8",
    )
    with (shop / "loadline.yaml").open("a", encoding="utf-8") as manifest:
        manifest.write("targets: {crm: {kind: sqlite, database: crm.db, environment: production}}\n")
    policies.write_text(
        "rules:\n"
        "  - {name: calls, permit: act, on: {effects: [call]}, when: stake = 'high'}\n"
        "  - {name: orders, permit: act, on: {tables: [main.orders]}, when: environment = 'production'}\n",
        "utf-8",
    )
    assert "permitted by `calls`" in loadline("policy", "explain", "act", "refund").out
    assert "permitted by `orders`" in loadline("policy", "explain", "act", "close").out
    assert loadline("policy", "explain", "act", "close", "--table", "main.people").code == 1
    assert "permitted by `orders`" in loadline("policy", "who", "act", "close").out
    refused_with(loadline("policy", "explain", "act", "refnud"), "ACT101", 2)
    refused_with(loadline("policy", "who", "act", "refnud"), "ACT101", 2)


def test_a_test_that_tries_what_there_is_not_is_found_by_check(policies: Path, loadline: Terminal) -> None:
    def said_of(test: str) -> str:
        policies.write_text(RULES + test, "utf-8")
        return loadline("check").out

    assert "POL011" in said_of("  - {name: a, who: local, act: {action: refund}, facts: {amuont: 5}, expect: forbid}\n")
    assert "POL012" in said_of(
        "  - {name: a, who: local, act: {action: refund}, facts: {amount: all}, expect: forbid}\n"
    )
    assert "POL013" in said_of("  - {name: a, who: local, act: {action: x}, facts: {stake: hihg}, expect: forbid}\n")
    assert "`order_cuont`" in said_of("  - {name: a, who: local, ask: {metrics: [order_cuont]}, expect: permit}\n")


def test_a_decision_is_explained_in_a_sentence_and_so_is_every_rule(policies: Path, loadline: Terminal) -> None:
    said = loadline("policy", "explain", "act", "refund", "--fact", "amount=2000", "--agent", "refund-bot")
    assert said.code == 4
    assert "approved by 2 with the role `analyst` within 8 hours, it is permitted by `agents-refund`" in said.out
    assert loadline("policy", "explain", "act", "refund", "--agent", "refund-bot").code == 0
    assert loadline("policy", "explain", "act", "refund").code == 1
    every = loadline("policy", "explain").out
    assert "analysts-ask: people with the role analyst may ask anything, because they answer for their teams." in every
    assert (
        "large-waits: any agent may, only once approved, act at all, when amount is present and amount > 1000" in every
    )


def test_who_can_lists_everybody_and_every_agent_on_their_behalf(policies: Path, loadline: Terminal) -> None:
    found = loadline("policy", "who", "act", "refund", "--format", "json").json()
    assert {(one["who"]["agent"], one["effect"]) for one in found} == {(None, "forbid"), ("refund-bot", "permit")}
    assert "permit  local" in loadline("policy", "who", "ask", "order_count").out
    assert loadline("policy", "who", "ask", "no_such_metric").code == 2


def test_past_decisions_are_decided_again_by_changed_rules(policies: Path, loadline: Terminal) -> None:
    receipt_of(loadline("ask", "-m", "order_count"))
    receipt_of(loadline("ask", "-m", "order_count"))
    same = loadline("policy", "replay")
    assert same.code == 0
    assert "2 past decisions, 0 would be decided otherwise" in same.out
    policies.write_text(RULES.replace("permit: ask, who: {roles: [analyst]}", "permit: ask, who: {roles: [chief]}"))
    changed = loadline("policy", "replay", "--format", "json").json()
    assert (changed["decided"], changed["changes"], changed["unread"]) == (2, 2, 0)
    assert [(one["before"], one["after"], one["count"]) for one in changed["changed"]] == [("permit", "forbid", 2)]
    assert loadline("policy", "replay").code == 1


def test_the_rules_leave_as_cedar_and_say_what_it_is_not_told(policies: Path, loadline: Terminal) -> None:
    said = loadline("export", "cedar")
    assert '@id("large-waits")' in said.out
    assert "rule agents-refund: its `limits` are not in Cedar" in said.err
    schema = loadline("export", "cedar", "--part", "schema").out
    assert cedarpy.validate_policies(said.out, schema).validation_passed
    entities = json.loads(loadline("export", "cedar", "--part", "entities").out)
    assert {"type": "Loadline::Metric", "id": "order_count"} in [one["uid"] for one in entities]
    policies.write_text(RULES.replace("amount > 1000", "amount > 0.00001"), "utf-8")
    refused_with(loadline("export", "cedar"), "POL014", 2)
