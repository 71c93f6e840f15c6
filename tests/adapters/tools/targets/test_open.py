"""The settings of a target in; the target, or what is wrong with them, out."""

from __future__ import annotations

from pathlib import Path

import pytest

from loadline.adapters.tools.targets import codes, open_target
from loadline.adapters.tools.targets.placeholders import only_used
from loadline.adapters.tools.targets.said import first_word
from loadline.errors import OutsideError
from loadline.values.effect import TargetSettings, Write
from loadline.values.place import Place

PLACE = Place(file="loadline.yaml", line=9)


def test_a_kind_that_nobody_knows_is_said(tmp_path: Path) -> None:
    with pytest.raises(OutsideError) as refused:
        open_target(TargetSettings(name="shop", kind="mysql", place=PLACE), tmp_path, {})
    assert [each.code for each in refused.value.diagnostics] == [codes.UNKNOWN_KIND]


def test_an_address_that_is_not_there_names_the_key_it_is_written_under(tmp_path: Path) -> None:
    settings = TargetSettings(name="shop", kind="postgres", url="env:SHOP_GATE", place=PLACE)
    with pytest.raises(OutsideError) as refused:
        open_target(settings, tmp_path, {})
    assert "`targets.shop.url` refers to the environment variable `SHOP_GATE`" in str(refused.value)


def test_a_file_that_is_not_there_is_never_made_by_writing_to_it(tmp_path: Path) -> None:
    with pytest.raises(OutsideError) as refused:
        open_target(TargetSettings(name="shop", kind="sqlite", path="shop.sqlite", place=PLACE), tmp_path, {})
    assert [each.code for each in refused.value.diagnostics] == [codes.NO_SUCH_FILE]
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_no_database_is_said(tmp_path: Path) -> None:
    (tmp_path / "shop.sqlite").write_text("not a database, and long enough to be looked at as one" * 20, "utf-8")
    target = open_target(TargetSettings(name="shop", kind="sqlite", path="shop.sqlite", place=PLACE), tmp_path, {})
    with pytest.raises(OutsideError) as refused:
        target.measure(Write(target="shop", sql="DELETE FROM x"))
    assert [each.code for each in refused.value.diagnostics] == [codes.CONNECTION_LOST]


@pytest.mark.parametrize(
    ("sql", "word"),
    [
        ("DELETE FROM x", "delete"),
        (" \n-- DROP\n/* a /* b */ c */ Update x", "update"),
        ("/* DELETE FROM x", ""),
        ("-- DELETE FROM x", ""),
        ("(DELETE FROM x)", ""),
        ("", ""),
        ("\ufeffdelete", ""),
    ],
)
def test_the_first_word_is_found_past_blanks_and_comments(sql: str, word: str) -> None:
    assert first_word(sql) == word


@pytest.mark.parametrize(
    ("sql", "text", "values"),
    [
        ("a = $3 AND b = $1 OR c = $3", "a = $1 AND b = $2 OR c = $1", ("three", "one")),
        ("a = '$1' AND \"$2\" = $2 -- $3\n", "a = '$1' AND \"$2\" = $1 -- $3\n", ("two",)),
        ("a = $$ $1 $$ AND b = $t$ $2 $t$ AND c = $2", "a = $$ $1 $$ AND b = $t$ $2 $t$ AND c = $1", ("two",)),
        ("a = 'it''s $1' AND b = E'\\' $1' AND c$1 = $3", "a = 'it''s $1' AND b = E'\\' $1' AND c$1 = $1", ("three",)),
        ("a = $9", "a = $9", ()),
    ],
)
def test_a_statement_gets_the_values_it_names(sql: str, text: str, values: tuple[str, ...]) -> None:
    assert only_used(sql, ("one", "two", "three")) == (text, values)
