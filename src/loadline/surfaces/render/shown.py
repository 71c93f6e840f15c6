"""Rows that a held act would change in; lines for the person who has to say yes out."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from loadline.surfaces.render.style import Palette, clean
from loadline.values.effect import ShownRow, ShownTable

_WIDTH = 100
_LONGEST = 40


def rows_as_text(tables: Sequence[ShownTable], palette: Palette) -> list[str]:
    """`-` a row that goes, `~` one that changes, `+` one that comes."""
    lines: list[str] = []
    for table in tables:
        lines += ["", f"  {palette.bold(clean(table.table))}  {palette.dim(clean(how_many(table)))}"]
        if table.withheld:
            lines += _wrapped(f"values kept out: {', '.join(table.withheld)}", palette)
        lines += _wrapped(table.why, palette) if table.why else []
        for row in table.rows:
            lines.append(_row(table, row, palette))
    return lines


def how_many(table: ShownTable) -> str:
    """`1,196 rows go, the first 20 shown`."""
    kinds = (
        (table.gone, "goes", "go", sum(row.after is None for row in table.rows)),
        (table.changed, "changes", "change", sum(None not in {row.before, row.after} for row in table.rows)),
        (table.came, "comes", "come", sum(row.before is None for row in table.rows)),
    )
    return "; ".join(
        f"{many:,} row{'' if many == 1 else 's'} {one if many == 1 else more}{_cut(many, shown)}"
        for many, one, more, shown in kinds
        if many
    )


def _cut(many: int, shown: int) -> str:
    if shown == many:
        return ""
    if not shown:
        return ", none shown"
    return f", the first {shown:,} shown" if shown > 1 else ", the first row shown"


def _row(table: ShownTable, row: ShownRow, palette: Palette) -> str:
    if row.before is None or row.after is None:
        side = row.after if row.before is None else row.before
        mark = palette.green("+") if row.before is None else palette.red("-")
        said = ", ".join(f"{name} {_value(value)}" for name, value in zip(table.columns, side or (), strict=True))
        return f"  {mark} {clean(said) or 'a row whose values are kept out'}"
    key = [f"{name} {_value(row.before[table.columns.index(name)])}" for name in table.key]
    changes = [
        f"{name} {_pair(old, new)}"
        for name, old, new in zip(table.columns, row.before, row.after, strict=True)
        if name in row.changed
    ]
    hidden = [name for name in row.changed if name in table.withheld]
    changes += [f"{', '.join(hidden)} (kept out)"] if hidden else []
    return f"  {palette.yellow('~')} {clean(': '.join(filter(None, (', '.join(key), ', '.join(changes)))))}"


def _pair(old: str | None, new: str | None) -> str:
    """Two texts that begin alike are told whole: where they differ would be cut away."""
    short = (_value(old), _value(new))
    return " → ".join(short if short[0] != short[1] else (str(old), str(new)))


def _value(value: str | None) -> str:
    if value is None:
        return "NULL"
    return value if len(value) <= _LONGEST else f"{value[: _LONGEST - 1]}…"


def _wrapped(text: str, palette: Palette) -> list[str]:
    return [f"    {palette.dim(line)}" for line in textwrap.wrap(clean(text), _WIDTH - 4)]
