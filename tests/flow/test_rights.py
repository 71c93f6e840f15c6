"""What data may be used for, at every door: questions, texts that are checked, what a planner is told, the gate."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from flow.rights_shop import NOW, OPEN, open_shop
from flow.worlds import ANA, Outside, ask, world
from loadline.adapters.planners import CallablePlanner
from loadline.app import App, check_project, init_project, open_app
from loadline.errors import RequestError
from loadline.flow.ports import Offer
from loadline.flow.run import run
from loadline.ledger import Kind
from loadline.values.canonical import canonical
from loadline.values.decision import Forbid, Permit
from loadline.values.query import Query
from loadline.values.receipt import Answer, AnswerStatus
from loadline.values.request import Written
from loadline.values.right import Use

REVENUE = Query(metrics=("revenue",))
NO_EMAIL = "[{name: open, permit: inference-context}, {name: mailboxes, forbid: '*', columns: [email]}]"
INSIDE_ONLY = "[{name: here, permit: inference-context, providers: [inside]}]"
CONSENT = "[{name: agreed, permit: inference-context, consent: consents.granted}]"


def asked(app: App, *metrics: str, by: tuple[str, ...] = (), purpose: str | None = None) -> Answer:
    return app.ask_written(Written(metrics=metrics, by=by), principal=app.principal("ana", purpose=purpose))


def codes(answer: Answer) -> list[str]:
    return [reason.code for reason in answer.receipt.reasons]


def rows(answer: Answer) -> list[tuple[object, ...]]:
    assert answer.rows is not None, answer.receipt.reasons
    return sorted((tuple(str(value) for value in row) for row in answer.rows), key=str)


# what a question is for


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


def test_a_person_asks_for_their_own_purpose_unless_they_say_another(tmp_path: Path) -> None:
    def with_purpose(files: dict[str, str]) -> None:
        files["loadline.yaml"] = files["loadline.yaml"].replace(
            "ana: {roles: [analyst]}", "ana: {roles: [analyst], purpose: CustomerCare}"
        )

    only_care = "[{permit: inference-context, purpose: CustomerManagement}]"
    with open_shop(tmp_path, customers=only_care, more=with_purpose) as app:
        assert rows(asked(app, "customer_count")) == [("3",)]
        assert codes(asked(app, "customer_count", purpose="Marketing")) == ["RGT001"]


# questions


def test_a_column_that_may_not_be_used_is_refused_with_contract_and_owner(tmp_path: Path) -> None:
    with open_shop(tmp_path, customers=NO_EMAIL) as app:
        refused = asked(app, "customer_count", by=("customers.email",))
        assert refused.receipt.status is AnswerStatus.REFUSED
        (reason,) = refused.receipt.reasons
        assert reason.code == "RGT002"
        assert "`customers.email`" in reason.what
        assert "contract `customers`" in reason.what
        assert "sales-ops" in reason.mend
        assert refused.receipt.rules == ("mailboxes",)
        answered = asked(app, "customer_count", by=("customers.region",))
        assert rows(answered) == [("north", "2"), ("south", "1")]
        assert answered.receipt.rules == ("all", "open")


def test_a_contract_that_says_nothing_gives_answers_that_say_so(tmp_path: Path) -> None:
    with open_shop(tmp_path, orders=None) as app:
        answer = asked(app, "revenue")
        assert rows(answer) == [("150",)]
        assert "rights of use, which contract orders does not state" in answer.receipt.checks_not_run
        assert not [said for said in asked(app, "customer_count").receipt.checks_not_run if "rights" in said]


def test_check_warns_of_contracts_that_say_nothing(tmp_path: Path) -> None:
    open_shop(tmp_path, orders=None, tickets=None).close()
    (said,) = check_project(tmp_path).diagnostics
    assert (said.code, said.severity) == ("PRJ211", "warning")
    assert "`orders` and `tickets`" in said.what


def test_check_reads_a_consent_like_a_rules_filter(tmp_path: Path) -> None:
    open_shop(tmp_path, customers=CONSENT.replace("granted", "grantet")).close()
    (said,) = check_project(tmp_path).diagnostics
    assert said.place is not None
    assert said.place.file == "contracts/customers.yaml"
    assert "grantet" in said.what


def test_only_rows_of_those_who_agreed_are_used(tmp_path: Path) -> None:
    with open_shop(tmp_path, customers=CONSENT) as app:
        answer = asked(app, "customer_count", by=("customers.email",))
        assert rows(answer) == [("ada@x.example", "1")]  # bo said no, and cy said nothing
        assert answer.receipt.row_filters == ("consents.granted",)
        assert "agreed" in answer.receipt.rules
        assert rows(asked(app, "revenue", by=("customers.region",))) == [("north", "30")]
        assert rows(asked(app, "revenue")) == [("150",)]  # reads no column of customers


def test_a_consent_that_cannot_be_looked_at_refuses(tmp_path: Path) -> None:
    with open_shop(tmp_path, tickets=CONSENT) as app:
        assert codes(asked(app, "ticket_count")) == ["RGT004"]


def test_a_right_that_has_ended_is_judged_by_the_day_it_is_and_not_by_the_day_said(tmp_path: Path) -> None:
    yesterday = NOW.date() - timedelta(days=1)
    with open_shop(tmp_path, orders=f"[{{permit: inference-context, until: '{yesterday}'}}]") as app:
        who = app.principal("ana")
        long_ago = app.ask_written(Written(metrics=("revenue",)), principal=who, today=date(2026, 1, 1))
        assert codes(long_ago) == ["RGT001"]


AGENTS = "agents:\n  outside: {provider: openai, region: eu}\n  homemade: {provider: inside}\n  somebody: A program.\n"


@pytest.mark.parametrize(
    ("agent", "rights", "is_answered"),
    [
        (None, INSIDE_ONLY, True),
        ("homemade", INSIDE_ONLY, True),
        ("outside", INSIDE_ONLY, False),
        ("outside", "[{permit: inference-context, providers: 'open*', region: eu}]", True),
        ("somebody", INSIDE_ONLY, False),  # nobody said who runs its model
        ("unheard-of", INSIDE_ONLY, False),
        ("somebody", OPEN, True),
        ("somebody", "[{permit: inference-context}, {forbid: '*', providers: openai}]", False),
    ],
)
def test_what_an_agent_is_answered_goes_to_whoever_runs_its_model(
    tmp_path: Path, agent: str | None, rights: str, is_answered: bool
) -> None:
    def with_agents(files: dict[str, str]) -> None:
        files["loadline.yaml"] += AGENTS

    with open_shop(tmp_path, customers=rights, more=with_agents) as app:
        who = replace(app.principal("ana"), agent=agent)
        answer = app.ask_written(Written(metrics=("customer_count",), by=("customers.region",)), principal=who)
        assert (answer.rows is not None) is is_answered
        assert codes(answer) in ([], ["RGT001"], ["RGT002"])


# texts that are checked


def test_a_text_is_not_checked_with_what_may_not_be_used(tmp_path: Path) -> None:
    with open_shop(tmp_path, customers="[{permit: inference-context, columns: [customer_id, region]}]") as app:
        verification = app.verify("The average age was 40.", principal=app.principal("ana"))
        assert verification.receipt is not None
        assert b"40.0" not in canonical(verification.receipt)
        assert not [one for one in verification.judged if type(one.verdict).__name__ == "Supported"]


# what a planner is told


class Told:
    def __init__(self) -> None:
        self.offers = list[Offer]()

    def __call__(self, offer: Offer) -> object:
        self.offers.append(offer)
        return {}


def told(root: Path, customers: str, question: str, provider: str = "openai", region: str | None = None) -> Told:
    planner = Told()
    outside = CallablePlanner(planner, name="told", provider=provider, region=region)
    with open_shop(root, customers=customers, planner=outside) as app:
        app.ask(question, principal=app.principal("ana"))
    return planner


PUZZLE = "please juggle revenue somehow"


@pytest.mark.parametrize(
    ("customers", "provider", "region", "is_told"),
    [
        (OPEN, "openai", None, True),
        (INSIDE_ONLY, "openai", None, False),
        (INSIDE_ONLY, "inside", None, True),
        ("[{permit: inference-context, region: eu}]", "openai", None, False),  # nobody said where it goes
        ("[{permit: inference-context, region: eu}]", "openai", "eu", True),
        ("[{permit: inference-context}, {forbid: '*', columns: [region], providers: 'open*'}]", "openai", None, False),
        ("[{permit: inference-context, providers: inside}, {permit: inference-context, consent: consents.granted}]",
         "openai", None, False),
    ],
)  # fmt: skip
def test_a_planner_is_told_only_what_its_provider_may_be(
    tmp_path: Path, customers: str, provider: str, region: str | None, is_told: bool
) -> None:
    planner = told(tmp_path, customers, PUZZLE, provider, region)
    (offer,) = planner.offers
    assert (b"north" in canonical(offer)) is is_told
    assert ("customers.region" in offer.dimensions) is is_told


def test_a_value_that_may_not_leave_does_not_leave_in_the_question_either(tmp_path: Path) -> None:
    question = f"{PUZZLE} in the NORTH"
    assert not told(tmp_path / "a", INSIDE_ONLY, question).offers
    assert told(tmp_path / "b", OPEN, question).offers


# nothing leaks

MARK = "@x.example"


def leaks(root: Path, customers: str) -> set[str]:
    """Where an address of a customer turned up, however it was asked for."""
    planner, found = Told(), set[str]()
    ways: list[Callable[[App], object]] = [
        lambda app: asked(app, "customer_count", by=("customers.email",)),
        lambda app: asked(app, by=("customers.email",)),
        lambda app: asked(app, "revenue", by=("customers.email",)),
        lambda app: app.ask_written(Written(by=("customers.email",), is_detail=True), principal=app.principal("ana")),
        lambda app: app.ask("revenue by email", principal=app.principal("ana")),
        lambda app: app.ask(PUZZLE, principal=app.principal("ana")),
        lambda app: app.verify("Revenue was 30 in the north.", principal=app.principal("ana")),
    ]
    with open_shop(root, customers=customers, planner=CallablePlanner(planner)) as app:
        for way in ways:
            answer = way(app)
            if isinstance(answer, Answer) and answer.rows is not None and MARK in str(list(answer.rows)):
                found.add("answer")
        if any(MARK.encode() in canonical(entry.payload) for entry in app.world.store.read_entries()):
            found.add("ledger")
    if any(MARK.encode() in canonical(offer) for offer in planner.offers):
        found.add("offer")
    return found


@pytest.mark.parametrize("customers", [NO_EMAIL, "[]", "[{permit: inference-context, columns: [region, customer_id]}]"])
def test_a_refused_column_is_in_no_answer_no_offer_and_no_ledger(tmp_path: Path, customers: str) -> None:
    assert leaks(tmp_path, customers) == set()


def test_a_permitted_column_is_shown_and_offered(tmp_path: Path) -> None:
    assert leaks(tmp_path, OPEN) == {"answer", "offer"}


# the gate


def test_the_gate_permits_and_refuses_and_the_ledger_has_both(tmp_path: Path) -> None:
    training = "[{name: t, permit: pre-training, columns: [region, age], consent: consents.granted}]"
    with open_shop(tmp_path, customers=training, orders=None) as app:
        who = app.principal("ana")
        permitted = app.may_use("customers", Use.PRE_TRAINING, principal=who, columns=("region",))
        assert isinstance(permitted.decision, Permit)
        assert [one.expr.value for group in permitted.decision.row_filters for one in group] == ["consents.granted"]
        refused = app.may_use("customers", Use.PRE_TRAINING, principal=who)  # every column of it
        assert isinstance(refused.decision, Forbid)
        assert refused.decision.code == "RGT001"
        unstated = app.may_use("orders", Use.PRE_TRAINING, principal=who)
        assert isinstance(unstated.decision, Forbid)
        assert unstated.decision.code == "RGT005"
        kept = [entry for entry in app.world.store.read_entries() if entry.payload.get("what") == "use"]
        assert [entry.payload["is_permitted"] for entry in kept] == [True, False, False]
        assert [entry.index for entry in kept] == [permitted.index, refused.index, unstated.index]


@pytest.mark.parametrize(
    ("dataset", "column", "code"), [("customer", None, "DAT006"), ("customers", "emial", "RGT102")]
)
def test_the_gate_refuses_to_judge_what_does_not_exist(
    tmp_path: Path, dataset: str, column: str | None, code: str
) -> None:
    with open_shop(tmp_path) as app, pytest.raises(RequestError) as caught:
        app.may_use(dataset, Use.EVALUATION, principal=app.principal("ana"), columns=(column,) if column else ())
    assert [one.code for one in caught.value.diagnostics] == [code]


# why a promise is broken


PLACES = "customer_id,region,email,age\n" + "".join(
    f"{n},{'west' if n <= 20 else 'north'},a{n}@x.example,{'' if n <= 20 else 30}\n" for n in range(1, 61)
)
"""Twenty customers have no age, all of them in the west."""


def with_ages(files: dict[str, str]) -> None:
    files["data/customers.csv"] = PLACES
    files["data/orders.csv"] = "order_id,customer_id,amount\n1,1,10\n"
    files["data/consents.csv"] = "customer_id,granted\n" + "".join(f"{n},true\n" for n in range(1, 61))
    files["contracts/customers.yaml"] = files["contracts/customers.yaml"].replace(
        "name: age, logicalType: integer",
        "name: age, logicalType: integer, quality: [{metric: nullValues, mustBe: 0, severity: warning}]",
    )


def told_cause(app: App, who: str = "ana") -> str:
    answer = app.ask_written(Written(metrics=("average_age",)), principal=app.principal(who))
    (reason,) = [one for one in answer.receipt.reasons if one.code == "DAT007"]
    assert "20 of 60 rows" in reason.what
    return reason.what


def test_the_cause_of_a_broken_promise_is_told(tmp_path: Path) -> None:
    with open_shop(tmp_path, more=with_ages) as app:
        assert "`region` = west" in told_cause(app)


def test_a_cause_names_no_value_of_a_column_that_may_not_be_used(tmp_path: Path) -> None:
    sealed = "[{name: open, permit: inference-context}, {name: sealed, forbid: '*', columns: [region]}]"
    with open_shop(tmp_path, customers=sealed, more=with_ages) as app:
        assert "west" not in told_cause(app)


@pytest.mark.parametrize(
    "rule",
    [
        "{name: no-regions, forbid: ask, who: {roles: [analyst]}, on: {columns: [customers.region]}, because: sealed}",
        "{name: north, permit: ask, who: {roles: [narrow]}, rows: \"customers.region = 'west'\", because: theirs}",
    ],
)
def test_a_cause_names_no_value_that_a_rule_keeps_from_who_asks(tmp_path: Path, rule: str) -> None:
    def ruled(files: dict[str, str]) -> None:
        with_ages(files)
        files["policies/access.yaml"] += f"  - {rule}\n"
        files["loadline.yaml"] = files["loadline.yaml"].replace("  local:", "  noa: {roles: [narrow]}\n  local:")

    with open_shop(tmp_path, more=ruled) as app:
        assert "west" not in told_cause(app, "noa" if "narrow" in rule else "ana").replace("'west'", "")
