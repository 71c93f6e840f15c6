"""Profiles in; a table for each dataset for people, JSON for programs, out."""

from __future__ import annotations

from typing import Any

from loadline.flow.draft.profile import Profile, ProfiledColumn, Profiles
from loadline.flow.draft.profile import as_json as one_as_json
from loadline.surfaces.render.style import Palette, clean
from loadline.values.canonical import plain
from loadline.values.survey import SurveyedTable

_WIDEST_NAME = 28
_WIDEST = 70
_MOST_UNCERTAIN = 20


def as_text(found: Profiles, palette: Palette) -> list[str]:
    lines: list[str] = []
    for one in found.profiles:
        lines += [*_of(one, palette), ""]
    if found.left_out:
        lines += ["left out:", *(f"  {clean(name)}: {clean(why)}" for name, why in found.left_out)]
    return lines[:-1] if lines and not lines[-1] else lines


def _of(one: Profile, palette: Palette) -> list[str]:
    table = one.table
    said = [f"{table.rows:,} rows of {clean(table.relation)}"]
    if table.keys:
        said.append("told apart by " + " or ".join(" + ".join(map(clean, key)) for key in table.keys[:3]))
    said += [f"{clean(c.column)} comes every {c.every}, newest {c.newest}" for c in table.cadences]
    lines = [f"{palette.bold(clean(one.dataset))}  {' · '.join(said)}"]
    width = min(_WIDEST_NAME, max((len(clean(c.column.name)) for c in one.columns), default=0))
    lines += [_column(each, table, width) for each in one.columns]
    if one.uncertain:
        lines.append(palette.yellow("  uncertain, for a person to judge:"))
        lines += [f"    {clean(text)}" for text in one.uncertain[:_MOST_UNCERTAIN]]
        if len(one.uncertain) > _MOST_UNCERTAIN:
            lines.append(palette.dim(f"    … {len(one.uncertain) - _MOST_UNCERTAIN:,} more"))
    return lines


def _column(each: ProfiledColumn, table: SurveyedTable, width: int) -> str:
    column = each.column
    share = f"{column.filled / table.rows:.1%} filled" if table.rows else "no rows"
    said = "" if each.personal is None else f"may be personal ({each.personal}): values are not shown"
    if each.personal is None:
        said = _values(each)
    return f"  {clean(column.name):<{width}}  {column.logical_type:<9}  {share:>13}  {clean(said)}".rstrip()


def _values(each: ProfiledColumn) -> str:
    column = each.column
    parts: list[str] = []
    if column.least is not None and column.greatest is not None:
        parts.append(f"{column.least} to {column.greatest}")
    if column.listing is not None and (column.listing.is_closed or column.logical_type == "string"):
        shown = ", ".join(str(value) for value, _ in column.listing.values)
        parts.append(f"{len(column.listing.values)} values: {shown}")
    elif column.shape is not None:
        but = f" but for {column.shape.other_count:,}" if column.shape.other_count else ""
        parts.append(f"looks like {column.shape.pattern}{but}")
    elif column.logical_type == "string" and column.looked:
        parts.append(f"{column.distinct:,} different texts among {column.looked:,}")
    if column.blanks:
        parts.append("stand for nothing: " + ", ".join(text or "(empty)" for text, _ in column.blanks))
    text = "; ".join(parts)
    return text if len(text) <= _WIDEST else f"{text[: _WIDEST - 1]}…"


def as_json(found: Profiles) -> dict[str, Any]:
    return {
        "tables": plain([one_as_json(one) for one in found.profiles]),
        "left_out": [{"dataset": name, "why": why} for name, why in found.left_out],
    }
