"""An answer that a rule holds: it waits for a person, is released once to who asked, and to nobody by another's yes."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from flow.rights_shop import NOW
from flow.test_data_states import codes, shop
from loadline.app import App
from loadline.app.places import read_project
from loadline.errors import RequestError
from loadline.values.acting import ActStatus
from loadline.values.receipt import Answer, AnswerStatus
from loadline.values.request import Written
from loadline.values.rule import Principal

RULES = "data: [{name: books, state: amber, then: hold, ask: sales-ops}]\n"
CARL = Principal(name="carl", roles=("sales-ops",))
DORA = Principal(name="dora", roles=("analyst",))


def held_shop(root: Path, rules: str = RULES) -> App:
    return shop(root, "warning", rules)


def ask(app: App, person: str = "ana", metric: str = "revenue") -> Answer:
    return app.ask_written(Written(metrics=(metric,)), principal=app.principal(person))


def run_of(answer: Answer) -> str:
    assert answer.receipt.approval is not None
    return answer.receipt.approval


def waiting(app: App) -> list[str]:
    return [one.run for one in app.unfinished() if one.status is ActStatus.WAITING]


def at(root: Path, now: datetime) -> App:
    return App(read_project(root), now=lambda: now)


def test_a_held_answer_waits_once_and_is_released_once(tmp_path: Path) -> None:
    with held_shop(tmp_path) as app:
        first = ask(app)
        assert (first.receipt.status, first.rows, codes(first)) == (AnswerStatus.REFUSED, None, ["RGT201"])
        assert run_of(first) in first.receipt.reasons[0].mend
        assert run_of(ask(app)) == run_of(first)
        assert waiting(app) == [run_of(first)]
        (story,) = app.unfinished()
        assert story.receipt.arguments["metrics"] == "revenue"
        assert "promises" in story.receipt.reasons[0].what
        assert app.approve(run_of(first), principal=CARL, digest=story.receipt.digest).status is ActStatus.APPROVED
        assert [one.status for one in app.resume()] == [ActStatus.APPROVED], "nobody but its asker uses it"
        given = ask(app)
        assert (given.receipt.status, given.receipt.approval) == (AnswerStatus.UNVERIFIED, run_of(first))
        assert list(given.rows or ()) == [(150.0,)]
        assert codes(given) == ["RGT202", "DAT007"]
        assert "`carl` released it" in given.receipt.reasons[0].what
        assert app.act_status(run_of(first)).result == {"receipt": given.receipt.id, "run": given.receipt.run}
        assert app.receipt(given.receipt.id)["approval"] == run_of(first)
        again = ask(app)
        assert again.rows is None
        assert waiting(app) == [run_of(again)] != [run_of(first)]


def test_who_asked_and_who_is_not_named_release_nothing(tmp_path: Path) -> None:
    with held_shop(tmp_path) as app:
        run = run_of(ask(app))
        asker = Principal(name="ana", roles=("sales-ops",))
        for voter, why in ((asker, "nobody approves what they asked for"), (DORA, "holds none of the roles")):
            with pytest.raises(RequestError, match=why):
                app.approve(run, principal=voter)
        assert ask(app).rows is None


def test_a_person_who_is_named_releases_it_and_nobody_else(tmp_path: Path) -> None:
    with held_shop(tmp_path, RULES.replace("sales-ops", "local")) as app:
        run = run_of(ask(app))
        with pytest.raises(RequestError, match="that of `local`"):
            app.approve(run, principal=Principal(name="carl", roles=("local",)))
        app.approve(run, principal=app.principal("local"))
        assert ask(app).rows is not None


def test_a_yes_to_one_asker_or_question_is_none_to_another(tmp_path: Path) -> None:
    with held_shop(tmp_path) as app:
        run = run_of(ask(app))
        app.approve(run, principal=CARL)
        assert run_of(ask(app, "local")) != run
        by_region = app.ask_written(
            Written(metrics=("revenue",), by=("customers.region",)), principal=app.principal("ana")
        )
        assert by_region.rows is None
        assert run_of(by_region) != run
        assert ask(app).rows is not None


def test_other_defects_of_the_data_wait_anew(tmp_path: Path) -> None:
    with held_shop(tmp_path) as app:
        run = run_of(ask(app))
        app.approve(run, principal=CARL)
    (tmp_path / "data/orders.csv").write_text("order_id,customer_id,amount\n1,1,10\n2,1,60\n3,2,70\n", "utf-8")
    with at(tmp_path, NOW) as app:
        other = ask(app)
        assert other.rows is None
        assert run_of(other) != run


def test_a_yes_lapses_with_the_rule_it_was_given_under(tmp_path: Path) -> None:
    with held_shop(tmp_path) as app:
        runs = [run_of(ask(app)), run_of(ask(app, "local"))]
        app.approve(runs[0], principal=CARL)
    path = tmp_path / "policies/access.yaml"
    path.write_text(path.read_text("utf-8").replace("ask: sales-ops", "ask: sales-ops, because: new"), "utf-8")
    with at(tmp_path, NOW) as app:
        assert ask(app).rows is None
        assert app.approve(runs[1], principal=CARL).status is ActStatus.EXPIRED


def test_a_no_stands_for_a_day_and_is_told(tmp_path: Path) -> None:
    with held_shop(tmp_path) as app:
        run = run_of(ask(app))
        app.reject(run, principal=CARL, because="the import ran twice")
        said = ask(app)
        assert (codes(said), run_of(said)) == (["RGT203"], run)
        assert "`carl` said no: the import ran twice" in said.receipt.reasons[0].what
        assert waiting(app) == []
    with at(tmp_path, NOW + timedelta(days=1, minutes=1)) as app:
        assert codes(ask(app)) == ["RGT201"]


@pytest.mark.parametrize("is_given", [False, True])
def test_what_nobody_released_or_used_in_time_waits_anew(tmp_path: Path, is_given: bool) -> None:
    with held_shop(tmp_path) as app:
        run = run_of(ask(app))
        if is_given:
            app.approve(run, principal=CARL)
    with at(tmp_path, NOW + timedelta(days=1, minutes=1)) as app:
        later = ask(app)
        assert later.rows is None
        assert waiting(app) == [run_of(later)]
        assert app.act_status(run).status is ActStatus.EXPIRED


def test_one_yes_releases_one_answer_however_many_ask_at_once(tmp_path: Path) -> None:
    with held_shop(tmp_path) as app:
        app.approve(run_of(ask(app)), principal=CARL)
        found: list[Answer] = []
        threads = [threading.Thread(target=lambda: found.append(ask(app))) for _ in range(4)]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
        assert sum(one.rows is not None for one in found) == 1
        assert len({run_of(one) for one in found if one.rows is None}) == 1, "the others wait together"


def test_what_could_not_be_looked_at_waits_for_nobody(tmp_path: Path) -> None:
    unreadable = "        quality: [{type: sql, query: 'SELECT count(nope) FROM ${table}', mustBe: 0}]\n"
    with shop(tmp_path, "warning", RULES, promise=unreadable) as app:
        answer = ask(app)
        assert "CHK002" in codes(answer)
        assert answer.receipt.approval is None
        assert app.unfinished() == ()


def test_a_text_that_is_verified_makes_nothing_wait(tmp_path: Path) -> None:
    with held_shop(tmp_path) as app:
        app.verify("Revenue is 150.", principal=app.principal("ana"))
        assert app.unfinished() == ()
