"""PostgreSQL's own grammar: what it reads, what it refuses, and what never reaches it."""

from __future__ import annotations

import builtins
from collections.abc import Mapping, Sequence

import pytest

from loadline.adapters.parsers.libpg import read_postgres
from loadline.values.guarded import SecondAbsent, SecondRefused, SecondTree


def test_each_statement_is_a_tree() -> None:
    found = read_postgres("SELECT 1; DELETE FROM orders")

    assert isinstance(found, SecondTree)
    assert [next(iter(one["stmt"])) for one in found.statements] == ["SelectStmt", "DeleteStmt"]


@pytest.mark.parametrize(
    "text",
    ["SELEC 1",
     "SELECT 'open", "SELECT 1 \x00; DROP TABLE x", "SELECT '\ud800'", "SELECT " + "(" * 50_000, "/**/" * 2_000,
     "SELECT " + "1 + " * 30_000 + "1"],
)  # fmt: skip
def test_what_it_cannot_read_is_refused_with_a_reason_and_never_raised(text: str) -> None:
    found = read_postgres(text)

    assert isinstance(found, SecondRefused)
    assert found.because


def test_where_it_is_not_installed_it_is_absent(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(
        name: str,
        globals: Mapping[str, object] | None = None,  # noqa: A002 - the names of the built-in
        locals: Mapping[str, object] | None = None,  # noqa: A002
        fromlist: Sequence[str] | None = (),
        level: int = 0,
    ) -> object:
        if name == "pgparse":
            raise ImportError(name)
        return real(name, globals, locals, fromlist or (), level)

    monkeypatch.setattr(builtins, "__import__", without)
    assert isinstance(read_postgres("SELECT 1"), SecondAbsent)
