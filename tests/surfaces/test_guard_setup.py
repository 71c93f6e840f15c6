"""`loadline guard setup postgres`: printed first, run when asked to, and no secret on the way."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from adapters.tools.targets.postgres_site import PostgresSite
from loadline.surfaces.cli import run
from loadline.testing.target_suite import TABLES, write

if TYPE_CHECKING:
    from postgres_server import Server


@pytest.fixture
def site(postgres_server: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[PostgresSite]:
    site = PostgresSite(server=postgres_server)
    site.create(TABLES)
    monkeypatch.setenv("ADMIN_DATABASE", postgres_server.url(site.database))
    yield site
    site.close()


def has_schema(site: PostgresSite) -> bool:
    with site.connect() as connection:
        return connection.execute("SELECT 1 FROM pg_namespace WHERE nspname = 'loadline'").fetchone() is not None


def test_it_is_printed_and_nothing_is_changed(site: PostgresSite, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["guard", "setup", "postgres", "--url", "env:ADMIN_DATABASE"]) == 0
    said = capsys.readouterr()
    assert "GRANT SELECT, INSERT, UPDATE, DELETE ON public.people TO loadline_writer, loadline_owner;" in said.out
    assert "note: public.log has no primary key" in said.err
    assert not has_schema(site)


def test_what_is_printed_can_be_run_by_hand(site: PostgresSite, capsys: pytest.CaptureFixture[str]) -> None:
    run(["guard", "setup", "postgres", "--url", "env:ADMIN_DATABASE"])
    printed = capsys.readouterr().out
    with site.connect() as connection:
        connection.execute(f"BEGIN; {printed} COMMIT;".encode())
    assert site.target().measure(write("DELETE FROM people WHERE person_id = 1")).rows == 1


def test_it_is_run_when_asked_to(site: PostgresSite, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["guard", "setup", "postgres", "--url", "env:ADMIN_DATABASE", "--apply"]) == 0
    assert capsys.readouterr().out == ""
    assert has_schema(site)
    assert site.target().measure(write("DELETE FROM people WHERE person_id = 1")).rows == 1


@pytest.mark.parametrize(
    ("words", "code", "exit_code"),
    [
        (["--url", "env:NOWHERE"], "WAR201", 3),
        (["--url", "env:ADMIN_DATABASE", "--schema", "nowhere"], "TGT014", 3),
        (["--url", "postgresql://x@127.0.0.1:1/x"], "WAR204", 3),
        ([], "Missing option", 2),
    ],
)
@pytest.mark.usefixtures("site")
def test_what_is_wrong_is_said(words: list[str], code: str, exit_code: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["guard", "setup", "postgres", *words]) == exit_code
    assert code in capsys.readouterr().err
