"""The story of a wipe, played whole: on SQLite, and on a PostgreSQL that it starts for itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from loadline.adapters.tools import practice
from loadline.app.practising import open_practice
from loadline.demo import wipe
from loadline.demo.story import Look, Run, SideDoor, filled, miscounted
from loadline.errors import RequestError
from loadline.surfaces.cli import run

KINDS = ("sqlite", "postgres")
_ROWS = wipe.rows()


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_every_step_of_the_wipe_is_stopped_undone_or_seen(
    kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = run(["demo", "wipe", "--on", kind, "--keep", str(tmp_path / "kept")])
    said, complained = capsys.readouterr()
    if kind == "postgres" and "DEM003" in complained:
        pytest.skip("no PostgreSQL can be started here")
    assert code == 0, said + complained
    assert "all held" in said
    assert ("PostgreSQL" if kind == "postgres" else "SQLite") in said.splitlines()[0]
    assert run(["ledger", "prove", "-C", str(tmp_path / "kept" / wipe.DESK)]) == 0


def test_a_promise_that_is_broken_is_said_and_fails_the_demo(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (look, *_) = wipe.story("sqlite")
    monkeypatch.setattr(wipe, "story", lambda *_: (look,))
    monkeypatch.setattr(wipe, "rows", _one_company_less)
    assert run(["demo", "wipe", "--on", "sqlite", "--keep", str(tmp_path / "kept")]) == 1
    assert "`companies` has 1,195 rows, not 1,196" in capsys.readouterr().out


def _one_company_less() -> dict[str, list[tuple[object, ...]]]:
    found = dict(_ROWS)
    *companies, last = found["companies"]
    return {"companies": companies, "executives": [row for row in found["executives"] if row[1] != last[0]]}


def test_rows_that_changed_are_not_taken_for_the_same() -> None:
    look = Look(rows={"companies": 2}, like="whole")
    assert miscounted(look, {"companies": 2}, "one", {"whole": "one"}) == ()
    assert miscounted(look, {"companies": 2}, "two", {"whole": "one"}) == ("the rows are not what they were",)
    assert miscounted(look, {"companies": 3}, "one", {}) == (
        "`companies` has 3 rows, not 2",
        "the rows are not what they were",
    )


def test_the_made_up_rows_are_as_many_as_were_lost_and_the_same_each_time() -> None:
    rows = wipe.rows()
    assert {table: len(found) for table, found in rows.items()} == {"companies": 1_196, "executives": 1_206}
    assert rows == wipe.rows()
    assert {row[1] for row in rows["executives"]} == {row[0] for row in rows["companies"]}
    assert all(str(row[4]).endswith("@example.com") for row in rows["executives"])


@pytest.mark.parametrize(("kind", "login"), [("sqlite", ""), ("postgres", practice.SIDE_LOGIN)])
def test_every_step_promises_something_and_uses_only_what_was_kept(kind: str, login: str) -> None:
    kept: set[str] = set()
    for step in wipe.story(kind, login):
        lines = step.say.splitlines()
        assert 1 <= len(lines) <= 2, step.title
        assert max(map(len, lines)) <= 110, step.title
        match step.does:
            case Run() as does:
                assert does.expect
                for text in (*does.argv, *does.expect):
                    assert "{" not in filled(text, dict.fromkeys(kept, "")), text
                kept |= set(does.keep)
            case Look() as does:
                assert does.rows
            case SideDoor() as does:
                assert does.expect
            case _:
                pass


def test_where_no_postgresql_can_be_started_sqlite_is_played_and_it_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(practice, "_missing", lambda: "`psycopg` is not installed")
    with open_practice(tmp_path) as opened:
        assert opened.kind == "sqlite"
        assert opened.said == "SQLite, a file, because no PostgreSQL could be started: `psycopg` is not installed"
    with pytest.raises(RequestError) as raised, open_practice(tmp_path, wanted="postgres"):
        pass
    assert [d.code for d in raised.value.diagnostics] == ["DEM003"]


def test_keep_is_written_behind_the_story_it_is_for(tmp_path: Path) -> None:
    assert run(["demo", "--keep", str(tmp_path / "here"), "wipe"]) == 2
    assert not (tmp_path / "here").exists()
