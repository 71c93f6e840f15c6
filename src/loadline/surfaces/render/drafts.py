"""What was drafted in; a short account for people, JSON for programs out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from loadline.surfaces.render.style import Palette, clean

if TYPE_CHECKING:
    from loadline.app import Imported

_SHOWN = 12


def as_text(imported: Imported, palette: Palette) -> list[str]:
    draft = imported.draft
    where = clean(str(imported.root))
    if not draft.files:
        return [f"nothing to draft: every relation of the warehouse has its dataset in {where}"]
    parts = [
        _count(len(draft.datasets), "dataset"),
        _count(draft.relationships, "relationship"),
        _count(draft.metrics, "metric"),
    ]
    lines = [f"{palette.green('drafted')}  {', '.join(parts)} in {where}; nothing in it is approved yet"]
    if draft.personal:
        said = f"{_count(draft.personal, 'column')} may be about people: classified, and kept out of answers"
        lines.append(f"{palette.yellow('people')}   {said}")
    if imported.outside:
        outside = _count(len(imported.outside), "file")
        said = f"{outside} outside of the project, named in full: right on this machine only"
        lines.append(f"{palette.yellow('paths')}    {said}")
    shown = list(draft.files)
    lines += ["", *(f"  {clean(name)}" for name in shown[:_SHOWN])]
    if len(shown) > _SHOWN:
        lines.append(palette.dim(f"  … {len(shown) - _SHOWN:,} more files"))
    if draft.left_out:
        lines += ["", "left out:"]
        lines += [f"  {clean(name)}: {clean(why)}" for name, why in draft.left_out]
    place = "" if imported.is_here else f" -C {where}"
    metric = f" --metric {draft.datasets[0]}_count" if draft.datasets else ""
    return [*lines, "", "next:", f"  loadline check{place}", f"  loadline ask{place}{metric}"]


def as_json(imported: Imported) -> dict[str, Any]:
    draft = imported.draft
    return {
        "project": str(imported.root),
        "files": list(draft.files),
        "datasets": list(draft.datasets),
        "relationships": draft.relationships,
        "metrics": draft.metrics,
        "personal_columns": draft.personal,
        "outside": list(imported.outside),
        "left_out": [{"relation": name, "why": why} for name, why in draft.left_out],
    }


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}" + ("" if number == 1 else "s")
