"""The river's promises, over generated worlds: rules, questions and outsides that fail at any point."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from flow.worlds import ANA, HERE, MODEL, PERMIT_ALL, Outside, ask, text, world
from loadline.errors import OutsideError
from loadline.flow.run import admit, carry_out, run
from loadline.ledger import Kind
from loadline.values.query import By, Query
from loadline.values.receipt import Answer, AnswerStatus
from loadline.values.request import Ask
from loadline.values.rule import Effect, Principal, Rule

metrics = st.lists(st.sampled_from([*MODEL.metrics, "turnover", "nonsense"]), min_size=1, max_size=3, unique=True)
queries = st.builds(
    Query,
    metrics=metrics.map(tuple),
    by=st.sampled_from([(), (By(name="customers.region"),), (By(name="customers.salary"),), (By(name="no.such"),)]),
)
words = st.sampled_from(
    ["What is our revenue?", "how are we doing", "What is our turnover?", "What was revenue when?", "Tell me a joke"]
)
principals = st.builds(
    Principal,
    name=st.sampled_from(["ana", "felix"]),
    roles=st.sampled_from([(), ("analyst",), ("analyst", "viewer")]),
    audience=st.sampled_from([None, "sales", "finance"]),
)
rules = st.builds(
    Rule,
    name=st.sampled_from(["one", "two", "three"]),
    effect=st.sampled_from(Effect),
    action=st.just("ask"),
    people=st.sampled_from([(), (), ("ana",)]),
    roles=st.sampled_from([(), (), ("analyst",)]),
    metrics=st.sampled_from([(), (), ("revenue",), ("*",), ("order_*",)]),
    columns=st.sampled_from([(), (), ("customers.salary",)]),
    classifications=st.sampled_from([(), (), ("personal",)]),
    rows=st.sampled_from([None, None, text("customers.region = 'north'")]),
    place=st.just(HERE),
).map(lambda r: r if r.effect is Effect.PERMIT else replace(r, rows=None))
outsides = st.builds(
    Outside,
    fails_at_run=st.booleans(),
    fails_at_evidence=st.booleans(),
    fails_at_version=st.booleans(),
    is_interrupted=st.booleans(),
    repeated_keys=st.sampled_from([0, 0, 0, 2]),
    changes_while_read=st.booleans(),
    lacks_column=st.booleans(),
    fails_at_append=st.sampled_from([None, None, None, 0, 1]),
)
requests = st.builds(ask, queries | words, principals)
SETTINGS = settings(max_examples=150, deadline=None)


def attempt(outside: Outside, some: list[Rule], request: Ask) -> tuple[Answer | None, list[dict[str, object]]]:
    """Run once; the answer (None when the outside failed) and what the ledger holds of it."""
    at_hand, store = world(outside, some)
    try:
        answer = run(at_hand, request)
    except (OutsideError, KeyboardInterrupt):
        answer = None
    return answer, [{"kind": e.kind, **e.payload} for e in store.read_entries()]


@SETTINGS
@given(outsides, st.lists(rules, max_size=4), requests)
def test_nothing_is_performed_before_its_intent_is_in_the_ledger(
    outside: Outside, some: list[Rule], request: Ask
) -> None:
    """INVARIANT I1."""
    attempt(outside, some, request)
    for place, (event, sql) in enumerate(outside.events):
        if event == "run":
            assert (str(Kind.INTENT), sql) in outside.events[:place]


@SETTINGS
@given(outsides, requests)
def test_silence_forbids(outside: Outside, request: Ask) -> None:
    """INVARIANT I2."""
    answer, _ = attempt(outside, [], request)
    assert outside.ran() == []
    assert answer is None or answer.rows is None


@SETTINGS
@given(outsides, st.lists(rules, max_size=3), requests, st.integers(0, 3))
def test_an_error_forbids(outside: Outside, some: list[Rule], request: Ask, place: int) -> None:
    """INVARIANT I2: one rule that cannot be evaluated, wherever it stands, and nothing is performed."""
    broken = Rule(name="broken", effect=Effect.PERMIT, action="ask", place=HERE)
    object.__setattr__(broken, "metrics", (7,))
    object.__setattr__(broken, "people", (request.principal.name,))
    at_hand, _ = world(outside, [*some[:place], broken, *some[place:]])
    try:
        answer = run(at_hand, request)
    except OutsideError:
        answer = None
    assert outside.ran() == []
    assert answer is None or answer.rows is None


@SETTINGS
@given(requests, st.sampled_from(["orders.amount", "customers.salary", "customers.region"]))
def test_policy_judges_what_is_touched_and_not_what_was_said(request: Ask, column: str) -> None:
    """INVARIANT I3: a forbid on a column stops every way of asking that reads it, whatever its words or names."""
    outside = Outside()
    forbid = Rule(name="no", effect=Effect.FORBID, action="ask", columns=(column,), place=HERE)
    at_hand, _ = world(outside, [PERMIT_ALL, forbid])
    answer = run(at_hand, request)
    dataset, name = column.split(".")
    for sql in outside.ran():
        assert name not in sql, (dataset, sql)
    unhindered = run(world(Outside())[0], request)
    if unhindered.rows is not None and name in str(unhindered.receipt.sql):
        assert answer.rows is None
        assert answer.receipt.rules == ("no",)


@SETTINGS
@given(outsides, st.lists(rules, max_size=4), requests)
def test_a_check_that_could_not_look_blocks(outside: Outside, some: list[Rule], request: Ask) -> None:
    """INVARIANT I5."""
    answer, _ = attempt(outside, [PERMIT_ALL, *some], request)
    if answer is None or not outside.ran():
        return
    blocked = any(check.verdict == "could not look" for check in answer.receipt.checks)
    found = any(finding.gravity == "blocking" for finding in answer.receipt.findings)
    assert (answer.rows is None) is (blocked or found)
    if outside.fails_at_evidence:
        assert answer.rows is None


@SETTINGS
@given(outsides, st.lists(rules, max_size=4), requests)
def test_no_number_leaves_without_a_receipt(outside: Outside, some: list[Rule], request: Ask) -> None:
    """INVARIANT I6."""
    answer, recorded = attempt(outside, [PERMIT_ALL, *some], request)
    if answer is None:
        return
    receipt = answer.receipt
    assert receipt.ledger_index is not None
    entry = recorded[receipt.ledger_index]
    assert (entry["id"], entry["run"], entry["status"]) == (receipt.id, receipt.run, receipt.status)
    if answer.rows is not None:
        assert entry["kind"] is Kind.OUTCOME
        assert entry["rows_digest"] == receipt.rows_digest
        assert [list(row) for row in answer.rows] == [[7]]
        assert receipt.status in {AnswerStatus.VERIFIED, AnswerStatus.UNVERIFIED}


@SETTINGS
@given(outsides, st.lists(rules, max_size=4), requests)
def test_equal_worlds_give_equal_answers_and_equal_ledgers(outside: Outside, some: list[Rule], request: Ask) -> None:
    """INVARIANT I7: with clock, chance and the outside passed in, nothing else decides."""
    told = {name: getattr(outside, name) for name in Outside.__dataclass_fields__ if name != "events"}
    first, first_ledger = attempt(Outside(**told), some, request)
    second, second_ledger = attempt(Outside(**told), some, request)
    assert first_ledger == second_ledger
    assert (first.receipt if first else None) == (second.receipt if second else None)


@SETTINGS
@given(outsides, st.lists(rules, max_size=4), requests)
def test_every_run_is_told_to_its_end_unless_the_ledger_itself_failed(
    outside: Outside, some: list[Rule], request: Ask
) -> None:
    _, recorded = attempt(outside, some, request)
    if outside.fails_at_append is None:
        assert recorded
        assert recorded[-1]["kind"] in {Kind.OUTCOME, Kind.DECISION}
        intents = sum(entry["kind"] is Kind.INTENT for entry in recorded)
        assert intents == len(outside.ran())


@SETTINGS
@given(st.lists(rules, max_size=3), requests)
def test_a_receipt_id_depends_on_meaning_scope_and_data_and_not_on_the_run(some: list[Rule], request: Ask) -> None:
    at_hand, _ = world(Outside(), [PERMIT_ALL, *some])
    first, second = run(at_hand, request), run(at_hand, request)
    assert first.receipt.id == second.receipt.id
    assert first.receipt.run != second.receipt.run


def test_the_two_halves_are_the_whole() -> None:
    at_hand, _ = world(Outside())
    request = ask("What is our revenue?", ANA)
    admitted = admit(at_hand, request)
    assert not isinstance(admitted, Answer)
    assert carry_out(at_hand, admitted).receipt.id == run(at_hand, request).receipt.id
