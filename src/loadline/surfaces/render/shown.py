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
    parts = []
    for many, one, more, shown in kinds:
        if many:
            cut = "" if shown == many else f", the first {shown:,} shown" if shown else ", none shown"
            parts.append(f"{many:,} row{'' if many == 1 else 's'} {one if many == 1 else more}{cut}")
    return "; ".join(parts)


def _row(table: ShownTable, row: ShownRow, palette: Palette) -> str:
    if row.before is None or row.after is None:
        side = row.after if row.before is None else row.before
        mark = palette.green("+") if row.before is None else palette.red("-")
        said = ", ".join(f"{name} {_value(value)}" for name, value in zip(table.columns, side or (), strict=True))
        return f"  {mark} {clean(said) or 'a row whose values are kept out'}"
    key = [f"{name} {_value(row.before[table.columns.index(name)])}" for name in table.key]
    changes = [
        f"{name} {_value(old)} → {_value(new)}"
        for name, old, new in zip(table.columns, row.before, row.after, strict=True)
        if name in row.changed
    ]
    hidden = [name for name in row.changed if name in table.withheld]
    changes += [f"{', '.join(hidden)} (kept out)"] if hidden else []
    return f"  {palette.yellow('~')} {clean(': '.join(filter(None, (', '.join(key), ', '.join(changes)))))}"


def _value(value: str | None) -> str:
    if value is None:
        return "NULL"
    short = textwrap.shorten(value, _LONGEST, placeholder="…") if len(value) > _LONGEST and " " in value else value
    return short if len(short) <= _LONGEST else f"{short[: _LONGEST - 1]}…"


def _wrapped(text: str, palette: Palette) -> list[str]:
    return [f"    {palette.dim(line)}" for line in textwrap.wrap(clean(text), _WIDTH - 4)]
