"""What an import came to in; lines for people, JSON for programs out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from loadline.flow.importing import Arrival
from loadline.project.importing.nouns import Loss, Remark
from loadline.surfaces.render.style import Palette, clean

_SECTIONS = ("datasets", "relationships", "metrics", "terms", "questions")


def as_text(arrival: Arrival, target: Path, palette: Palette) -> list[str]:
    counts = arrival.carried.counts()
    carried = ", ".join(f"{counts[name]} {_word(name, counts[name])}" for name in _SECTIONS if counts.get(name))
    lines = [f"{palette.green('carried')}  {carried}, in {len(arrival.written)} files in {clean(str(target))}"]
    lines += remarks_as_text(arrival.carried.remarks, palette)
    where = "" if target == Path() else f" -C {clean(str(target))}"
    return [*lines, "", "next:", f"  loadline check{where}"]


def remarks_as_text(remarks: Sequence[Remark], palette: Palette) -> list[str]:
    lines: list[str] = []
    for loss, word in ((Loss.CHANGED, "changed"), (Loss.LEFT, "not carried")):
        found = [one for one in remarks if one.loss is loss]
        if found:
            lines += ["", palette.yellow(f"{word}: {len(found)}"), *(f"  {_line(one, palette)}" for one in found)]
    return lines


def _line(one: Remark, palette: Palette) -> str:
    return f"{one.kind} {palette.bold(clean(one.name))}: {clean(one.why)}"


def _word(section: str, count: int) -> str:
    return section.removesuffix("s") if count == 1 else section


def as_json(arrival: Arrival) -> dict[str, Any]:
    return {
        "carried": arrival.carried.counts(),
        "files": [str(path) for path in arrival.written],
        "remarks": [
            {"kind": one.kind, "name": one.name, "loss": str(one.loss), "why": one.why}
            for one in arrival.carried.remarks
        ],
    }
