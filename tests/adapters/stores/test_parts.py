"""A cache of what parts of tables said gives back what it was given, or nothing at all."""

from __future__ import annotations

import sqlite3
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadline.adapters.stores.parts import SqlitePartStates

ROW = (1, None, "ß", True, 2.5, Decimal("1.10"), date(2026, 1, 31), datetime(2026, 1, 31, 23, 30, 0, 1, tzinfo=UTC))
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.text(),
    st.decimals(allow_nan=False),
    st.dates(),
    st.datetimes(),
    st.floats(allow_nan=False),
)


def test_what_was_kept_comes_back_as_it_was(tmp_path: Path) -> None:
    states = SqlitePartStates(tmp_path / "parts.db")
    assert states.read_states("t") == {}
    states.write_states("t", {"a:1": ROW, "b:1": ()}, ())
    states.write_states("u", {"a:1": (2,)}, ())
    assert states.read_states("t") == {"a:1": ROW, "b:1": ()}
    assert list(map(type, states.read_states("t")["a:1"])) == list(map(type, ROW))


@given(row=st.lists(VALUES, max_size=4))
def test_any_value_comes_back_as_it_was(row: list[object], tmp_path_factory: pytest.TempPathFactory) -> None:
    states = SqlitePartStates(tmp_path_factory.mktemp("parts") / "parts.db")
    states.write_states("t", {"key": tuple(row)}, ())
    found = states.read_states("t")["key"]
    assert found == tuple(row)
    assert list(map(type, found)) == list(map(type, row))


def test_what_is_gone_is_forgotten(tmp_path: Path) -> None:
    states = SqlitePartStates(tmp_path / "parts.db")
    states.write_states("t", {"a:1": (1,), "b:1": (2,)}, ())
    states.write_states("t", {"c:1": (3,)}, ["a:1"])
    assert states.read_states("t") == {"b:1": (2,), "c:1": (3,)}


def test_a_value_that_cannot_be_read_back_is_not_kept(tmp_path: Path) -> None:
    states = SqlitePartStates(tmp_path / "parts.db")
    states.write_states("t", {"a:1": (b"bytes",), "b:1": (2,)}, ())
    assert states.read_states("t") == {"b:1": (2,)}


def test_only_this_account_may_read_it(tmp_path: Path) -> None:
    SqlitePartStates(tmp_path / "parts.db").write_states("t", {"a:1": (1,)}, ())
    assert (tmp_path / "parts.db").stat().st_mode & 0o077 == 0


def test_a_broken_file_is_as_good_as_none_and_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "parts.db"
    path.write_bytes(b"no database at all, and long enough to be told from an empty one" * 20)
    states = SqlitePartStates(path)
    assert states.read_states("t") == {}
    states.write_states("t", {"a:1": (1,)}, ())
    states.write_states("t", {"a:1": (1,)}, ())
    assert states.read_states("t") == {"a:1": (1,)}


@pytest.mark.parametrize("row", ['{"a": 1}', "[{}]", '[{"decimal": "x"}]', '[{"other": "1"}]', '["a"', "1"])
def test_a_row_that_means_nothing_is_as_good_as_none(tmp_path: Path, row: str) -> None:
    path = tmp_path / "parts.db"
    SqlitePartStates(path).write_states("t", {"a:1": (1,)}, ())
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE said SET row = ?", (row,))
    connection.close()
    assert SqlitePartStates(path).read_states("t") == {}


def test_a_folder_that_cannot_be_written_costs_nothing_but_time(tmp_path: Path) -> None:
    states = SqlitePartStates(tmp_path / "gone" / "parts.db")
    states.write_states("t", {"a:1": (1,)}, ())
    assert states.read_states("t") == {}
