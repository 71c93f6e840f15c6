"""Rows beside what is held, in text."""

from __future__ import annotations

from loadline.surfaces.render.shown import how_many, rows_as_text
from loadline.surfaces.render.style import Palette
from loadline.values.effect import ShownRow, ShownTable

PLAIN = Palette(is_on=False)
LONG = "a letter that begins alike and goes on for a while, "


def test_rows_that_go_change_and_come_are_told_apart_without_colour() -> None:
    table = ShownTable(
        table="main.orders",
        columns=("order_id", "note"),
        key=("order_id",),
        gone=1_196,
        changed=1,
        came=1,
        rows=(
            ShownRow(before=("1", None)),
            ShownRow(before=("2", f"{LONG}x"), after=("2", f"{LONG}y"), changed=("note", "email")),
            ShownRow(after=("3", "\x1b[31mred")),
        ),
        withheld=("email",),
    )
    assert how_many(table) == "1,196 rows go, the first row shown; 1 row changes; 1 row comes"
    lines = rows_as_text([table], PLAIN)
    assert lines[2] == "    values kept out: email"
    assert lines[3] == "  - order_id 1, note NULL"
    assert lines[4] == f"  ~ order_id 2: note {LONG}x → {LONG}y, email (kept out)"
    assert lines[5].startswith("  + order_id 3, note ")
    assert "\x1b" not in lines[5]


def test_rows_that_may_not_be_seen_are_counted() -> None:
    table = ShownTable(table="main.orders", columns=(), gone=2, withheld=("note",), why="you may see only some rows")
    assert how_many(table) == "2 rows go, none shown"
    assert rows_as_text([table], PLAIN)[-1] == "    you may see only some rows"
