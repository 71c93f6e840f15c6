"""Changes of promises in; text for a terminal, annotations for GitHub, JSON for programs, out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from loadline.flow.change.contracts import ContractChange
from loadline.surfaces.render.diagnostics import annotation
from loadline.surfaces.render.style import Palette, clean
from loadline.values.canonical import plain

_SIGNS = {"added": "+", "removed": "-", "changed": "~"}
_LONGEST = 160
_REACHED = 6


def as_text(found: Sequence[ContractChange], palette: Palette) -> list[str]:
    lines: list[str] = []
    for one in found:
        lines += _told(one, palette)
    if not found:
        return [palette.green("no promise changed")]
    breaking = sum(one.is_breaking for one in found)
    counts = f"{breaking} breaking, {len(found) - breaking} compatible"
    return [*lines, "", palette.red(counts) if breaking else palette.green(counts)]


def _told(one: ContractChange, palette: Palette) -> Iterator[str]:
    verdict = palette.red("breaking  ") if one.is_breaking else palette.green("compatible")
    where = palette.dim(f"  {clean(str(one.place))}") if one.place else ""
    yield f"{verdict}  {_SIGNS[one.how]} {one.kind} {palette.bold(clean(one.name))}{where}"
    if said := _part(one):
        yield f"    {_short(said)}"
    yield f"    {_short(one.why)}"
    if one.is_breaking and one.reaches:
        shown = ", ".join(one.reaches[:_REACHED])
        more = f" and {len(one.reaches) - _REACHED:,} more" if len(one.reaches) > _REACHED else ""
        yield palette.dim(f"    reaches {_short(shown)}{more}")


def _part(one: ContractChange) -> str:
    if not one.before and not one.after:
        return one.part
    return f"{one.part}: {one.before or 'nothing'} → {one.after or 'nothing'}"


def _short(text: str) -> str:
    said = " ".join(clean(text).split())
    return said if len(said) <= _LONGEST else said[: _LONGEST - 1] + "…"


def as_github(found: Sequence[ContractChange]) -> Iterator[str]:
    """An error for what breaks, a notice for what does not; each where it is written."""
    for one in found:
        properties = {"title": f"{'breaking' if one.is_breaking else 'compatible'}: {one.kind} {one.name}"}
        if one.place is not None:
            properties |= {"file": one.place.file, "line": str(one.place.line), "col": str(one.place.column)}
        reaches = f"; reaches {', '.join(one.reaches[:_REACHED])}" if one.is_breaking and one.reaches else ""
        said = _part(one)
        message = f"{said}: {one.why}{reaches}" if said else f"{one.how}: {one.why}{reaches}"
        yield annotation("error" if one.is_breaking else "notice", message, **properties)


def as_json(found: Sequence[ContractChange]) -> dict[str, Any]:
    changes = [
        {
            **plain(one),
            "reaches": list(one.reaches),
            "place": {"file": p.file, "line": p.line, "column": p.column} if (p := one.place) else None,
        }
        for one in found
    ]
    return {
        "is_breaking": any(one.is_breaking for one in found),
        "breaking": sum(one.is_breaking for one in found),
        "compatible": sum(not one.is_breaking for one in found),
        "changes": changes,
    }
