"""Data that is not in order: what rules make of the answer over it, and that drift of what is read is told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from flow.rights_shop import NOW, open_shop
from loadline.app import App
from loadline.flow.watched import draft
from loadline.values.receipt import Answer, AnswerStatus
from loadline.values.request import Written

RULES = "rules:\n  - {name: all, permit: ask, who: {roles: [analyst]}}\n"
ABOVE = """    properties:
      - {name: order_id, logicalType: integer, required: true, primaryKey: true}
      - {name: customer_id, logicalType: integer}
      - name: amount
        logicalType: number
        logicalTypeOptions: {maximum: 50}
        customProperties: [{property: severity, value: SEVERITY, vendor: loadline}]
"""


def shop(root: Path, severity: str, rules: str = "", watch: str = "", promise: str = "") -> App:
    """A shop one of whose orders is larger than its contract promises."""

    def more(files: dict[str, str]) -> None:
        head = files["contracts/orders.yaml"].partition("    properties:\n")[0]
        files["contracts/orders.yaml"] = head + ABOVE.replace("SEVERITY", severity) + promise
        files["policies/access.yaml"] = RULES + rules
        files["loadline.yaml"] += watch
        if watch:
            files["data/orders.csv"] = "order_id,customer_id,amount,ordered_on\n1,1,10,2026-11-01\n"
            files["contracts/orders.yaml"] += "      - {name: ordered_on, logicalType: date}\n"
            files["context/model.yaml"] = files["context/model.yaml"].replace(
                "contract: orders}", "contract: orders, time: ordered_on}"
            )

    return open_shop(root, more=more)


def asked(app: App, metric: str = "revenue", by: tuple[str, ...] = ()) -> Answer:
    return app.ask_written(Written(metrics=(metric,), by=by), principal=app.principal("ana"))


def codes(answer: Answer) -> list[str]:
    return [reason.code for reason in answer.receipt.reasons]


@pytest.mark.parametrize(
    ("severity", "rules", "status", "code"),
    [
        ("warning", "", AnswerStatus.UNVERIFIED, "DAT007"),
        ("error", "", AnswerStatus.REFUSED, "CHK001"),
        ("warning", "data: [{name: books, state: amber, then: withhold}]\n", AnswerStatus.REFUSED, "CHK001"),
        ("warning", "data: [{name: books, state: amber, then: hold, ask: sales-ops}]\n", AnswerStatus.REFUSED,
         "RGT201"),
        ("error", "data: [{name: books, state: red, then: hold, ask: local}]\n", AnswerStatus.REFUSED, "RGT201"),
        ("error", "data: [{name: ops, state: red, then: mark}]\n", AnswerStatus.UNVERIFIED, "DAT007"),
        ("error", "data: [{name: ops, state: red, then: mark, metrics: [customer_count]}]\n", AnswerStatus.REFUSED,
         "CHK001"),
        ("error", "data: [{name: ops, state: red, then: mark, who: {people: [local]}}]\n", AnswerStatus.REFUSED,
         "CHK001"),
    ],
)  # fmt: skip
def test_rules_say_what_becomes_of_an_answer_over_such_data(
    tmp_path: Path, severity: str, rules: str, status: AnswerStatus, code: str
) -> None:
    with shop(tmp_path, severity, rules) as app:
        answer = asked(app)
        assert answer.receipt.status is status
        assert codes(answer) == [code]
        assert (answer.rows is None) is (status is AnswerStatus.REFUSED)
        assert asked(app, "customer_count").receipt.status is AnswerStatus.VERIFIED  # it rests on other data


def test_a_held_answer_says_whom_to_ask_and_by_which_rule(tmp_path: Path) -> None:
    rules = "data: [{name: books, state: amber, then: hold, ask: sales-ops, because: the books close tomorrow}]\n"
    with shop(tmp_path, "warning", rules) as app:
        (reason,) = asked(app).receipt.reasons
        assert "rule `books` holds it for sales-ops (the books close tomorrow)" in reason.what
        assert reason.mend.startswith("have sales-ops look at it")


def test_no_rule_lets_pass_what_could_not_be_looked_at(tmp_path: Path) -> None:
    unreadable = "        quality: [{type: sql, query: 'SELECT count(nope) FROM ${table}', mustBe: 0}]\n"
    with shop(tmp_path, "error", "data: [{name: ops, state: red, then: mark}]\n", promise=unreadable) as app:
        answer = asked(app)
        assert answer.receipt.status is AnswerStatus.REFUSED
        assert "CHK002" in codes(answer)


# drift

WATCH = "watch:\n  orders: {columns: [amount]}\n"


def recorded(app: App, **said: Any) -> None:
    window = {"what": "window", "baseline": "b", "window": "2026-11-24 00:00:00", "role": "judged", "is_alarm": False,
              "moved": [], "blame": [], "evidence": 3.0, **said}  # fmt: skip
    app.world.store.append([draft("orders", "run-1", NOW, **window)])


ALARM = {
    "is_alarm": True,
    "moved": [["", "amount"]],
    "blame": ["`amount`: values above 180 are 9.1 % of rows; 4.5 % to 5.5 % would be natural"],
}


def drift_checks(answer: Answer) -> list[tuple[str, str]]:
    return [(one.subject, one.verdict) for one in answer.receipt.checks if one.check == "distribution-drift"]


def test_what_nobody_watches_is_told_as_not_run(tmp_path: Path) -> None:
    with open_shop(tmp_path) as app:
        assert "distribution drift" in asked(app).receipt.checks_not_run


def test_a_watch_that_is_still_learning_has_not_run(tmp_path: Path) -> None:
    with shop(tmp_path, "error", watch=WATCH) as app:
        learning = "distribution drift of `orders`, whose watch `orders` is still learning what is natural"
        assert learning in asked(app).receipt.checks_not_run
        recorded(app, role="learned")
        assert learning in asked(app).receipt.checks_not_run


def test_a_quiet_window_is_a_check_that_holds(tmp_path: Path) -> None:
    with shop(tmp_path, "error", watch=WATCH) as app:
        recorded(app)
        answer = asked(app, by=("customers.region",))
        assert answer.receipt.status is AnswerStatus.VERIFIED
        assert drift_checks(answer) == [("orders (amount), up to the window 2026-11-24", "holds")]
        assert "distribution drift of `customers`, which nobody watches" in answer.receipt.checks_not_run
        assert "distribution drift" not in answer.receipt.checks_not_run


def test_an_alarm_on_a_column_that_is_read_marks_the_answer_and_is_named(tmp_path: Path) -> None:
    with shop(tmp_path, "error", watch=WATCH) as app:
        recorded(app, **ALARM)
        answer = asked(app)
        assert answer.receipt.status is AnswerStatus.UNVERIFIED
        (reason,) = answer.receipt.reasons
        assert reason.code == "DAT007"
        assert "`orders.amount` left the natural range" in reason.what
        assert "values above 180" in reason.what
        assert "loadline drift accept orders" in reason.mend
        assert drift_checks(asked(app, "customer_count")) == []
        recorded(app, window="2026-11-25 00:00:00")
        assert asked(app).receipt.status is AnswerStatus.VERIFIED


def test_an_alarm_on_a_column_that_is_not_read_leaves_the_answer_alone(tmp_path: Path) -> None:
    with shop(tmp_path, "error", watch=WATCH) as app:
        recorded(app, **{**ALARM, "moved": [["", "customer_id"]]})
        assert asked(app).receipt.status is AnswerStatus.VERIFIED


def test_a_rule_about_amber_data_holds_for_drift_too(tmp_path: Path) -> None:
    rules = "data: [{name: books, state: amber, then: hold, ask: sales-ops}]\n"
    with shop(tmp_path, "error", rules, WATCH) as app:
        recorded(app, **ALARM)
        assert codes(asked(app)) == ["RGT201"]
