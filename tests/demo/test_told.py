"""The demo as people meet it: through the App and the command line, with the real warehouse, ledger and key."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from loadline.app import App, init_project, open_app
from loadline.demo import Written
from loadline.surfaces.cli import run
from loadline.values.receipt import AnswerStatus

TODAY = date(2026, 11, 23)


@pytest.fixture(scope="module")
def app(company: Written, tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    folder = tmp_path_factory.mktemp("told") / "quaywind"
    shutil.copytree(company.root, folder)
    init_project(folder)
    with open_app(folder) as opened:
        yield opened


def test_every_step_of_the_story_holds_in_a_folder_named_from_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    code, said = run(["demo", "--keep", "told"]), capsys.readouterr().out
    assert code == 0, said
    assert len(said.splitlines()) < 170, "nobody reads more at once"
    assert (tmp_path / "told" / "company" / "loadline.yaml").is_file()
    assert run(["demo", "--keep", "told"]) == 2
    assert "is there already" in capsys.readouterr().err


# Verified questions whose data breaks a promise: they are answered, and marked.
MARKED = {"orders-without-a-segment"}


def test_every_verified_question_gets_an_answer_that_is_verified_or_marked_and_the_ledger_proves_them(app: App) -> None:
    for question in app.project.questions:
        answer = app.ask(question.text, principal=app.principal("local", audience=question.audience), today=TODAY)
        if question.id in MARKED:
            assert answer.receipt.status is AnswerStatus.UNVERIFIED
            assert {reason.code for reason in answer.receipt.reasons} == {"DAT007"}
        else:
            assert answer.receipt.status is AnswerStatus.VERIFIED, (question.id, answer.receipt.reasons)
        assert answer.rows is not None
        assert len(answer.rows) > 0, question.id
    assert app.prove().size > len(app.project.questions)
