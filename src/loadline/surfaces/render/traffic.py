"""What kinds of questions were asked in; words for people, JSON for programs out."""

from __future__ import annotations

from typing import Any

from loadline.ledger.views.candidates import Candidate
from loadline.ledger.views.cells import TrafficCell, TrafficCells
from loadline.surfaces.render.debt import one_line
from loadline.surfaces.render.style import Palette
from loadline.values.canonical import plain

LINES = 20


def as_text(found: TrafficCells, candidates: tuple[Candidate, ...], palette: Palette) -> list[str]:
    return [*_cells(found, palette), *_candidates(candidates, palette)]


def _candidates(candidates: tuple[Candidate, ...], palette: Palette) -> list[str]:
    if not candidates:
        return []
    lines = ["", "  candidates, of which somebody said something; `loadline traffic promote RECEIPT` keeps one"]
    for one in candidates[:LINES]:
        said = "; ".join(f"{said.by}: {said.opinion}" + (f" ({said.note})" if said.note else "") for said in one.said)
        lines += [
            f"  {palette.bold(one_line(one.question))}",
            "      " + palette.dim(one_line(f"{one.receipt} · {said}")),
        ]
    if len(candidates) > LINES:
        lines.append(palette.dim(f"  … {len(candidates) - LINES:,} more; `--format json` lists all"))
    return lines


def _cells(found: TrafficCells, palette: Palette) -> list[str]:
    head = f"{palette.bold('traffic')}  {_many(found.asked, 'question')}, {_many(len(found.cells), 'cell')}"
    if found.tested_share is None or found.unseen_mass is None:
        return [head, "  nothing was asked"]
    lines = [
        head,
        f"  {palette.dim('tested')}   {found.tested_share * 100:.1f} % of questions are of a shape that is tested",
        f"  {palette.dim('unseen')}   {found.unseen_mass * 100:.1f} %: how likely the next one is of a cell never seen",
    ]
    for one, name in zip(found.coverage, ("pairs", "triples"), strict=True):
        lines.append(f"  {palette.dim(name.ljust(8))} {one.tested:,} of {one.seen:,} seen together are tested")
    untested = found.untested
    if untested:
        lines += ["", "  untested, what matters most first"]
    for cell in untested[:LINES]:
        lines += _cell(cell, palette)
    if len(untested) > LINES:
        lines.append(palette.dim(f"  … {len(untested) - LINES:,} more; `--format json` lists all"))
    return lines


def _many(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def _cell(cell: TrafficCell, palette: Palette) -> list[str]:
    shape = one_line(", ".join(cell.signature))
    said = f"{cell.id} · {cell.roles}, data {cell.state} · {cell.doubted:,} not verified · {cell.receipt}"
    if cell.complaints:
        said = f"{_many(cell.complaints, 'complaint')} · {said}"
    return [
        f"  {palette.bold(f'{cell.count:,} of')} {shape}",
        "      " + palette.dim(f"{said} · {one_line(cell.question)}"),
    ]


def as_json(found: TrafficCells, candidates: tuple[Candidate, ...]) -> dict[str, Any]:
    return {
        "asked": found.asked,
        "tested_share": found.tested_share,
        "unseen_mass": found.unseen_mass,
        "coverage": plain(found.coverage),
        "cells": [{**plain(cell), "risk": cell.risk, "rank": cell.rank} for cell in found.cells],
        "candidates": [{**plain(one), "complaint": one.complaint} for one in candidates],
    }
