"""What goes wrong between a request and its receipt, code by code: no file of a project can express these."""

from __future__ import annotations

import importlib
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from flow.worlds import ANA, HERE, LINKED, PERMIT_ALL, Outside, ask, text, world
from loadline import app as house
from loadline.adapters.signers.ed25519 import create_key, load_key
from loadline.adapters.stores import sqlite
from loadline.adapters.stores.sqlite import create_store
from loadline.app import App, init_project, open_app
from loadline.checks.whole import PERIODS_ARE_WHOLE, WHOLE_IS_SEEN
from loadline.demo import write_company
from loadline.errors import Bug, LoadlineError, OutsideError
from loadline.flow.rows import HeldRows
from loadline.flow.run import run
from loadline.flow.settling import settle
from loadline.semantics import resolve
from loadline.surfaces import cli
from loadline.values.finding import Finding, Gravity, Looked
from loadline.values.query import By, Query
from loadline.values.receipt import Answer, AnswerStatus
from loadline.values.request import Written
from loadline.values.rule import Effect, Principal, Rule

REVENUE = Query(metrics=("revenue",))
FINE = Outside()
NOBODY = Principal(name="nobody")


def codes_of(answer: Answer) -> set[str]:
    return {reason.code for reason in answer.receipt.reasons}


def answered(
    asked: Query | str, outside: Outside = FINE, rules: Sequence[Rule] = (PERMIT_ALL,), who: Principal = ANA
) -> Answer:
    within, _ = world(replace(outside, events=[]), rules)
    return run(within, ask(asked, who))


def raised(act: Callable[[], object]) -> set[str]:
    with pytest.raises(LoadlineError) as caught:
        act()
    assert all(one.mend for one in caught.value.diagnostics)
    return {one.code for one in caught.value.diagnostics}


def rule(name: str, effect: Effect = Effect.PERMIT, rows: str | None = None, columns: tuple[str, ...] = ()) -> Rule:
    return Rule(name=name, effect=effect, action="ask", columns=columns, rows=text(rows) if rows else None, place=HERE)


# policy


def test_a_forbidden_column_is_refused_by_the_rule_that_forbids_it() -> None:
    rules = (PERMIT_ALL, rule("no-pay", Effect.FORBID, columns=("customers.salary",)))
    answer = answered(Query(metrics=("secrets",)), rules=rules)
    assert answer.receipt.status is AnswerStatus.REFUSED
    assert codes_of(answer) == {"POL002"}
    assert answered(REVENUE, rules=rules).receipt.status is AnswerStatus.VERIFIED


def test_a_row_filter_that_cannot_reach_what_is_asked_refuses_it() -> None:
    answer = answered(Query(metrics=("ticket_count",)), rules=(rule("north", rows="customers.region = 'north'"),))
    assert answer.receipt.status is AnswerStatus.REFUSED
    assert codes_of(answer) == {"POL005"}


# checks


def test_a_finding_withholds_the_number() -> None:
    answer = answered(Query(metrics=("revenue",), by=(By(name="customers.region"),)), Outside(repeated_keys=2))
    assert answer.receipt.status is AnswerStatus.REFUSED
    assert codes_of(answer) == {"CHK001"}


def test_a_check_that_could_not_look_withholds_the_number() -> None:
    answer = answered(Query(metrics=("revenue",), by=(By(name="customers.region"),)), Outside(fails_at_evidence=True))
    assert answer.receipt.status is AnswerStatus.REFUSED
    assert "CHK002" in codes_of(answer)


def test_what_nobody_has_approved_is_not_verified() -> None:
    answer = answered(Query(metrics=("guess",)))
    assert answer.receipt.status is AnswerStatus.UNVERIFIED
    assert codes_of(answer) == {"CHK003"}


def test_a_promise_of_severity_warning_marks_the_number() -> None:
    doubt = Finding(check="contract-kept", subject="orders", gravity=Gravity.DOUBTFUL, what="late", mend="wait")
    plan = resolve(LINKED, REVENUE, audience=None)
    status, reasons = settle(plan, (Looked(check="contract-kept", subject="orders", findings=(doubt,)),))
    assert status is AnswerStatus.UNVERIFIED
    assert {reason.code for reason in reasons} == {"DAT007"}


@pytest.mark.parametrize(("check", "code"), [(PERIODS_ARE_WHOLE, "CHK004"), (WHOLE_IS_SEEN, "CHK005")])
def test_a_change_or_share_of_what_is_not_whole_is_marked(check: str, code: str) -> None:
    cut = Finding(check=check, subject="revenue", gravity=Gravity.DOUBTFUL, what="cut", mend="ask for whole ones")
    plan = resolve(LINKED, REVENUE, audience=None)
    status, reasons = settle(plan, (Looked(check=check, subject="revenue", findings=(cut,)),))
    assert status is AnswerStatus.UNVERIFIED
    assert {reason.code for reason in reasons} == {code}


# from words to a query


@pytest.mark.parametrize(
    ("words", "who", "code"),
    [
        ("Tell me a joke", ANA, "WRD001"),
        ("How are we doing?", NOBODY, "RUN002"),
        ("What was revenue when?", ANA, "RUN003"),
    ],
)
def test_words_that_nobody_has_verified_get_no_number(words: str, who: Principal, code: str) -> None:
    answer = answered(words, who=who)
    assert answer.receipt.status in {AnswerStatus.REFUSED, AnswerStatus.CLARIFY}
    assert codes_of(answer) == {code}


# the app


@dataclass(frozen=True)
class Opened:
    app: App
    receipts: tuple[str, ...]


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    """The starter project with two answers in its ledger."""
    root = tmp_path_factory.mktemp("starter") / "shop"
    init_project(root)
    with open_app(root) as app:
        who = app.principal()
        metrics = [name for name, one in app.project.model.metrics.items() if one.status == "approved"][:2]
        answers = [app.ask_written(Written(metrics=(name,)), principal=who) for name in metrics]
        ids = tuple(answer.receipt.id for answer in answers)
        assert len(set(ids)) == 2
        yield Opened(app=app, receipts=ids)


def test_a_receipt_the_ledger_does_not_hold(opened: Opened) -> None:
    assert opened.app.receipt(opened.receipts[0])["id"] == opened.receipts[0]
    assert raised(lambda: opened.app.receipt("rcpt-000000000000")) == {"RUN004"}


def test_a_beginning_that_several_receipts_share(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "PREFIX_CHARACTERS", 5)  # two ids that share more are not to be had
    assert raised(lambda: opened.app.receipt("rcpt-")) == {"RUN005"}


def test_somebody_who_is_not_in_the_project(opened: Opened) -> None:
    assert raised(lambda: opened.app.principal("nobody-of-that-name")) == {"RUN006"}
    assert raised(lambda: opened.app.principal(audience="no-such-audience")) == {"RUN007"}


def test_a_dataset_no_contract_speaks_of(opened: Opened) -> None:
    assert raised(lambda: opened.app.check_data(["order"])) == {"DAT006"}
    assert raised(lambda: opened.app.data_status(["order"])) == {"DAT006"}


def test_a_time_that_cannot_be_read(opened: Opened) -> None:
    asked = Written(metrics=tuple(opened.app.project.model.metrics)[:1], during="once in a blue moon")
    assert codes_of(opened.app.ask_written(asked, principal=opened.app.principal())) == {"RUN003"}


def test_a_code_and_a_kind_that_do_not_exist() -> None:
    assert raised(lambda: house.explain("PRJ999", also={})) == {"RUN008"}
    assert raised(lambda: house.schema("policies")) == {"RUN009"}


@pytest.mark.parametrize("is_demo", [False, True])
def test_a_folder_that_holds_something_already_is_not_written_into(tmp_path: Path, is_demo: bool) -> None:
    (tmp_path / "notes.txt").write_text("mine", "utf-8")
    assert raised(lambda: init_project(tmp_path, is_demo=is_demo)) == {"RUN011"}
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_a_project_below_a_file_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    assert raised(lambda: init_project(tmp_path / "file" / "shop")) == {"RUN010"}


def test_the_demo_company_is_not_written_over_anything(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine", "utf-8")
    assert raised(lambda: write_company(tmp_path)) == {"DEM001"}
    assert raised(lambda: write_company(tmp_path / "notes.txt" / "company")) == {"DEM002"}


def test_a_closed_ledger_says_that_it_is_closed(tmp_path: Path) -> None:
    create_key(tmp_path / "signing.key", name="test")
    key = load_key(tmp_path / "signing.key")
    store = create_store(tmp_path / "ledger.db", signer=key, verifier=key.verifier)
    store.close()
    assert raised(lambda: list(store.read_entries())) == {"STO010"}


def test_rows_for_which_the_disk_has_no_room(monkeypatch: pytest.MonkeyPatch) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("this system has no disk that is always full")
    monkeypatch.setattr(tempfile, "TemporaryFile", lambda: Path("/dev/full").open("w+b", buffering=0))  # noqa: SIM115
    assert raised(lambda: HeldRows([[(1,)]], in_memory_rows=0)) == {"RUN012"}


# the command line


def test_a_fault_of_ours_is_said_and_is_no_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("a fault of ours")

    monkeypatch.setattr(importlib.import_module("loadline.surfaces.cli.explain"), "find", broken)
    monkeypatch.delenv("LOADLINE_DEBUG", raising=False)
    assert cli.run(["explain"]) == Bug.exit_code
    said = capsys.readouterr()
    assert "CLI001" in said.err
    assert "Traceback" not in said.err


def test_a_system_that_refuses_is_said_and_is_no_fault_of_ours(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    assert cli.run(["schema", "--out", str(tmp_path / "file" / "schemas")]) == OutsideError.exit_code
    assert "CLI002" in capsys.readouterr().err
