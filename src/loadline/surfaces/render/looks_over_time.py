"""Histories of tables in; for each its newest looks, and since when and until when promises were broken, out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from loadline.ledger.views.findings import Stretch, TableHistory
from loadline.surfaces.render.looks import painted, unpromised_words
from loadline.surfaces.render.style import Palette, clean

_LOOKS = 10
_STRETCHES = 30


def as_text(found: Sequence[TableHistory], palette: Palette) -> list[str]:
    lines = [line for one in found for line in _table(one, palette)]
    return lines or ["no contract speaks of any table"]


def _table(one: TableHistory, palette: Palette) -> Iterator[str]:
    if not one.looks:
        yield f"{palette.bold(clean(one.table))}  {palette.dim('nobody has looked at it')}"
        return
    count = f"{len(one.looks):,} look{'' if len(one.looks) == 1 else 's'}"
    yield f"{palette.bold(clean(one.table))}  {palette.dim(f'{count} since {_said(one.looks[0].at)}')}"
    for look in one.looks[-_LOOKS:]:
        paint = painted(look.state, palette)
        rows = f"{look.rows:,} rows, " if look.rows is not None else ""
        unseen = f", {look.unseen} not looked at" if look.unseen else ""
        broken = f"{look.broken} of {look.promises} broken{unseen}"
        said = unpromised_words(look.promises) if look.state == "unpromised" else broken
        yield f"  {_said(look.at)}  {paint(look.state.ljust(5))}  {rows}{said}"
    for stretch in one.stretches[-_STRETCHES:]:
        yield f"  {_stretch(stretch, palette)}"


def _stretch(one: Stretch, palette: Palette) -> str:
    if one.until is None:
        span = palette.red(f"broken since {_said(one.first)}")
    else:
        how = "no longer promised" if one.is_dropped else "kept again"
        span = f"broken {_said(one.first)} to {_said(one.last)}, {how} {_said(one.until)}"
    rows = f", {one.least:,} to {one.most:,} rows" if one.least is not None and one.least != one.most else ""
    rows = rows or (f", {one.newest:,} row{'' if one.newest == 1 else 's'}" if one.newest is not None else "")
    return f"{one.severity.ljust(8)} {clean(one.promise)}: {span}{palette.dim(rows)}"


def _said(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M}"
